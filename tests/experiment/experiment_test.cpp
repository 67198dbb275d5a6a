#include <doctest/doctest.h>

#include <array>
#include <filesystem>

#include "arith/evaluate.h"
#include "arith/gemm.h"
#include "base/file.h"
#include "base/random.h"
#include "experiment/characterisation.h"
#include "experiment/operand_stream.h"
#include "experiment/run.h"
#include "experiment/step_cost.h"
#include "report/schema.h"

using namespace assay;

namespace {

const std::filesystem::path kSource = ASSAY_SOURCE_DIR;

// A small experiment beside the examples' schemes and captures.
Experiment small_experiment(const std::filesystem::path& folder, const std::string& array) {
  write_file(folder / "small.toml",
             "name = 'small'\nschemes = ['" + (kSource / "examples/schemes/bf16.toml").string() + "', '" +
                 (kSource / "examples/schemes/luq4.toml").string() +
                 "']\n[workload]\n[[workload.gemm]]\nlayer = 'one'\nm = 20\nn = 7\nk = 33\ncount = 3\n"
                 "[[workload.gemm]]\nlayer = 'one'\nphase = 'wgrad'\nm = 33\nn = 7\nk = 20\n"
                 "[array]\nrows = 4\ncolumns = 5\n" +
                 array + "\n[technology]\nliberty = 'osu018'\n[stimulus]\ncaptures = '" +
                 (kSource / "examples/captures").string() +
                 "'\noperations = 3000\n[verification]\nunits = 'schemes'\nrandom_vectors = 20000\n");
  return read_experiment(folder / "small.toml");
}

}  // namespace

TEST_CASE("a processing element's operands are those of the golden gemm") {
  const Unit mac = parse_unit("mac-e4m3-e4m3-fp32");
  constexpr int64_t m = 5, n = 4, k = 6;
  std::vector<uint64_t> a(m * k), b(k * n);
  for (size_t i = 0; i < a.size(); ++i) a[i] = philox64(1, 0, i) & 0x77;
  for (size_t i = 0; i < b.size(); ++i) b[i] = philox64(1, 1, i) & 0xf7;
  const GemmCodes codes = {m, n, k, a, b};
  const std::vector<uint64_t> c = gemm(mac, m, n, k, a, b);
  const auto result = [&](const OperandStream& stream, size_t t) {
    return evaluate(mac, std::array{stream.a[t], stream.b[t], stream.c[t]});
  };
  SUBCASE("output stationary: K operations after another make one element of C") {
    const OperandStream stream = operand_stream(mac, false, Dataflow::output_stationary, codes, m * n * k);
    REQUIRE(stream.size() == m * n * k);
    for (size_t t = 0; t < stream.size(); ++t) {
      const size_t element = t / k, i = t % k;
      CHECK(stream.a[t] == a[element / n * k + i]);
      CHECK(stream.b[t] == b[i * n + element % n]);
      if (i == 0) CHECK(stream.c[t] == 0);
      if (i > 0) CHECK(stream.c[t] == result(stream, t - 1));
      if (i == k - 1) CHECK(result(stream, t) == c[element]);
    }
  }
  SUBCASE("weight stationary: M operations with one b; the bottom row makes C") {
    const OperandStream stream = operand_stream(mac, false, Dataflow::weight_stationary, codes, m * n * k);
    REQUIRE(stream.size() == m * n * k);
    for (size_t t = 0; t < stream.size(); ++t) {
      const size_t row = t % m, i = t / m % k, column = t / (m * k);
      CHECK(stream.a[t] == a[row * k + i]);
      CHECK(stream.b[t] == b[i * n + column]);
      if (i == 0) CHECK(stream.c[t] == 0);
      if (i > 0) CHECK(stream.c[t] == result(stream, t - m));
      if (i == k - 1) CHECK(result(stream, t) == c[row * n + column]);
    }
  }
  SUBCASE("input stationary: N operations with one a; the bottom row makes C") {
    const OperandStream stream = operand_stream(mac, false, Dataflow::input_stationary, codes, m * n * k);
    REQUIRE(stream.size() == m * n * k);
    for (size_t t = 0; t < stream.size(); ++t) {
      const size_t column = t % n, i = t / n % k, row = t / (n * k);
      CHECK(stream.a[t] == a[row * k + i]);
      CHECK(stream.b[t] == b[i * n + column]);
      if (i == 0) CHECK(stream.c[t] == 0);
      if (i > 0) CHECK(stream.c[t] == result(stream, t - n));
      if (i == k - 1) CHECK(result(stream, t) == c[row * n + column]);
    }
  }
  SUBCASE("swap exchanges the unit's operands and nothing else") {
    const OperandStream stream = operand_stream(mac, false, Dataflow::output_stationary, codes, 50),
                        swapped = operand_stream(mac, true, Dataflow::output_stationary, codes, 50);
    CHECK(stream.a == swapped.b);
    CHECK(stream.b == swapped.a);
    CHECK(stream.c == swapped.c);
  }
}

