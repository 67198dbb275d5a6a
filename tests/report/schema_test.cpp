#include "report/schema.h"

#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "example.h"

using nlohmann::json;

namespace assay {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// JSON pointer of every value below `value`, itself included.
void collect_pointers(const json& value, const json::json_pointer& here,
                      std::vector<json::json_pointer>& all) {
  all.push_back(here);
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) collect_pointers(member, here / key, all);
  } else if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) collect_pointers(value[i], here / i, all);
  }
}

std::vector<json::json_pointer> pointers(const json& value) {
  std::vector<json::json_pointer> all;
  collect_pointers(value, json::json_pointer(), all);
  return all;
}

bool is_index(const std::string& word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
}

// /schemes/0/totals/energy -> schemes[0].totals.energy, the way messages name places.
std::string place(json::json_pointer pointer) {
  std::string text;
  for (; !pointer.empty(); pointer.pop_back()) {
    const std::string& word = pointer.back();
    if (!text.empty() && text[0] != '[') text.insert(0, ".");
    text.insert(0, is_index(word) ? "[" + word + "]" : word);
  }
  return text;
}

// As documented in schema.h.
bool may_be_missing(const json::json_pointer& pointer) {
  static const std::set<std::string> optional = {
      "/workload/forward_macs_per_image", "/technology/sha256",      "/technology/note",
      "/schemes/#/phases/dgrad",          "/schemes/#/phases/wgrad", "/units/#/checks/#/vectors_per_second",
      "/units/#/checks/#/seed",           "/array_checks/#/detail"};
  if (pointer.parent_pointer().to_string() == "/sources") return true;
  std::string text;
  for (json::json_pointer rest = pointer; !rest.empty(); rest.pop_back()) {
    text.insert(0, "/" + (is_index(rest.back()) ? "#" : rest.back()));
  }
  return optional.contains(text);
}

bool is_key(const json& results, const json::json_pointer& pointer) {
  return !pointer.empty() && results.at(pointer.parent_pointer()).is_object();
}

}  // namespace

TEST_CASE("the example has the structure") {
  CHECK(refusal(example_results()) == "no error");
  CHECK(refusal(short_example()) == "no error");
}

TEST_CASE("every key but the optional ones is required, and its error names it") {
  const json complete = short_example();
  size_t removed = 0;
  for (const json::json_pointer& pointer : pointers(complete)) {
    if (!is_key(complete, pointer)) continue;
    json results = complete;
    results.at(pointer.parent_pointer()).erase(pointer.back());
    const std::string message = refusal(results);
    CAPTURE(pointer.to_string());
    if (may_be_missing(pointer)) {
      // A source may go only if nothing refers to it.
      CHECK((message == "no error" || contains(message, "is not in sources")));
    } else {
      CHECK(message == "results: " + place(pointer) + ": missing");
      ++removed;
    }
  }
  CHECK(removed > 500);
}

TEST_CASE("a value of another type is refused where it stands") {
  const json complete = short_example();
  for (const json::json_pointer& pointer : pointers(complete)) {
    if (pointer.empty()) continue;
    json results = complete;
    results.at(pointer) = nullptr;
    CAPTURE(pointer.to_string());
    CHECK(contains(refusal(results), "results: " + place(pointer) + ": expected "));
  }
}

TEST_CASE("quantities") {
  json results = example_results();
  json& energy = results.at("/schemes/1/totals/energy"_json_pointer);
  const std::string where = "results: schemes[1].totals.energy";

  SUBCASE("a bare number") {
    energy = 4.2;
    CHECK(refusal(results) ==
          where + ": expected a quantity {\"value\", \"unit\", \"source\"}, found the number 4.2");
  }
  SUBCASE("a unit of another kind") {
    energy["unit"] = "s";
    CHECK(refusal(results) == where + ".unit: expected fJ, pJ, nJ, uJ, mJ or J, found 's'");
  }
  SUBCASE("a source that is not listed") {
    energy["source"] = "hearsay";
    CHECK(refusal(results) == where + ".source: 'hearsay' is not in sources, expected one of its keys");
  }
  SUBCASE("numbers that are none") {
    for (const double value :
         {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
          std::numeric_limits<double>::quiet_NaN(), -1.0}) {
      energy["value"] = value;
      CHECK(contains(refusal(results), where + ".value: expected a finite number from 0"));
    }
  }
  SUBCASE("the same in another unit") {
    energy["value"] = energy["value"].get<double>() * 1e3;
    energy["unit"] = "mJ";
    CHECK(refusal(results) == "no error");
  }
  SUBCASE("claims may be in any unit") {
    results["claims"][0]["published"]["unit"] = "fish per bicycle";
    CHECK(refusal(results) == "no error");
  }
}

