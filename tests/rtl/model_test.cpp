// Building, caching and driving Verilated models.
#include <doctest/doctest.h>

#include <array>
#include <future>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "formats/format.h"
#include "rtl/model_harness.h"
#include "tests/rtl/combinational_model.h"

using namespace assay;

namespace {

size_t libraries(const std::filesystem::path& folder) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    count += entry.path().extension() == ".so";
  return count;
}

ModelSources adder(const std::filesystem::path& include_folder) {
  ModelSources sources;
  sources.generated["adder.sv"] =
      "`include \"amount.svh\"\n"
      "module adder #(parameter int unsigned Extra = 0) (input logic [7:0] x_i, output logic [7:0] y_o);\n"
      "  assign y_o = x_i + `AMOUNT + Extra[7:0];\n"
      "endmodule\n";
  sources.include_folders = {include_folder};
  sources.top = "adder";
  return sources;
}

BatchFunction built(const ModelSources& sources, const std::filesystem::path& cache,
                    VerilatorOptimization optimization = VerilatorOptimization::full) {
  return combinational_model(sources, {{"x_i", 8}}, {"y_o", 8}, cache, optimization);
}

uint64_t call(const BatchFunction& function, uint64_t x) {
  const uint64_t* operands = &x;
  uint64_t result = 0;
  function(1, &operands, &result);
  return result;
}

}  // namespace

TEST_CASE("a model is found again until its sources, an included file, a parameter or the harness change") {
  const TemporaryFolder cache, include;
  write_file(include.path() / "amount.svh", "`define AMOUNT 8'd5\n");
  ModelSources sources = adder(include.path());
  CHECK(call(built(sources, cache.path()), 10) == 15);
  CHECK(call(built(sources, cache.path()), 0x1ff) == 4);
  CHECK(libraries(cache.path()) == 1);
  write_file(include.path() / "amount.svh", "`define AMOUNT 8'd6\n");
  CHECK(call(built(sources, cache.path()), 10) == 16);
  sources.parameters["Extra"] = 100;
  CHECK(call(built(sources, cache.path()), 10) == 116);
  CHECK(call(built(sources, cache.path(), VerilatorOptimization::none), 10) == 116);
  CHECK(libraries(cache.path()) == 4);
}

TEST_CASE("threads may build the same model at the same time, and its instances are independent") {
  const TemporaryFolder cache, include;
  write_file(include.path() / "amount.svh", "`define AMOUNT 8'd1\n");
  const auto build = [&] { return built(adder(include.path()), cache.path()); };
  auto first = std::async(std::launch::async, build);
  auto second = std::async(std::launch::async, build);
  const BatchFunction one = first.get(), other = second.get();
  CHECK(call(one, 1) == 2);
  CHECK(call(other, 7) == 8);
  CHECK(libraries(cache.path()) == 1);
}

TEST_CASE("sources that do not compile, missing files and missing functions are errors") {
  const TemporaryFolder cache;
  ModelSources sources;
  sources.generated["bad.sv"] =
      "module bad (input logic x_i, output logic y_o);\n  assign y_o = nowhere(x_i);\nendmodule\n";
  sources.top = "bad";
  try {
    built(sources, cache.path());
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("nowhere") != std::string::npos);
  }
  sources.files = {cache.path() / "none.sv"};
  CHECK_THROWS_AS(VerilatedModel::build(sources, cache.path()), Error);
  sources = adder(cache.path());
  write_file(cache.path() / "amount.svh", "`define AMOUNT 8'd1\n");
  CHECK_THROWS_AS(VerilatedModel::build(sources, cache.path())->function<void()>("absent"), Error);
  CHECK_THROWS_AS((void)stream_harness({{{"x_i", 65}}, {{"y_o", 1}}}), Error);
}

TEST_CASE("lanes of every width reach their bits, in ports of one word and of many") {
  const TemporaryFolder cache;
  for (const std::array<int, 2> shape :
       {std::array{1, 1}, {7, 9}, {8, 8}, {3, 64}, {5, 33}, {9, 31}, {40, 1}, {2, 63}}) {
    const int lanes = shape[0], width = shape[1];
    ModelSources sources;
    sources.top = "keeper";
    sources.generated["keeper.sv"] = fmt::format(
        "module keeper (input logic clk_i, input logic rst_ni, input logic [{0}:0] x_i, output logic [{0}:0] "
        "x_o,\n"
        "               output logic [{0}:0] turned_o);\n"
        "  always_ff @(posedge clk_i or negedge rst_ni) if (!rst_ni) x_o <= '0; else x_o <= x_i;\n"
        "  for (genvar i = 0; i < {1}; i++) begin : g_lane\n"
        "    assign turned_o[i*{2}+:{2}] = x_i[({1}-1-i)*{2}+:{2}];\n"
        "  end\n"
        "endmodule\n",
        lanes * width - 1, lanes, width);
    sources.harness =
        clocked_harness({{"x_i", lanes, width}}, {{"x_o", lanes, width}, {"turned_o", lanes, width}});
    ClockedModel model(VerilatedModel::build(sources, cache.path()));
    const auto count = static_cast<size_t>(lanes);
    std::vector<uint64_t> before(count, 0), x(count), kept(count), turned(count);
    for (uint64_t cycle = 0; cycle < 50; ++cycle) {
      for (size_t i = 0; i < count; ++i) x[i] = philox64(1, cycle, i) & code_mask(width);
      const uint64_t* inputs = x.data();
      const std::array<uint64_t*, 2> outputs = {kept.data(), turned.data()};
      model.cycle({&inputs, 1}, outputs);
      REQUIRE(kept == before);
      REQUIRE(turned == std::vector<uint64_t>(x.rbegin(), x.rend()));
      before = x;
    }
  }
}
