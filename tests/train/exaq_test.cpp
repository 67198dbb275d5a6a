// EXAQ's four levels, by the distances to all of them.
#include "train/exaq.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>

using namespace assay;

TEST_CASE("the code of a score is the nearest level, ties to the even one") {
  for (int clip = 1; clip <= 100; ++clip) {
    for (int distance = 0; distance <= 2 * clip + 3; ++distance) {
      const int clipped = std::min(distance, clip);
      // Three times the distance to the level of code k, which lies (3 - k) clip / 3 below the largest score.
      std::array<int, 4> away = {};
      for (int k = 0; k < 4; ++k) away[static_cast<size_t>(k)] = std::abs(3 * clipped - (3 - k) * clip);
      const int least = *std::min_element(away.begin(), away.end());
      const uint32_t code = exaq_code(static_cast<uint32_t>(distance), static_cast<uint32_t>(clip));
      CAPTURE(clip);
      CAPTURE(distance);
      REQUIRE(code < 4);
      REQUIRE(away[code] == least);
      if (std::count(away.begin(), away.end(), least) > 1) REQUIRE(code % 2 == 0);
    }
  }
  CHECK(exaq_code(0, 0xffffffff) == 3);
  CHECK(exaq_code(0xffffffff, 0xffffffff) == 0);
}

TEST_CASE("the sum leaves masked scores out") {
  // Clip 6: levels 6, 4, 2, 0 below the largest; 1 and 5 are ties.
  const std::array<uint32_t, 7> distances = {0, 1, 2, 3, 4, 5, 9};
  const std::array<uint32_t, 4> exponentials = {1, 10, 100, 1000};
  std::array<bool, 7> masked = {};
  CHECK(exaq_sum(distances, masked, 6, exponentials) == 1000 + 100 + 100 + 100 + 10 + 1 + 1);
  masked[0] = masked[3] = true;
  CHECK(exaq_sum(distances, masked, 6, exponentials) == 100 + 100 + 10 + 1 + 1);
}
