// Block formats against vectors of an independent oracle (block_oracle.py), and properties that follow from
// the definitions.
#include <doctest/doctest.h>
#include <hwy/targets.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <limits>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "base/random.h"
#include "formats/block.h"
#include "formats/block_kernels.h"
#include "formats/block_scale.h"
#include "formats/quotient.h"
#include "formats/round.h"
#include "tests/error_of.h"

using namespace assay;

namespace {

// A floating-point mode of the host for as long as the object lives.
class HostMode {
 public:
  explicit HostMode(int rounding, bool flushes_subnormals = false) {
    std::fegetenv(&saved_);
    std::fesetround(rounding);
#ifdef __SSE2__
    if (flushes_subnormals) _mm_setcsr(_mm_getcsr() | 0x8040);  // FTZ and DAZ
#else
    (void)flushes_subnormals;
#endif
  }
  ~HostMode() {
    std::fesetenv(&saved_);
  }
  HostMode(const HostMode&) = delete;
  HostMode& operator=(const HostMode&) = delete;

 private:
  std::fenv_t saved_;
};

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, separator);) fields.push_back(field);
  if (!line.empty() && line.back() == separator) fields.emplace_back();
  return fields;
}

template <typename Number, typename Parse>
std::vector<Number> numbers(const std::string& field, Parse parse) {
  std::vector<Number> result;
  std::istringstream stream(field);
  for (std::string word; stream >> word;) result.push_back(parse(word));
  return result;
}

std::vector<uint32_t> hex_numbers(const std::string& field) {
  return numbers<uint32_t>(
      field, [](const std::string& word) { return static_cast<uint32_t>(std::stoul(word, nullptr, 16)); });
}

std::vector<uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<uint32_t> bits;
  bits.reserve(values.size());
  for (const float value : values) bits.push_back(std::bit_cast<uint32_t>(value));
  return bits;
}

std::vector<float> floats_of(const std::vector<uint32_t>& bits) {
  std::vector<float> values;
  values.reserve(bits.size());
  for (const uint32_t word : bits) values.push_back(std::bit_cast<float>(word));
  return values;
}

bool same_value(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

// A line of the vector file; block_oracle.py lists the fields.
struct Vector {
  BlockFormat format;
  MatrixShape shape;
  BlockAxis axis;
  BlockRounding rounding;
  std::vector<float> inputs;
  BlockQuantized expected;
  std::vector<double> values;
};

Vector parse_vector(const std::string& line) {
  const std::vector<std::string> field = split(line, ';');
  REQUIRE(field.size() == 18);
  Vector vector;
  vector.format = parse_block_format(field[0]);
  vector.format.zero_block = parse_zero_block(field[1]);
  vector.format.non_finite = parse_non_finite(field[2]);
  vector.axis = parse_block_axis(field[3]);
  vector.shape = {std::stoul(field[4]), std::stoul(field[5])};
  vector.rounding.rounding = parse_rounding(field[6]);
  vector.rounding.seed = std::stoull(field[7]);
  vector.rounding.stream = std::stoull(field[8]);
  vector.rounding.random_bits = std::stoi(field[9]);
  vector.inputs = floats_of(hex_numbers(field[10]));
  vector.expected.codes = hex_numbers(field[11]);
  vector.expected.scales = hex_numbers(field[12]);
  vector.expected.sub_exponents = numbers<uint8_t>(
      field[13], [](const std::string& word) { return static_cast<uint8_t>(std::stoi(word)); });
  vector.expected.zero_points =
      numbers<int32_t>(field[14], [](const std::string& word) { return std::stoi(word); });
  vector.expected.minimums = floats_of(hex_numbers(field[15]));
  vector.expected.tensor_scale = floats_of(hex_numbers(field[16])).at(0);
  vector.values =
      numbers<double>(field[17], [](const std::string& word) { return std::strtod(word.c_str(), nullptr); });
  return vector;
}

void check_vector(const Vector& vector, const BlockQuantized& result) {
  CHECK(result.scales == vector.expected.scales);
  CHECK(result.codes == vector.expected.codes);
  CHECK(result.sub_exponents == vector.expected.sub_exponents);
  CHECK(result.zero_points == vector.expected.zero_points);
  CHECK(bits_of(result.minimums) == bits_of(vector.expected.minimums));
  CHECK(result.tensor_scale == vector.expected.tensor_scale);
  const std::vector<double> values = dequantize_blocks(result);
  REQUIRE(values.size() == vector.values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (!same_value(values[i], vector.values[i])) {
      FAIL_CHECK("value " << i << ": " << values[i] << " expected " << vector.values[i]);
    }
  }
}

// Random float32 numbers: uniform exponents within `spread` of 0 and random signs and fractions.
std::vector<float> random_values(size_t count, uint64_t stream, int spread) {
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) {
    const auto word = philox(7, stream, i);
    const uint32_t exponent =
        127 - static_cast<uint32_t>(spread) + word[1] % (2 * static_cast<uint32_t>(spread) + 1);
    values.push_back(std::bit_cast<float>((word[0] & 0x807FFFFF) | exponent << 23));
  }
  return values;
}

