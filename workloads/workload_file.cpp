#include "workloads/workload_file.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "workloads/model_list.h"
#include "workloads/scale_sim_csv.h"

namespace assay {
namespace {

std::string place(const std::string& file, const toml::source_region& region) {
  return region.begin.line == 0 ? file : fmt::format("{}:{}", file, region.begin.line);
}

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a floating-point number";
    case toml::node_type::boolean:
      return "a boolean";
    default:
      return "a date or time";
  }
}

// One table with the name of its file: typed look-ups whose errors name file, line and key.
class Keys {
 public:
  Keys(const toml::table& table, const std::string& file) : table_(table), file_(file) {}

  void allow_only(const std::vector<std::string_view>& known) const {
    for (const auto& [key, node] : table_) {
      if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
        fail("{}: unknown key '{}'; expected one of: {}", place(file_, key.source()), key.str(),
             fmt::join(known, ", "));
      }
    }
  }

  const toml::node* find(std::string_view key) const { return table_.get(key); }

  std::optional<std::string> string(std::string_view key) const {
    return value<std::string>(key, "a string");
  }

  std::optional<bool> boolean(std::string_view key) const { return value<bool>(key, "true or false"); }

  std::optional<int64_t> size(std::string_view key) const {
    const std::optional<int64_t> found = value<int64_t>(key, "an integer of at least 1");
    if (found && *found < 1) fail_at(key, fmt::format("expected an integer of at least 1, found {}", *found));
    return found;
  }

  template <typename T>
  T required(std::optional<T> value, std::string_view key) const {
    if (!value) fail("{}: missing key '{}'", place(file_, table_.source()), key);
    return *std::move(value);
  }

  // What `function` returns; an Error that it throws is thrown again with file, line and key.
  template <typename Function>
  auto located(std::string_view key, Function function) const {
    try {
      return function();
    } catch (const Error& error) {
      fail_at(key, error.what());
    }
  }

  [[noreturn]] void fail_at(std::string_view key, const std::string& problem) const {
    fail("{}: key '{}': {}", place(file_, table_.get(key)->source()), key, problem);
  }

 private:
  template <typename T>
  std::optional<T> value(std::string_view key, const char* expected) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    // node->value alone would also take a float without a fraction for an integer.
    if (!node->is<T>()) fail_at(key, fmt::format("expected {}, found {}", expected, type_name(*node)));
    return *node->value<T>();
  }

  const toml::table& table_;
  const std::string& file_;
};

Gemm parse_gemm(const toml::table& table, const std::string& file) {
  const Keys keys(table, file);
  keys.allow_only({"layer", "phase", "m", "n", "k", "count"});
  Gemm gemm;
  gemm.layer = keys.required(keys.string("layer"), "layer");
  if (gemm.layer.empty()) keys.fail_at("layer", "expected a name, found an empty string");
  if (const auto name = keys.string("phase")) {
    const std::optional<Phase> phase = parse_phase(*name);
    if (!phase) keys.fail_at("phase", fmt::format("unknown phase '{}'; expected fwd, dgrad or wgrad", *name));
    gemm.phase = *phase;
  }
  gemm.m = keys.required(keys.size("m"), "m");
  gemm.n = keys.required(keys.size("n"), "n");
  gemm.k = keys.required(keys.size("k"), "k");
  gemm.count = keys.size("count").value_or(1);
  keys.located("m", [&] { return macs(gemm); });
  return gemm;
}

std::vector<Gemm> parse_gemms(const Keys& keys, const std::string& file) {
  const toml::array* tables = keys.find("gemm")->as_array();
  if (tables == nullptr || tables->empty()) keys.fail_at("gemm", "expected one or more [[gemm]] tables");
  std::vector<Gemm> gemms;
  for (const toml::node& node : *tables) {
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      fail("{}: key 'gemm': expected tables, found {}", place(file, node.source()), type_name(node));
    }
    gemms.push_back(parse_gemm(*table, file));
  }
  return gemms;
}

Workload from_model(const Keys& keys) {
  const std::string name = keys.required(keys.string("model"), "model");
  const ModelEntry* entry = keys.located("model", [&] { return &find_model(name); });
  std::vector<std::string_view> known = {"name", "model", "batch"};
  known.insert(known.end(), entry->options.begin(), entry->options.end());
  keys.allow_only(known);

  ModelOptions options;
  options.image_size = keys.size("image_size").value_or(options.image_size);
  options.sequence = keys.size("sequence").value_or(options.sequence);
  options.lm_head = keys.boolean("lm_head").value_or(options.lm_head);
  const int64_t batch = keys.size("batch").value_or(1);
  return keys.located("model", [&] { return training_step(entry->make(options), batch); });
}

Workload from_gemms(const Keys& keys, const std::string& file) {
  keys.allow_only({"name", "gemm"});
  Workload workload{std::filesystem::path(file).stem().string(), parse_gemms(keys, file)};
  keys.located("gemm", [&] { return mac_totals(workload); });
  return workload;
}

}  // namespace

Workload parse_workload(const toml::table& table, const std::string& file) {
  const Keys keys(table, file);
  const bool has_model = keys.find("model") != nullptr;
  const bool has_gemms = keys.find("gemm") != nullptr;
  if (has_model == has_gemms) {
    fail("{}: expected either the key 'model' or [[gemm]] tables, found {}", place(file, table.source()),
         has_model ? "both" : "neither");
  }
  Workload workload = has_model ? from_model(keys) : from_gemms(keys, file);
  if (auto name = keys.string("name")) workload.name = *std::move(name);
  return workload;
}

Workload read_workload(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  if (path.extension() == ".csv") return parse_scale_sim_csv(text, path.string());
  toml::table table;
  try {
    table = toml::parse(text, path.string());
  } catch (const toml::parse_error& error) {
    fail("{}: {}", place(path.string(), error.source()), error.description());
  }
  return parse_workload(table, path.string());
}

}  // namespace assay
