// RTL of quantization, pruning and softmax in training, against their golden models.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <bit>
#include <memory>
#include <vector>

#include "base/random.h"
#include "rtl/catalog.h"
#include "rtl/model_harness.h"
#include "tests/rtl/combinational_model.h"
#include "train/exaq.h"
#include "train/prune_2_of_4.h"
#include "train/quantizer.h"

using namespace assay;

namespace {

// A module of rtl/ inside a generated one, called `top`, whose ports have at most 64 bits.
BatchFunction wrapped(const std::string& module, const std::string& top, const std::vector<Port>& inputs,
                      int result_width, const std::string& instance) {
  std::string text = fmt::format("module {} (", top);
  for (const Port& port : inputs) text += fmt::format("input logic [{}:0] {}, ", port.width - 1, port.name);
  text += fmt::format("output logic [{}:0] result_o);\n{}\nendmodule\n", result_width - 1, instance);
  ModelSources sources;
  sources.top = top;
  sources.files = rtl_sources_of(module);
  sources.generated[top + ".sv"] = text;
  return combinational_model(sources, inputs, {"result_o", result_width}, ASSAY_CACHE_DIR);
}

Quantizer luq_quantizer() {
  Quantizer quantizer;
  quantizer.kind = QuantizerKind::luq;
  quantizer.format = parse_format("e3m0");
  quantizer.power_of_two_scale = true;
  return quantizer;
}

// Codes near each other and everywhere, with zeros, subnormal numbers, infinities and NaN among them.
float some_float(uint64_t random, uint64_t center) {
  const auto bits = static_cast<uint32_t>(random);
  switch (random >> 60) {
    case 0:
      return std::bit_cast<float>(bits & 0x80ffffff);
    case 1:
      return std::bit_cast<float>(bits | 0x7f000000);
    case 2:
      return std::bit_cast<float>(bits & 0xff800000);
    case 3:
      return std::bit_cast<float>(bits & 0x80000000);
    case 4:
      return std::bit_cast<float>(bits);
    default:  // from 2^-32 to 1 of the largest
      return std::bit_cast<float>((bits & 0x807fffff) |
                                  static_cast<uint32_t>(32 + center % 200 - (random >> 40 & 31)) << 23);
  }
}

}  // namespace

TEST_CASE("luq_quantizer gives the scale and the codes of the golden quantizer") {
  constexpr size_t kCount = 4;
  constexpr uint64_t kBlocks = 300'000;
  const BatchFunction rtl =
      wrapped("luq_quantizer", "luq_bench", {{"x0_i", 64}, {"x1_i", 64}, {"r0_i", 64}, {"r1_i", 64}}, 24,
              "luq_quantizer #(.Count(4)) u_unit (.x_i({x1_i, x0_i}), .random_i({r1_i, r0_i}), "
              ".scale_exponent_o(result_o[23:16]), .codes_o(result_o[15:0]));");
  const Quantizer quantizer = luq_quantizer();
  std::array<std::vector<uint64_t>, 4> columns;
  for (auto& column : columns) column.resize(kBlocks);
  std::vector<uint64_t> expected(kBlocks), actual(kBlocks);
  for (uint64_t block = 0; block < kBlocks; ++block) {
    std::array<float, kCount> values = {};
    const uint64_t center = philox64(3, 0, block);
    for (size_t i = 0; i < kCount; ++i) values[i] = some_float(philox64(3, 1 + i, block), center);
    const QuantizedTensor tensor = quantize(quantizer, values, 3, block);
    uint64_t word = std::bit_cast<uint32_t>(tensor.scale) >> 23 << 16;
    REQUIRE((std::bit_cast<uint32_t>(tensor.scale) & 0x7fffff) == 0);
    const std::array<uint32_t, 4> random = philox(3, block, 0);
    for (size_t i = 0; i < kCount; ++i) {
      word |= tensor.codes[i] << 4 * i;
      columns[i / 2][block] |= uint64_t{std::bit_cast<uint32_t>(values[i])} << 32 * (i % 2);
      columns[2 + i / 2][block] |= uint64_t{random[i]} << 32 * (i % 2);
    }
    expected[block] = word;
  }
  const std::array<const uint64_t*, 4> operands = {columns[0].data(), columns[1].data(), columns[2].data(),
                                                   columns[3].data()};
  rtl(kBlocks, operands.data(), actual.data());
  for (uint64_t block = 0; block < kBlocks; ++block) {
    CAPTURE(block);
    REQUIRE(actual[block] == expected[block]);
  }
}