// Blocks whose largest magnitudes lie at and next to the places where scales change, over all binades, with numbers
// about halves of units, zeros, subnormal numbers and, if wanted, infinities and NaN.
std::vector<float> edge_values(size_t count, size_t block, bool all_finite) {
  constexpr std::array<uint32_t, 12> kFractions = {0,        0x400000, 0x600000, 0x700000,
                                                   0x740000, 0x780000, 0x7c0000, 0x7e0000,
                                                   0x7f0000, 0x7f8000, 0x7fffff, 0x555555};
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) {
    const auto word = philox(9, block, i), common = philox(10, block, i / block);
    const uint32_t top = common[0] % 255;
    uint32_t bits = 0;
    if (i % block == common[1] % block) {
      bits = (top << 23 | kFractions[common[2] % kFractions.size()]) + common[3] % 3 - 1;
      bits = std::min(bits & 0x7fffffff, 0x7f7fffffU);
    } else {
      const uint32_t below = word[1] % 16 == 0 ? word[2] % 255 : word[2] % 16;
      bits =
          (top - std::min(top, below + 1)) << 23 | (kFractions[word[3] % kFractions.size()] & (word[3] >> 8));
      if (word[1] % 32 == 1) bits = 0;
      if (word[1] % 32 == 2) bits = word[0] >> (9 + word[2] % 22);
    }
    if (!all_finite && philox(11, block, i)[0] % 300 == 0) bits = word[0] % 2 == 0 ? 0x7f800000 : 0x7fa00001;
    values.push_back(std::bit_cast<float>(bits | (word[0] & 0x80000000)));
  }
  return values;
}

std::vector<uint32_t> bits_of_nearest_floats(const std::vector<double>& values) {
  std::vector<uint32_t> bits;
  for (const double value : values) {
    bits.push_back(std::isnan(value) ? 0x7fc00000 : std::bit_cast<uint32_t>(static_cast<float>(value)));
  }
  return bits;
}

// Runs `body` with each instruction set of this processor the kernels are compiled for.
template <typename Body>
void with_each_target(const Body& body) {
  const int64_t supported = hwy::SupportedTargets() & (HWY_SCALAR | HWY_AVX2 | HWY_AVX3);
  REQUIRE(supported != 0);
  for (int64_t left = supported; left != 0; left &= left - 1) {
    hwy::SetSupportedTargetsForTest(left & -left);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    const std::string target = hwy::TargetName(left & -left);
    CAPTURE(target);
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

// Every path of one call, with each instruction set, against the reference, which runs in the usual mode of the host.
void check_paths(const BlockFormat& format, const std::vector<float>& values, MatrixShape shape,
                 BlockAxis axis, const BlockRounding& rounding, int host = FE_TONEAREST) {
  CAPTURE(format.name);
  CAPTURE(to_string(axis));
  CAPTURE(to_string(rounding.rounding));
  const BlockQuantized expected = quantize_blocks(format, values, shape, axis, rounding);
  const std::vector<uint32_t> expected_values = bits_of_nearest_floats(dequantize_blocks(expected));
  const bool has_bytes = format.element.width <= 8 && format.scale.width <= 8 && format.sub_block_size == 0;
  with_each_target([&] {
    std::vector<float> in_place = values;
    std::vector<uint8_t> codes(expected.codes.size()), scales(expected.scales.size());
    float tensor_scale = expected.tensor_scale;
    {
      const HostMode mode(host, host != FE_TONEAREST);
      quantize_dequantize_blocks(format, in_place, shape, axis, rounding, 2);
      if (has_bytes)
        tensor_scale = quantize_blocks_to({codes, scales}, format, values, shape, axis, rounding, 2);
    }
    CHECK(bits_of(in_place) == expected_values);
    if (!has_bytes) return;
    CHECK(std::equal(codes.begin(), codes.end(), expected.codes.begin()));
    CHECK(std::equal(scales.begin(), scales.end(), expected.scales.begin()));
    CHECK(tensor_scale == expected.tensor_scale);
  });
}

constexpr std::array<Rounding, 13> kRoundings = {
    Rounding::rne,  Rounding::rna,  Rounding::rtz,  Rounding::rup,  Rounding::rdn,
    Rounding::odd,  Rounding::sr_a, Rounding::sr_b, Rounding::sr_c, Rounding::rntz,
    Rounding::rnup, Rounding::rndn, Rounding::rnodd};

float largest_magnitude(std::span<const float> values) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::fabs(value));
  return largest;
}

BlockQuantized quantize_row(const BlockFormat& format, const std::vector<float>& values,
                            const BlockRounding& rounding = {}) {
  return quantize_blocks(format, values, {1, values.size()}, BlockAxis::row, rounding);
}

uint32_t scale_of(const std::string& name, std::vector<float> values) {
  return quantize_row(parse_block_format(name), values).scales.at(0);
}

}  // namespace

