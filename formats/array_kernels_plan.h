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

template <typename Float>
struct RoundingPlan {
  using Lane = typename FloatLayout<Float>::Lane;

  Rounding rounding = Rounding::rne;
  int random_bits = 0;
  Placement<Float> placement;
  BySign<Lane> magnitude_limit;  // rounded magnitudes above it overflow
  // A stochastic rounding with up to 16 random bits that is decided by so many bits below the unit, if that many fit
  // beside every magnitude; otherwise 0. Sources above beyond_limit overflow as surely as beyond_limit itself does.
  int kept_width = 0;
  Lane beyond_limit = 0;
  bool keeps_negative_zero = false;
  bool twos_complement = false;
  bool wraps = false;  // integers: neither limit nor outcomes matter
  Lane code_mask = 0;
  Outcomes<Lane> codes;
  Outcomes<Lane> values;
  bool infinity_apart =
      false;           // infinities have another outcome than what rounded magnitudes above the limit have
  bool plain = false;  // sign and magnitude with a minus zero, infinity not apart: the loop is shorter
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
