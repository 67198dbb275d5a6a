#include "report/report.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "base/random.h"
#include "example.h"

using nlohmann::json;

namespace assay {
namespace {

constexpr std::string_view kDataStart = "<script type=\"application/json\" id=\"results\">";

// The data of a page as a browser finds it: up to the first end tag of a script.
std::string embedded_data(const std::string& page) {
  const size_t start = page.find(kDataStart);
  REQUIRE(start != std::string::npos);
  const size_t from = start + kDataStart.size();
  return page.substr(from, page.find("</script", from) - from);
}

size_t count(const std::string& text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::set<std::string> files_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

}  // namespace

TEST_CASE("the page holds the results") {
  CHECK(json::parse(embedded_data(report_html(example_results()))) == example_results());
}

TEST_CASE("the page is complete") {
  const std::string page = report_html(example_results());
  CHECK(page.starts_with("<!DOCTYPE html>"));
  CHECK(page.ends_with("</html>\n"));
  CHECK(page.find("<title>ResNet-18 training, six schemes</title>") != std::string::npos);
  CHECK(page.find("Chart.js v3") != std::string::npos);
  CHECK(page.find("{{") == std::string::npos);
  for (const json& scheme : example_results().at("schemes")) {
    CHECK(page.find(scheme.at("name").get<std::string>()) != std::string::npos);
  }
}

TEST_CASE("the page loads nothing") {
  std::string page = report_html(example_results());
  for (const char* tag :
       {"<link rel=\"stylesheet\"", " src=", "@import", "url(", "fetch(", "XMLHttpRequest"}) {
    CAPTURE(tag);
    CHECK(page.find(tag) == std::string::npos);
  }
  // The only addresses are those in the comments of Chart.js, which name its authors and licence.
  for (const std::string address :
       {"https://www.chartjs.org\n", "https://github.com/kurkle/color#readme\n"}) {
    const size_t at = page.find(address);
    REQUIRE(at != std::string::npos);
    page.erase(at, address.size());
  }
  CHECK(page.find("http:") == std::string::npos);
  CHECK(page.find("https:") == std::string::npos);
}

TEST_CASE("no text can end the script it stands in, or become HTML") {
  for (const char* hostile : {"</script><script>alert(1)</script>", "<!--<script>", "]]>", "{{script}}",
                              "\\\"'&amp;", "\xe2\x80\xa8", "$& $1 \\1", "a\nb\tc"}) {
    json results = example_results();
    results["experiment"]["name"] = hostile;
    results["experiment"]["text"] = hostile;
    results["schemes"][0]["name"] = hostile;
    const std::string page = report_html(results);
    CAPTURE(hostile);
    CHECK(json::parse(embedded_data(page)) == results);
    CHECK(count(page, "<script") == count(report_html(example_results()), "<script"));
    CHECK(count(page, "</script>") == count(report_html(example_results()), "</script>"));
    CHECK(page.find("<title><") == std::string::npos);
  }
}

TEST_CASE("a report is two files") {
  const TemporaryFolder folder;
  const std::filesystem::path target = folder.path() / "new" / "report";
  write_report(example_results(), target);
  CHECK(files_in(target) == std::set<std::string>{"results.json", "report.html"});
  CHECK(json::parse(read_file(target / "results.json")) == example_results());
  CHECK(read_file(target / "report.html") == report_html(example_results()));
}

TEST_CASE("a report that is refused leaves no trace") {
  const TemporaryFolder folder;
  json results = example_results();
  results.erase("units");
  CHECK_THROWS_AS(write_report(results, folder.path() / "report"), Error);
  CHECK(files_in(folder.path()).empty());
}

TEST_CASE("a report that cannot be written completely leaves what was there") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "report.html" / "in_the_way");
  SUBCASE("nothing") {
    CHECK_THROWS_AS(write_report(example_results(), folder.path()), Error);
    CHECK(files_in(folder.path()) == std::set<std::string>{"report.html"});
  }
  SUBCASE("an older report") {
    write_file(folder.path() / "results.json", "older");
    CHECK_THROWS_AS(write_report(example_results(), folder.path()), Error);
    CHECK(files_in(folder.path()) == std::set<std::string>{"report.html", "results.json"});
    CHECK(read_file(folder.path() / "results.json") == "older");
  }
}

TEST_CASE("results changed anywhere make a page or an Error") {
  const json complete = short_example();
  const json flat = complete.flatten();
  std::vector<std::string> places;
  for (const auto& [pointer, value] : flat.items()) places.push_back(pointer);
  const json replacements[] = {nullptr,
                               true,
                               -1,
                               0,
                               1e308,
                               18446744073709551615u,
                               "",
                               "\xff",
                               "</script>",
                               json::array(),
                               json::object(),
                               json::array({json::object()}),
                               json{{"value", 1}}};
  size_t refused = 0;
  constexpr size_t kChanges = 4000;
  for (uint64_t i = 0; i < kChanges; ++i) {
    const auto random = philox(1, 0, i);
    json::json_pointer pointer(places[random[0] % places.size()]);
    for (uint32_t up = random[1] % 3; up > 0 && !pointer.empty(); --up) pointer.pop_back();
    json results = complete;
    results.at(pointer) = replacements[random[2] % std::size(replacements)];
    if (refusal(results) != "no error") {
      ++refused;
      continue;
    }
    CHECK(json::parse(embedded_data(report_html(results))) == results);
  }
  CHECK(refused > kChanges / 2);
  CHECK(refused < kChanges);
}

}  // namespace assay