TEST_CASE("vectors of the oracle") {
  // A longer file for occasional use: block_oracle.py --seed N --count 100000 > FILE.
  const char* other = std::getenv("ASSAY_BLOCK_VECTORS");
  std::ifstream file(other != nullptr ? other : ASSAY_SOURCE_DIR "/tests/formats/block_vectors.txt");
  REQUIRE(file.good());
  size_t count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    CAPTURE(line);
    const Vector vector = parse_vector(line);
    check_vector(vector,
                 quantize_blocks(vector.format, vector.inputs, vector.shape, vector.axis, vector.rounding));
    check_vector(vector, quantize_block_array(vector.format, vector.inputs, vector.shape, vector.axis,
                                              vector.rounding));
    std::vector<float> in_place = vector.inputs;
    quantize_dequantize_blocks(vector.format, in_place, vector.shape, vector.axis, vector.rounding);
    CHECK(bits_of(in_place) == bits_of_nearest_floats(vector.values));
    ++count;
  }
  CHECK(count >= 100);
}

TEST_CASE("scales of shared exponents, in numbers of the standard") {
  const float below_8 = std::nextafter(8.0F, 0.0F), above_8 = std::nextafter(8.0F, 9.0F);
  // E2M1: emax = 2, largest number 6. Biased 127 is a scale of 1.
  CHECK(scale_of("mxfp4", {4.0F}) == 127);
  CHECK(scale_of("mxfp4", {below_8}) == 127);
  CHECK(scale_of("mxfp4", {8.0F}) == 128);
  CHECK(scale_of("mxfp4_ceil", {4.0F}) == 127);
  CHECK(scale_of("mxfp4_ceil", {std::nextafter(4.0F, 5.0F)}) == 128);
  CHECK(scale_of("mxfp4_ceil", {above_8}) == 129);
  CHECK(scale_of("mxfp4_even", {std::nextafter(7.0F, 0.0F)}) == 127);
  CHECK(scale_of("mxfp4_even", {7.0F}) == 128);
  CHECK(scale_of("mxfp4_rceil_exact", {6.0F}) == 127);
  CHECK(scale_of("mxfp4_rceil_exact", {std::nextafter(6.0F, 7.0F)}) == 128);
  CHECK(scale_of("mxfp4_rceil", {6.0F}) == 127);
  CHECK(scale_of("mxfp4_rceil", {6.001F}) == 128);
  CHECK(scale_of("mxfp8_e4m3_even", {496.0F}) == 128);
  CHECK(scale_of("mxfp8_e4m3_even", {std::nextafter(496.0F, 0.0F)}) == 127);
  CHECK(scale_of("mxfp8_e4m3_rceil", {448.0F}) == 127);
  CHECK(scale_of("mxfp8_e4m3_rceil", {449.0F}) == 128);
  CHECK(scale_of("mxint8", {1.0F}) == 127);
  // The product with a rounded reciprocal may fall below the quotient.
  const float above_largest = std::nextafter(1.984375F, 2.0F);
  CHECK(scale_of("mxint8_rceil", {above_largest}) == 127);
  CHECK(scale_of("mxint8_rceil_exact", {above_largest}) == 128);
  CHECK(scale_of("mxint8_rceil", {1.984375F}) == 127);
  // The ends of E8M0: clamped below, NaN above.
  CHECK(scale_of("mxfp8_e5m2", {std::numeric_limits<float>::denorm_min()}) == 0);
  CHECK(scale_of("mxint8", {std::numeric_limits<float>::max()}) == 254);
  CHECK(scale_of("mxint8_ceil", {std::numeric_limits<float>::max()}) == 255);
}

TEST_CASE("an infinity or NaN, and blocks of zeros, by policy") {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> values = {1.0F, infinity, -2.0F, std::nanf("")};
  BlockFormat format = parse_block_format("mxfp8_e5m2");
  for (const double value : dequantize_blocks(quantize_row(format, values))) CHECK(std::isnan(value));
  format.non_finite = NonFinite::elements;
  BlockRounding keep;
  keep.saturation = Saturation::sat_none;
  const std::vector<double> kept = dequantize_blocks(quantize_row(format, values, keep));
  CHECK(kept[0] == 1.0);
  CHECK(kept[1] == std::numeric_limits<double>::infinity());
  CHECK(kept[2] == -2.0);
  CHECK(std::isnan(kept[3]));

  const std::vector<float> zeros = {0.0F, -0.0F};
  BlockFormat mxfp4 = parse_block_format("mxfp4"), mxint8 = parse_block_format("mxint8");
  CHECK(quantize_row(mxfp4, zeros).scales.at(0) == 0);
  CHECK(quantize_row(mxfp4, zeros).codes == std::vector<uint32_t>{0, 8});
  mxfp4.zero_block = mxint8.zero_block = ZeroBlock::unit_amax;
  CHECK(quantize_row(mxfp4, zeros).scales.at(0) == 125);
  CHECK(quantize_row(mxint8, zeros).scales.at(0) == 127);
  mxfp4.zero_block = mxint8.zero_block = ZeroBlock::least_float_amax;
  CHECK(quantize_row(mxfp4, zeros).scales.at(0) == 0);
  CHECK(quantize_row(mxint8, zeros).scales.at(0) == 1);
}

