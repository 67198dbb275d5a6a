#include "formats/round.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "formats/float_parts.h"
#include "formats/logarithmic.h"
#include "formats/posit.h"
#include "formats/split.h"

namespace assay {
namespace {

// How a value is to be rounded.
struct Request {
  Rounding rounding;
  Saturation saturation;
  RandomBits random;
};

bool points_inward(Rounding rounding, bool negative) {
  return rounding == Rounding::rtz || (rounding == Rounding::rdn && !negative) ||
         (rounding == Rounding::rup && negative);
}

uint64_t sign_bit(const Format& format, bool negative) {
  return negative && format.is_signed ? uint64_t{1} << (format.width - 1) : 0;
}

uint64_t negated(const Format& format, uint64_t magnitude) {
  return (0 - magnitude) & code_mask(format.width);
}

// The code of a magnitude, which is not that of a minus zero the format does not have.
uint64_t with_sign(const Format& format, uint64_t magnitude, bool negative) {
  const bool complement = format.kind == FormatKind::twos_complement || format.kind == FormatKind::posit;
  if (complement) return negative ? negated(format, magnitude) : magnitude;
  return sign_bit(format, negative) | magnitude;
}

uint64_t nan_code(const Format& format) {
  if (format.nan != NanEncoding::none) return canonical_nan(format);
  return is_integer(format) ? 0 : max_finite_magnitude(format);
}

// The code of the first value of a table for which `is_it` holds, or `otherwise`.
template <typename Predicate>
uint64_t find_in_book(const CodeBook& book, uint64_t otherwise, Predicate is_it) {
  const auto found = std::find_if(book.values.begin(), book.values.end(), is_it);
  return found == book.values.end() ? otherwise : static_cast<uint64_t>(found - book.values.begin());
}

// The code for a value beyond the finite range.
uint64_t overflow(const Format& format, bool negative, bool is_infinity, const Request& request) {
  const uint64_t largest = largest_finite_code(format, negative);
  const bool finite_inward = !is_infinity && points_inward(request.rounding, negative);
  switch (request.saturation) {
    case Saturation::wrap:
      return 0;
    case Saturation::sat_zero:
      return zero_code(format, negative);
    case Saturation::sat_finite:
      return largest;
    case Saturation::sat_symmetric:
      return format.kind == FormatKind::twos_complement
                 ? with_sign(format, max_finite_magnitude(format), negative)
                 : largest;
    case Saturation::sat_propagate:
      return is_infinity ? infinity_code(format, negative) : largest;
    case Saturation::sat_none_v40:
      if (!is_infinity && request.rounding == Rounding::odd && !format.is_signed) return largest;
      return finite_inward ? largest : infinity_code(format, negative);
    case Saturation::sat_none:
      break;
  }
  if (finite_inward) return largest;
  if (!format.has_infinity && format.nan != NanEncoding::none) return canonical_nan(format);
  return infinity_code(format, negative);
}

// The code for a value that is negative after rounding, in a format without negative values.
uint64_t below_zero(const Format& format, bool is_infinity, const Request& request) {
  const bool none =
      request.saturation == Saturation::sat_none || request.saturation == Saturation::sat_none_v40;
  const bool reaches_zero =
      format.has_subnormals && !is_infinity && points_inward(request.rounding, /*negative=*/true);
  return none && !reaches_zero && format.nan != NanEncoding::none ? canonical_nan(format)
                                                                  : zero_code(format, false);
}

Position float_position(const Format& format, const Real& value) {
  const int least_exponent = (format.has_subnormals ? 1 : 0) - format.exponent_bias;
  const int exponent = std::max(value.exponent + floor_log2(value.significand), least_exponent);
  const int binade = exponent + format.exponent_bias - (format.has_subnormals ? 1 : 0);
  Position position;
  if (binade > static_cast<int>(max_finite_magnitude(format) >> format.fraction_width)) {
    position.beyond_range = true;
    return position;
  }
  position.rest = split_at(value, exponent - format.fraction_width);

  // Codes of magnitudes are ordered as their values are, and a carry out of the significand runs into the
  // exponent field by itself. A subnormal has whole < 2^fraction_width and the exponent field of the least
  // normal number less one.
  const int64_t hidden_one = int64_t{1} << format.fraction_width;
  int64_t magnitude = binade * hidden_one + static_cast<int64_t>(position.rest.whole);
  if (!format.has_subnormals) magnitude -= hidden_one;
  if (magnitude < 0) {
    // Below the least number of a format without zero.
    position.rest = {};
    magnitude = 0;
  }
  position.magnitude = static_cast<uint64_t>(magnitude);
  return position;
}

// Rounding where codes of magnitudes are in the order of their values.
uint64_t round_position(const Format& format, const Position& position, bool negative,
                        const Request& request) {
  if (position.beyond_range) {
    return negative && !format.is_signed ? below_zero(format, false, request)
                                         : overflow(format, negative, false, request);
  }
  uint64_t magnitude = position.magnitude;
  const bool even = (magnitude & 1) == 0;
  if (rounds_away(position.rest, request.rounding, negative, even, request.random)) ++magnitude;
  const uint64_t largest = max_finite_magnitude(format);
  if (format.kind == FormatKind::posit) magnitude = std::clamp(magnitude, uint64_t{1}, largest);
  const bool is_zero = magnitude == 0 && format.has_subnormals;
  if (is_zero) return zero_code(format, negative);
  if (negative && !format.is_signed) return below_zero(format, false, request);
  if (magnitude > largest) return overflow(format, negative, false, request);
  return with_sign(format, magnitude, negative);
}

// 1 if a part of a unit, in units of 2^-64 and with a sticky bit below them, goes to the neighbour farther from zero:
// `rounds_away` for all roundings that are not stochastic, without branches on the part. `odd`: the code of the
// neighbour on zero's side is odd.
uint64_t increment(uint64_t part, bool sticky, Rounding rounding, bool negative, bool odd) {
  constexpr uint64_t kHalf = uint64_t{1} << 63;
  const auto from_half = [&](bool ties_away) {
    return static_cast<uint64_t>(part >= kHalf + static_cast<uint64_t>(!(ties_away | sticky)));
  };
  const auto inexact = static_cast<uint64_t>((part != 0) | sticky);
  switch (rounding) {
    case Rounding::rne:
      return from_half(odd);
    case Rounding::rna:
      return from_half(true);
    case Rounding::rntz:
      return from_half(false);
    case Rounding::rnup:
      return from_half(!negative);
    case Rounding::rndn:
      return from_half(negative);
    case Rounding::rnodd:
      return from_half(!odd);
    case Rounding::rup:
      return negative ? 0 : inexact;
    case Rounding::rdn:
      return negative ? inexact : 0;
    case Rounding::odd:
      return odd ? 0 : inexact;
    default:
      return 0;
  }
}

uint64_t round_integer(const Format& format, const Real& value, const Request& request) {
  const bool wraps = request.saturation == Saturation::wrap;
  if (value.negative && !format.is_signed && !wraps) return below_zero(format, false, request);
  const int greatest = value.exponent + floor_log2(value.significand) + format.fraction_width;
  if (!wraps && greatest >= 64) return overflow(format, value.negative, false, request);
  const Split split = split_at(value, -format.fraction_width);
  uint128 magnitude = split.whole;
  const bool even = (magnitude & 1) == 0;
  if (rounds_away(split, request.rounding, value.negative, even, request.random)) ++magnitude;

  const auto low = static_cast<uint64_t>(magnitude);
  if (wraps) return (value.negative ? negated(format, low) : low) & code_mask(format.width);
  if (magnitude == 0) return zero_code(format, value.negative);
  const bool has_least = format.kind == FormatKind::twos_complement && value.negative &&
                         !format.is_symmetric && request.saturation != Saturation::sat_symmetric;
  if (magnitude > uint128{max_finite_magnitude(format)} + (has_least ? 1 : 0)) {
    return overflow(format, value.negative, false, request);
  }
  return with_sign(format, low, value.negative);
}

// Ranks in the ascending order of a book's values; -1 and the number of values stand for what would follow at
// either end.
uint64_t round_in_book(const Format& format, const Real& value, const Request& request) {
  const CodeBook& book = *format.book;
  const auto count = static_cast<int64_t>(book.ascending.size());
  const auto entry = [&](int64_t rank) {
    if (rank < 0) return real_from_double(book.below);
    if (rank >= count) return real_from_double(book.above);
    return real_from_double(book.values[book.ascending[static_cast<size_t>(rank)]]);
  };
  const auto code_at = [&](int64_t rank) -> uint64_t { return book.ascending[static_cast<size_t>(rank)]; };
  Real exact_part = value;
  exact_part.sticky = false;

  // `near` is the last value at or below a positive number, the first at or above a negative one.
  const auto first_not_below =
      std::partition_point(book.ascending.begin(), book.ascending.end(), [&](uint32_t code) {
        const int order = compare(real_from_double(book.values[code]), exact_part);
        return order < 0 || (order == 0 && !value.negative);
      });
  const int64_t rank = first_not_below - book.ascending.begin();
  const int64_t near = value.negative ? rank : rank - 1, far = value.negative ? rank - 1 : rank;
  if (near < 0) return code_at(0);
  if (near >= count) return code_at(count - 1);

  const bool far_is_beyond = far < 0 || far >= count;
  const auto beyond = [&] {
    return value.negative && !format.is_signed ? below_zero(format, false, request)
                                               : overflow(format, value.negative, false, request);
  };
  const int past_far = compare(exact_part, entry(far));
  if (far_is_beyond && (value.negative ? past_far <= 0 : past_far >= 0)) return beyond();
  const Split split = split_between(value, entry(near), entry(far));
  const bool even = (code_at(near) & 1) == 0;
  const bool away = rounds_away(split, request.rounding, value.negative, even, request.random);
  if (away && far_is_beyond) return beyond();
  const uint64_t code = code_at(away ? far : near);
  return book.values[code] == 0 ? zero_code(format, value.negative) : code;
}

uint64_t round_finite(const Format& format, const Real& value, const Request& request) {
  switch (format.kind) {
    case FormatKind::floating:
      if (has_float_parts(format) && !is_stochastic(request.rounding)) {
        const int top = floor_log2(value.significand);
        const uint128 normal = value.significand << (127 - top);
        const bool sticky = value.sticky || static_cast<uint64_t>(normal) != 0;
        return round_float(format, value.negative, value.exponent + top, static_cast<uint64_t>(normal >> 64),
                           sticky, request.rounding, request.saturation);
      }
      return round_position(format, float_position(format, value), value.negative, request);
    case FormatKind::posit:
      return round_position(format, posit_position(format, value), value.negative, request);
    case FormatKind::logarithmic:
      return round_position(format, logarithmic_position(format, value), value.negative, request);
    case FormatKind::code_book:
      return round_in_book(format, value, request);
    case FormatKind::twos_complement:
    case FormatKind::unsigned_integer:
    case FormatKind::sign_magnitude:
      break;
  }
  return round_integer(format, value, request);
}

}  // namespace

uint64_t largest_finite_code(const Format& format, bool negative) {
  if (format.kind == FormatKind::code_book && negative) return format.book->ascending.front();
  if (format.kind == FormatKind::twos_complement && negative && !format.is_symmetric) {
    return uint64_t{1} << (format.width - 1);
  }
  return with_sign(format, max_finite_magnitude(format), negative);
}

uint64_t infinity_code(const Format& format, bool negative) {
  const uint64_t largest = largest_finite_code(format, negative);
  if (!format.has_infinity) return largest;
  if (format.kind == FormatKind::code_book) {
    return find_in_book(*format.book, largest,
                        [&](double x) { return std::isinf(x) && std::signbit(x) == negative; });
  }
  return largest + 1;
}

uint64_t zero_code(const Format& format, bool negative) {
  if (format.kind != FormatKind::code_book) return has_negative_zero(format) ? sign_bit(format, negative) : 0;
  const CodeBook& book = *format.book;
  const uint64_t any_zero = find_in_book(book, code_mask(64), [](double x) { return x == 0; });
  if (any_zero == code_mask(64)) {
    return *std::min_element(book.ascending.begin(), book.ascending.end(), [&](uint32_t a, uint32_t b) {
      return std::fabs(book.values[a]) < std::fabs(book.values[b]);
    });
  }
  return find_in_book(book, any_zero, [&](double x) { return x == 0 && std::signbit(x) == negative; });
}

// Codes of magnitudes are ordered as their values are, so that a carry out of the significand runs into the exponent
// field by itself.
uint64_t round_float(const Format& format, bool negative, int exponent, uint64_t leading, bool sticky,
                     Rounding rounding, Saturation saturation) {
  const uint64_t largest = largest_float_magnitude(format);
  const int above_least = exponent - (1 - format.exponent_bias), binade = std::max(above_least, 0);
  if (binade > static_cast<int>(largest >> format.fraction_width)) {
    return overflow(format, negative, false, {rounding, saturation, {}});
  }
  // The unit lies `cut` bits above the least of `leading`; what is below it becomes `part`, in units of 2^-64.
  const int cut = 63 - format.fraction_width + binade - above_least;
  const uint64_t whole = cut < 64 ? leading >> cut : 0;
  const uint64_t part = cut < 64 ? leading << (64 - cut) : cut == 64 ? leading : 0;
  uint64_t magnitude = (static_cast<uint64_t>(binade) << format.fraction_width) + whole;
  magnitude += increment(part, sticky || cut > 64, rounding, negative, (magnitude & 1) != 0);
  if (magnitude > largest) return overflow(format, negative, false, {rounding, saturation, {}});
  if (magnitude == 0 && format.nan == NanEncoding::negative_zero) return 0;
  return static_cast<uint64_t>(negative) << (format.width - 1) | magnitude;
}

uint64_t round_to_code(const Format& format, const Real& value, Rounding rounding, Saturation saturation,
                       RandomBits random) {
  const Request request = {rounding, saturation, random};
  switch (value.kind) {
    case RealClass::nan:
      return nan_code(format);
    case RealClass::zero:
      return zero_code(format, value.negative);
    case RealClass::infinity:
      if (value.negative && !format.is_signed && saturation != Saturation::wrap) {
        return below_zero(format, true, request);
      }
      return overflow(format, value.negative, true, request);
    case RealClass::finite:
      break;
  }
  return round_finite(format, value, request);
}

uint64_t encode(const Format& format, double value, Rounding rounding, Saturation saturation,
                RandomBits random) {
  return round_to_code(format, real_from_double(value), rounding, saturation, random);
}

}  // namespace assay
