#include <array>
#include <cstring>

#include "golden/handles.h"

namespace assay {
namespace {

// Without memory of its own to allocate, since it must also tell of std::bad_alloc. Longer texts are cut.
thread_local std::array<char, 1024> last_error{};

}  // namespace

void set_error(const char* text) noexcept {
  std::strncpy(last_error.data(), text, last_error.size() - 1);
}

RandomBits random_bits_from(bool needed, int count, uint32_t value) {
  if (!needed) return {};
  if (count < 1 || count > 32)
    fail("random bits: expected 1 to 32 for a stochastic rounding, found {}", count);
  if (uint64_t{value} >> count != 0) fail("random: expected a number below 2^{}, found {}", count, value);
  return {count, value};
}

}  // namespace assay

const char* assay_error(void) {
  return assay::last_error.data();
}

int assay_golden_version(void) {
  return ASSAY_GOLDEN_VERSION;
}
