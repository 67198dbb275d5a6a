// Names for things that are kept in caches.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

// 128-bit FNV-1a (Fowler, Noll, Vo). No defence against crafted collisions.
class ContentHash {
 public:
  // Lengths are hashed too, so that moving text between fields changes the result.
  void add(std::string_view text) {
    const uint64_t size = text.size();
    for (int i = 0; i < 8; ++i) add_byte(static_cast<uint8_t>(size >> (8 * i)));
    for (const char c : text) add_byte(static_cast<uint8_t>(c));
  }

  std::string hex() const {
    return fmt::format("{:016x}{:016x}", static_cast<uint64_t>(state_ >> 64), static_cast<uint64_t>(state_));
  }

 private:
  __extension__ using uint128 = unsigned __int128;
  static constexpr uint128 kPrime = (uint128{1} << 88) + 0x13b;

  void add_byte(uint8_t byte) { state_ = (state_ ^ byte) * kPrime; }

  uint128 state_ = (uint128{0x6c62272e07bb0142} << 64) + 0x62b821756295c58d;
};

inline std::string hash_text(std::string_view text) {
  ContentHash hash;
  hash.add(text);
  return hash.hex();
}

}  // namespace assay
