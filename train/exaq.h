// EXAQ: softmax with scores of a few levels (Shkolnik et al., arXiv 2410.03185). Scores, less the largest of their row, are
// clipped to [C, 0] and quantized to four levels, whose exponentials are a table; the sum of a row is a sum of
// table entries.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace assay {

// The code 0..3 of a score `distance` below the row's largest, clipped to C = -clip: the multiple of clip / 3 nearest
// to C + code clip / 3, ties to the even code. distance and clip are integers of one unit; clip > 0.
uint32_t exaq_code(uint32_t distance, uint32_t clip);

// The sum of the table's entries for the codes of all scores that are not masked. Spans of equal length.
uint64_t exaq_sum(std::span<const uint32_t> distances, std::span<const bool> masked, uint32_t clip,
                  const std::array<uint32_t, 4>& exponentials);

}  // namespace assay
