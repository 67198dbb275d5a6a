// An experiment: workload x schemes x array x technology, as written in a TOML file.
//
//   name = "..."                       # title of the report
//   schemes = ["schemes/fp32.toml"]    # train/scheme.h; the first is what the others are compared with
//   [workload]                         # workloads/workload_file.h
//   [array]
//   rows = 32
//   columns = 32
//   dataflow = "weight_stationary"     # or input_stationary, output_stationary
//   double_buffered = true             # load the next tile's weights or inputs meanwhile, default false
//   buffer_kib = 512                   # on-chip memory, default 512
//   [technology]
//   liberty = "osu018"                 # or the path of a .lib or .lib.gz
//   feature_size = 180                 # nm, for scaling memories; default 180
//   dram = "hbm2"                      # power/memory.h; default hbm2
//   [stimulus]
//   captures = "captures"              # workloads/capture.h
//   model = "digits_cnn"               # only that network's captures, default all
//   operations = 20000                 # per unit and phase, default 20000
//   [verification]
//   units = "catalog"                  # every unit of the catalog, or "schemes": only those the schemes use
//   random_vectors = 1000000           # default 1000000
//   seed = 1                           # of all random numbers of the experiment, default 1
//   [verification.vectors]             # other numbers of random vectors for single units
//   "mul-bf16-bf16-bf16-pam" = 100000000
//
// Paths are relative to the file's folder.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sim/array_timing.h"
#include "train/scheme.h"
#include "workloads/capture.h"
#include "workloads/workload.h"

namespace assay {

struct Experiment {
  std::string name;
  std::filesystem::path file;
  std::string text;  // of the file

  Workload workload;
  int64_t batch = 1;  // 1 if the workload has none
  std::vector<Scheme> schemes;

  SystolicArray array;
  int64_t buffer_bytes = 0;

  std::filesystem::path liberty;
  double feature_size = 180;  // nm
  double voltage = 0;         // V, the library's
  std::string dram;

  std::vector<LayerCapture> captures;
  int64_t operations = 0;

  bool verify_catalog = true;
  uint64_t random_vectors = 0;
  std::map<std::string, uint64_t> vectors_of_unit;  // where they differ from random_vectors
  uint64_t seed = 1;
};

// Reads and checks everything the file refers to. Throws Error naming file, line and key.
Experiment read_experiment(const std::filesystem::path& file);

}  // namespace assay
