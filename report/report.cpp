#include "report/report.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "report/page_text.h"
#include "report/schema.h"

namespace assay {
namespace {

using nlohmann::json;

// JSON that may stand inside a <script> element, where "</script" and "<!--" would be read as HTML.
std::string script_safe(const json& value) {
  std::string text;
  for (const char c : value.dump()) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

std::string html_text(std::string_view plain) {
  std::string text;
  for (const char c : plain) {
    switch (c) {
      case '&':
        text += "&amp;";
        break;
      case '<':
        text += "&lt;";
        break;
      case '>':
        text += "&gt;";
        break;
      default:
        text += c;
    }
  }
  return text;
}

using Replacement = std::pair<std::string_view, std::string_view>;

// `page` with each {{name}} replaced. What is put in is not searched again: it may contain anything.
template <size_t count>
std::string fill(std::string_view page, const std::array<Replacement, count>& replacements) {
  std::string filled;
  while (!page.empty()) {
    size_t first = std::string_view::npos;
    const Replacement* next = nullptr;
    for (const Replacement& replacement : replacements) {
      const size_t at = page.find(replacement.first);
      if (at < first) {
        first = at;
        next = &replacement;
      }
    }
    filled += page.substr(0, first);
    if (next == nullptr) break;
    filled += next->second;
    page.remove_prefix(first + next->first.size());
  }
  return filled;
}

// Puts a file back to what it was, nothing meaning that it was not there.
void restore(const std::filesystem::path& path, const std::optional<std::string>& before) {
  if (before) {
    write_file(path, *before);
  } else {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
}

}  // namespace

std::string report_html(const json& results) {
  check_results(results);
  const std::string title = html_text(results.at("experiment").at("name").get_ref<const std::string&>());
  const std::string data = script_safe(results);
  return fill(kPageHtml, std::array<Replacement, 5>{{{"{{title}}", title},
                                                     {"{{style}}", kPageStyle},
                                                     {"{{results}}", data},
                                                     {"{{chart}}", kChartScript},
                                                     {"{{script}}", kPageScript}}});
}

void write_report(const json& results, const std::filesystem::path& folder) {
  const std::string page = report_html(results);
  const std::filesystem::path data_file = folder / "results.json";
  std::optional<std::string> before;
  if (std::filesystem::exists(data_file)) before = read_file(data_file);
  write_file(data_file, results.dump(1) + "\n");
  try {
    write_file(folder / "report.html", page);
  } catch (const Error&) {
    restore(data_file, before);
    throw;
  }
}

}  // namespace assay
