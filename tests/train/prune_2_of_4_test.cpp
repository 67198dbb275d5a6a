// Unbiased 2:4 pruning: all samples of all small blocks, against the laws of the paper.
#include "train/prune_2_of_4.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace assay;

namespace {

std::array<uint32_t, 4> block(uint32_t number) {
  return {number & 7, number >> 3 & 7, number >> 6 & 7, number >> 9 & 7};
}

}  // namespace

TEST_CASE("at most two of four stay, the mean is right and the variance that of the paper") {
  for (uint32_t number = 1; number < 1U << 12; ++number) {
    const std::array<uint32_t, 4> a = block(number);
    const uint64_t sum = a[0] + a[1] + a[2] + a[3], greatest = *std::max_element(a.begin(), a.end());
    CAPTURE(number);
    const uint64_t samples = prune_samples(a), draws = std::max<uint64_t>(samples, 1);
    std::array<uint64_t, 4> total = {};
    uint64_t squares = 0;
    for (uint64_t u = 0; u < draws; ++u) {
      const Pruned pruned = prune_2_of_4(a, u);
      REQUIRE(std::count(pruned.kept.begin(), pruned.kept.end(), true) <= 2);
      for (size_t i = 0; i < 4; ++i) {
        REQUIRE((pruned.kept[i] || pruned.doubled[i] == 0));
        total[i] += pruned.doubled[i];
        squares += pruned.doubled[i] * pruned.doubled[i];
      }
    }
    for (size_t i = 0; i < 4; ++i) REQUIRE(total[i] == 2 * draws * a[i]);
    // E of the sum of squares: S^2 / 2, or T^2 and the square of the one that always stays.
    const uint64_t rest = sum - greatest;
    const uint64_t expected = greatest > rest ? 4 * (rest * rest + greatest * greatest) : 2 * sum * sum;
    REQUIRE(squares == draws * expected);
  }
}

TEST_CASE("no other probabilities that keep two of four have less variance") {
  for (uint32_t number = 0; number < 1U << 12; number += 7) {
    const std::array<uint32_t, 4> a = block(number);
    if (std::count(a.begin(), a.end(), 0U) > 1) continue;  // then nothing needs to be drawn
    const uint64_t samples = prune_samples(a);
    std::array<double, 4> p = {};
    for (uint64_t u = 0; u < samples; ++u) {
      const Pruned pruned = prune_2_of_4(a, u);
      for (size_t i = 0; i < 4; ++i) p[i] += pruned.kept[i] ? 1.0 / static_cast<double>(samples) : 0.0;
    }
    const auto second_moment = [&](const std::array<double, 4>& probabilities) {
      double moment = 0;
      for (size_t i = 0; i < 4; ++i) moment += a[i] == 0 ? 0.0 : a[i] * a[i] / probabilities[i];
      return moment;
    };
    const double least = second_moment(p);
    for (size_t i = 0; i < 4; ++i) {
      for (size_t j = 0; j < 4; ++j) {
        std::array<double, 4> other = p;
        other[i] += 1e-3;
        other[j] -= 1e-3;
        if (i == j || other[i] > 1 || other[j] <= 0) continue;
        CHECK(second_moment(other) > least - 1e-9);
      }
    }
  }
}

TEST_CASE("a sample is the random fraction of all samples") {
  const std::array<uint32_t, 4> a = {3, 4, 5, 6};
  CHECK(prune_sample(a, 0, 16) == 0);
  CHECK(prune_sample(a, 0xffff, 16) == 17);
  CHECK(prune_sample(a, 0x8000, 16) == 9);
  CHECK(prune_sample({1, 1, 1, 100}, 0x8000, 16) == 1);
  CHECK(prune_sample({0, 0, 0, 0}, 0x8000, 16) == 0);
}
