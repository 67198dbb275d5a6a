#include "arith/repeated_addition.h"

#include "arith/real_arithmetic.h"
#include "base/error.h"
#include "formats/real.h"
#include "formats/round.h"

namespace assay {
namespace {

uint64_t magnitude_of(int64_t weight) {
  return weight < 0 ? -static_cast<uint64_t>(weight) : static_cast<uint64_t>(weight);
}

}  // namespace

uint64_t add_repeatedly(const RepeatedAddition& how, uint64_t accumulator, uint64_t activation,
                        int64_t weight) {
  Real term = decode(how.activation, activation);
  if (weight < 0) term.negative = !term.negative;
  for (uint64_t i = magnitude_of(weight); i > 0; --i) {
    const Real sum = add(decode(how.accumulator, accumulator), term, how.rounding);
    const uint64_t next = round_to_code(how.accumulator, sum, how.rounding, how.saturation);
    if (next == accumulator) break;
    accumulator = next;
  }
  return accumulator;
}

uint64_t add_repeatedly(const RepeatedAddition& how, uint64_t accumulator,
                        std::span<const uint64_t> activations, std::span<const int64_t> weights) {
  if (activations.size() != weights.size()) {
    fail("repeated addition: {} activations and {} weights, expected as many", activations.size(),
         weights.size());
  }
  for (size_t i = 0; i < weights.size(); ++i) {
    accumulator = add_repeatedly(how, accumulator, activations[i], weights[i]);
  }
  return accumulator;
}

double AdditionCount::per_element() const {
  return elements == 0 ? 0 : static_cast<double>(additions) / static_cast<double>(elements);
}

AdditionCount count_additions(std::span<const int64_t> weights) {
  AdditionCount count;
  for (const int64_t weight : weights) count.additions += magnitude_of(weight);
  count.elements = weights.size();
  return count;
}

}  // namespace assay
