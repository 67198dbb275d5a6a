#include "arith/gemm_plan.h"

#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <optional>

#include "arith/gemm_rows_plan.h"
#include "formats/array_kernels_plan.h"
#include "formats/real.h"
#include "formats/round.h"

namespace assay {
namespace {

const Format& float32_format() {
  static const Format format = parse_format("fp32");
  return format;
}

int32_t bits_of(float value) {
  return std::bit_cast<int32_t>(value);
}

float value_of(const Format& format, uint64_t code) {
  return nearest_float<float>(decode(format, code));
}

bool is_float(const Real& value) {
  if (value.kind != RealClass::finite) return true;
  const Real nearest = real_of(nearest_float<float>(value));
  return nearest.kind == RealClass::finite && compare(value, nearest) == 0;
}

// Bits of the significand of a product, the exponent of its last bit and of its first, at most.
struct ProductRange {
  int significand = 0;
  int least = 0;
  int greatest = 0;
};

int significand_width(const Format& format) {
  if (format.kind == FormatKind::floating) return format.fraction_width + 1;
  const BitRange range = bit_range(format);
  return range.greatest - range.least + 1;
}

ProductRange product_range(const Unit& unit) {
  const BitRange a = bit_range(unit.a), b = bit_range(unit.b);
  return {significand_width(unit.a) + significand_width(unit.b), a.least + b.least,
          a.greatest + b.greatest + 1};
}

bool is_ieee_saturation(Saturation saturation) {
  return saturation == Saturation::sat_none || saturation == Saturation::sat_none_v40;
}

// mfbprop is the exact product of its two formats.
bool has_exact_product(const Unit& unit) {
  return unit.product == ProductRule::exact || unit.product == ProductRule::mfbprop;
}

bool choose_fma(const Unit& unit, GemmPlan& plan) {
  const std::optional<int> mode = processor_mode(unit.rounding);
  if (!has_exact_product(unit) || !mode || !(unit.result == float32_format())) return false;
  if (!is_ieee_saturation(unit.saturation) || !fits_float(unit.a) || !fits_float(unit.b)) return false;
  plan.kind = GemmKernel::fma;
  plan.panel = fma_kernel();
  plan.rounding_mode = *mode;
  return true;
}

bool choose_piecewise_affine(const Unit& unit, GemmPlan& plan) {
  if (unit.product != ProductRule::pam || !(unit.result == float32_format()) || !fits_float(unit.a))
    return false;
  if (unit.rounding != Rounding::rne || !is_ieee_saturation(unit.saturation)) return false;
  const Format& format = unit.a;
  if (format.nan != NanEncoding::ieee || !format.has_infinity) return false;
  plan.kind = GemmKernel::piecewise_affine;
  plan.panel = piecewise_affine_kernel();
  plan.constants.least_normal = bits_of(value_of(format, uint64_t{1} << format.fraction_width));
  // The next exponent after that of the largest finite number.
  const int32_t greatest = bits_of(value_of(format, max_finite_magnitude(format)));
  plan.constants.infinity = (greatest & 0x7f800000) + 0x00800000;
  plan.greatest_sum = int64_t{plan.constants.infinity} - 1 + bits_of(1.0F);
  plan.pack_a = PackRule::affine_a;
  plan.pack_b = PackRule::affine_b;
  plan.rounding_mode = FE_TONEAREST;
  return true;
}

// Least and greatest integer of a format, without its scale.
struct IntegerRange {
  int64_t least = 0;
  int64_t greatest = 0;
};

IntegerRange integer_range(const Format& format) {
  const int64_t half = int64_t{1} << (format.width - 1);
  if (format.kind == FormatKind::unsigned_integer) return {0, 2 * half - 1};
  if (format.kind == FormatKind::sign_magnitude) return {1 - half, half - 1};
  return {-half, half - 1};  // operands of symmetric formats may be -half
}

bool lies_in(const IntegerRange& range, int64_t least, int64_t greatest) {
  return range.least >= least && range.greatest <= greatest;
}

// Whether no sum of k products leaves the range of the result.
bool never_overflows(const IntegerRange& a, const IntegerRange& b, const Format& result, int64_t k) {
  const auto largest = [](const IntegerRange& x) { return std::max(-x.least, x.greatest); };
  const IntegerRange range = integer_range(result);
  const int64_t least = range.least + (result.is_symmetric ? 1 : 0);
  const int64_t product = largest(a) * largest(b);
  const bool negative = a.least < 0 || b.least < 0;
  return k <= range.greatest / product && (!negative || k <= -least / product);
}

bool choose_integer(const Unit& unit, int64_t k, bool from_zero, GemmPlan& plan) {
  const Format& result = unit.result;
  if (unit.product != ProductRule::exact || !is_integer(unit.a) || !is_integer(unit.b)) return false;
  const bool integral =
      result.kind == FormatKind::twos_complement || result.kind == FormatKind::unsigned_integer;
  if (!integral || result.width > 32 || unit.a.width > 16 || unit.b.width > 16) return false;
  if (result.fraction_width != unit.a.fraction_width + unit.b.fraction_width) return false;
  const IntegerRange a = integer_range(unit.a), b = integer_range(unit.b);
  const bool wraps = unit.saturation == Saturation::wrap && !result.is_symmetric;
  if (!wraps && !(from_zero && never_overflows(a, b, result, k))) return false;
  if (!lies_in(a, INT16_MIN, INT16_MAX) || !lies_in(b, INT16_MIN, INT16_MAX)) return false;

  plan.integer = true;
  plan.scale_a = std::ldexp(1.0F, unit.a.fraction_width);
  plan.scale_b = std::ldexp(1.0F, unit.b.fraction_width);
  plan.rounding_mode = FE_TONEAREST;
  plan.kind = GemmKernel::bytes;
  plan.depth_multiple = 4;
  plan.panel = byte_kernel();
  plan.pack_a = PackRule::bytes_a;
  plan.pack_b = PackRule::bytes_b;
  plan.byte_offset = a.least < 0 ? 128 : 0;
  const bool bytes =
      lies_in(b, INT8_MIN, INT8_MAX) && (lies_in(a, INT8_MIN, INT8_MAX) || lies_in(a, 0, UINT8_MAX));
  if (bytes && plan.panel.run != nullptr) return true;
  plan.kind = GemmKernel::pairs;
  plan.depth_multiple = 2;
  plan.panel = integer_kernel();
  plan.pack_a = PackRule::pairs_a;
  plan.pack_b = PackRule::pairs_b;
  plan.byte_offset = 0;
  return true;
}

// What the value of an overflowed result is, as bits of a float without the sign; finite overflow or infinity.
std::optional<int32_t> outcome(const Unit& unit, bool infinite) {
  Real beyond;
  beyond.kind = infinite ? RealClass::infinity : RealClass::finite;
  beyond.significand = 1;
  beyond.exponent = 2000;
  std::optional<int32_t> bits;
  for (const bool negative : {false, true}) {
    beyond.negative = negative;
    const uint64_t code = round_to_code(unit.result, beyond, unit.rounding, unit.saturation);
    const int32_t of_sign = bits_of(value_of(unit.result, code)) & 0x7fffffff;
    if (bits && *bits != of_sign) return std::nullopt;
    bits = of_sign;
  }
  return bits;
}

// Whether a b + c rounded to 24 bits and then to the result is the same as rounded once. With c and all products on
// grids of p bits, p the precision of the result, 2 p + 2 <= 24 bits suffice (Figueroa, 1995); below the least normal
// number, where the grid is coarser than that, the sum has to be exact in 24 bits.
bool is_first_rounding_innocuous(const Unit& unit) {
  const ProductRange product = product_range(unit);
  const int precision = unit.result.fraction_width + 1;
  const BitRange result = bit_range(unit.result);
  const int least_normal = result.least + unit.result.fraction_width;
  const int last = std::min(product.least, result.least);
  return product.significand <= precision && 2 * precision + 2 <= 24 && least_normal + 2 - last <= 24;
}

bool choose_rounding(const Unit& unit, GemmPlan& plan) {
  const Format& result = unit.result;
  if (!has_exact_product(unit) || !fits_float(unit.a) || !fits_float(unit.b)) return false;
  if (result.kind != FormatKind::floating || !result.is_signed || !has_negative_zero(result)) return false;
  if (!result.has_subnormals || !fits_float(result) || result.fraction_width < 1 ||
      result.fraction_width > 21) {
    return false;
  }
  const std::optional<int> mode = processor_mode(unit.rounding);
  if (!mode) return false;
  const std::optional<int32_t> overflow = outcome(unit, false), beyond = outcome(unit, true);
  if (!overflow || !beyond) return false;

  const ProductRange product = product_range(unit);
  const BitRange range = bit_range(result);
  RoundingChoice choice;
  const int least_normal = range.least + result.fraction_width;
  if (least_normal < -126) return false;
  choice.wide = least_normal == -126;
  choice.toward_zero = unit.rounding == Rounding::rtz;
  choice.exact_first = unit.rounding != Rounding::rne || is_first_rounding_innocuous(unit);
  choice.infinity_apart = *overflow != *beyond;
  constexpr int32_t kInfinity = 0x7f800000;
  const bool to_infinity = *overflow == kInfinity && *beyond == kInfinity;
  choice.overflow_by_itself = choice.wide && unit.rounding == Rounding::rne && to_infinity;
  const int dropped = 23 - result.fraction_width;
  if (choice.wide && unit.rounding != Rounding::rne && unit.rounding != Rounding::rtz) return false;
  // The shifter of narrow results must be finite.
  if (!choice.wide && std::max(product.greatest, range.greatest) + 2 + dropped > 127) return false;
  // The error of a sum is only had from products that are floats (without AVX-512).
  const bool exact_products = product.significand <= 24 && product.least >= -149 && product.greatest <= 127;
  if (!choice.exact_first && !exact_products && !has_rounding_in_instructions()) return false;

  plan.panel = rounding_kernel(choice);
  if (plan.panel.run == nullptr) return false;
  plan.kind = GemmKernel::rounding;
  plan.rounding_mode = *mode;
  plan.constants.dropped_bits = dropped;
  plan.constants.least_exponent = (least_normal + 127) << 23;
  plan.constants.greatest = bits_of(value_of(result, max_finite_magnitude(result)));
  plan.constants.overflow = *overflow;
  plan.constants.beyond = *beyond;
  return true;
}

// Whether a window can be computed with products that are floats.
bool is_plain_operand(const Format& format) {
  return format.kind == FormatKind::floating && format.has_subnormals && fits_float(format);
}

bool choose_window(const Unit& unit, GemmPlan& plan) {
  const Accumulation& how = unit.accumulation;
  Accumulation plain;
  plain.kind = AccumulationKind::window;
  plain.group = how.group;
  plain.window = how.window;
  plain.window_floor = how.window_floor;
  plain.sum = how.sum;
  plain.partial = how.partial;
  if (unit.operation != Operation::dot || !(how == plain) || unit.product != ProductRule::exact) return false;
  const int group = how.group > 0 ? how.group : unit.terms;
  if (unit.terms % group != 0 || how.window > 25 || !(unit.result == float32_format())) return false;
  const bool toward_zero = unit.rounding == Rounding::rtz;
  if ((!toward_zero && unit.rounding != Rounding::rne) || !is_ieee_saturation(unit.saturation)) return false;
  if (how.sum && how.partial) return false;
  const Format& sum = how.sum ? *how.sum : how.partial ? *how.partial : unit.result;
  const bool wide = sum.kind == FormatKind::floating && sum.is_signed && sum.has_subnormals &&
                    sum.has_infinity && sum.nan == NanEncoding::ieee && sum.exponent_width == 8 &&
                    sum.exponent_bias == 127;
  if (!wide || sum.fraction_width > 23 || !is_plain_operand(unit.a) || !is_plain_operand(unit.b))
    return false;
  const ProductRange product = product_range(unit);
  if (product.significand > 24) return false;
  if (product.least < -100 || product.greatest > 100) {
    plan.least_taken = -50;
    plan.greatest_taken = 60;
  }

  plan.panel = window_kernel(how.window_floor);
  if (plan.panel.run == nullptr) return false;
  plan.kind = GemmKernel::window;
  plan.pack_a = PackRule::window_a;
  plan.pack_b = PackRule::window_b;
  plan.least_exponent_a = bit_range(unit.a).least + unit.a.fraction_width;
  plan.least_exponent_b = bit_range(unit.b).least + unit.b.fraction_width;
  plan.depth_multiple = unit.terms;
  plan.constants.window = how.window;
  plan.constants.group = group;
  plan.constants.promoted = how.partial ? unit.terms : 0;
  plan.constants.toward_zero = toward_zero;
  plan.constants.dropped_bits = 52 - sum.fraction_width;
  plan.rounding_mode = FE_TONEAREST;
  return true;
}

}  // namespace

std::optional<int> processor_mode(Rounding rounding) {
  switch (rounding) {
    case Rounding::rne:
      return FE_TONEAREST;
    case Rounding::rtz:
      return FE_TOWARDZERO;
    case Rounding::rup:
      return FE_UPWARD;
    case Rounding::rdn:
      return FE_DOWNWARD;
    default:
      return std::nullopt;
  }
}

bool fits_float(const Format& format) {
  if (format.kind == FormatKind::floating || is_integer(format)) {
    const BitRange range = bit_range(format);
    return significand_width(format) <= 24 && range.least >= -149 && range.greatest <= 127;
  }
  if (format.width > 16) return false;
  for (uint64_t code = 0; code < uint64_t{1} << format.width; ++code) {
    if (!is_float(decode(format, code))) return false;
  }
  return true;
}

bool is_sequential(const Unit& unit) {
  const bool sums = unit.operation == Operation::mac || unit.operation == Operation::dot;
  return sums && unit.accumulation == Accumulation{};
}

GemmPlan choose_kernel(const Unit& unit, int64_t k, bool from_zero, int random_bits) {
  GemmPlan plan;
  plan.absent_products =
      unit.accumulation == Accumulation{} && k % unit.terms != 0 && unit.rounding != Rounding::rdn;
  if (is_sequential(unit)) {
    if (choose_fma(unit, plan)) return plan;
    if (choose_piecewise_affine(unit, plan)) return plan;
    if (choose_integer(unit, k, from_zero, plan)) return plan;
    if (choose_rounding(unit, plan)) return plan;
  }
  if (choose_window(unit, plan)) return plan;
  if (plan_rows(unit, random_bits)) {
    plan = {};
    plan.kind = GemmKernel::rows;
    return plan;
  }
  return {};
}

std::string_view to_string(GemmKernel kind) {
  switch (kind) {
    case GemmKernel::fma:
      return "fma";
    case GemmKernel::piecewise_affine:
      return "piecewise_affine";
    case GemmKernel::pairs:
      return "pairs";
    case GemmKernel::bytes:
      return "bytes";
    case GemmKernel::rounding:
      return "rounding";
    case GemmKernel::window:
      return "window";
    case GemmKernel::rows:
      return "rows";
    case GemmKernel::golden:
      return "golden";
  }
  return "";
}

}  // namespace assay