TEST_CASE("a whole experiment: results are complete, right, and add up") {
  const TemporaryFolder folder;
  for (const char* array :
       {"dataflow = 'weight_stationary'", "dataflow = 'input_stationary'\ndouble_buffered = true",
        "dataflow = 'output_stationary'"}) {
    const Experiment experiment = small_experiment(folder.path(), array);
    const nlohmann::json results = run_experiment(experiment, ASSAY_CACHE_DIR, "test");
    check_results(results);
    CHECK(all_checks_passed(results));
    for (const auto& scheme : results.at("schemes")) {
      double sum = 0;
      for (const auto& [part, energy] : scheme.at("energy_split").items())
        sum += energy.at("value").get<double>();
      CHECK(sum == doctest::Approx(scheme.at("totals").at("energy").at("value").get<double>()));
      int64_t cycles = 0;
      for (const auto& layer : scheme.at("layers")) cycles += layer.at("cycles").at("value").get<int64_t>();
      CHECK(cycles == scheme.at("totals").at("cycles").at("value").get<int64_t>());
      CHECK(scheme.at("layers")[0].at("macs") == 20 * 7 * 33 * 3);
    }
    // Cheaper arithmetic must come out cheaper: 4-bit integers and shifts against bfloat16 multipliers.
    const auto part = [&](size_t scheme, const char* name) {
      return results.at("schemes")[scheme].at("energy_split").at(name).at("value").get<double>();
    };
    CHECK(part(1, "product") < 0.5 * part(0, "product"));
    for (const auto& claim : results.at("claims"))
      CHECK(claim.at("measured").at("value").get<double>() > 1.0);
  }
  // A wrong result anywhere is an answer of no.
  nlohmann::json results = {{"units", {{{"checks", {{{"mismatches", 1}, {"vectors", 5}}}}}}},
                            {"array_checks", nlohmann::json::array()}};
  CHECK(!all_checks_passed(results));
  results["units"][0]["checks"][0]["mismatches"] = 0;
  CHECK(all_checks_passed(results));
  results["units"][0]["checks"][0]["vectors"] = 0;
  CHECK(!all_checks_passed(results));
}

TEST_CASE("characterisations are found again, and only for the same question") {
  const TemporaryFolder folder;
  const CatalogEntry entry = *find_in_catalog(parse_unit("mac-int4-int4-int32"));
  const Characterisation first = characterize(entry, default_liberty(), {500, 1}, folder.path());
  const Characterisation again = characterize(entry, default_liberty(), {500, 1}, folder.path());
  const Characterisation other = characterize(entry, default_liberty(), {500, 2}, folder.path());
  CHECK(!first.from_database);
  CHECK(again.from_database);
  CHECK(!other.from_database);
  CHECK(to_json(first) == to_json(again));
  CHECK(to_json(first) != to_json(other));
  CHECK(first.cost.product_area == other.cost.product_area);
}