TEST_CASE("results that contradict themselves") {
  json results = example_results();
  SUBCASE("energies that do not sum to the total") {
    json& dram = results.at("/schemes/2/energy_split/dram/value"_json_pointer);
    dram = dram.get<double>() * 2.0;
    CHECK(contains(refusal(results), "results: schemes[2].totals.energy: "));
  }
  SUBCASE("areas that do not sum to the total") {
    results.at("/units/1/area/product/value"_json_pointer) = 0;
    CHECK(contains(refusal(results), "results: units[1].area.total: "));
  }
  SUBCASE("a unit that is not listed") {
    results.at("/schemes/0/phases/wgrad/unit"_json_pointer) = "mac-moon-moon-moon";
    CHECK(refusal(results) ==
          "results: schemes[0].phases.wgrad.unit: 'mac-moon-moon-moon' is not in units, expected the name of "
          "one of them");
  }
  SUBCASE("macs that are not m n k count") {
    results.at("/schemes/0/layers/0/macs"_json_pointer) = 1;
    CHECK(
        contains(refusal(results), "results: schemes[0].layers[0].macs: expected m n k count = 3776446464"));
  }
  SUBCASE("sizes beyond 63 bits") {
    results.at("/schemes/0/layers/0/m"_json_pointer) = std::numeric_limits<int64_t>::max();
    CHECK(contains(refusal(results), "results: schemes[0].layers[0]: m n k count exceeds 63 bits"));
    results.at("/schemes/0/layers/0/m"_json_pointer) = std::numeric_limits<uint64_t>::max();
    CHECK(contains(refusal(results), "results: schemes[0].layers[0].m: expected a whole number"));
  }
  SUBCASE("two schemes of one name") {
    results["schemes"][1]["name"] = "FP32";
    CHECK(contains(refusal(results), "results: schemes[1].name: 'FP32' is there twice"));
  }
  SUBCASE("no scheme at all") {
    results["schemes"] = json::array();
    CHECK(contains(refusal(results), "results: schemes: expected at least one scheme"));
  }
}

TEST_CASE("choices, whole numbers and text") {
  json results = example_results();
  SUBCASE("a kind of source that does not exist") {
    results["sources"]["sram"]["kind"] = "guessed";
    CHECK(refusal(results) ==
          "results: sources.sram.kind: expected one of measured published scaled derived, found 'guessed'");
  }
  SUBCASE("part of a word is not the word") {
    results.at("/schemes/0/layers/0/phase"_json_pointer) = "grad";
    CHECK(contains(refusal(results), "schemes[0].layers[0].phase: expected one of fwd dgrad wgrad"));
  }
  SUBCASE("negative and fractional counts") {
    for (const json& value : {json(-1), json(1.5)}) {
      results["workload"]["batch"] = value;
      CHECK(contains(refusal(results), "results: workload.batch: expected a whole number from 0"));
    }
  }
  SUBCASE("bytes that are not UTF-8") {
    results["experiment"]["text"] = "\xff";
    CHECK(refusal(results) == "results: experiment.text: expected UTF-8 text, found other bytes");
    results["experiment"]["text"] = "";
    results["unknown"] = "\xff";
    CHECK(contains(refusal(results), "UTF-8"));
  }
  SUBCASE("coverage in words") {
    results.at("/units/0/checks/0/exhaustive"_json_pointer) = "all of the products";
    CHECK(refusal(results) == "no error");
  }
}

TEST_CASE("not results at all") {
  for (const json& value : {json(), json(1), json("text"), json::array(), json::object()}) {
    CHECK(contains(refusal(value), "results: "));
  }
}

TEST_CASE("keys the schema does not know are allowed") {
  json results = example_results();
  results["more"] = {{"value", 1}};
  results["schemes"][0]["energy_split"]["network"] = {{"value", "1"}};
  CHECK(refusal(results) == "no error");
}

}  // namespace assay
