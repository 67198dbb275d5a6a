#include "formats/rounding.h"

#include <array>
#include <utility>

#include "formats/words.h"

namespace assay {
namespace {

// The first word of a value is the one it is written with.
constexpr std::array<std::pair<std::string_view, Rounding>, 21> kRoundings = {
    {{"rne", Rounding::rne},
     {"rna", Rounding::rna},
     {"rtz", Rounding::rtz},
     {"rup", Rounding::rup},
     {"rdn", Rounding::rdn},
     {"odd", Rounding::odd},
     {"sr_a", Rounding::sr_a},
     {"sr_b", Rounding::sr_b},
     {"sr_c", Rounding::sr_c},
     {"rntz", Rounding::rntz},
     {"rnup", Rounding::rnup},
     {"rndn", Rounding::rndn},
     {"rnodd", Rounding::rnodd},
     {"AC_TRN", Rounding::rdn},
     {"AC_TRN_ZERO", Rounding::rtz},
     {"AC_RND", Rounding::rnup},
     {"AC_RND_ZERO", Rounding::rntz},
     {"AC_RND_INF", Rounding::rna},
     {"AC_RND_MIN_INF", Rounding::rndn},
     {"AC_RND_CONV", Rounding::rne},
     {"AC_RND_CONV_ODD", Rounding::rnodd}}};

constexpr std::array<std::pair<std::string_view, Saturation>, 12> kSaturations = {
    {{"sat_none", Saturation::sat_none},
     {"sat_finite", Saturation::sat_finite},
     {"sat_propagate", Saturation::sat_propagate},
     {"wrap", Saturation::wrap},
     {"sat_none_v40", Saturation::sat_none_v40},
     {"sat_zero", Saturation::sat_zero},
     {"sat_symmetric", Saturation::sat_symmetric},
     {"sat_none_v2607", Saturation::sat_none},
     {"AC_WRAP", Saturation::wrap},
     {"AC_SAT", Saturation::sat_finite},
     {"AC_SAT_ZERO", Saturation::sat_zero},
     {"AC_SAT_SYM", Saturation::sat_symmetric}}};

}  // namespace

std::string_view to_string(Rounding rounding) {
  return word_of(kRoundings, rounding);
}
std::string_view to_string(Saturation saturation) {
  return word_of(kSaturations, saturation);
}
Rounding parse_rounding(std::string_view word) {
  return value_of(kRoundings, "rounding", word);
}
Saturation parse_saturation(std::string_view word) {
  return value_of(kSaturations, "saturation", word);
}

bool is_stochastic(Rounding rounding) {
  return rounding == Rounding::sr_a || rounding == Rounding::sr_b || rounding == Rounding::sr_c;
}

}  // namespace assay
