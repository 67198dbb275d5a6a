// A workload: the matrix products of a training step (or of anything else) as plain data.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

// The three GEMMs that training makes of one layer: the forward pass, the gradient of the loss by the
// layer's data (its first operand) and by its weight (its second operand).
enum class Phase { fwd, dgrad, wgrad };

inline constexpr std::array<Phase, 3> kPhases = {Phase::fwd, Phase::dgrad, Phase::wgrad};

// "fwd", "dgrad" or "wgrad".
std::string_view phase_name(Phase phase);

// The inverse of phase_name; nothing if no phase has that name.
std::optional<Phase> parse_phase(std::string_view name);

// C[m, n] = A[m, k] B[k, n], done `count` times on different data of the same shape (groups of a
// convolution; batch x heads of an attention). All four are at least 1.
struct Gemm {
  std::string layer;
  Phase phase = Phase::fwd;
  int64_t m = 1;
  int64_t n = 1;
  int64_t k = 1;
  int64_t count = 1;

  bool operator==(const Gemm&) const = default;
};

// From C = A B forward: the GEMM of the gradient by A, dA = dC B^T ...
Gemm data_gradient(const Gemm& fwd);

// ... and of the gradient by B, dB = A^T dC. Both have as many multiply-accumulates as the forward GEMM.
Gemm weight_gradient(const Gemm& fwd);

struct Workload {
  std::string name;
  std::vector<Gemm> gemms;

  bool operator==(const Workload&) const = default;
};

// Multiply-accumulate operations of each phase.
struct MacTotals {
  int64_t fwd = 0;
  int64_t dgrad = 0;
  int64_t wgrad = 0;

  int64_t total() const { return fwd + dgrad + wgrad; }
  int64_t of(Phase phase) const;
};

// The product of positive factors. Throws Error "<what>: ..." if it exceeds int64_t.
int64_t checked_product(std::initializer_list<int64_t> factors, std::string_view what);

// m * n * k * count. Throws Error naming the layer if a size is below 1 or the product exceeds int64_t.
int64_t macs(const Gemm& gemm);

// The sums over all GEMMs. Throws Error, as macs does and if the sum of the three exceeds int64_t.
MacTotals mac_totals(const Workload& workload);

}  // namespace assay