TEST_CASE("prune_2_of_4: all blocks of 3-bit magnitudes with all 8-bit random numbers, and 7-bit ones") {
  struct Shape {
    int width, random_width;
    uint64_t vectors;
  };
  for (const Shape& shape : {Shape{3, 8, 1 << 20}, Shape{7, 16, 1 << 20}}) {
    const int value_width = shape.width + 3, result_width = 4 + 4 * value_width;
    const BatchFunction rtl = wrapped(
        "prune_2_of_4", fmt::format("prune_bench_{}", shape.width),
        {{"magnitudes_i", 4 * shape.width}, {"random_i", shape.random_width}}, result_width,
        fmt::format("prune_2_of_4 #(.Width({}), .RandomWidth({})) u_unit (.magnitudes_i(magnitudes_i), "
                    ".random_i(random_i), .keep_o(result_o[{}:{}]), .values_o(result_o[{}:0]));",
                    shape.width, shape.random_width, result_width - 1, result_width - 4, result_width - 5));
    std::vector<uint64_t> blocks(shape.vectors), random(shape.vectors), actual(shape.vectors);
    for (uint64_t v = 0; v < shape.vectors; ++v) {
      const bool exhaustive = shape.width == 3;
      const uint64_t bits = philox64(4, 0, v);
      random[v] = exhaustive ? v & 0xff : bits >> 48;
      blocks[v] = exhaustive ? v >> 8 : bits & code_mask(4 * shape.width);
      // Narrow ones among wide ones, so that one of four is often above half of the sum.
      if (!exhaustive && v % 2 == 1)
        blocks[v] &= ~(0x78ULL << 7 * (bits >> 40 & 3)) & ~(0x70ULL << 7 * (bits >> 42 & 3));
    }
    const std::array<const uint64_t*, 2> operands = {blocks.data(), random.data()};
    rtl(shape.vectors, operands.data(), actual.data());
    for (uint64_t v = 0; v < shape.vectors; ++v) {
      std::array<uint32_t, 4> magnitudes = {};
      for (size_t i = 0; i < 4; ++i) {
        magnitudes[i] =
            static_cast<uint32_t>(blocks[v] >> static_cast<size_t>(shape.width) * i & code_mask(shape.width));
      }
      const Pruned pruned = prune_2_of_4(
          magnitudes, prune_sample(magnitudes, static_cast<uint32_t>(random[v]), shape.random_width));
      uint64_t word = 0;
      for (size_t i = 0; i < 4; ++i) {
        word |= pruned.doubled[i] << static_cast<size_t>(value_width) * i;
        word |= uint64_t{pruned.kept[i]} << (static_cast<size_t>(4 * value_width) + i);
      }
      CAPTURE(v);
      REQUIRE(actual[v] == word);
    }
  }
}

TEST_CASE("exaq_accumulate: codes of all scores and clips of eight bits, and the running sum") {
  constexpr size_t kCount = 4;
  ModelSources sources;
  sources.top = "exaq_accumulate";
  sources.files = rtl_sources_of(sources.top);
  sources.harness = clocked_harness({{"clear_i", 1, 1},
                                     {"valid_i", 1, 1},
                                     {"scores_i", kCount, 8},
                                     {"mask_i", kCount, 1},
                                     {"clip_i", 1, 8},
                                     {"table_i", 4, 16}},
                                    {{"codes_o", kCount, 2}, {"sum_o", 1, 32}});
  ClockedModel model(VerilatedModel::build(sources, ASSAY_CACHE_DIR));
  uint64_t sum = 0;
  for (uint64_t clip = 1; clip < 256; ++clip) {
    for (uint64_t cycle = 0; cycle < 256; ++cycle) {
      const uint64_t random = philox64(5, clip, cycle), entries = philox64(6, clip, cycle);
      const uint64_t clear = random >> 8 & 0x1f ? 0 : 1, valid = random % 8 != 0;
      std::array<uint64_t, kCount> scores = {}, mask = {}, table = {}, codes = {};
      std::array<uint32_t, kCount> distances = {};
      std::array<bool, kCount> masked = {};
      std::array<uint32_t, 4> exponentials = {};
      for (size_t i = 0; i < kCount; ++i) {
        scores[i] = i == 0 ? cycle : random >> (16 + 8 * i) & 0xff;
        mask[i] = random >> (12 + i) & random >> 60 & 1;
        table[i] = entries >> 16 * i & 0xffff;
        distances[i] = static_cast<uint32_t>(scores[i]);
        masked[i] = mask[i] != 0;
        exponentials[i] = static_cast<uint32_t>(table[i]);
      }
      uint64_t before = 0;
      const std::array<const uint64_t*, 6> inputs = {&clear,      &valid, scores.data(),
                                                     mask.data(), &clip,  table.data()};
      const std::array<uint64_t*, 2> outputs = {codes.data(), &before};
      model.cycle(inputs, outputs);
      CAPTURE(clip);
      CAPTURE(cycle);
      REQUIRE(before == sum);
      for (size_t i = 0; i < kCount; ++i)
        REQUIRE(codes[i] == exaq_code(distances[i], static_cast<uint32_t>(clip)));
      if (clear) sum = 0;
      if (valid) sum += exaq_sum(distances, masked, static_cast<uint32_t>(clip), exponentials);
      sum &= 0xffffffff;
    }
  }
}
