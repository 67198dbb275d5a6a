// The report of an experiment: results.json for programs and report.html for people.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace assay {

// A complete HTML page that shows `results` (structure: schema.h). It holds its data, style and scripts,
// Chart.js among them, and loads nothing. Throws Error, as check_results does.
std::string report_html(const nlohmann::json& results);

// Writes results.json and report.html to `folder`, which is made if missing. Throws Error, as check_results
// does or if a file cannot be written; the folder then holds what it held before.
void write_report(const nlohmann::json& results, const std::filesystem::path& folder);

}  // namespace assay
