#include "experiment/experiment.h"

#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/toml_table.h"
#include "power/liberty.h"
#include "power/memory.h"
#include "workloads/workload_file.h"

namespace assay {
namespace {

std::filesystem::path beside(const Experiment& experiment, const std::string& path) {
  return experiment.file.parent_path() / path;
}

void read_schemes(const TomlTable& root, Experiment& experiment) {
  const toml::array* list = root.required_node("schemes", "a list of scheme files").as_array();
  if (list == nullptr || list->empty())
    fail("{}: expected a list of at least one scheme file", root.where("schemes"));
  std::set<std::string> names;
  for (const toml::node& node : *list) {
    const std::optional<std::string> path = node.value_exact<std::string>();
    if (!path) fail("{}: expected paths of scheme files", root.where("schemes"));
    experiment.schemes.push_back(load_scheme(beside(experiment, *path)));
    const std::string& name = experiment.schemes.back().name;
    if (!names.insert(name).second) fail("{}: two schemes are called '{}'", root.where("schemes"), name);
  }
}

void read_workload_table(const TomlTable& root, Experiment& experiment) {
  const TomlTable table = root.required_table("workload");
  experiment.workload = parse_workload(table);
  experiment.batch = table.integer("batch").value_or(1);
}

void read_array(const TomlTable& root, Experiment& experiment) {
  const TomlTable table = root.required_table("array");
  table.expect_keys({"rows", "columns", "dataflow", "double_buffered", "buffer_kib"});
  experiment.array.rows = static_cast<int>(table.required_integer("rows", 1, 4096));
  experiment.array.columns = static_cast<int>(table.required_integer("columns", 1, 4096));
  const std::string dataflow = table.required_text("dataflow");
  experiment.array.dataflow = table.at("dataflow", [&] { return parse_dataflow(dataflow); });
  experiment.array.double_buffered = table.boolean("double_buffered").value_or(false);
  table.at("double_buffered", [&] { check_array(experiment.array); });
  experiment.buffer_bytes = 1024 * table.integer("buffer_kib", 1, 1 << 20).value_or(512);
}

void read_technology(const TomlTable& root, Experiment& experiment) {
  const TomlTable table = root.required_table("technology");
  table.expect_keys({"liberty", "feature_size", "dram"});
  const std::string liberty = table.required_text("liberty");
  experiment.liberty = liberty == "osu018" ? default_liberty() : beside(experiment, liberty);
  if (!std::filesystem::is_regular_file(experiment.liberty)) {
    fail("{}: no Liberty file {}", table.where("liberty"), experiment.liberty.string());
  }
  experiment.voltage = read_liberty(experiment.liberty).voltage;
  experiment.feature_size = table.number("feature_size").value_or(180);
  if (!(experiment.feature_size >= 1 && experiment.feature_size <= 1000)) {
    fail("{}: expected nanometres in 1..1000, found {}", table.where("feature_size"),
         experiment.feature_size);
  }
  experiment.dram = table.text("dram").value_or("hbm2");
  table.at("dram", [&] { return dram_energy(experiment.dram); });
}

void read_stimulus(const TomlTable& root, Experiment& experiment) {
  const TomlTable table = root.required_table("stimulus");
  table.expect_keys({"captures", "model", "operations"});
  experiment.captures = read_captures(beside(experiment, table.required_text("captures")));
  if (const std::optional<std::string> model = table.text("model")) {
    std::erase_if(experiment.captures, [&](const LayerCapture& capture) { return capture.model != *model; });
    if (experiment.captures.empty()) fail("{}: no captures of '{}'", table.where("model"), *model);
  }
  experiment.operations = table.integer("operations", 1, 100'000'000).value_or(20'000);
}

void read_verification(const TomlTable& root, Experiment& experiment) {
  const TomlTable table = root.required_table("verification");
  table.expect_keys({"units", "random_vectors", "seed", "vectors"});
  const std::string units = table.text("units").value_or("catalog");
  if (units != "catalog" && units != "schemes") {
    fail("{}: expected catalog or schemes, found '{}'", table.where("units"), units);
  }
  experiment.verify_catalog = units == "catalog";
  constexpr int64_t kMostVectors = int64_t{1} << 40;
  experiment.random_vectors =
      static_cast<uint64_t>(table.integer("random_vectors", 1, kMostVectors).value_or(1'000'000));
  if (table.contains("vectors")) {
    const TomlTable of_unit = table.required_table("vectors");
    for (const auto& [key, node] : of_unit.table()) {
      const std::string_view unit = key.str();
      const std::string name = of_unit.at(unit, [&] { return unit_name(parse_unit(unit)); });
      experiment.vectors_of_unit[name] =
          static_cast<uint64_t>(of_unit.required_integer(unit, 1, kMostVectors));
    }
  }
  experiment.seed = static_cast<uint64_t>(table.integer("seed", 0, INT64_MAX).value_or(1));
}

}  // namespace

Experiment read_experiment(const std::filesystem::path& file) {
  Experiment experiment;
  experiment.file = file;
  experiment.text = read_file(file);
  const toml::table parsed = parse_toml(experiment.text, file.string());
  const TomlTable root(parsed, file.string(), "");
  root.expect_keys({"name", "schemes", "workload", "array", "technology", "stimulus", "verification"});
  experiment.name = root.required_text("name");
  read_workload_table(root, experiment);
  read_array(root, experiment);
  read_technology(root, experiment);
  read_verification(root, experiment);
  read_schemes(root, experiment);
  read_stimulus(root, experiment);
  return experiment;
}

}  // namespace assay
