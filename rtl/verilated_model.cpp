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
Command compiler(bool trace) {
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
          fmt::format("-DVM_TRACE={}", trace ? 1 : 0),
          fmt::format("-DVM_TRACE_FST={}", trace ? 1 : 0),
          "-DVM_TRACE_VCD=0",
          "-I" + tools().verilator_root + "/include",
          "-I" + tools().verilator_root + "/include/vltstd"};
}

Command operator+(Command command, const Command& more) {
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

// The options that say what the design is: everything but where its sources lie.
Command design_options(const ModelSources& sources) {
  // Styles and lint are the designer's affair. BLKANDNBLK is an error that -Wno-lint does not silence.
  Command options = {"--top-module", sources.top, "-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-BLKANDNBLK"};
  for (const auto& [name, value] : sources.parameters) options.push_back(fmt::format("-G{}={}", name, value));
  for (const auto& [name, text] : sources.defines) {
    options.push_back(text.empty() ? "-D" + name : fmt::format("-D{}={}", name, text));
  }
  options.emplace_back("+1364-2005ext+v");
  return options;
}

// And those that say what is built.
Command build_options(const ModelSources& sources, VerilatorOptimization optimization) {
  Command options = design_options(sources);
  for (const char* option : {"--prefix", "Vmodel", "--x-assign", "fast", "--x-initial", "unique",
                             "--noassert", optimization == VerilatorOptimization::full ? "-O3" : "-O0"}) {
    options.emplace_back(option);
  }
  if (sources.trace) options.emplace_back("--trace-fst");
  return options;
}

// The source files as arguments; generated ones are written to `folder`.
Command source_arguments(const ModelSources& sources, const std::filesystem::path& folder) {
  Command arguments;
  for (const auto& include : sources.include_folders) {
    arguments.push_back("-I" + std::filesystem::absolute(include).string());
  }
  for (const auto& file : sources.files) {
    if (!std::filesystem::exists(file)) fail("{}: no such SystemVerilog file", file.string());
    arguments.push_back(std::filesystem::absolute(file).string());
  }
  for (const auto& [name, text] : sources.generated) {  // may use packages of the files
    write_file(folder / name, text);
    arguments.push_back((folder / name).string());
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
std::filesystem::path runtime_object(const std::filesystem::path& cache_folder, bool trace) {
  static std::mutex mutex;  // threads wait for each other's object; processes may make it twice
  const std::lock_guard lock(mutex);
  std::filesystem::path object =
      cache_folder / ("runtime-" + hash_text(tools().versions + joined(compiler(trace))) + ".o");
  if (std::filesystem::exists(object)) return object;
  const TemporaryFolder work;
  std::string text;
  for (const char* name : {"verilated.cpp", "verilated_threads.cpp"})
    text += fmt::format("#include \"{}\"\n", name);
  if (trace) text += "#include \"verilated_fst_c.cpp\"\n";
  write_file(work.path() / "runtime.cpp", text);
  run_or_fail("Verilator's run-time library",
              compiler(trace) + Command{"-c", "runtime.cpp", "-o", "runtime.o"}, work.path());
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

// Runs a command of Verilator's. It numbers its errors by what comes first; the rest follows from that often enough.
std::string run_tool(const ModelSources& sources, const Command& command,
                     const std::filesystem::path& folder) {
  ProcessResult result = run_process(command, folder);
  if (result.exit_status == 0) return std::move(result.output);
  const size_t error = result.output.find("%Error");
  if (error != std::string::npos) result.output.erase(0, error);
  constexpr size_t kEnough = 4000;
  if (result.output.size() > kEnough) result.output = result.output.substr(0, kEnough) + "...";
  fail("module {}: {}", sources.top, result.output);
}

void build_library(const ModelSources& sources, const Command& options, const Command& arguments,
                   const std::filesystem::path& work, const std::filesystem::path& cache_folder,
                   const std::filesystem::path& library) {
  const std::filesystem::path generated = work / "generated";
  run_tool(sources, Command{"verilator", "--cc", "--Mdir", generated.string()} + options + arguments, work);
  write_file(generated / "harness.inc", sources.harness);
  const std::string text = model_text(generated);
  write_file(generated / "model.cpp", text);
  const std::filesystem::path runtime = runtime_object(cache_folder, sources.trace);
  run_or_fail("the model of module " + sources.top,
              compiler(sources.trace) + Command{"-shared", "-Wl,-Bsymbolic", "model.cpp", runtime.string(),
                                                "-o", (work / "model.so").string(), "-pthread", "-lz"},
              generated);
  keep(work / "model.so", library);
}

}  // namespace

std::string run_verilator(const ModelSources& sources, const std::vector<std::string>& options,
                          const std::filesystem::path& folder) {
  return run_tool(
      sources, Command{"verilator"} + design_options(sources) + options + source_arguments(sources, folder),
      folder);
}

std::shared_ptr<const VerilatedModel> VerilatedModel::build(const ModelSources& sources,
                                                            const std::filesystem::path& cache_folder,
                                                            VerilatorOptimization optimization) {
  const std::filesystem::path cache = std::filesystem::absolute(cache_folder);
  std::filesystem::create_directories(cache);
  const TemporaryFolder work;
  const Command options = build_options(sources, optimization);
  const Command arguments = source_arguments(sources, work.path());
  const std::string preprocessed =
      run_tool(sources, Command{"verilator", "-E", "-P"} + options + arguments, work.path());
  const std::string key = joined(
      {tools().versions, joined(compiler(sources.trace)), joined(options), sources.harness, preprocessed});
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
