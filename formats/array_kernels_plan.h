// What the SIMD loops need to know of a format, a rounding and a saturation, as numbers ready for broadcasting.
#pragma once

#include <cstdint>
#include <optional>

#include "formats/format.h"
#include "formats/real.h"
#include "formats/rounding.h"

namespace assay {

// The fields of float and double.
template <typename Float>
struct FloatLayout;
template <>
struct FloatLayout<float> {
  using Lane = int32_t;
  static constexpr int kFractionWidth = 23;
  static constexpr int kExponentBias = 127;
  static constexpr Lane kInfinity = 0x7f800000;
  static constexpr Lane kQuietNan = 0x7fc00000;
};
template <>
struct FloatLayout<double> {
  using Lane = int64_t;
  static constexpr int kFractionWidth = 52;
  static constexpr int kExponentBias = 1023;
  static constexpr Lane kInfinity = 0x7ff0000000000000;
  static constexpr Lane kQuietNan = 0x7ff8000000000000;
};

// One value for each sign of the source.
template <typename Lane>
struct BySign {
  Lane positive = 0;
  Lane negative = 0;

  bool operator==(const BySign&) const = default;
};

// What a source beyond the range becomes: codes, or the bits of their values in Float.
template <typename Lane>
struct Outcomes {
  BySign<Lane> overflow;  // finite
  BySign<Lane> infinity;
  Lane nan = 0;
  Lane sign = 0;  // what a negative result adds to its magnitude; 0 in two's complement codes
};

// Where the magnitudes of a format lie among the bits of Float: those from first_normal on are
// (bits - exponent_offset) >> shift, those below are multiples of `unit`. Integers are treated as the subnormals of
// a floating-point format with their unit. Where the subnormals of both formats coincide, first_normal is 0. Without
// zero (E8M0) all are normal, and the least binade may be the upper one of Float's subnormals.
template <typename Float>
struct Placement {
  using Lane = typename FloatLayout<Float>::Lane;

  int shift = 0;             // 1 .. fraction width of Float
  Lane exponent_offset = 0;  // a multiple of the least normal value's bits, >= 0
  Lane first_normal = 0;
  Float unit = 0;
  bool has_zero = true;
};

// How the loops round:
//   magnitude  significands are shifted; any plan
//   sum        the processor rounds sums with a power of two: float to the nearest even number or stochastically with up
//              to 16 random bits, where the power and the unit of the last random bit are normal by far
//   linear     the same roundings of bits, where magnitudes are linear in those of float (bfloat16)
enum class RoundingMethod { magnitude, sum, linear };

// What comes after the rounding of magnitudes. In the shorter cases infinity is not apart (see below).
//   plain          sign and magnitude with a minus zero
//   unsigned_zero  the same without one
//   complement     two's complement
//   any            any plan
enum class RoundingEnds { plain, unsigned_zero, complement, any };

template <typename Float>
struct RoundingPlan {
  using Lane = typename FloatLayout<Float>::Lane;

  Rounding rounding = Rounding::rne;
  int random_bits = 0;
  Placement<Float> placement;
  BySign<Lane> magnitude_limit;  // rounded magnitudes above it overflow
  BySign<Lane> value_limit;      // the same in bits of values
  Lane beyond_limit = 0;         // bits of the next magnitude after the greater limit
  RoundingMethod method = RoundingMethod::magnitude;
  // RoundingMethod::sum: the unit of the last random bit is so many powers of two above the least normal number.
  static constexpr int kFarBelow = 3;
  bool keeps_negative_zero = false;
  bool is_integer = false;
  bool twos_complement = false;
  bool wraps = false;  // integers: neither limit nor outcomes matter
  Lane code_mask = 0;
  Outcomes<Lane> codes;
  Outcomes<Lane> values;
  // Infinities have another outcome than what rounded magnitudes above the limit have.
  bool infinity_apart = false;
  RoundingEnds ends = RoundingEnds::any;
};

template <typename Float>
struct DecodingPlan {
  using Lane = typename FloatLayout<Float>::Lane;

  Placement<Float> placement;
  bool twos_complement = false;
  Lane code_mask = 0;
  Lane sign_code = 0;  // the sign bit, 0 if unsigned
  Lane magnitude_limit = 0;
  Lane infinity_magnitude = -1;  // magnitude code of infinity; -1 without one
  Lane negative_zero = 0;        // value of the code with only the sign bit set
};

// The plan, or nothing if the SIMD loops cannot convert so.
template <typename Float>
std::optional<RoundingPlan<Float>> make_rounding_plan(const Format& format, Rounding rounding,
                                                      Saturation saturation, int random_bits);
template <typename Float>
std::optional<DecodingPlan<Float>> make_decoding_plan(const Format& format);

// The exact value of a float or double.
Real real_of(float value);
Real real_of(double value);

// The value nearest to `value`, ties to even; every NaN becomes the quiet NaN with zero sign and payload.
template <typename Float>
Float nearest_float(const Real& value);

}  // namespace assay
