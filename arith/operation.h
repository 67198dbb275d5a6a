// The operations of a unit and what their names and operands look like.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace assay {

// One rounding of the exact result each, unless said otherwise:
//   convert    a                          fma  a b + c
//   add sub mul div  of a and b           faa  a + b + c
//   sqrt recip rsqrt of a                 exp2 log2 of a, piecewise-affine only
//   scaled_add, scaled_sub, scaled_mul    sa a + sb b, sa a - sb b, (sa a) (sb b), operands a b sa sb, where the
//              scales have the format c (IEEE P3109's ScaledAdd, ScaledSubtract, ScaledMultiply)
//   minimum .. maximum_finite             IEEE P3109's ten, of which the first four are IEEE 754-2019's
//   compare    0 equal, 1 less, 2 greater, 3 unordered; the result format is uint2
//   mac        c + product(a, b); c has the result's format, which is the accumulator's
//   dot        c + the sum of `terms` products, operands a1 b1 a2 b2 ... c
//   block_dot  the same with one scale for all a's and one for all b's, of the format c:
//              a1 b1 a2 b2 ... sa sb c
enum class Operation {
  convert,
  add,
  sub,
  mul,
  div,
  sqrt,
  recip,
  rsqrt,
  exp2,
  log2,
  fma,
  faa,
  scaled_add,
  scaled_sub,
  scaled_mul,
  minimum,
  maximum,
  minimum_number,
  maximum_number,
  minimum_magnitude,
  maximum_magnitude,
  minimum_magnitude_number,
  maximum_magnitude_number,
  minimum_finite,
  maximum_finite,
  compare,
  mac,
  dot,
  block_dot
};

struct OperationFacts {
  Operation operation = Operation::convert;
  std::string_view name;
  int named_operands = 1;  // formats a, b, c that the unit's name has before the result
  int operands = 1;        // codes of one evaluation; of dots, those besides the 2 terms
  bool has_terms = false;  // the number of products follows the name: dot8
};

// All operations, in the order of the enumeration.
std::span<const OperationFacts> all_operations();
const OperationFacts& facts_of(Operation operation);

// The operation of that name. Throws Error listing what is known.
const OperationFacts& parse_operation(std::string_view name);

// Whether the result is accumulated onto an operand of the result's format.
bool accumulates(Operation operation);

// Whether the operation is one product of a and b plus an operand: mac, fma.
bool is_multiply_add(Operation operation);

// Whether the operation forms the product of a and b.
bool has_product(Operation operation);

}  // namespace assay
