// The array as a cycle-accurate SystemC model that computes with the golden model.
#pragma once

#include <cstdint>
#include <span>

#include "arith/unit.h"
#include "sim/array_feeder.h"
#include "sim/array_timing.h"

namespace assay {

// Simulates C = A B (codes, row-major) on the array: one module with one SC_METHOD for all processing
// elements, fed and watched by another over signals. One clock cycle is one nanosecond of simulated time.
// Throws Error as ArrayFeeder does.
//
// SystemC elaborates once a process, so the modules are made at the first call and stay; each call gives them
// a new array and resumes the simulation, which pauses when the last result is out (sc_pause). Calls by
// several threads take turns, since the kernel has one state per process. A program that calls this must not
// elaborate a model of its own after the first call, nor call sc_stop.
ArrayRun simulate_systemc(const SystolicArray& array, const Unit& mac, int64_t m, int64_t n, int64_t k,
                          std::span<const uint64_t> a, std::span<const uint64_t> b);

}  // namespace assay
