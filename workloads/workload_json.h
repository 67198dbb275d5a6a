// A workload as JSON, for other programs and for reports.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "workloads/workload.h"

namespace assay {

// {"name", "macs": {"fwd", "dgrad", "wgrad", "total"},
//  "gemms": [{"layer", "phase", "m", "n", "k", "count", "macs"}]}; throws Error as mac_totals does.
nlohmann::ordered_json workload_json(const Workload& workload);

}  // namespace assay
