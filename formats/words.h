// Tables of words and the values they stand for.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace assay {

// The first word with this value. `table` is an array of pairs (word, value).
template <typename Table, typename Enum>
std::string_view word_of(const Table& table, Enum value) {
  for (const auto& [word, known] : table) {
    if (known == value) return word;
  }
  return {};
}

// The value of a word. Throws Error "unknown WHAT 'WORD': expected one of ...".
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

}  // namespace assay
