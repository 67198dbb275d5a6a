// A failure as a SystemVerilog test bench of its own, to be pasted next to the design.
#pragma once

#include <string>

#include "rtl/module_ports.h"
#include "verify/check.h"
#include "verify/test_bench.h"

namespace assay {

// A module NAME_case that instantiates the design, applies the vectors of the failure (those it needs before it, and
// last its own), and ends with $fatal if the last result or its flags are not the expected ones. `cycles` are those of a
// clocked design's failure: the same stalls, and the same inputs while no vector is offered. `ports` are the design's.
std::string directed_test(const TestBench& bench, const std::vector<ModulePort>& ports, const Golden& golden,
                          const CheckResult& result, const std::vector<StreamCycle>& cycles);

}  // namespace assay
