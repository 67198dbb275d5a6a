// Ask for the instruction set that has a population count of 64-bit lanes; off unless asked for.
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "power/gate_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include "power/gate_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Words = hn::CappedTag<uint64_t, kLaneWords>;
using Vector = hn::Vec<Words>;

// Calls step(w) for each vector of a LaneBlock.
template <typename Step>
HWY_INLINE void for_words(Step step) {
  for (size_t w = 0; w < kLaneWords; w += hn::Lanes(Words())) step(w);
}

// One stage of the transposition of a 64 x 64 bit matrix: swaps the blocks off the diagonal of size kShift.
template <int kShift>
HWY_INLINE void transpose_stage(TransposeBlock& block, size_t width, uint64_t mask_bits) {
  const Words d;
  const Vector mask = hn::Set(d, mask_bits);
  for (size_t base = 0; base < width; base += size_t{2} * kShift) {
    for (size_t row = base; row < base + kShift; ++row) {
      for_words([&](size_t w) HWY_ATTR {
        uint64_t* upper = block[row].words.data() + w;
        uint64_t* lower = block[row + kShift].words.data() + w;
        const Vector a = hn::Load(d, upper);
        const Vector b = hn::Load(d, lower);
        const Vector swapped = hn::And(hn::Xor(hn::ShiftRight<kShift>(a), b), mask);
        hn::Store(hn::Xor(b, swapped), d, lower);
        hn::Store(hn::Xor(a, hn::ShiftLeft<kShift>(swapped)), d, upper);
      });
    }
  }
}

// Mask of the bits whose index has bit kShift clear.
constexpr uint64_t kMask32 = 0x00000000ffffffff;
constexpr uint64_t kMask16 = 0x0000ffff0000ffff;
constexpr uint64_t kMask8 = 0x00ff00ff00ff00ff;
constexpr uint64_t kMask4 = 0x0f0f0f0f0f0f0f0f;
constexpr uint64_t kMask2 = 0x3333333333333333;
constexpr uint64_t kMask1 = 0x5555555555555555;

// Large blocks first: rows from `width` on drop out as soon as possible.
void codes_to_bits(TransposeBlock& block, size_t width) {
  transpose_stage<32>(block, width, kMask32);
  transpose_stage<16>(block, width, kMask16);
  transpose_stage<8>(block, width, kMask8);
  transpose_stage<4>(block, width, kMask4);
  transpose_stage<2>(block, width, kMask2);
  transpose_stage<1>(block, width, kMask1);
}

void bits_to_codes(TransposeBlock& block, size_t width) {
  transpose_stage<1>(block, width, kMask1);
  transpose_stage<2>(block, width, kMask2);
  transpose_stage<4>(block, width, kMask4);
  transpose_stage<8>(block, width, kMask8);
  transpose_stage<16>(block, width, kMask16);
  transpose_stage<32>(block, width, kMask32);
}

template <typename Combine>
HWY_INLINE void run_batch(const GateInstruction* instructions, const GateBatch& batch, const LaneBlock* slots,
                          LaneBlock* results, Combine combine) {
  const Words d;
  for (uint32_t i = batch.begin; i < batch.end; ++i) {
    const uint64_t* a = slots[instructions[i].a].words.data();
    const uint64_t* b = slots[instructions[i].b].words.data();
    uint64_t* result = results[i].words.data();
    for_words([&](size_t w)
                  HWY_ATTR { hn::Store(combine(hn::Load(d, a + w), hn::Load(d, b + w)), d, result + w); });
  }
}

HWY_INLINE void run_mux_batch(const GateInstruction* instructions, const GateBatch& batch,
                              const LaneBlock* slots, LaneBlock* results) {
  const Words d;
  for (uint32_t i = batch.begin; i < batch.end; ++i) {
    const uint64_t* a = slots[instructions[i].a].words.data();
    const uint64_t* b = slots[instructions[i].b].words.data();
    const uint64_t* c = slots[instructions[i].c].words.data();
    uint64_t* result = results[i].words.data();
    for_words([&](size_t w) HWY_ATTR {
      const Vector low = hn::Load(d, b + w);
      const Vector difference = hn::Xor(hn::Load(d, a + w), low);
      hn::Store(hn::Xor(hn::And(difference, hn::Load(d, c + w)), low), d, result + w);
    });
  }
}

