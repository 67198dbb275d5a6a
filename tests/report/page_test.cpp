// The page as a browser draws it. Left out, with a message, where there is no Chromium.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/process.h"
#include "example.h"
#include "report/report.h"

using nlohmann::json;

namespace assay {
namespace {

// The document after its scripts have run, without the data and scripts it came with.
std::string drawn(const json& results) {
  const TemporaryFolder folder;
  write_report(results, folder.path());
  const std::string dump = run_or_fail(
      "drawing the page",
      {ASSAY_CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000",
       "--dump-dom", "--user-data-dir=" + (folder.path() / "profile").string(),
       "file://" + (folder.path() / "report.html").string()},
      folder.path());
  const size_t main = dump.find("<main");
  REQUIRE(main != std::string::npos);
  REQUIRE(dump.find("data-drawn=\"yes\"") != std::string::npos);
  return dump.substr(main, dump.find("</main>") - main);
}

bool shows(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

bool browser_missing() {
  if (std::string(ASSAY_CHROMIUM).empty()) {
    MESSAGE("no chromium found: the page is not drawn");
    return true;
  }
  return false;
}

void check_sound(const std::string& page) {
  CHECK_FALSE(shows(page, "data-failed"));
  CHECK_FALSE(shows(page, "NaN"));
  CHECK_FALSE(shows(page, "undefined"));
  CHECK_FALSE(shows(page, "[object"));
  CHECK_FALSE(shows(page, "Infinity"));
}

}  // namespace

TEST_CASE("a browser draws every section") {
  if (browser_missing()) return;
  const std::string page = drawn(example_results());
  check_sound(page);
  for (const char* section : {"schemes", "energy", "layers", "units", "claims", "checks", "provenance"}) {
    CHECK(shows(page, fmt::format("<section id=\"{}\">", section)));
  }
  for (const json& scheme : example_results().at("schemes")) {
    CHECK(shows(page, "<strong>" + scheme.at("name").get<std::string>() + "</strong>"));
  }
  for (const json& unit : example_results().at("units")) {
    CHECK(shows(page, "<code>" + unit.at("unit").get<std::string>() + "</code>"));
  }
  // In the example FP32 takes 11.241 J for 170.375 GMAC; INT8 takes least, 1.8863 J.
  CHECK(shows(page, "6.0× less energy"));
  CHECK(shows(page, ">66.0<"));
  CHECK(shows(page, "0 mismatches"));
  CHECK_FALSE(shows(page, "FAIL"));
}

TEST_CASE("every source mark leads to a row of the sources") {
  if (browser_missing()) return;
  const std::string page = drawn(example_results());
  const std::string mark = "href=\"#";
  size_t marks = 0;
  for (size_t at = page.find(mark + "source-"); at != std::string::npos;
       at = page.find(mark + "source-", at + 1)) {
    const size_t from = at + mark.size();
    CHECK(shows(page, "id=\"" + page.substr(from, page.find('"', from) - from) + "\""));
    ++marks;
  }
  CHECK(marks > 50);
  for (size_t number = 1; number <= example_results().at("sources").size(); ++number) {
    CHECK(shows(page, fmt::format("id=\"source-{}\"", number)));
  }
}

TEST_CASE("a failed check is said in words, at the top and in its place") {
  if (browser_missing()) return;
  json results = example_results();
  results.at("/units/2/checks/0/mismatches"_json_pointer) = 12;
  results.at("/array_checks/1/bits_equal"_json_pointer) = false;
  const std::string page = drawn(results);
  check_sound(page);
  CHECK(shows(page, "2 failed checks"));
  CHECK(shows(page, "FAIL"));
  CHECK(shows(page, "differ"));
}

TEST_CASE("results with as little as is allowed are drawn") {
  if (browser_missing()) return;
  json results = example_results();
  json& schemes = results.at("schemes");
  schemes.erase(schemes.begin() + 1, schemes.end());
  for (const char* phase : {"dgrad", "wgrad"}) {
    schemes[0]["phases"].erase(phase);
    results["workload"]["macs"][phase]["value"] = 0;
  }
  results["workload"].erase("forward_macs_per_image");
  results["technology"].erase("note");
  results["technology"].erase("sha256");
  for (const char* list : {"array_checks", "claims", "footnotes"}) results[list] = json::array();
  SUBCASE("no layers, one unit without checks and energies") {
    schemes[0]["layers"] = json::array();
    json& units = results.at("units");
    units.erase(units.begin() + 1, units.end());
    units[0]["checks"] = json::array();
    units[0]["energy_per_operation"] = json::array();
    units[0]["used_by"] = json::array();
  }
  SUBCASE("nothing costs anything") {
    for (auto& [key, total] : schemes[0].at("totals").items()) total["value"] = 0;
    for (auto& [key, part] : schemes[0].at("energy_split").items()) part["value"] = 0;
    for (json& layer : schemes[0].at("layers")) {
      layer["cycles"]["value"] = 0;
      layer["utilisation"]["value"] = 0;
      for (auto& [key, part] : layer.at("energy_split").items()) part["value"] = 0;
    }
  }
  check_sound(drawn(results));
}

TEST_CASE("text of the results is shown as text") {
  if (browser_missing()) return;
  json results = example_results();
  const std::string hostile = "</script><img src=x onerror=document.body.remove()>";
  results["experiment"]["name"] = hostile;
  results["schemes"][0]["description"] = hostile;
  const std::string page = drawn(results);
  check_sound(page);
  CHECK_FALSE(shows(page, "<img"));
  CHECK(shows(page, "&lt;/script&gt;&lt;img src=x"));
}

}  // namespace assay
