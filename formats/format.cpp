#include "formats/format.h"

namespace assay {

bool Format::operator==(const Format& other) const {
  return kind == other.kind && width == other.width && is_signed == other.is_signed &&
         exponent_width == other.exponent_width && fraction_width == other.fraction_width &&
         exponent_bias == other.exponent_bias && has_infinity == other.has_infinity &&
         has_subnormals == other.has_subnormals && nan == other.nan;
}

uint64_t code_mask(int width) {
  return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}

int magnitude_width(const Format& format) {
  return format.is_signed ? format.width - 1 : format.width;
}

uint64_t max_finite_magnitude(const Format& format) {
  const uint64_t all_ones = code_mask(magnitude_width(format));
  if (format.kind != FormatKind::floating) return all_ones;
  const uint64_t top_exponent_zero_fraction = all_ones & ~code_mask(format.fraction_width);
  if (format.has_infinity || format.nan == NanEncoding::ieee) return top_exponent_zero_fraction - 1;
  return format.nan == NanEncoding::all_ones ? all_ones - 1 : all_ones;
}

bool has_negative_zero(const Format& format) {
  if (!format.is_signed || format.kind == FormatKind::twos_complement) return false;
  return format.nan != NanEncoding::negative_zero;
}

uint64_t canonical_nan(const Format& format) {
  const uint64_t all_ones = code_mask(magnitude_width(format));
  switch (format.nan) {
    case NanEncoding::ieee:
      return (all_ones & ~code_mask(format.fraction_width)) | uint64_t{1} << (format.fraction_width - 1);
    case NanEncoding::negative_zero:
      return uint64_t{1} << (format.width - 1);
    case NanEncoding::all_ones:
    case NanEncoding::none:
      break;
  }
  return all_ones;
}

}  // namespace assay
