#include "formats/rounding.h"

#include <array>
#include <utility>

#include "base/error.h"

namespace assay {
namespace {

constexpr std::array<std::pair<std::string_view, Rounding>, 9> kRoundings = {{{"rne", Rounding::rne},
                                                                              {"rna", Rounding::rna},
                                                                              {"rtz", Rounding::rtz},
                                                                              {"rup", Rounding::rup},
                                                                              {"rdn", Rounding::rdn},
                                                                              {"odd", Rounding::odd},
                                                                              {"sr_a", Rounding::sr_a},
                                                                              {"sr_b", Rounding::sr_b},
                                                                              {"sr_c", Rounding::sr_c}}};

constexpr std::array<std::pair<std::string_view, Saturation>, 4> kSaturations = {
    {{"sat_none", Saturation::sat_none},
     {"sat_finite", Saturation::sat_finite},
     {"sat_propagate", Saturation::sat_propagate},
     {"wrap", Saturation::wrap}}};

template <typename Table, typename Enum>
std::string_view word_of(const Table& table, Enum value) {
  for (const auto& [word, known] : table) {
    if (known == value) return word;
  }
  return {};
}

template <typename Table>
auto value_of(const Table& table, std::string_view what, std::string_view word) {
  std::string known_words;
  for (const auto& [known, value] : table) {
    if (known == word) return value;
    known_words += known_words.empty() ? "" : ", ";
    known_words += known;
  }
  fail("unknown {} '{}': expected one of {}", what, word, known_words);
}

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
