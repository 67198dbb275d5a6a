// Modules that are no unit of the catalog: rounding by given random bits, products with a prebiased weight,
// and the source of random bits.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "arith/evaluate.h"
#include "arith/piecewise_affine.h"
#include "base/random.h"
#include "formats/format.h"
#include "formats/round.h"
#include "rtl/catalog.h"
#include "rtl/model_harness.h"
#include "tests/rtl/combinational_model.h"

using namespace assay;

namespace {

const std::filesystem::path kCache = ASSAY_CACHE_DIR;

BatchFunction build(const std::string& top, const std::map<std::string, int64_t>& parameters,
                    const std::vector<Port>& operands, const Port& result) {
  ModelSources sources;
  sources.files = rtl_sources_of(top);
  sources.top = top;
  sources.parameters = parameters;
  return combinational_model(sources, operands, result, kCache);
}

// Codes of `format`: all of them if there are not more than `most`, otherwise that many, half of them with an
// exponent for which the conversion to `target` rounds within or next to its range.
std::vector<uint64_t> codes_to_convert(const Format& format, const Format& target, size_t most) {
  std::vector<uint64_t> codes;
  if (format.width < 32 && (uint64_t{1} << format.width) <= most) {
    for (uint64_t code = 0; code <= code_mask(format.width); ++code) codes.push_back(code);
    return codes;
  }
  const int lowest = format.exponent_bias - target.exponent_bias - target.fraction_width - 12;
  const int span = (1 << target.exponent_width) + target.fraction_width + 14;
  for (uint64_t i = 0; i < most; ++i) {
    const uint64_t random = philox64(1, 0, i);
    uint64_t code = random & code_mask(format.width);
    if (i % 2 == 0) {
      const uint64_t sign_and_fraction =
          code & (code_mask(format.fraction_width) | uint64_t{1} << (format.width - 1));
      const auto field = static_cast<uint64_t>(lowest) + philox64(1, 1, i) % static_cast<uint64_t>(span);
      code = sign_and_fraction | field << format.fraction_width;
    }
    codes.push_back(code);
  }
  return codes;
}

struct StochasticCase {
  const char* a;
  const char* result;
  int random_width;
  int specials_of_a, specials_of_result;
  Saturation saturation;
  size_t codes;  // of a, each with every value of the random bits
};

struct StochasticMode {
  Rounding rounding;
  int parameter;  // of fp_round
};
constexpr std::array<StochasticMode, 3> kStochasticModes = {
    {{Rounding::sr_a, 6}, {Rounding::sr_b, 11}, {Rounding::sr_c, 12}}};

void check_stochastic(const StochasticCase& given, const StochasticMode& mode) {
  CAPTURE(to_string(mode.rounding));
  CAPTURE(std::string(given.a));
  CAPTURE(std::string(given.result));
  const Format a = parse_format(given.a), result = parse_format(given.result);
  const BatchFunction convert =
      build("fp_convert_stochastic",
            {{"AExponentWidth", a.exponent_width},
             {"AFractionWidth", a.fraction_width},
             {"AExponentBias", a.exponent_bias},
             {"ASpecials", given.specials_of_a},
             {"ResultExponentWidth", result.exponent_width},
             {"ResultFractionWidth", result.fraction_width},
             {"ResultExponentBias", result.exponent_bias},
             {"ResultSpecials", given.specials_of_result},
             {"Saturating", given.saturation == Saturation::sat_finite ? 1 : 0},
             {"Rounding", mode.parameter},
             {"RandomWidth", given.random_width}},
            {{"a_i", a.width}, {"random_i", given.random_width}}, {"result_o", result.width});
  const size_t values = size_t{1} << given.random_width;
  std::vector<uint64_t> random(values), operand(values), actual(values);
  for (size_t r = 0; r < values; ++r) random[r] = r;
  size_t mismatches = 0, increments = 0;
  for (const uint64_t code : codes_to_convert(a, result, given.codes)) {
    operand.assign(values, code);
    const std::array<const uint64_t*, 2> operands = {operand.data(), random.data()};
    convert(values, operands.data(), actual.data());
    const Real value = decode(a, code);
    for (size_t r = 0; r < values; ++r) {
      const uint64_t expected = round_to_code(result, value, mode.rounding, given.saturation,
                                              {given.random_width, static_cast<uint32_t>(r)});
      if (actual[r] != expected) {
        if (mismatches == 0) MESSAGE("code ", code, " random ", r, ": ", actual[r], ", expected ", expected);
        ++mismatches;
      }
      increments += actual[r] != actual[0] ? 1 : 0;
    }
  }
  CHECK(mismatches == 0);
  CHECK(increments > 0);
}

// The binary matrix that takes the state of a linear register to the next one, as its columns.
using Matrix = std::vector<uint32_t>;

uint32_t times(const Matrix& matrix, uint32_t vector) {
  uint32_t result = 0;
  for (size_t i = 0; i < matrix.size(); ++i) result ^= (vector >> i & 1) != 0 ? matrix[i] : 0;
  return result;
}

Matrix power(Matrix base, uint64_t exponent) {
  Matrix result;
  for (size_t i = 0; i < base.size(); ++i) result.push_back(uint32_t{1} << i);
  const auto product = [](const Matrix& x, const Matrix& y) {
    Matrix columns;
    columns.reserve(y.size());
    for (const uint32_t column : y) columns.push_back(times(x, column));
    return columns;
  };
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = product(base, result);
    base = product(base, base);
  }
  return result;
}

