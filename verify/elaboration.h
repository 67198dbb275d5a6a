// A bench's design as Yosys elaborates it: to word-level cells, and these to gates as they are.
#pragma once

#include <filesystem>
#include <string>

#include "power/liberty.h"
#include "power/netlist.h"
#include "verify/bench_wrapper.h"
#include "verify/test_bench.h"

namespace assay {

// Yosys commands, to be run in `folder`, that read the bench's design and its wrapper, writing the latter's
// texts and links to the folders of the former there, and make of them one flat module kBenchTop of word-level cells; what is undefined becomes 0.
std::string elaboration_commands(const TestBench& bench, const BenchWrapper& wrapper,
                                 const std::filesystem::path& folder);

// Yosys commands that write the flat current design as and-inverter graph, in BLIF, to a file.
std::string graph_commands(const std::filesystem::path& file);

// Runs commands in `folder`. Throws Error "what: " and Yosys's message.
void run_yosys_commands(const std::string& what, const std::string& commands,
                        const std::filesystem::path& folder);

// Runs commands in `folder` and maps the design they leave to the library's gates cell by cell, without optimization.
// Throws Error "what: " and Yosys's message.
Netlist map_unoptimized(const std::string& what, const std::string& commands,
                        const std::filesystem::path& folder, const std::filesystem::path& library,
                        const Liberty& liberty);

}  // namespace assay
