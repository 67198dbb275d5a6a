#include "workloads/workload.h"

#include "base/error.h"

namespace assay {

std::string_view phase_name(Phase phase) {
  switch (phase) {
    case Phase::fwd:
      return "fwd";
    case Phase::dgrad:
      return "dgrad";
    case Phase::wgrad:
      return "wgrad";
  }
  return "";
}

std::optional<Phase> parse_phase(std::string_view name) {
  for (const Phase phase : kPhases) {
    if (phase_name(phase) == name) return phase;
  }
  return std::nullopt;
}

Gemm data_gradient(const Gemm& fwd) {
  return {fwd.layer, Phase::dgrad, fwd.m, fwd.k, fwd.n, fwd.count};
}

Gemm weight_gradient(const Gemm& fwd) {
  return {fwd.layer, Phase::wgrad, fwd.k, fwd.n, fwd.m, fwd.count};
}

int64_t MacTotals::of(Phase phase) const {
  switch (phase) {
    case Phase::fwd:
      return fwd;
    case Phase::dgrad:
      return dgrad;
    case Phase::wgrad:
      return wgrad;
  }
  return 0;
}

int64_t checked_product(std::initializer_list<int64_t> factors, std::string_view what) {
  int64_t product = 1;
  for (const int64_t factor : factors) {
    if (__builtin_mul_overflow(product, factor, &product)) {
      fail("{}: {} is more than 2^63 - 1", what, fmt::join(factors, " x "));
    }
  }
  return product;
}

int64_t macs(const Gemm& gemm) {
  const std::string what = fmt::format("layer '{}' {}", gemm.layer, phase_name(gemm.phase));
  if (gemm.m < 1 || gemm.n < 1 || gemm.k < 1 || gemm.count < 1) {
    fail("{}: expected m, n, k and count of at least 1, found {}, {}, {} and {}", what, gemm.m, gemm.n,
         gemm.k, gemm.count);
  }
  return checked_product({gemm.m, gemm.n, gemm.k, gemm.count}, what + ": multiply-accumulates");
}

MacTotals mac_totals(const Workload& workload) {
  std::array<int64_t, 3> sums{};
  int64_t total = 0;
  for (const Gemm& gemm : workload.gemms) {
    const int64_t added = macs(gemm);
    if (__builtin_add_overflow(total, added, &total)) {
      fail("workload '{}': the sum of its multiply-accumulates is more than 2^63 - 1", workload.name);
    }
    sums[static_cast<size_t>(gemm.phase)] += added;
  }
  return {sums[0], sums[1], sums[2]};
}

}  // namespace assay
