#include "rtl/verilated_model.h"

#include <dlfcn.h>

#include <algorithm>
#include <mutex>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/process.h"

namespace assay {
namespace {

using Command = std::vector<std::string>;

// The external programs, asked for once a process.
struct Tools {
  std::string versions;
  std::string verilator_root;
};

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

const Tools& tools() {
  static const Tools found = [] {
    Tools result;
    result.versions = first_line(run_or_fail("Verilator's version", {"verilator", "--version"})) + "\n" +
                      first_line(run_or_fail("the compiler's version", {"g++", "--version"}));
    result.verilator_root =
        first_line(run_or_fail("Verilator's folder", {"verilator", "--getenv", "VERILATOR_ROOT"}));
    return result;
  }();
  return found;
}

// Hidden symbols and no process-wide unique ones: each loaded model is on its own.
Command compiler() {
  return {"g++",
          "-std=c++20",
          "-O2",
          "-fPIC",
          "-fvisibility=hidden",
          "-fno-gnu-unique",
          "-w",
          "-DVERILATOR=1",
          "-DVM_COVERAGE=0",
          "-DVM_SC=0",
          "-DVM_TRACE=0",
          "-DVM_TRACE_FST=0",
          "-DVM_TRACE_VCD=0",
          "-I" + tools().verilator_root + "/include",
          "-I" + tools().verilator_root + "/include/vltstd"};
}

Command operator+(Command command, const Command& more) {
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

// The options that say what is built: everything but where the generated sources and the output lie.
Command design_options(const ModelSources& sources, VerilatorOptimization optimization) {
  Command options = {"-sv",         "--top-module",
                     sources.top,   "--prefix",
                     "Vmodel",      "-Wno-fatal",
                     "-Wno-lint",   "-Wno-style",
                     "--x-assign",  "fast",
                     "--x-initial", "unique",
                     "--noassert",  optimization == VerilatorOptimization::full ? "-O3" : "-O0"};
  for (const auto& [name, value] : sources.parameters) options.push_back(fmt::format("-G{}={}", name, value));
  return options;
}

// The source files as arguments; generated ones are written to `folder`.
Command source_arguments(const ModelSources& sources, const std::filesystem::path& folder) {
  Command arguments;
  for (const auto& include : sources.include_folders) {
    arguments.push_back("-I" + std::filesystem::absolute(include).string());
  }
  for (const auto& [name, text] : sources.generated) {
    write_file(folder / name, text);
    arguments.push_back((folder / name).string());
  }
  for (const auto& file : sources.files) {
    if (!std::filesystem::exists(file)) fail("{}: no such SystemVerilog file", file.string());
    arguments.push_back(std::filesystem::absolute(file).string());
  }
  return arguments;
}

std::string joined(const Command& words) {
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  return text;
}

// Moves a finished file to its place in the cache; whoever comes second replaces equal content.
void keep(const std::filesystem::path& made, const std::filesystem::path& place) {
  std::filesystem::path neighbour = place;
  neighbour += "." + made.parent_path().filename().string();
  std::filesystem::copy_file(made, neighbour, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::rename(neighbour, place);
}

// Verilator's run-time library as one object file.
std::filesystem::path runtime_object(const std::filesystem::path& cache_folder) {
  static std::mutex mutex;  // threads wait for each other's object; processes may make it twice
  const std::lock_guard lock(mutex);
  std::filesystem::path object =
      cache_folder / ("runtime-" + hash_text(tools().versions + joined(compiler())) + ".o");
  if (std::filesystem::exists(object)) return object;
  const TemporaryFolder work;
  std::string text;
  for (const char* name : {"verilated.cpp", "verilated_threads.cpp"})
    text += fmt::format("#include \"{}\"\n", name);
  write_file(work.path() / "runtime.cpp", text);
  run_or_fail("Verilator's run-time library", compiler() + Command{"-c", "runtime.cpp", "-o", "runtime.o"},
              work.path());
  keep(work.path() / "runtime.o", object);
  return object;
}

// One translation unit of everything Verilator generated and the harness: the headers are read once. What
// Verilator calls slow runs once an instance and is not worth the compiler's time.
std::string model_text(const std::filesystem::path& folder) {
  std::vector<std::string> fast, slow;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".cpp")) (name.ends_with("__Slow.cpp") ? slow : fast).push_back(name);
  }
  std::sort(fast.begin(), fast.end());
  std::sort(slow.begin(), slow.end());
  std::string text;
  for (const std::string& name : fast) text += fmt::format("#include \"{}\"\n", name);
  text += "#include \"harness.inc\"\n#pragma GCC optimize(\"O0\")\n";
  for (const std::string& name : slow) text += fmt::format("#include \"{}\"\n", name);
  return text;
}

void build_library(const ModelSources& sources, const Command& options, const Command& arguments,
                   const std::filesystem::path& work, const std::filesystem::path& cache_folder,
                   const std::filesystem::path& library) {
  const std::filesystem::path generated = work / "generated";
  run_or_fail("module " + sources.top,
              Command{"verilator", "--cc", "--Mdir", generated.string()} + options + arguments, work);
  write_file(generated / "harness.inc", sources.harness);
  const std::string text = model_text(generated);
  write_file(generated / "model.cpp", text);
  const std::filesystem::path runtime = runtime_object(cache_folder);
  run_or_fail("the model of module " + sources.top,
              compiler() + Command{"-shared", "-Wl,-Bsymbolic", "model.cpp", runtime.string(), "-o",
                                   (work / "model.so").string(), "-pthread"},
              generated);
  keep(work / "model.so", library);
}

}  // namespace

std::shared_ptr<const VerilatedModel> VerilatedModel::build(const ModelSources& sources,
                                                            const std::filesystem::path& cache_folder,
                                                            VerilatorOptimization optimization) {
  const std::filesystem::path cache = std::filesystem::absolute(cache_folder);
  std::filesystem::create_directories(cache);
  const TemporaryFolder work;
  const Command options = design_options(sources, optimization);
  const Command arguments = source_arguments(sources, work.path());
  const std::string preprocessed = run_or_fail(
      "module " + sources.top, Command{"verilator", "-E", "-P"} + options + arguments, work.path());
  const std::string key =
      joined({tools().versions, joined(compiler()), joined(options), sources.harness, preprocessed});
  const std::filesystem::path library = cache / fmt::format("{}-{}.so", sources.top, hash_text(key));
  if (!std::filesystem::exists(library)) {
    build_library(sources, options, arguments, work.path(), cache, library);
  }
  return std::shared_ptr<const VerilatedModel>(new VerilatedModel(library));
}

VerilatedModel::VerilatedModel(std::filesystem::path library)
    : library_(std::move(library)), handle_(::dlopen(library_.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) fail("{}: cannot load the model: {}", library_.string(), ::dlerror());
}

VerilatedModel::~VerilatedModel() {
  ::dlclose(handle_);
}

void* VerilatedModel::symbol(const char* name) const {
  void* address = ::dlsym(handle_, name);
  if (address == nullptr) fail("{}: no function {}", library_.string(), name);
  return address;
}

}  // namespace assay
