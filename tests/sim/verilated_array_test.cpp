// The RTL of the arrays against the closed form, SystemC and the golden matrix product; and broken arrays, to
// show that this comparison finds them.
#include "sim/verilated_array.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "arith/gemm.h"
#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "sim/systemc_array.h"
#include "tests/sim/matrices.h"

using namespace assay;

namespace {

struct Machine {
  const char* unit;
  SystolicArray array;
};
constexpr Dataflow kWs = Dataflow::weight_stationary, kIs = Dataflow::input_stationary,
                   kOs = Dataflow::output_stationary;
const std::vector<Machine> kMachines = {
    {"mac-int8-int8-int32", {kWs, 1, 1}},          {"mac-int8-int8-int32", {kIs, 1, 1, true}},
    {"mac-int8-int8-int32", {kOs, 1, 1}},          {"mac-int8-int8-int32", {kWs, 6, 3}},
    {"mac-int8-int8-int32", {kOs, 6, 3}},          {"mac-int8-int8-int32", {kWs, 8, 8, true}},
    {"mac-bf16-bf16-fp32", {kWs, 1, 3}},           {"mac-bf16-bf16-fp32", {kIs, 1, 3, true}},
    {"mac-bf16-bf16-fp32", {kOs, 1, 3}},           {"mac-bf16-bf16-fp32", {kWs, 3, 3, true}},
    {"mac-bf16-bf16-fp32", {kOs, 4, 2}},           {"mac-e4m3-e5m2-fp32", {kWs, 2, 5}},
    {"mac-e4m3-e5m2-fp32", {kIs, 2, 5}},           {"mac-e4m3-e5m2-fp32", {kIs, 2, 5, true}},
    {"mac-e4m3-e5m2-fp32", {kOs, 2, 5}},           {"mac-e4m3-e5m2-fp32", {kWs, 5, 1}},
    {"mac-e4m3-e5m2-fp32", {kWs, 5, 1, true}},     {"mac-e4m3-e5m2-fp32", {kOs, 5, 1}},
    {"mac-smint4-e3m0-fp16-mfbprop", {kIs, 3, 2}}, {"mac-lns8f3-lns8f3-fix40.16", {kWs, 3, 2, true}},
};

CatalogEntry entry_of(const char* unit) {
  const std::optional<CatalogEntry> entry = find_in_catalog(parse_unit(unit));
  REQUIRE_MESSAGE(entry.has_value(), unit, " is not in the catalog");
  return *entry;
}

// Full tiles, edge tiles in every direction and several tiles one after another.
MatrixProduct product_for(const Unit& mac, const SystolicArray& array, uint64_t seed) {
  const int64_t most = 3 * std::max(array.rows, array.columns) + 2;
  return random_product(mac, random_size(seed, 0, most), random_size(seed, 1, most),
                        random_size(seed, 2, most), seed, seed % 3 != 0);
}

// What is wrong with the array's answer, empty if nothing is.
std::string disagreement(const SystolicArray& array, const Unit& mac, const MatrixProduct& p,
                         VerilatedArray& rtl) {
  const ArrayTiming timing = array_timing(array, p.m, p.n, p.k);
  try {
    const ArrayRun run = rtl.run(p.m, p.n, p.k, p.a, p.b);
    if (run.cycles != timing.cycles) return fmt::format("{} cycles, expected {}", run.cycles, timing.cycles);
    if (run.edge != timing.edge) return "words at the edge";
    if (run.c != gemm(mac, p.m, p.n, p.k, p.a, p.b)) return "bits";
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void compare_machine(const Machine& machine, VerilatedArray& rtl, const MatrixProduct& p) {
  const Unit mac = parse_unit(machine.unit);
  CAPTURE(std::string(machine.unit));
  CAPTURE(describe(machine.array));
  CAPTURE(p.m);
  CAPTURE(p.n);
  CAPTURE(p.k);
  REQUIRE(disagreement(machine.array, mac, p, rtl) == "");
  REQUIRE(rtl.run(p.m, p.n, p.k, p.a, p.b) == simulate_systemc(machine.array, mac, p.m, p.n, p.k, p.a, p.b));
}

struct BrokenArray {
  std::string name, file, find, replace;
  SystolicArray array;
};

std::vector<BrokenArray> broken_arrays() {
  const toml::table root = toml::parse_file(ASSAY_SOURCE_DIR "/tests/sim/broken_array.toml");
  std::vector<BrokenArray> all;
  for (const toml::node& node : *root["broken"].as_array()) {
    const toml::table& table = *node.as_table();
    const auto text = [&](const char* key) { return table[key].value<std::string>().value(); };
    const SystolicArray array = {parse_dataflow(text("dataflow")), 3, 2,
                                 table["double_buffered"].value_or(false)};
    all.push_back({text("name"), text("file"), text("find"), text("replace"), array});
  }
  return all;
}

// A copy of the RTL with one change, which must apply exactly once.
void break_rtl(const BrokenArray& broken, const std::filesystem::path& folder) {
  for (const auto& file : rtl_sources()) std::filesystem::copy_file(file, folder / file.filename());
  std::string text = read_file(folder / broken.file);
  const size_t at = text.find(broken.find);
  if (at == std::string::npos || text.find(broken.find, at + 1) != std::string::npos) {
    fail("{}: the text does not stand in the file once", broken.name);
  }
  write_file(folder / broken.file, text.replace(at, broken.find.size(), broken.replace));
}

}  // namespace

TEST_CASE("closed form, SystemC and Verilated RTL agree in every cycle count and every bit") {
  const TemporaryFolder cache;
  // Builds all models on two threads, so that what follows finds them in the cache.
  parallel_for(kMachines.size(), 2, [&](size_t i) {
    VerilatedArray(kMachines[i].array, *find_in_catalog(parse_unit(kMachines[i].unit)), cache.path());
  });
  for (const Machine& machine : kMachines) {
    const SystolicArray& array = machine.array;
    const CatalogEntry entry = entry_of(machine.unit);
    VerilatedArray rtl(array, entry, cache.path());
    for (int i = 0; i < 14; ++i) {
      const int seed = 1000 * array.rows + 100 * array.columns + i;
      compare_machine(machine, rtl, product_for(entry.unit, array, static_cast<uint64_t>(seed)));
    }
    // Single rows and columns, and one less and one more than the array has: what its elements and lanes beside them
    // hold and carry, NaN among it, must not be seen.
    const std::set<int64_t> sizes = {1, std::max(1, array.rows - 1), array.rows + 1,
                                     std::max(1, array.columns - 1), array.columns + 1};
    for (const int64_t m : sizes) {
      for (const int64_t n : sizes) {
        for (const int64_t k : sizes) {
          const auto seed = static_cast<uint64_t>(100 * m + 10 * n + k);
          compare_machine(machine, rtl, random_product(entry.unit, m, n, k, seed, true));
        }
      }
    }
  }
}

TEST_CASE("the RTL is simulated alike without Verilator's optimizations") {
  const TemporaryFolder cache;
  const CatalogEntry entry = entry_of("mac-e4m3-e5m2-fp32");
  for (const SystolicArray& design : {SystolicArray{kIs, 2, 3, true}, SystolicArray{kOs, 2, 3}}) {
    VerilatedArray array(design, entry, cache.path(), VerilatorOptimization::none);
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      const MatrixProduct p = product_for(entry.unit, design, seed);
      REQUIRE(disagreement(design, entry.unit, p, array) == "");
    }
  }
}

TEST_CASE("the random products tell the order of accumulation") {
  const Unit mac = parse_unit("mac-bf16-bf16-fp32");
  const MatrixProduct p = random_product(mac, 4, 4, 12, 1, true);
  MatrixProduct reversed = p;
  for (int64_t i = 0; i < p.m; ++i) {
    for (int64_t j = 0; j < p.k; ++j) {
      reversed.a[static_cast<size_t>(i * p.k + j)] = p.a[static_cast<size_t>(i * p.k + p.k - 1 - j)];
    }
  }
  for (int64_t i = 0; i < p.k; ++i) {
    for (int64_t j = 0; j < p.n; ++j) {
      reversed.b[static_cast<size_t>(i * p.n + j)] = p.b[static_cast<size_t>((p.k - 1 - i) * p.n + j)];
    }
  }
  CHECK(gemm(mac, 4, 4, 12, p.a, p.b) != gemm(mac, 4, 4, 12, reversed.a, reversed.b));
}

TEST_CASE("every broken array is found") {
  const TemporaryFolder cache;
  const CatalogEntry entry = entry_of("mac-e4m3-e5m2-fp32");
  const std::vector<BrokenArray> all = broken_arrays();
  CHECK(all.size() >= 20);
  std::vector<std::string> found(all.size());
  parallel_for(all.size(), 2, [&](size_t i) {
    const TemporaryFolder rtl;
    break_rtl(all[i], rtl.path());
    VerilatedArray array(all[i].array, entry, cache.path(), VerilatorOptimization::full, rtl.path());
    for (uint64_t seed = 1; seed <= 20 && found[i].empty(); ++seed) {
      found[i] = disagreement(all[i].array, entry.unit, product_for(entry.unit, all[i].array, seed), array);
    }
  });
  for (size_t i = 0; i < all.size(); ++i) {
    CHECK_MESSAGE(!found[i].empty(), all[i].name);
    MESSAGE(all[i].name, ": ", found[i]);
  }
}

TEST_CASE("RTL that does not compile is an error with the tool's message") {
  const TemporaryFolder cache, rtl;
  for (const auto& file : rtl_sources()) std::filesystem::copy_file(file, rtl.path() / file.filename());
  write_file(rtl.path() / "pe_os.sv", "module pe_os (input logic clk_i);\n  assign = ;\nendmodule\n");
  const CatalogEntry entry = entry_of("mac-int8-int8-int32");
  try {
    VerilatedArray array({kOs, 2, 2}, entry, cache.path(), VerilatorOptimization::full, rtl.path());
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("pe_os.sv:2") != std::string::npos);
  }
}
