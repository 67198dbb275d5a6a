#include "workloads/workload_json.h"

#include <nlohmann/json.hpp>

namespace assay {

nlohmann::ordered_json workload_json(const Workload& workload) {
  const MacTotals totals = mac_totals(workload);
  nlohmann::ordered_json gemms = nlohmann::ordered_json::array();
  for (const Gemm& gemm : workload.gemms) {
    gemms.push_back({{"layer", gemm.layer},
                     {"phase", phase_name(gemm.phase)},
                     {"m", gemm.m},
                     {"n", gemm.n},
                     {"k", gemm.k},
                     {"count", gemm.count},
                     {"macs", macs(gemm)}});
  }
  return {
      {"name", workload.name},
      {"macs",
       {{"fwd", totals.fwd}, {"dgrad", totals.dgrad}, {"wgrad", totals.wgrad}, {"total", totals.total()}}},
      {"gemms", std::move(gemms)}};
}

}  // namespace assay
