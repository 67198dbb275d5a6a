#include "sim/dram_traffic.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "sim/checked_integer.h"

namespace assay {
namespace {

bool fits(CheckedInteger words, int64_t capacity) {
  return words.value() <= capacity;
}

}  // namespace

WordCounts dram_words(const SystolicArray& array, int64_t m, int64_t n, int64_t k, BufferWords buffers) {
  if (buffers.a < 0 || buffers.b < 0 || buffers.output < 0) {
    fail("buffers of {}, {} and {} words: expected no negative capacity", buffers.a, buffers.b,
         buffers.output);
  }
  if (array.dataflow == Dataflow::input_stationary) {
    SystolicArray transposed = array;
    transposed.dataflow = Dataflow::weight_stationary;
    WordCounts words = dram_words(transposed, n, m, k, {buffers.b, buffers.a, buffers.output});
    std::swap(words.a_reads, words.b_reads);
    return words;
  }
  const CheckedInteger M = m, N = n, K = k;
  // Where nothing is used again, what the array reads is what there is.
  WordCounts words = array_timing(array, m, n, k).edge;
  if (array.dataflow == Dataflow::weight_stationary) {
    if (fits(M * K, buffers.a)) words.a_reads = (M * K).value();
    if (fits(M * std::min<int64_t>(n, array.columns), buffers.output)) {
      words.partial_sum_reads = 0;
      words.output_writes = (M * N).value();
    }
  } else {
    if (fits(std::min<int64_t>(m, array.rows) * K, buffers.a)) words.a_reads = (M * K).value();
    if (fits(K * N, buffers.b)) words.b_reads = (K * N).value();
  }
  return words;
}

}  // namespace assay
