// Builds SystemVerilog into a shared library with Verilator and the C++ compiler, and loads it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace assay {

// How hard Verilator may transform the design. Verilator 5.006 is known to mis-simulate some designs when it
// optimizes; a verdict is safe only if both agree.
enum class VerilatorOptimization { full, none };

// What a model is made from.
struct ModelSources {
  std::vector<std::filesystem::path> files;      // SystemVerilog files, in order
  std::map<std::string, std::string> generated;  // further ones, name -> text
  std::vector<std::filesystem::path> include_folders;
  std::map<std::string, std::string> defines;  // macro -> text, may be empty
  std::string top;                             // the top module
  std::map<std::string, int64_t> parameters;   // of the top module
  std::string harness;  // C++ that defines extern "C" functions around the class Vmodel of "Vmodel.h"
  bool trace = false;   // the harness may write FST waveforms
};

// Runs Verilator on the sources with more options in `folder`, which generated sources are written to, and returns what
// it printed. Files that end in .v are read as Verilog 2005, others as SystemVerilog. Throws Error with its first error.
std::string run_verilator(const ModelSources& sources, const std::vector<std::string>& options,
                          const std::filesystem::path& folder);

// A loaded model. Every model has its own copy of Verilator's run-time library, so models of different
// designs and several instances of one do not see each other.
class VerilatedModel {
 public:
  // Loads the model from `cache_folder`, building it there first if it is missing. What is kept is found
  // again by a hash of the preprocessed sources (so of included files, too), the other fields of
  // ModelSources, the optimization and the versions of the tools; verilated.cpp is compiled once for all
  // models of the folder. Any number of threads and processes may build in the same folder at the same time.
  // Throws Error with the tool's message if a source does not compile.
  static std::shared_ptr<const VerilatedModel> build(
      const ModelSources& sources, const std::filesystem::path& cache_folder,
      VerilatorOptimization optimization = VerilatorOptimization::full);

  ~VerilatedModel();
  VerilatedModel(const VerilatedModel&) = delete;
  VerilatedModel& operator=(const VerilatedModel&) = delete;

  // The function `name` of the harness. Throws Error if there is none.
  template <typename Function>
  Function* function(const char* name) const {
    return reinterpret_cast<Function*>(symbol(name));
  }

  const std::filesystem::path& library() const { return library_; }

 private:
  explicit VerilatedModel(std::filesystem::path library);
  void* symbol(const char* name) const;

  std::filesystem::path library_;
  void* handle_;
};

}  // namespace assay
