// Systolic arrays in closed form: cycles, utilisation and words moved at the array's edge.
//
// The machine is an array of R rows x C columns of multiply-accumulate units that computes C[M,N] = A[M,K]
// B[K,N] one tile after another (rtl/systolic_array_ws.sv, rtl/systolic_array_os.sv). Every element of C is
// accumulated in ascending k from the code of +0, so its bits are those of gemm (arith/gemm.h) for every
// shape and dataflow.
//
// Cycles are counted from the first in which a port of the array carries data up to and including the last in which a
// result is captured at its output. A result is captured in the cycle in which it stands, valid, at the output port,
// and outputs come from registers: a value computed in cycle t can be captured in cycle t + 1.
//
// weight_stationary: a tile is r <= R rows (of K) x c <= C columns (of N) of B.
//   for each group of C columns of N: for each group of R rows of K (ascending): one tile
//   r          the weights are shifted in from the top, a row a cycle
//   M          rows of A enter, one a cycle; the partial sums of the tile before (zeros in the first) enter
//              at the top
//   c - 1      skew: column c starts c - 1 cycles after the first one
//   R - 1      a partial sum moves down one row a cycle, through unused rows as well: they pass it on
//              unchanged
//   1          from the register of the bottom row it is captured
//   sum: r + M + c + R - 1, and the first cycle of a tile follows the last of the tile before it
// Double-buffered, the weights are shifted into shadow registers and 1 cycle more, the swap, moves them on, in the row
// below one cycle later, just ahead of the first row of A. Only the first tile's weights are waited for: the next tile's
// are shifted in, in r' cycles, when the swap has passed the R rows, and rows of A follow one another without a gap:
//   max(M, R + r')  from one tile's swap to the next
// By then the partial sums that the next tile begins with have come out.
// input_stationary: the same with the operands exchanged, C^T = B^T A^T: a tile is r <= R rows (of K) x c <= C columns
//   (of M) of A^T, and columns of B enter. Everything above holds with A and B, and M and N, exchanged.
// output_stationary: a tile is r <= R rows (of M) x c <= C columns (of N) of C.
//   for each group of R rows of M: for each group of C columns of N: one tile
//   K          the operands of one element of C enter, one pair a cycle
//   r - 1      skew: row r starts r - 1 cycles after the first one
//   c - 1      skew: column c starts c - 1 cycles after the first one
//   r          the results move up, and the top row is captured
//   sum: K + 2 r + c - 2, and the first cycle of a tile follows the last of the tile before it
//
// For full tiles the last is the 2 R + C + T - 2 of Samajdar et al. ("A Systematic Methodology for
// Characterizing Scalability of DNN Accelerators using SCALE-Sim", ISPASS 2020) with T = K; the first is one
// more than theirs with T = M, because the result leaves through a register.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

enum class Dataflow { weight_stationary, input_stationary, output_stationary };

std::string_view dataflow_name(Dataflow dataflow);

// The name of a dataflow, or short ws, is, os. Throws Error on anything else.
Dataflow parse_dataflow(std::string_view name);

struct SystolicArray {
  Dataflow dataflow = Dataflow::weight_stationary;
  int rows = 0;
  int columns = 0;
  bool double_buffered = false;  // the tile of B or A that is held; not for output_stationary
};

// As in "4 x 8 weight-stationary array, double-buffered".
std::string describe(const SystolicArray& array);

// Words moved per operand; a word is one code.
struct WordCounts {
  int64_t a_reads = 0;
  int64_t b_reads = 0;
  int64_t partial_sum_reads = 0;
  int64_t output_writes = 0;  // partial sums and final results

  bool operator==(const WordCounts&) const = default;
};

struct ArrayTiming {
  int64_t cycles = 0;
  int64_t tiles = 0;
  int64_t macs = 0;        // M N K
  double utilisation = 0;  // macs / (R C cycles)
  // Between the array and the memories at its edge. Weight stationary: A once per group of columns, B once,
  // partial sums read by all but the first and written by every group of rows of K; input stationary: the same with A
  // and B exchanged. Output stationary: A once per group of columns, B once per group of rows of M, results written
  // once.
  WordCounts edge;
};

// Throws Error as check_sizes does, or if a result does not fit in 64 bits.
ArrayTiming array_timing(const SystolicArray& array, int64_t m, int64_t n, int64_t k);

// Throws Error if there is no row or no column, or if nothing is there to be double-buffered.
void check_array(const SystolicArray& array);

// Throws Error as check_array does, or if a size is not positive.
void check_sizes(const SystolicArray& array, int64_t m, int64_t n, int64_t k);

}  // namespace assay
