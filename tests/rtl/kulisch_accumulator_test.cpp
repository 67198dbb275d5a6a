// The clocked exact accumulator against the golden fused dot product of all that it was given.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "arith/dot.h"
#include "base/random.h"
#include "formats/format.h"
#include "rtl/catalog.h"
#include "rtl/model_harness.h"

using namespace assay;

namespace {

struct Accumulator {
  std::string unit;  // of more terms than are ever summed; absent products do not count
  int lanes;
  std::map<std::string, int64_t> parameters;
};

ClockedModel build(const Accumulator& accumulator, const Unit& unit) {
  ModelSources sources;
  sources.top = "kulisch_accumulator";
  sources.files = rtl_sources_of(sources.top);
  sources.parameters = accumulator.parameters;
  sources.parameters["Terms"] = accumulator.lanes;
  sources.harness = clocked_harness({{"clear_i", 1, 1},
                                     {"valid_i", 1, 1},
                                     {"a_i", accumulator.lanes, unit.a.width},
                                     {"b_i", accumulator.lanes, unit.b.width}},
                                    {{"result_o", 1, unit.result.width}});
  return ClockedModel(VerilatedModel::build(sources, ASSAY_CACHE_DIR));
}

}  // namespace

TEST_CASE("a Kulisch accumulator is the fused dot product since it was cleared, after every cycle") {
  constexpr uint64_t kCycles = 60'000;
  constexpr size_t kMostProducts = 200;
  const std::vector<Accumulator> accumulators = {
      {"dot256-e4m3-e4m3-fp32-fused", 1, {}},
      {"dot256-e5m2-e4m3-fp16-rdn-fused",
       3,
       {{"AExponentWidth", 5},
        {"AFractionWidth", 2},
        {"AExponentBias", 15},
        {"ASpecials", 0},
        {"ResultExponentWidth", 5},
        {"ResultFractionWidth", 10},
        {"Rounding", 4}}},
  };
  for (const Accumulator& accumulator : accumulators) {
    CAPTURE(accumulator.unit);
    const Unit unit = parse_unit(accumulator.unit);
    ClockedModel model = build(accumulator, unit);
    const auto lanes = static_cast<size_t>(accumulator.lanes);
    std::vector<uint64_t> a, b, lanes_a(lanes), lanes_b(lanes);
    uint64_t expected = 0, specials = 0;
    for (uint64_t cycle = 0; cycle < kCycles; ++cycle) {
      const uint64_t random = philox64(7, 0, cycle);
      const uint64_t valid = random % 8 != 0,
                     clear = random >> 8 & 0x1f ? a.size() + lanes > kMostProducts : 1;
      for (size_t i = 0; i < lanes; ++i) {
        // Infinities and NaN in one cycle of 16, else exponents of all sizes.
        const uint64_t codes = philox64(7, 1 + i, cycle);
        lanes_a[i] = codes & (random >> 60 ? 0xbf : 0xff);
        lanes_b[i] = codes >> 8 & (random >> 60 ? 0xbf : 0xff);
      }
      uint64_t result = 0;
      const std::array<const uint64_t*, 4> inputs = {&clear, &valid, lanes_a.data(), lanes_b.data()};
      uint64_t* const output = &result;
      model.cycle(inputs, {&output, 1});
      REQUIRE(result == expected);
      if (clear) a.clear(), b.clear();
      if (valid) {
        a.insert(a.end(), lanes_a.begin(), lanes_a.end());
        b.insert(b.end(), lanes_b.begin(), lanes_b.end());
      }
      if (clear || valid) expected = accumulate_dot(unit, a, b, 0);
      specials += (expected & code_mask(magnitude_width(unit.result))) > max_finite_magnitude(unit.result);
    }
    CHECK(specials > kCycles / 100);
    CHECK(specials < kCycles / 2);
  }
}
