// A failure as a SystemVerilog test bench of its own, to be pasted next to the design.
#pragma once

#include <string>

#include "rtl/module_ports.h"
#include "verify/check.h"
#include "verify/test_bench.h"

namespace assay {

// A module NAME_case that instantiates the design, applies the vectors of the failure (those it needs before it, and
// last its own), and ends with $fatal if the last result is not the expected one. Handshakes run without stalls.
// `ports` are the design's.
std::string directed_test(const TestBench& bench, const std::vector<ModulePort>& ports, const Golden& golden,
                          const CheckResult& result);

}  // namespace assay
