#include "formats/format.h"

#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "formats/words.h"

namespace assay {
namespace {

constexpr std::array<std::pair<std::string_view, FormatKind>, 7> kKinds = {
    {{"floating", FormatKind::floating},
     {"twos_complement", FormatKind::twos_complement},
     {"unsigned_integer", FormatKind::unsigned_integer},
     {"sign_magnitude", FormatKind::sign_magnitude},
     {"posit", FormatKind::posit},
     {"logarithmic", FormatKind::logarithmic},
     {"code_book", FormatKind::code_book}}};

constexpr std::array<std::pair<std::string_view, NanEncoding>, 5> kNanEncodings = {
    {{"none", NanEncoding::none},
     {"ieee", NanEncoding::ieee},
     {"all_ones", NanEncoding::all_ones},
     {"negative_zero", NanEncoding::negative_zero},
     {"listed", NanEncoding::listed}}};

constexpr std::array<std::pair<std::string_view, RoundingDomain>, 2> kDomains = {
    {{"linear", RoundingDomain::linear}, {"logarithmic", RoundingDomain::logarithmic}}};

bool same_book(const CodeBook* a, const CodeBook* b) {
  if (a == nullptr || b == nullptr) return a == b;
  if (a->values.size() != b->values.size() || a->above != b->above || a->below != b->below) return false;
  for (size_t code = 0; code < a->values.size(); ++code) {
    if (std::bit_cast<uint64_t>(a->values[code]) != std::bit_cast<uint64_t>(b->values[code])) return false;
  }
  return true;
}

}  // namespace

bool Format::operator==(const Format& other) const {
  return kind == other.kind && width == other.width && is_signed == other.is_signed &&
         exponent_width == other.exponent_width && fraction_width == other.fraction_width &&
         exponent_bias == other.exponent_bias && has_infinity == other.has_infinity &&
         has_subnormals == other.has_subnormals && is_symmetric == other.is_symmetric && nan == other.nan &&
         rounding_domain == other.rounding_domain && same_book(book.get(), other.book.get());
}

uint64_t sign_mask(const Format& format) {
  return format.is_signed ? uint64_t{1} << (format.width - 1) : 0;
}

uint64_t code_mask(int width) {
  return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}

int magnitude_width(const Format& format) {
  return format.is_signed ? format.width - 1 : format.width;
}

bool is_integer(const Format& format) {
  return format.kind == FormatKind::twos_complement || format.kind == FormatKind::unsigned_integer ||
         format.kind == FormatKind::sign_magnitude;
}

uint64_t max_finite_magnitude(const Format& format) {
  if (format.kind == FormatKind::code_book) return format.book->ascending.back();
  const uint64_t all_ones = code_mask(magnitude_width(format));
  if (format.nan == NanEncoding::ieee) return (all_ones & ~code_mask(format.fraction_width)) - 1;
  const int specials = (format.has_infinity ? 1 : 0) + (format.nan == NanEncoding::all_ones ? 1 : 0);
  return all_ones - static_cast<uint64_t>(specials);
}

bool has_negative_zero(const Format& format) {
  if (format.kind == FormatKind::code_book) {
    for (const double value : format.book->values) {
      if (value == 0 && std::signbit(value)) return true;
    }
    return false;
  }
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
    case NanEncoding::listed:
      for (size_t code = 0; code < format.book->values.size(); ++code) {
        if (std::isnan(format.book->values[code])) return code;
      }
      break;
    case NanEncoding::all_ones:
    case NanEncoding::none:
      break;
  }
  return all_ones;
}

int quire_width(const Format& format) {
  if (format.exponent_width == 2) return 16 * format.width;
  const int product_bits = 4 * (format.width - 2) << format.exponent_width;
  return static_cast<int>(std::bit_ceil(static_cast<unsigned>(product_bits + 8)));
}

std::string_view to_string(FormatKind kind) {
  return word_of(kKinds, kind);
}
std::string_view to_string(NanEncoding nan) {
  return word_of(kNanEncodings, nan);
}
std::string_view to_string(RoundingDomain domain) {
  return word_of(kDomains, domain);
}
FormatKind parse_format_kind(std::string_view word) {
  return value_of(kKinds, "kind", word);
}
NanEncoding parse_nan_encoding(std::string_view word) {
  return value_of(kNanEncodings, "NaN encoding", word);
}
RoundingDomain parse_rounding_domain(std::string_view word) {
  return value_of(kDomains, "rounding domain", word);
}

}  // namespace assay
