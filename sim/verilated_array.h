// The array's RTL, simulated by Verilator.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "rtl/catalog.h"
#include "rtl/model_harness.h"
#include "rtl/verilated_model.h"
#include "sim/array_feeder.h"
#include "sim/array_timing.h"

namespace assay {

class VerilatedArray {
 public:
  // Builds (or finds in `cache_folder`, see verilated_model.h) rtl/systolic_array_ws.sv or _os.sv of the
  // folder `rtl` with the entry's module in every processing element. Throws Error if the unit is not a mac,
  // the module is not combinational, or something does not compile.
  VerilatedArray(const SystolicArray& array, const CatalogEntry& mac,
                 const std::filesystem::path& cache_folder,
                 VerilatorOptimization optimization = VerilatorOptimization::full,
                 const std::filesystem::path& rtl = rtl_folder());

  // Computes C = A B (codes, row-major). Cycles are counted by watching the array's valid outputs. The array
  // is reset only once, at its construction, and goes from one call to the next like from one tile to the
  // next. Not for two threads at a time. Throws Error as ArrayFeeder does; the array is reset after that.
  ArrayRun run(int64_t m, int64_t n, int64_t k, std::span<const uint64_t> a, std::span<const uint64_t> b);

 private:
  void run_cycles(ArrayFeeder& feeder);

  SystolicArray array_;
  Unit mac_;
  std::shared_ptr<const VerilatedModel> model_;
  std::unique_ptr<ClockedModel> instance_;
};

}  // namespace assay