// The matrix with matrix * states[k] = states[k + 1] for k below the width, by Gauss and Jordan's
// elimination.
Matrix matrix_of(std::vector<uint32_t> states, size_t width) {
  std::vector<uint32_t> from(states.begin(), states.begin() + static_cast<ptrdiff_t>(width));
  std::vector<uint32_t> to(states.begin() + 1, states.begin() + 1 + static_cast<ptrdiff_t>(width));
  for (size_t bit = 0; bit < width; ++bit) {
    size_t pivot = bit;
    while (pivot < width && (from[pivot] >> bit & 1) == 0) ++pivot;
    REQUIRE(pivot < width);  // the states are linearly independent
    std::swap(from[bit], from[pivot]);
    std::swap(to[bit], to[pivot]);
    for (size_t other = 0; other < width; ++other) {
      if (other == bit || (from[other] >> bit & 1) == 0) continue;
      from[other] ^= from[bit];
      to[other] ^= to[bit];
    }
  }
  return to;
}

}  // namespace

TEST_CASE("a stochastic conversion rounds as the golden model does with the same random bits") {
  for (const StochasticMode& mode : kStochasticModes) {
    check_stochastic({"bf16", "e4m3", 4, 0, 1, Saturation::sat_none, 1 << 16}, mode);
    check_stochastic({"fp16", "e5m2", 1, 0, 0, Saturation::sat_none, 1 << 16}, mode);
    check_stochastic({"fp32", "e4m3fnuz", 8, 0, 3, Saturation::sat_finite, 10'000}, mode);
    check_stochastic({"e4m3", "e2m1", 5, 1, 2, Saturation::sat_none, 1 << 8}, mode);
    check_stochastic({"fp16", "binary8p4se", 12, 0, 4, Saturation::sat_none, 500}, mode);
  }
}

TEST_CASE("a stochastic MAC rounds as the golden model does, with every value of the random bits") {
  constexpr int kRandomWidth = 6;
  for (const StochasticMode& mode : kStochasticModes) {
    Unit mac = parse_unit("mac-e4m3-e4m3-bf16-sr_a");
    mac.rounding = mode.rounding;
    CAPTURE(to_string(mode.rounding));
    const BatchFunction rtl =
        build("fp_mac_stochastic", {{"Rounding", mode.parameter}, {"RandomWidth", kRandomWidth}},
              {{"a_i", 8}, {"b_i", 8}, {"c_i", 16}, {"random_i", kRandomWidth}}, {"result_o", 16});
    constexpr size_t kValues = size_t{1} << kRandomWidth;
    std::vector<uint64_t> random(kValues), a(kValues), b(kValues), c(kValues), actual(kValues);
    for (size_t r = 0; r < kValues; ++r) random[r] = r;
    const std::array<const uint64_t*, 4> operands = {a.data(), b.data(), c.data(), random.data()};
    size_t inexact = 0;
    for (uint64_t i = 0; i < 20'000; ++i) {
      const uint64_t bits = philox64(7, 0, i);
      a.assign(kValues, bits & 0xff);
      b.assign(kValues, bits >> 8 & 0xff);
      // Half of the sums near the product's exponent, where bits are lost and much cancels.
      const uint64_t product = evaluate(mac, std::array{a[0], b[0], uint64_t{0}}, {kRandomWidth, 0});
      c.assign(kValues, i % 2 == 0 ? bits >> 16 & 0xffff : (product ^ 0x8000) + (bits >> 16 & 0x3ff) - 0x200);
      for (uint64_t& code : c) code &= 0xffff;
      rtl(kValues, operands.data(), actual.data());
      for (size_t r = 0; r < kValues; ++r) {
        const RandomBits given = {kRandomWidth, static_cast<uint32_t>(r)};
        REQUIRE(actual[r] == evaluate(mac, std::array{a[r], b[r], c[r]}, given));
      }
      inexact += actual.front() != actual.back() ? 1 : 0;
    }
    CHECK(inexact > 2000);
  }
}

TEST_CASE("a product with a prebiased weight is the piecewise-affine product") {
  const Format bf16 = parse_format("bf16");
  ModelSources sources;
  sources.top = "prebiased";
  sources.generated["prebiased.sv"] =
      "module prebiased (input logic [15:0] a_i, input logic [15:0] b_i, output logic [15:0] result_o);\n"
      "  logic [18:0] weight;\n"
      "  pam_prebias u_prebias (.b_i(b_i), .weight_o(weight));\n"
      "  pam_prebiased_mul u_mul (.a_i(a_i), .weight_i(weight), .result_o(result_o));\n"
      "endmodule\n";
  for (const char* module : {"pam_prebias", "pam_prebiased_mul"}) {
    for (const auto& file : rtl_sources_of(module)) sources.files.push_back(file);
  }
  const BatchFunction multiply =
      combinational_model(sources, {{"a_i", 16}, {"b_i", 16}}, {"result_o", 16}, kCache);

  // Every b with the ends of the ranges, with one and its neighbours and with random codes.
  std::vector<uint64_t> a = {0x0000, 0x8000, 0x007f, 0x0080, 0x8081, 0x3f7f, 0x3f80,
                             0x3f81, 0x7f00, 0xff7f, 0x7f80, 0xff80, 0x7f81, 0xffff};
  for (uint64_t i = 0; i < 120; ++i) a.push_back(philox64(1, 2, i) & 0xffff);
  std::vector<uint64_t> b(a.size()), actual(a.size());
  size_t mismatches = 0;
  for (uint64_t code = 0; code <= 0xffff; ++code) {
    b.assign(a.size(), code);
    const std::array<const uint64_t*, 2> operands = {a.data(), b.data()};
    multiply(a.size(), operands.data(), actual.data());
    for (size_t i = 0; i < a.size(); ++i) mismatches += actual[i] != pam_multiply(bf16, a[i], code) ? 1 : 0;
  }
  CHECK(mismatches == 0);
}

TEST_CASE("a shift register of every width has the maximal period, and stands still when it is told to") {
  constexpr size_t kLeast = 3, kMost = 32, kCount = kMost - kLeast + 1;
  ModelSources sources;
  sources.top = "registers";
  sources.files = rtl_sources_of("lfsr");
  std::string text =
      "module registers (input logic clk_i, input logic rst_ni, input logic enable_i,\n"
      "                  output logic [32*30-1:0] state_o);\n";
  for (size_t width = kLeast; width <= kMost; ++width) {
    const size_t at = 32 * (width - kLeast);
    if (width < kMost) text += fmt::format("  assign state_o[{}:{}] = 0;\n", at + 31, at + width);
    text += fmt::format(
        "  lfsr #(.Width({0})) u_{0} (.clk_i(clk_i), .rst_ni(rst_ni), .enable_i(enable_i), "
        ".state_o(state_o[{1}:{2}]));\n",
        width, at + width - 1, at);
  }
  sources.generated["registers.sv"] = text + "endmodule\n";
  sources.harness = clocked_harness({{"enable_i", 1, 1}}, {{"state_o", kCount, 32}});
  ClockedModel model(VerilatedModel::build(sources, kCache));

  std::array<std::vector<uint32_t>, kCount> states;
  std::array<uint64_t, kCount> now = {};
  const auto cycle = [&](uint64_t enable) {
    const uint64_t* inputs = &enable;
    uint64_t* outputs = now.data();
    model.cycle({&inputs, 1}, {&outputs, 1});
  };
  for (size_t step = 0; step < 2 * kMost; ++step) {
    cycle(1);
    for (size_t i = 0; i < kCount; ++i) states[i].push_back(static_cast<uint32_t>(now[i]));
  }
  cycle(0);
  const std::array<uint64_t, kCount> held = now;
  cycle(0);
  CHECK(now == held);

  for (size_t i = 0; i < kCount; ++i) {
    const size_t width = kLeast + i;
    CAPTURE(width);
    CHECK(states[i].front() == 1);
    const Matrix next = matrix_of(states[i], width);
    for (size_t k = 0; k + 1 < states[i].size(); ++k) REQUIRE(times(next, states[i][k]) == states[i][k + 1]);
    // The period divides `all`, but none of its largest proper divisors.
    const uint64_t all = (uint64_t{1} << width) - 1;
    CHECK(times(power(next, all), 1) == 1);
    uint64_t rest = all;
    for (uint64_t factor = 2; rest > 1; ++factor) {
      if (factor * factor > rest) factor = rest;
      if (rest % factor != 0) continue;
      CHECK(times(power(next, all / factor), 1) != 1);
      while (rest % factor == 0) rest /= factor;
    }
  }
}
