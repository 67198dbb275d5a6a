// Numbers for people.
#pragma once

#include <cstdint>
#include <string>

namespace assay {

// 65536 as "65,536".
inline std::string with_thousands(uint64_t n) {
  std::string digits = std::to_string(n);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

}  // namespace assay
