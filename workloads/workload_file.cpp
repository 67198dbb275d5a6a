#include "workloads/workload_file.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/toml_table.h"
#include "workloads/model_list.h"
#include "workloads/scale_sim_csv.h"

namespace assay {
namespace {

Gemm parse_gemm(const TomlTable& table) {
  table.expect_keys({"layer", "phase", "m", "n", "k", "count"});
  Gemm gemm;
  gemm.layer = table.required_text("layer");
  if (gemm.layer.empty()) fail("{}: expected a name, found an empty string", table.where("layer"));
  if (const auto name = table.text("phase")) {
    const std::optional<Phase> phase = parse_phase(*name);
    if (!phase) fail("{}: unknown phase '{}'; expected fwd, dgrad or wgrad", table.where("phase"), *name);
    gemm.phase = *phase;
  }
  gemm.m = table.required_integer("m", 1);
  gemm.n = table.required_integer("n", 1);
  gemm.k = table.required_integer("k", 1);
  gemm.count = table.integer("count", 1).value_or(1);
  table.at("m", [&] { return macs(gemm); });
  return gemm;
}

Workload from_model(const TomlTable& table) {
  const std::string name = table.required_text("model");
  const ModelEntry* entry = table.at("model", [&] { return &find_model(name); });
  std::vector<std::string_view> known = {"name", "model", "batch"};
  known.insert(known.end(), entry->options.begin(), entry->options.end());
  table.expect_keys(known);

  ModelOptions options;
  options.image_size = table.integer("image_size", 1).value_or(options.image_size);
  options.sequence = table.integer("sequence", 1).value_or(options.sequence);
  options.lm_head = table.boolean("lm_head").value_or(options.lm_head);
  const int64_t batch = table.integer("batch", 1).value_or(1);
  return table.at("model", [&] { return training_step(entry->make(options), batch); });
}

Workload from_gemms(const TomlTable& table) {
  table.expect_keys({"name", "gemm"});
  Workload workload;
  workload.name = std::filesystem::path(table.place()).stem().string();
  for (const TomlTable& gemm : table.required_tables("gemm")) workload.gemms.push_back(parse_gemm(gemm));
  table.at("gemm", [&] { return mac_totals(workload); });
  return workload;
}

}  // namespace

Workload parse_workload(const TomlTable& table) {
  const bool has_model = table.contains("model");
  if (has_model == table.contains("gemm")) {
    fail("{}: expected either the key 'model' or [[gemm]] tables, found {}", table.where(""),
         has_model ? "both" : "neither");
  }
  Workload workload = has_model ? from_model(table) : from_gemms(table);
  if (auto name = table.text("name")) workload.name = *std::move(name);
  return workload;
}

Workload read_workload(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  if (path.extension() == ".csv") return parse_scale_sim_csv(text, path.string());
  const toml::table table = parse_toml(text, path.string());
  return parse_workload({table, path.string(), ""});
}

}  // namespace assay
