// The inner loops of the gate simulator, compiled for several instruction sets (Highway) and chosen at run
// time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "power/gate_program.h"

namespace assay {

// One bit of 512 consecutive vectors. Vector t is bit t / 8 of word t % 8, so that the predecessor of a
// vector lies in the neighbouring word and 64 rows of eight operand codes transpose without shuffles.
inline constexpr size_t kLaneWords = 8;
inline constexpr size_t kLanes = 64 * kLaneWords;
struct alignas(64) LaneBlock {
  std::array<uint64_t, kLaneWords> words;
};

// A block of 64 rows: either 512 operand codes in order (vector 8 i + j is word j of row i), or bit i of all
// of them in row i.
using TransposeBlock = std::array<LaneBlock, 64>;

// Codes to bits: afterwards row i holds bit i of each code, for i < width; the other rows are undefined.
void codes_to_bits(TransposeBlock& block, size_t width);

// Bits to codes: the inverse. Rows from `width` on must be zero.
void bits_to_codes(TransposeBlock& block, size_t width);

// Runs all instructions on slots[0 .. slot_count).
void run_program(const GateProgram& program, LaneBlock* slots);

// Counters of one slot over a stream.
struct SlotActivity {
  uint64_t toggles = 0;
  uint64_t ones = 0;
};

// Adds to activity[i] the changes between consecutive vectors of slot `observed[i]` and its ones. The vector
// before the block is bit 63 of last_words[i], which is replaced for the next block. Slot 0 cannot be
// observed: the word before each observed slot is read.
void count_activity(std::span<const uint32_t> observed, const LaneBlock* slots, uint64_t* last_words,
                    SlotActivity* activity);

}  // namespace assay