void run_program(const GateProgram& program, LaneBlock* slots) {
  LaneBlock* results = slots + program.first_result;
  const GateInstruction* code = program.instructions.data();
  for (const GateBatch& batch : program.batches) {
    switch (batch.operation) {
      case GateOperation::op_and:
        run_batch(code, batch, slots, results, [](Vector a, Vector b) HWY_ATTR { return hn::And(a, b); });
        break;
      case GateOperation::op_nand:
        run_batch(code, batch, slots, results,
                  [](Vector a, Vector b) HWY_ATTR { return hn::Not(hn::And(a, b)); });
        break;
      case GateOperation::op_or:
        run_batch(code, batch, slots, results, [](Vector a, Vector b) HWY_ATTR { return hn::Or(a, b); });
        break;
      case GateOperation::op_nor:
        run_batch(code, batch, slots, results,
                  [](Vector a, Vector b) HWY_ATTR { return hn::Not(hn::Or(a, b)); });
        break;
      case GateOperation::op_xor:
        run_batch(code, batch, slots, results, [](Vector a, Vector b) HWY_ATTR { return hn::Xor(a, b); });
        break;
      case GateOperation::op_xnor:
        run_batch(code, batch, slots, results,
                  [](Vector a, Vector b) HWY_ATTR { return hn::Not(hn::Xor(a, b)); });
        break;
      case GateOperation::op_and_not:
        run_batch(code, batch, slots, results, [](Vector a, Vector b) HWY_ATTR { return hn::AndNot(b, a); });
        break;
      case GateOperation::op_or_not:
        run_batch(code, batch, slots, results,
                  [](Vector a, Vector b) HWY_ATTR { return hn::Or(a, hn::Not(b)); });
        break;
      case GateOperation::op_mux:
        run_mux_batch(code, batch, slots, results);
        break;
    }
  }
}

void count_activity(std::span<const uint32_t> observed, const LaneBlock* slots, uint64_t* last_words,
                    SlotActivity* activity) {
  const Words d;
  const auto first_word = hn::FirstN(d, 1);
  for (size_t i = 0; i < observed.size(); ++i) {
    const uint64_t* words = slots[observed[i]].words.data();
    Vector counts = hn::Zero(d);
    // A word's predecessors are the word before it. At most 512 of each kind: both fit into one 64-bit sum.
    for_words([&](size_t w) HWY_ATTR {
      const Vector now = hn::Load(d, words + w);
      Vector changed = hn::Xor(now, hn::LoadU(d, words + w - 1));
      if (w == 0) changed = hn::IfThenZeroElse(first_word, changed);
      counts = hn::Add(counts, hn::PopulationCount(changed));
      counts = hn::Add(counts, hn::ShiftLeft<32>(hn::PopulationCount(now)));
    });
    // Except that word 0 has its predecessors in word 7, one bit down.
    const uint64_t before_word_0 = (words[kLaneWords - 1] << 1) | (last_words[i] >> 63);
    counts = hn::Add(
        counts, hn::PopulationCount(hn::IfThenElseZero(first_word, hn::Set(d, words[0] ^ before_word_0))));
    const uint64_t sum = hn::GetLane(hn::SumOfLanes(d, counts));
    activity[i].toggles += sum & 0xffffffff;
    activity[i].ones += sum >> 32;
    last_words[i] = words[kLaneWords - 1];
  }
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(codes_to_bits);
HWY_EXPORT(bits_to_codes);
HWY_EXPORT(run_program);
HWY_EXPORT(count_activity);

void codes_to_bits(TransposeBlock& block, size_t width) {
  HWY_DYNAMIC_DISPATCH(codes_to_bits)(block, width);
}

void bits_to_codes(TransposeBlock& block, size_t width) {
  HWY_DYNAMIC_DISPATCH(bits_to_codes)(block, width);
}

void run_program(const GateProgram& program, LaneBlock* slots) {
  HWY_DYNAMIC_DISPATCH(run_program)(program, slots);
}

void count_activity(std::span<const uint32_t> observed, const LaneBlock* slots, uint64_t* last_words,
                    SlotActivity* activity) {
  HWY_DYNAMIC_DISPATCH(count_activity)(observed, slots, last_words, activity);
}

}  // namespace assay
#endif