TEST_CASE("the scale rounded up never clips; floor clips only what lies above the largest element") {
  for (const char* base :
       {"mxfp8_e4m3", "mxfp8_e5m2", "mxfp6_e3m2", "mxfp6_e2m3", "mxfp4", "mxint8", "msfp12"}) {
    for (const char* policy : {"ceil", "rceil", "rceil_exact", "floor"}) {
      const BlockFormat format = parse_block_format(std::string(base) + "_" + policy);
      const double largest = to_double(largest_of(format.element));
      for (uint64_t stream = 0; stream < 200; ++stream) {
        const std::vector<float> values = random_values(16, stream, 40);
        const BlockQuantized result = quantize_row(format, values);
        const double scale = to_double(decode(format.scale, result.scales[0]));
        const double amax = largest_magnitude(values) / scale;
        const std::vector<double> quantized = dequantize_blocks(result);
        CAPTURE(format.name);
        CAPTURE(amax);
        if (format.scale_policy != ScalePolicy::floor) {
          // fp32(amax * fp32(1 / M)) is within two parts in 2^24 of amax / M.
          CHECK(amax <= largest * (format.scale_policy == ScalePolicy::rceil ? 1 + 0x1p-23 : 1.0));
        } else {
          CHECK(amax < std::ldexp(1.0, floor_log2(static_cast<uint128>(largest * 256)) - 7));
        }
        for (size_t i = 0; i < values.size(); ++i) {
          const double x = values[i] / scale;
          if (std::fabs(x) <= largest) continue;
          CHECK(quantized[i] == std::copysign(largest * scale, x));
        }
      }
    }
  }
}

TEST_CASE("MXFP4 errors are at most half a step of E2M1") {
  const BlockFormat format = parse_block_format("mxfp4");
  const std::vector<float> values = random_values(16'000, 3, 6);
  const BlockQuantized result = quantize_row(format, values);
  const std::vector<double> quantized = dequantize_blocks(result);
  for (size_t i = 0; i < values.size(); ++i) {
    const double scale = to_double(decode(format.scale, result.scales[i / 32]));
    const double x = std::fabs(values[i] / scale);
    const double bound = x > 6 ? x - 6 : x > 4 ? 1 : x > 2 ? 0.5 : 0.25;
    CHECK(std::fabs(values[i] - quantized[i]) <= bound * scale);
  }
}

TEST_CASE("what was quantized once stays as it is") {
  for (const std::string& name : named_block_formats()) {
    const BlockFormat format = parse_block_format(name);
    // Two-level scales move with the largest number of the tensor, and NVFP4's products by a reciprocal are
    // inexact.
    if (!has_power_of_two_scale(format.scale_policy)) continue;
    const std::vector<double> once = dequantize_blocks(quantize_row(format, random_values(512, 4, 5)));
    const std::vector<double> twice =
        dequantize_blocks(quantize_row(format, std::vector<float>(once.begin(), once.end())));
    CAPTURE(name);
    CHECK(once == twice);
  }
}

TEST_CASE("axes are transposes of each other, and tiles do not care") {
  const size_t rows = 37, cols = 21;
  const std::vector<float> values = random_values(rows * cols, 5, 10);
  std::vector<float> transposed(values.size());
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < cols; ++c) transposed[c * rows + r] = values[r * cols + c];
  }
  for (const char* name :
       {"mxfp4", "mx6", "nvfp4_two_level", "nvfp4_te", "affine_uint8", "minmax_uint4_g16"}) {
    for (const BlockAxis axis : {BlockAxis::row, BlockAxis::tile}) {
      const BlockFormat format = parse_block_format(name);
      if (axis == BlockAxis::tile && format.sub_block_size > 0) continue;
      const BlockAxis other = axis == BlockAxis::row ? BlockAxis::column : BlockAxis::tile;
      const auto straight = dequantize_blocks(quantize_blocks(format, values, {rows, cols}, axis));
      const auto turned = dequantize_blocks(quantize_blocks(format, transposed, {cols, rows}, other));
      bool equal = true;
      for (size_t r = 0; r < rows; ++r) {
        for (size_t c = 0; c < cols; ++c) equal = equal && straight[r * cols + c] == turned[c * rows + r];
      }
      CAPTURE(name);
      CHECK(equal);
    }
  }
}

