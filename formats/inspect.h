// What a person wants to know of a format: its parameters, the codes of note, and where its values lie.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/block_format.h"
#include "formats/format.h"
#include "formats/real.h"

namespace assay {

// A field of a format by its name, as far as the format's kind gives it a meaning.
struct Parameter {
  std::string_view name;
  std::variant<bool, int, std::string> value;

  bool operator==(const Parameter&) const = default;
};
std::vector<Parameter> parameters(const Format& format);
std::string to_string(const Parameter& parameter);  // the value; bool as yes or no

// The bits of a code from the most significant one, a letter each, and the value they stand for.
std::string bit_layout(const Format& format);
std::string value_formula(const Format& format);

struct NotableCode {
  std::string_view what;  // such as "least normal"
  uint64_t code = 0;
  Real value;
};

// Those that the format has of: zero, minus zero, least and greatest subnormal, least normal (or least positive),
// one, largest finite, most negative, infinities, the NaN that operations produce.
std::vector<NotableCode> notable_codes(const Format& format);

uint64_t nan_code_count(const Format& format);

// Numbers in order; -0 and 0 are one.
uint64_t finite_value_count(const Format& format);

// The finite positive numbers in ascending order, without a list of them.
class PositiveValues {
 public:
  explicit PositiveValues(const Format& format);

  uint64_t count() const { return count_; }
  uint64_t code(uint64_t index) const { return codes_.empty() ? first_ + index : codes_[index]; }
  Real operator[](uint64_t index) const { return decode(format_, code(index)); }

  // How many are less than `bound`, which is zero or finite.
  uint64_t below(const Real& bound) const;

 private:
  Format format_;
  std::vector<uint64_t> codes_;  // code books only; the others count up from first_
  uint64_t first_ = 0;
  uint64_t count_ = 0;
};

// The positive numbers from 2^exponent to below 2^(exponent + 1).
struct Binade {
  int exponent = 0;
  uint64_t values = 0;
  double relative_step = 0;  // from its first number to the next, by the first; 0 if there is no next
  bool subnormal = false;    // all of them are

  bool operator==(const Binade&) const = default;
};

// From the least to the greatest number; binades between that have none are listed too.
std::vector<Binade> binades(const Format& format);

// The ratio of the greatest to the least positive number.
struct DynamicRange {
  double binades = 0;   // its log2
  double decibels = 0;  // 20 log10 of it
};
DynamicRange dynamic_range(const Format& format);

// Whether a name is meant as that of a block format: it begins as one, and is no TOML file.
bool is_block_format_name(std::string_view name);

// Numbers of a block format. Those of a format with a scale of the whole tensor are given for the scale 1, those of
// formats with an offset for the offset 0.
struct BlockFacts {
  double bits_per_element = 0;  // of whole blocks; without the block's own bits if a block is a whole line
  double largest = 0;           // magnitudes of the element times those of the scales
  double least_positive = 0;
  DynamicRange range;         // of the two
  DynamicRange within_block;  // of the element format: numbers under one scale
};
BlockFacts block_facts(const BlockFormat& format);

// log2 of the magnitude of a finite number, for people to read.
double log2_of(const Real& value);

// "= 0.001953125" if that is the value exactly, "~ 1.4013e-45" if it is rounded.
std::string to_decimal(const Real& value);

}  // namespace assay
