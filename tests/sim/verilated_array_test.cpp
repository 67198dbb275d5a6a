// The RTL of the arrays against the closed form, SystemC and the golden matrix product; and broken arrays, to
// show that this comparison finds them.
#include "sim/verilated_array.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <toml++/toml.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arith/gemm.h"
#include "base/error.h"
#include "base/file.h"
#include "sim/systemc_array.h"
#include "tests/sim/matrices.h"

using namespace assay;

namespace {

constexpr Dataflow kDataflows[] = {Dataflow::weight_stationary, Dataflow::output_stationary};

struct Machine {
  const char* unit;
  ArrayShape shape;
};
const std::vector<Machine> kMachines = {
    {"mac-int8-int8-int32", {1, 1}}, {"mac-int8-int8-int32", {6, 3}}, {"mac-int8-int8-int32", {8, 8}},
    {"mac-bf16-bf16-fp32", {1, 3}},  {"mac-bf16-bf16-fp32", {3, 3}},  {"mac-bf16-bf16-fp32", {4, 2}},
    {"mac-e4m3-e5m2-fp32", {2, 5}},  {"mac-e4m3-e5m2-fp32", {5, 1}},
};

CatalogEntry entry_of(const char* unit) {
  const std::optional<CatalogEntry> entry = find_in_catalog(parse_unit(unit));
  REQUIRE_MESSAGE(entry.has_value(), unit, " is not in the catalog");
  return *entry;
}

// Full tiles, edge tiles in every direction and several tiles one after another.
MatrixProduct product_for(const Unit& mac, ArrayShape shape, uint64_t seed) {
  return random_product(mac, random_size(seed, 0, 3 * shape.rows + 2),
                        random_size(seed, 1, 3 * shape.columns + 2), random_size(seed, 2, 3 * shape.rows + 2),
                        seed, seed % 3 != 0);
}

// What is wrong with the array's answer, empty if nothing is.
std::string disagreement(Dataflow dataflow, ArrayShape shape, const Unit& mac, const MatrixProduct& p,
                         VerilatedArray& array) {
  const ArrayTiming timing = array_timing(dataflow, shape, p.m, p.n, p.k);
  try {
    const ArrayRun run = array.run(p.m, p.n, p.k, p.a, p.b);
    if (run.cycles != timing.cycles) return fmt::format("{} cycles, expected {}", run.cycles, timing.cycles);
    if (run.edge != timing.edge) return "words at the edge";
    if (run.c != gemm(mac, p.m, p.n, p.k, p.a, p.b)) return "bits";
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void compare_machine(Dataflow dataflow, const Machine& machine, const std::filesystem::path& cache,
                     int products) {
  const CatalogEntry entry = entry_of(machine.unit);
  VerilatedArray array(dataflow, machine.shape, entry, cache);
  for (int i = 0; i < products; ++i) {
    const int seed = 1000 * machine.shape.rows + 100 * machine.shape.columns + i;
    const MatrixProduct p = product_for(entry.unit, machine.shape, static_cast<uint64_t>(seed));
    CAPTURE(dataflow_name(dataflow));
    CAPTURE(entry.name);
    CAPTURE(machine.shape.rows);
    CAPTURE(machine.shape.columns);
    CAPTURE(p.m);
    CAPTURE(p.n);
    CAPTURE(p.k);
    REQUIRE(disagreement(dataflow, machine.shape, entry.unit, p, array) == "");
    REQUIRE(array.run(p.m, p.n, p.k, p.a, p.b) ==
            simulate_systemc(dataflow, machine.shape, entry.unit, p.m, p.n, p.k, p.a, p.b));
  }
}

// Builds all models on two threads, so that what follows finds them in the cache.
void build_all(const std::filesystem::path& cache) {
  std::vector<std::future<void>> halves;
  for (const Dataflow dataflow : kDataflows) {
    halves.push_back(std::async(std::launch::async, [dataflow, &cache] {
      for (const Machine& machine : kMachines) {
        VerilatedArray(dataflow, machine.shape, *find_in_catalog(parse_unit(machine.unit)), cache);
      }
    }));
  }
  for (auto& half : halves) half.get();
}

struct BrokenArray {
  std::string name, file, find, replace;
};

std::vector<BrokenArray> broken_arrays() {
  const toml::table root = toml::parse_file(ASSAY_SOURCE_DIR "/tests/sim/broken_array.toml");
  std::vector<BrokenArray> all;
  for (const toml::node& node : *root["broken"].as_array()) {
    const toml::table& table = *node.as_table();
    const auto text = [&](const char* key) { return table[key].value<std::string>().value(); };
    all.push_back({text("name"), text("file"), text("find"), text("replace")});
  }
  return all;
}

// A copy of the RTL with one change, which must apply exactly once.
void break_rtl(const BrokenArray& broken, const std::filesystem::path& folder) {
  for (const auto& file : rtl_sources()) std::filesystem::copy_file(file, folder / file.filename());
  std::string text = read_file(folder / broken.file);
  const size_t at = text.find(broken.find);
  REQUIRE_MESSAGE(at != std::string::npos, broken.name);
  REQUIRE_MESSAGE(text.find(broken.find, at + 1) == std::string::npos, broken.name);
  write_file(folder / broken.file, text.replace(at, broken.find.size(), broken.replace));
}

}  // namespace

TEST_CASE("closed form, SystemC and Verilated RTL agree in every cycle count and every bit") {
  const TemporaryFolder cache;
  build_all(cache.path());
  for (const Machine& machine : kMachines) {
    for (const Dataflow dataflow : kDataflows) compare_machine(dataflow, machine, cache.path(), 14);
  }
}

TEST_CASE("the RTL is simulated alike without Verilator's optimizations") {
  const TemporaryFolder cache;
  const CatalogEntry entry = entry_of("mac-e4m3-e5m2-fp32");
  for (const Dataflow dataflow : kDataflows) {
    const ArrayShape shape = {2, 3};
    VerilatedArray array(dataflow, shape, entry, cache.path(), VerilatorOptimization::none);
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      const MatrixProduct p = product_for(entry.unit, shape, seed);
      REQUIRE(disagreement(dataflow, shape, entry.unit, p, array) == "");
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
  const ArrayShape shape = {3, 2};
  const std::vector<BrokenArray> all = broken_arrays();
  CHECK(all.size() >= 10);
  for (const BrokenArray& broken : all) {
    const TemporaryFolder rtl;
    break_rtl(broken, rtl.path());
    const Dataflow dataflow = broken.file.find("_ws") != std::string::npos ? Dataflow::weight_stationary
                                                                           : Dataflow::output_stationary;
    VerilatedArray array(dataflow, shape, entry, cache.path(), VerilatorOptimization::full, rtl.path());
    std::string found;
    for (uint64_t seed = 1; seed <= 20 && found.empty(); ++seed) {
      found = disagreement(dataflow, shape, entry.unit, product_for(entry.unit, shape, seed), array);
    }
    CHECK_MESSAGE(!found.empty(), broken.name);
    MESSAGE(broken.name, ": ", found);
  }
}

TEST_CASE("RTL that does not compile is an error with the tool's message") {
  const TemporaryFolder cache, rtl;
  for (const auto& file : rtl_sources()) std::filesystem::copy_file(file, rtl.path() / file.filename());
  write_file(rtl.path() / "pe_os.sv", "module pe_os (input logic clk_i);\n  assign = ;\nendmodule\n");
  const CatalogEntry entry = entry_of("mac-int8-int8-int32");
  try {
    VerilatedArray array(Dataflow::output_stationary, {2, 2}, entry, cache.path(),
                         VerilatorOptimization::full, rtl.path());
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("pe_os.sv:2") != std::string::npos);
  }
}