TEST_CASE("results do not depend on threads or on the host's rounding mode") {
  std::vector<float> values = random_values(20'480, 6, 20);
  for (size_t i = 0; i < 3200; ++i)
    values[i] = std::bit_cast<float>(static_cast<uint32_t>(i * i));  // tiny ones
  for (const char* name : {"mxfp8_e4m3_rceil", "nvfp4", "nvfp4_te", "mx6", "minmax_uint8_g64"}) {
    BlockRounding rounding;
    rounding.rounding = Rounding::sr_a;
    rounding.seed = 11;
    const BlockFormat format = parse_block_format(name);
    const BlockQuantized one = quantize_blocks(format, values, {64, 320}, BlockAxis::row, rounding);
    const BlockQuantized three = quantize_blocks(format, values, {64, 320}, BlockAxis::row, rounding, 3);
    for (int threads = 1; threads <= 8; ++threads) {
      const BlockQuantized other =
          quantize_block_array(format, values, {64, 320}, BlockAxis::row, rounding, threads);
      CHECK(one.codes == other.codes);
      CHECK(one.scales == other.scales);
    }
    BlockQuantized other_mode;
    {
      const HostMode mode(FE_UPWARD, true);
      other_mode = quantize_blocks(format, values, {64, 320}, BlockAxis::row, rounding);
    }
    CAPTURE(name);
    for (const BlockQuantized* other : std::initializer_list<const BlockQuantized*>{&three, &other_mode}) {
      CHECK(one.codes == other->codes);
      CHECK(one.scales == other->scales);
      CHECK(one.tensor_scale == other->tensor_scale);
    }
  }
}

TEST_CASE("the kernels equal the reference, in every mode of the host and on every axis") {
  std::vector<float> values = random_values(23'310, 8, 126);
  values[12345] = std::numeric_limits<float>::denorm_min();
  for (size_t i = 0; i < values.size(); i += 97)
    values[i] = std::bit_cast<float>(0x80000000 | static_cast<uint32_t>(i));
  values[1000] = std::numeric_limits<float>::infinity();
  for (const std::string& name : named_block_formats()) {
    for (const Rounding mode : {Rounding::rne, Rounding::rup, Rounding::sr_c}) {
      for (const BlockAxis axis : {BlockAxis::row, BlockAxis::column, BlockAxis::tile}) {
        for (const int host : {FE_TONEAREST, FE_DOWNWARD}) {
          BlockFormat format = parse_block_format(name);
          format.non_finite = axis == BlockAxis::row ? NonFinite::nan_scale : NonFinite::elements;
          if (axis == BlockAxis::tile && format.sub_block_size > 0) continue;
          BlockRounding rounding;
          rounding.rounding = mode;
          rounding.random_bits = 9;
          if (axis == BlockAxis::column) rounding.saturation = Saturation::sat_none;
          const BlockQuantized expected = quantize_blocks(format, values, {70, 333}, axis, rounding);
          CAPTURE(name);
          CAPTURE(to_string(axis));
          CAPTURE(to_string(mode));
          with_each_target([&] {
            BlockQuantized result;
            {
              const HostMode mode_of_host(host, host != FE_TONEAREST);
              result = quantize_block_array(format, values, {70, 333}, axis, rounding, 3);
            }
            CHECK(result.codes == expected.codes);
            CHECK(result.scales == expected.scales);
            CHECK(result.sub_exponents == expected.sub_exponents);
            CHECK(result.tensor_scale == expected.tensor_scale);
          });
        }
      }
    }
  }
}

TEST_CASE("codes in bytes and values in place equal the reference") {
  for (const char* base :
       {"mxfp8_e4m3", "mxfp8_e5m2", "mxfp6_e3m2", "mxfp6_e2m3", "mxfp4", "mxint8", "bfp5_g8_e5"}) {
    for (const char* policy : {"floor", "ceil", "even", "rceil", "rceil_exact"}) {
      BlockFormat format = parse_block_format(std::string(base) + "_" + policy);
      const auto size = static_cast<size_t>(format.block_size);
      check_paths(format, edge_values(64 * size, size, false), {16, 4 * size}, BlockAxis::row, {});
      format.non_finite = NonFinite::elements;
      check_paths(format, edge_values(48 * size, size, false), {16, 3 * size}, BlockAxis::row, {}, FE_UPWARD);
    }
  }
  for (const char* name : {"nvfp4", "nvfp4_two_level", "nvfp4_te"}) {
    const BlockFormat format = parse_block_format(name);
    check_paths(format, edge_values(2048, 16, false), {32, 64}, BlockAxis::row, {}, FE_DOWNWARD);
    check_paths(format, edge_values(2048, 16, true), {64, 32}, BlockAxis::column, {});
  }
}

TEST_CASE("elements without a fraction go to the even code, not to the even significand") {
  // Halfway between powers of two: 3 is nearer to the code of 2 or 4, whichever is even.
  std::vector<float> values;
  for (int exponent = -6; exponent <= 6; ++exponent) {
    for (const float significand : {1.0F, 1.25F, 1.5F, 1.75F})
      values.push_back(std::ldexp(significand, exponent));
  }
  for (const char* element : {"e3m0", "e4m0fn"}) {
    for (const char* name : {"mxfp4", "nvfp4", "nvfp4_two_level"}) {
      BlockFormat format = parse_block_format(name);
      format.element = parse_format(element);
      check_paths(format, values, {1, values.size()}, BlockAxis::row, {});
    }
  }
}

TEST_CASE("scales next to every power of two and to every carry") {
  std::vector<float> amax;
  for (uint32_t exponent = 0; exponent < 255; ++exponent) {
    for (const uint32_t fraction : {0x000001U, 0x400000U, 0x600000U, 0x700000U, 0x740000U, 0x780000U,
                                    0x7c0000U, 0x7e0000U, 0x7f0000U, 0x7ffffeU}) {
      for (const uint32_t step : {0U, 1U, 2U})
        amax.push_back(std::bit_cast<float>((exponent << 23 | fraction) + step - 1));
    }
  }
  std::vector<std::string> names = {"nvfp4", "nvfp4_two_level", "nvfp4_te"};
  for (const char* base :
       {"mxfp8_e4m3", "mxfp8_e5m2", "mxfp6_e3m2", "mxfp6_e2m3", "mxfp4", "mxint8", "msfp13"}) {
    for (const char* policy : {"floor", "ceil", "even", "rceil", "rceil_exact"}) {
      names.push_back(std::string(base) + "_" + policy);
    }
  }
  for (const std::string& name : names) {
    BlockFormat format = parse_block_format(name);
    format.block_size = 1;
    check_paths(format, amax, {1, amax.size()}, BlockAxis::row, {});
  }
}

TEST_CASE("scales of tensors of every magnitude") {
  for (const char* name : {"nvfp4", "nvfp4_two_level", "nvfp4_te"}) {
    for (int exponent = -149; exponent < 128; exponent += 6) {
      std::vector<float> values = random_values(64, 12, 3);
      for (float& value : values) value = std::ldexp(value, exponent - 3);
      values[17] = std::ldexp(values[17], -40);
      for (const Rounding mode : {Rounding::rne, Rounding::rup, Rounding::odd}) {
        check_paths(parse_block_format(name), values, {2, 32}, BlockAxis::row, {.rounding = mode},
                    FE_TOWARDZERO);
      }
    }
  }
}

TEST_CASE("every rounding and saturation, along rows and columns with ragged ends, and in tiles") {
  for (const char* name : {"mxfp8_e4m3", "mxfp8_e5m2_ceil", "mxfp4_rceil", "mxint8", "nvfp4_te", "msfp12",
                           "mx6", "absmax_e4m3_fp32_g20", "minmax_uint4_g16", "absmax_e2m1_e4m3_g16"}) {
    BlockFormat format = parse_block_format(name);
    for (const Rounding mode : kRoundings) {
      for (const BlockAxis axis : {BlockAxis::row, BlockAxis::column, BlockAxis::tile}) {
        if (axis == BlockAxis::tile && format.sub_block_size > 0) continue;
        format.non_finite = axis == BlockAxis::row ? NonFinite::nan_scale : NonFinite::elements;
        BlockRounding rounding{.rounding = mode, .seed = 3, .stream = 4};
        rounding.random_bits = axis == BlockAxis::tile ? 24 : axis == BlockAxis::row ? 16 : 5;
        if (axis == BlockAxis::column) rounding.saturation = Saturation::sat_none;
        check_paths(format, edge_values(37 * 45, 37, axis == BlockAxis::column), {45, 37}, axis, rounding,
                    FE_UPWARD);
      }
    }
    for (const Saturation saturation :
         {Saturation::sat_none, Saturation::sat_propagate, Saturation::sat_zero, Saturation::sat_symmetric}) {
      format.non_finite = NonFinite::elements;
      check_paths(format, edge_values(40 * 33, 40, false), {33, 40}, BlockAxis::row,
                  {.saturation = saturation});
    }
  }
}

TEST_CASE("blocks of other sizes, and matrices without numbers") {
  for (const int size : {0, 1, 5, 16, 100, 5000}) {
    for (const BlockAxis axis : {BlockAxis::row, BlockAxis::column}) {
      BlockFormat format = parse_block_format("mxfp6_e2m3");
      format.block_size = size;
      const MatrixShape shape = axis == BlockAxis::row ? MatrixShape{3, 5100} : MatrixShape{5100, 3};
      check_paths(format, edge_values(3 * 5100, 77, true), shape, axis, {.rounding = Rounding::sr_a});
      check_paths(format, {}, {0, 3}, axis, {});
      check_paths(format, {}, {3, 0}, axis, {});
    }
  }
}

TEST_CASE("blocks along any axis of an array are those of its lines") {
  const std::vector<size_t> extents = {3, 5, 37, 2};
  const size_t count = 3 * 5 * 37 * 2;
  const std::vector<float> values = edge_values(count, 29, true);
  CHECK(blocks_along(extents, 0) == BlockView{{3, 370, 1}, BlockAxis::column});
  CHECK(blocks_along(extents, 2) == BlockView{{37, 2, 15}, BlockAxis::column});
  CHECK(blocks_along(extents, 3) == BlockView{{555, 2, 1}, BlockAxis::row});
  CHECK(error_of([&] { blocks_along(extents, 4); }) == "axis 4 of blocks in an array of 4 dimensions");
  for (const char* name : {"mxfp8_e4m3", "mx6", "nvfp4", "absmax_e4m3_fp32_g20", "affine_uint4_g16"}) {
    const BlockFormat format = parse_block_format(name);
    for (size_t axis = 0; axis < extents.size(); ++axis) {
      CAPTURE(name);
      CAPTURE(axis);
      const BlockView view = blocks_along(extents, axis);
      check_paths(format, values, view.shape, view.axis, {.rounding = Rounding::sr_b, .seed = 5});
      const BlockQuantized whole = quantize_block_array(format, values, view.shape, view.axis, {}, 2);
      const std::vector<double> whole_values = dequantize_blocks(whole);
      const size_t stride = std::accumulate(extents.begin() + static_cast<std::ptrdiff_t>(axis) + 1,
                                            extents.end(), size_t{1}, std::multiplies<>());
      // The lines one by one, each a matrix of one row.
      const size_t length = extents[axis];
      const size_t blocks = block_grid(format, {1, length}, BlockAxis::row).cols;
      CHECK(whole.scales.size() == count / length * blocks);
      for (size_t line = 0; line < count / length; ++line) {
        const size_t outer = line / stride, inner = line % stride;
        std::vector<float> numbers;
        for (size_t i = 0; i < length; ++i) numbers.push_back(values[(outer * length + i) * stride + inner]);
        const BlockQuantized one = quantize_row(format, numbers);
        const std::vector<double> one_values = dequantize_blocks(one);
        bool equal = true;
        for (size_t i = 0; i < length; ++i) {
          const size_t place = (outer * length + i) * stride + inner;
          equal =
              equal && one.codes[i] == whole.codes[place] && same_value(one_values[i], whole_values[place]);
        }
        for (size_t b = 0; b < blocks; ++b) {
          equal = equal && one.scales[b] == whole.scales[(outer * blocks + b) * stride + inner];
        }
        CHECK(equal);
      }
    }
  }
}

TEST_CASE("stochastic rounding under a scale is unbiased") {
  const BlockFormat format = parse_block_format("mxfp4");
  std::vector<float> values(128'000, 1.2F);
  for (size_t i = 0; i < values.size(); i += 32) values[i] = 6.0F;
  BlockRounding rounding;
  rounding.rounding = Rounding::sr_b;
  rounding.random_bits = 24;
  const std::vector<double> quantized = dequantize_blocks(quantize_row(format, values, rounding));
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) sum += i % 32 == 0 ? 0 : quantized[i];
  // The standard deviation of one is sqrt(0.4 * 0.6) / 2; five of the mean's.
  const double count = 31.0 * 4000;
  CHECK(std::fabs(sum / count - 1.2) < 5 * 0.245 / std::sqrt(count));
}

TEST_CASE("float differences keep 126 bits and the rest sticky") {
  const auto difference = [](float a, float b) {
    return float_difference(real_from_float(a), real_from_float(b));
  };
  CHECK(to_double(difference(3.0F, -2.5F)) == 5.5);
  CHECK(to_double(difference(-2.5F, -3.0F)) == 0.5);
  CHECK(difference(0.75F, 0.75F).kind == RealClass::zero);
  CHECK(to_double(difference(0.0F, -0x1p-149F)) == 0x1p-149);
  const float largest = std::numeric_limits<float>::max();
  CHECK(to_double(difference(largest, -largest)) == 2.0 * largest);
  const Real far = difference(1.0F, 0x1p-149F);  // 1 - 2^-149
  CHECK(far.sticky);
  CHECK(round_to_code(parse_format("fp32"), far, Rounding::rtz, Saturation::sat_none) == 0x3f7fffff);
  CHECK(round_to_code(parse_format("fp32"), far, Rounding::rne, Saturation::sat_none) == 0x3f800000);
  CHECK(round_to_code(parse_format("fp32"), difference(1.0F, -0x1p-149F), Rounding::rup,
                      Saturation::sat_none) == 0x3f800001);
  // 1 / 3 from a sticky numerator lies just below a third.
  const Real same = divide(far, Real{RealClass::finite, false, 0, 1, false});
  CHECK(same.sticky);
  CHECK(same.significand == far.significand);
  CHECK(same.exponent == far.exponent);
  const Real third = divide(far, real_from_float(3.0F));
  CHECK(third.sticky);
  CHECK(round_to_code(parse_format("fp32"), third, Rounding::rdn, Saturation::sat_none) == 0x3eaaaaaa);
}

TEST_CASE("names") {
  for (const std::string& name : named_block_formats()) CHECK(parse_block_format(name).name == name);
  for (const char* name : {"mxfp4_rceil", "mx9_even", "bfp8_g16", "bfp8_g16_e5_s2x1", "bfp4_g32_ceil",
                           "absmax_e4m3_fp32_g128", "absmax_nf4_fp32_g64", "affine_uint8", "affine_int4_g32",
                           "minmax_uint4_g128", "mxfp8_e5m2_rceil_exact"}) {
    CHECK(parse_block_format(name).name == name);
  }
  CHECK(parse_block_format("mxfp4_floor").name == "mxfp4");
  CHECK(parse_block_format("absmax_float8_e4m3fn_float32_g8").name == "absmax_e4m3_fp32_g8");
  // Bits per element: 8 + 8/32; 4 + 8/16; MX9, MX6 and MX4 are named after theirs; MSFP12 without its
  // exponent has 4.
  const MatrixShape shape{4, 64};
  CHECK(storage_bits(parse_block_format("mxfp8_e4m3"), shape, BlockAxis::row) == 256 * 8 + 8 * 8);
  CHECK(storage_bits(parse_block_format("nvfp4_te"), shape, BlockAxis::row) == 256 * 4 + 16 * 8 + 32);
  CHECK(storage_bits(parse_block_format("mx9"), shape, BlockAxis::row) == 256 * 9);
  CHECK(storage_bits(parse_block_format("mx6"), shape, BlockAxis::row) == 256 * 6);
  CHECK(storage_bits(parse_block_format("mx4"), shape, BlockAxis::row) == 256 * 4);
  CHECK(storage_bits(parse_block_format("msfp12"), shape, BlockAxis::row) == 256 * 4 + 16 * 8);
  CHECK(storage_bits(parse_block_format("affine_uint4"), shape, BlockAxis::column) ==
        256 * 4 + 64 * (32 + 4));
}

TEST_CASE("other elements under an exact scale") {
  const BlockFormat nf4 = parse_block_format("absmax_nf4_fp32_g4");
  const std::vector<double> values = dequantize_blocks(quantize_row(nf4, {2.0F, -2.0F, 0.0F, 0.01F}));
  CHECK(values == std::vector<double>{2.0, -2.0, 0.0, 0.0});
  CHECK(quantize_blocks(nf4, std::vector<float>{}, {0, 5}, BlockAxis::row).scales.empty());
  CHECK(dequantize_blocks(quantize_blocks(parse_block_format("affine_uint8"), std::vector<float>{}, {0, 0},
                                          BlockAxis::tile))
            .empty());
}

TEST_CASE("unusable formats and calls") {
  const auto name_error = [](const char* name) { return error_of([name] { parse_block_format(name); }); };
  CHECK(name_error("mxfp5").starts_with("unknown block format 'mxfp5': expected a name such as"));
  CHECK(name_error("nvfp4_ceil") ==
        "block format 'nvfp4_ceil': nvfp4 has no power-of-two scale for scale policy ceil");
  CHECK(name_error("bfp99_g16").find("an element width of 2..16") != std::string::npos);
  CHECK(name_error("bfp8_g16_s3x1").find("sub-blocks that divide the 16 numbers") != std::string::npos);
  CHECK(name_error("absmax_e4m3").find("an element and a scale format") != std::string::npos);
  CHECK(name_error("minmax_int8").find("expects uintN elements, found int8") != std::string::npos);
  CHECK(name_error("affine_e4m3").find("expects intN or uintN elements, found e4m3") != std::string::npos);
  CHECK(name_error("affine_uint8_g0").find("a block size of 1..") != std::string::npos);
  BlockFormat format = parse_block_format("mxfp4");
  format.scale = parse_format("e4m3");
  CHECK(error_of([&] { check_block_format(format); }).find("as e8m0, found e4m3") != std::string::npos);
  const BlockFormat mx9 = parse_block_format("mx9");
  const std::vector<float> two = {1.0F, 2.0F};
  CHECK(error_of([&] {
          quantize_blocks(mx9, two, {1, 3}, BlockAxis::row);
        }) == "block format 'mx9': 2 numbers for a matrix of 1 x 3");
  CHECK(error_of([&] {
          quantize_blocks(mx9, two, {1, 2}, BlockAxis::tile);
        }).find("found tile") != std::string::npos);
  std::vector<uint8_t> codes(2), scales(2);
  CHECK(error_of([&] {
          quantize_blocks_to({codes, scales}, parse_block_format("mxfp4"), two, {1, 2}, BlockAxis::row);
        }) == "block format 'mxfp4': expected room for 2 codes and 1 scales, found 2 and 2");
  CHECK(error_of([&] {
          quantize_blocks_to({codes, scales}, mx9, two, {1, 2}, BlockAxis::row);
        }).find("for codes in bytes") != std::string::npos);
  std::vector<float> numbers = two;
  CHECK(error_of([&] {
          quantize_dequantize_blocks(mx9, numbers, {1, 1, 3}, BlockAxis::row);
        }) == "block format 'mx9': 2 numbers for 3 matrices of 1 x 1");
  BlockRounding rounding;
  rounding.saturation = Saturation::wrap;
  CHECK(error_of([&] {
          quantize_blocks(mx9, two, {1, 2}, BlockAxis::row, rounding);
        }).find("wrap") != std::string::npos);
}
