// The devices made from a test bench or a catalog entry: RTL under Verilator, and gates.
#pragma once

#include <filesystem>

#include "power/liberty.h"
#include "power/netlist.h"
#include "power/synthesis.h"
#include "rtl/catalog.h"
#include "verify/bench_wrapper.h"
#include "verify/check.h"
#include "verify/test_bench.h"

namespace assay {

// The bench's RTL, or the gates of its netlist as Verilog, built by Verilator. Builds are kept in `cache`. Throws Error
// with the tool's first error if the RTL does not compile.
Device rtl_device(const TestBench& bench, const BenchWrapper& wrapper, const std::filesystem::path& cache,
                  VerilatorOptimization optimization = VerilatorOptimization::full);

// The same for an entry of the catalog.
Device rtl_device(const CatalogEntry& entry, const std::filesystem::path& rtl,
                  const std::filesystem::path& cache);

// Writes one stream of vectors through that model to an FST file.
void write_waveform(const TestBench& bench, const BenchWrapper& wrapper, const VectorBatch& vectors,
                    const StreamOptions& stream, const std::filesystem::path& cache,
                    const std::filesystem::path& file);

// The entry mapped to the library; instances are below "u_unit". With `flatten_all`, product and accumulation
// are optimised together and lose their names. Results are kept in `cache`.
MappedDesign map_entry(const CatalogEntry& entry, const std::filesystem::path& rtl,
                       const std::filesystem::path& liberty, const std::filesystem::path& cache,
                       bool flatten_all = false);

// The bench with its wrapper mapped to the library; of a netlist the wrapper alone, around a black box.
MappedDesign map_bench(const TestBench& bench, const BenchWrapper& wrapper,
                       const std::filesystem::path& liberty, const std::filesystem::path& cache);

// A mapped combinational netlist under the bit-sliced simulator. Its input ports are the operand slots by name, or by
// name with _i, and the pins. Throws Error if they are not.
Device netlist_device(const Specification& specification, const Netlist& netlist, const Liberty& liberty);

// The gates of a bench (bench_netlist), combinational or clocked.
Device netlist_device(const Specification& specification, const StreamPorts& ports, const Netlist& netlist,
                      const Liberty& liberty);

}  // namespace assay
