// A user's gate netlist: Yosys JSON, or structural Verilog that Yosys reads.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "power/liberty.h"
#include "power/netlist.h"
#include "rtl/module_ports.h"
#include "verify/bench_wrapper.h"
#include "verify/test_bench.h"

namespace assay {

// The library of the bench, or the default one.
std::filesystem::path library_of(const TestBench& bench);

// The bench's netlist as Yosys JSON: the file itself, or what Yosys made of the Verilog, kept in `cache`. Throws Error
// "place: design.netlist: ..." if it cannot be read, or naming the cell if a module or a pin is neither in the file nor in
// the library.
std::filesystem::path netlist_json(const TestBench& bench, const std::filesystem::path& cache);

// The ports of the bench's top module, of RTL or of a netlist.
std::vector<ModulePort> design_ports(const TestBench& bench, const std::filesystem::path& cache);

// The gates of the bench between the wrapper's ports: RTL is mapped to library_of(bench), of a netlist only the wrapper.
// Throws Error if that cannot be done, or if the gates have registers and the bench no clock.
Netlist bench_netlist(const TestBench& bench, const BenchWrapper& wrapper, const Liberty& liberty,
                      const std::filesystem::path& cache);

}  // namespace assay
