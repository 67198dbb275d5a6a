// Packed codes, bit by bit.
#include <doctest/doctest.h>

#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "formats/array_kernels_pack.h"

using namespace assay;

TEST_CASE("packed codes are one string of bits and come back") {
  for (int width = 1; width <= 8; ++width) {
    for (size_t count : {size_t{0}, size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{8}, size_t{9},
                         size_t{67}, size_t{200'003}}) {
      CAPTURE(width);
      CAPTURE(count);
      const auto bits = static_cast<size_t>(width);
      std::vector<uint8_t> codes(count);
      for (size_t i = 0; i < count; ++i) codes[i] = static_cast<uint8_t>(philox64(1, 0, i));
      std::vector<uint8_t> expected((count * bits + 7) / 8);
      for (size_t bit = 0; bit < count * bits; ++bit) {
        const int value = codes[bit / bits] >> (bit % bits) & 1;
        expected[bit / 8] = static_cast<uint8_t>(expected[bit / 8] | value << bit % 8);
      }
      for (int threads : {1, 3}) {
        REQUIRE(packed_size(count, width) == expected.size());
        std::vector<uint8_t> packed(expected.size());
        pack_codes(codes, width, packed, threads);
        CHECK(packed == expected);
        std::vector<uint8_t> back(count);
        unpack_codes(packed, width, back, threads);
        size_t wrong = 0;
        for (size_t i = 0; i < count; ++i) wrong += back[i] != (codes[i] & ((1 << width) - 1));
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE("packing says what does not fit") {
  std::vector<uint8_t> codes(4);
  std::vector<uint8_t> packed(2);
  CHECK_THROWS_AS(pack_codes(codes, 6, packed), Error);
  CHECK_THROWS_AS(pack_codes(codes, 0, packed), Error);
  CHECK_THROWS_AS(unpack_codes(packed, 9, codes), Error);
}
