#include "arith/operation.h"

#include <array>
#include <string>

#include "base/error.h"

namespace assay {
namespace {

constexpr std::array<OperationFacts, 29> kOperations = {{
    {Operation::convert, "convert", 1, 1},
    {Operation::add, "add", 2, 2},
    {Operation::sub, "sub", 2, 2},
    {Operation::mul, "mul", 2, 2},
    {Operation::div, "div", 2, 2},
    {Operation::sqrt, "sqrt", 1, 1},
    {Operation::recip, "recip", 1, 1},
    {Operation::rsqrt, "rsqrt", 1, 1},
    {Operation::exp2, "exp2", 1, 1},
    {Operation::log2, "log2", 1, 1},
    {Operation::fma, "fma", 3, 3},
    {Operation::faa, "faa", 3, 3},
    {Operation::scaled_add, "scaled_add", 3, 4},
    {Operation::scaled_sub, "scaled_sub", 3, 4},
    {Operation::scaled_mul, "scaled_mul", 3, 4},
    {Operation::minimum, "minimum", 2, 2},
    {Operation::maximum, "maximum", 2, 2},
    {Operation::minimum_number, "minimum_number", 2, 2},
    {Operation::maximum_number, "maximum_number", 2, 2},
    {Operation::minimum_magnitude, "minimum_magnitude", 2, 2},
    {Operation::maximum_magnitude, "maximum_magnitude", 2, 2},
    {Operation::minimum_magnitude_number, "minimum_magnitude_number", 2, 2},
    {Operation::maximum_magnitude_number, "maximum_magnitude_number", 2, 2},
    {Operation::minimum_finite, "minimum_finite", 2, 2},
    {Operation::maximum_finite, "maximum_finite", 2, 2},
    {Operation::compare, "compare", 2, 2},
    {Operation::mac, "mac", 2, 3},
    {Operation::dot, "dot", 2, 1, true},
    {Operation::block_dot, "block_dot", 3, 3, true},
}};

}  // namespace

std::span<const OperationFacts> all_operations() {
  return kOperations;
}

const OperationFacts& facts_of(Operation operation) {
  return kOperations[static_cast<size_t>(operation)];
}

const OperationFacts& parse_operation(std::string_view name) {
  std::string known;
  for (const OperationFacts& facts : kOperations) {
    if (facts.name == name) return facts;
    known += fmt::format(" {}", facts.name);
  }
  fail("unknown operation '{}', expected one of{}", name, known);
}

bool accumulates(Operation operation) {
  return operation == Operation::mac || facts_of(operation).has_terms;
}

bool is_multiply_add(Operation operation) {
  return operation == Operation::mac || operation == Operation::fma;
}

bool has_product(Operation operation) {
  return operation == Operation::mul || is_multiply_add(operation) || facts_of(operation).has_terms;
}

}  // namespace assay
