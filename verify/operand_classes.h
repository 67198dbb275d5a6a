// Classes of codes that designs treat differently.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "formats/format.h"

namespace assay {

// Of binary floating point: zero, least subnormal, subnormal, greatest subnormal, least normal, power of two, all-ones
// significand, normal, greatest, infinity, quiet NaN, signalling NaN, without regard to sign. Of other formats: zero,
// one, minus one, least, greatest, power of two, positive, negative, infinity, NaN.
class OperandClasses {
 public:
  explicit OperandClasses(const Format& format);

  std::span<const std::string_view> names() const { return names_; }
  int width() const { return format_.width; }  // bits
  // Whether any code of the format is of that class.
  bool exists(size_t operand_class) const;

  // Index into names().
  size_t of(uint64_t code) const {
    return table_.empty() ? classify(code) : table_[code & code_mask(format_.width)];
  }

 private:
  size_t classify(uint64_t code) const;
  size_t classify_float(uint64_t code) const;

  Format format_;
  std::span<const std::string_view> names_;
  std::vector<uint8_t> table_;  // of formats of at most 16 bits
};

}  // namespace assay
