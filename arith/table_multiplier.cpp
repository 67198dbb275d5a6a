#include "arith/table_multiplier.h"

#include <utility>

#include "arith/logarithmic_multiply.h"
#include "base/error.h"

namespace assay {
namespace {

void expect_mantissa_bits(int mantissa_bits, int most) {
  if (mantissa_bits < 1 || mantissa_bits > most) {
    fail("table of a multiplier: {} mantissa bits, expected 1 to {}", mantissa_bits, most);
  }
}

}  // namespace

TableMultiplier::TableMultiplier(int mantissa_bits, std::vector<uint16_t> entries)
    : mantissa_bits_(mantissa_bits), entries_(std::move(entries)) {
  expect_mantissa_bits(mantissa_bits, kMostBits);
  const size_t expected = size_t{1} << 2 * mantissa_bits;
  if (entries_.size() != expected) {
    fail("table of a multiplier: {} entries, expected {} for {} mantissa bits", entries_.size(), expected,
         mantissa_bits);
  }
  for (size_t i = 0; i < expected; ++i) {
    if (entries_[i] >> (mantissa_bits + 1) != 0) {
      fail("table of a multiplier: entry {} is {}, expected less than {}", i, entries_[i],
           2 << mantissa_bits);
    }
  }
}

TableMultiplier TableMultiplier::from_bytes(int mantissa_bits, std::span<const uint8_t> bytes) {
  constexpr int kCarryBit = 7;
  expect_mantissa_bits(mantissa_bits, kCarryBit);
  std::vector<uint16_t> entries;
  entries.reserve(bytes.size());
  for (const uint8_t byte : bytes) {
    const int fraction = byte & ((1 << kCarryBit) - 1);
    if (fraction >> mantissa_bits != 0) {
      fail("table of a multiplier: entry {} is {}, expected a fraction of {} bits and the carry in bit 7",
           entries.size(), byte, mantissa_bits);
    }
    entries.push_back(static_cast<uint16_t>((byte >> kCarryBit) << mantissa_bits | fraction));
  }
  return {mantissa_bits, std::move(entries)};
}

TableMultiplier tabulate(int mantissa_bits, const SignificandMultiplier& multiplier) {
  expect_mantissa_bits(mantissa_bits, TableMultiplier::kMostBits);
  const uint64_t one = static_cast<uint64_t>(kPiecewiseAffineFloat32.one);
  const int dropped = kPiecewiseAffineFloat32.fraction_width - mantissa_bits;
  std::vector<uint16_t> entries;
  entries.reserve(size_t{1} << 2 * mantissa_bits);
  for (uint64_t i = 0; i >> mantissa_bits == 0; ++i) {
    for (uint64_t j = 0; j >> mantissa_bits == 0; ++j) {
      const uint64_t product = multiplier(one | i << dropped, one | j << dropped);
      const uint64_t entry = (product - one) >> dropped;
      if (product < one || entry >> (mantissa_bits + 1) != 0) {
        fail("table of a multiplier: the product of 1 + {}/{} and 1 + {}/{} is not in 1..4", i,
             1 << mantissa_bits, j, 1 << mantissa_bits);
      }
      entries.push_back(static_cast<uint16_t>(entry));
    }
  }
  return {mantissa_bits, std::move(entries)};
}

TableMultiplier mitchell_table(int mantissa_bits) {
  return tabulate(mantissa_bits,
                  [](uint64_t a, uint64_t b) { return pam_multiply(kPiecewiseAffineFloat32, a, b); });
}

TableMultiplier mbm_table(int mantissa_bits) {
  return tabulate(mantissa_bits, [=](uint64_t a, uint64_t b) {
    return mbm_multiply(kPiecewiseAffineFloat32, a, b, mantissa_bits);
  });
}

TableMultiplier exact_table(int mantissa_bits) {
  expect_mantissa_bits(mantissa_bits, TableMultiplier::kMostBits);
  const uint64_t one = uint64_t{1} << mantissa_bits;
  std::vector<uint16_t> entries;
  entries.reserve(one * one);
  for (uint64_t i = one; i < 2 * one; ++i) {
    for (uint64_t j = one; j < 2 * one; ++j) {
      const uint64_t product = i * j;
      const int carry = product >= 2 * one * one ? 1 : 0;
      const auto significand =
          static_cast<uint64_t>(piecewise_affine::shift_right_to_nearest(product, mantissa_bits + carry));
      // A significand rounded up to 2 carries into the exponent.
      entries.push_back(
          static_cast<uint16_t>((static_cast<uint64_t>(carry) << mantissa_bits) + significand - one));
    }
  }
  return {mantissa_bits, std::move(entries)};
}

}  // namespace assay
