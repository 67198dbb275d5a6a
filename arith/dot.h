// Sums of products: the operations mac, dot and block_dot, golden.
#pragma once

#include <cstdint>
#include <span>

#include "arith/exception_flags.h"
#include "arith/unit.h"
#include "formats/rounding.h"

namespace assay {

// How many times one evaluation of a unit rounds as unit.rounding says; 1 for units that do not accumulate. The one
// rounding to nearest even of a promotion (Accumulation::partial) does not count. In order: each product; of a tree
// each group's products, then its sums level by level, then the sum with the accumulator.
int rounding_count(const Unit& unit);

// The result code of a unit that accumulates, for its operand codes (arith/operation.h). The s-th stochastic rounding
// uses random[s], of rounding_count(unit) entries; a single entry, or `RandomBits`, serves all roundings.
uint64_t evaluate_dot(const Unit& unit, std::span<const uint64_t> operands, RandomBits random = {});
// What is raised is added to `raised`, if it is given; signalling NaNs are not looked for (arith/exception_flags.h).
struct DotFlags {
  FlagRules rules;
  ExceptionFlags flags;
};
uint64_t evaluate_dot(const Unit& unit, std::span<const uint64_t> operands,
                      std::span<const RandomBits> random, DotFlags* raised = nullptr);

// c plus the sum of any number K of products, by a mac or dot unit: evaluations of `terms` products each, in ascending
// k, each with the accumulator of the one before it. The last has absent products, which are +0, where K is not a
// multiple. Evaluation e uses random[e * rounding_count(unit) ...]; a single entry serves all roundings. Throws Error
// if the unit is no mac or dot, or a and b are not equally long.
uint64_t accumulate_dot(const Unit& unit, std::span<const uint64_t> a, std::span<const uint64_t> b,
                        uint64_t c, std::span<const RandomBits> random = {});

// The same for a block_dot; scales_a[i] and scales_b[i] belong to the products from i * B on, where B is
// accumulation.block or, if that is 0, `terms`. Throws Error if they are not ceil(K / B) each.
uint64_t accumulate_block_dot(const Unit& unit, std::span<const uint64_t> a, std::span<const uint64_t> b,
                              std::span<const uint64_t> scales_a, std::span<const uint64_t> scales_b,
                              uint64_t c, std::span<const RandomBits> random = {});

}  // namespace assay
