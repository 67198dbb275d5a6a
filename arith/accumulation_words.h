// The words for ways of accumulating in a unit's name, and which ways a unit may have.
#pragma once

#include <string>
#include <string_view>

#include "arith/unit.h"

namespace assay {

// Each with a dash before it: fused, windowF[_floor][_joinJ[_even_odd]], tree or kahan, then groupN, blockN, exactN,
// flush, sum_FORMAT, partial_FORMAT.
std::string accumulation_words(const Accumulation& accumulation);

// Sets the property a word of `name` stands for; false if it is none of these. Throws Error for a number or format
// that is none.
bool read_accumulation_word(std::string_view word, std::string_view name, Accumulation& accumulation);

// The number, at least 1, that `digits` are in a word of a unit's name. Throws Error.
int read_number(std::string_view digits, std::string_view word, std::string_view name);

// Throws Error if the unit's way of accumulating does not fit its operation, terms and formats.
void check_accumulation(const Unit& unit, std::string_view name);

}  // namespace assay
