#include "workloads/capture.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "workloads/npy.h"

namespace assay {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "assay-captures";
constexpr int64_t kVersion = 1;

const json& member(const json& object, const char* key, const std::string& where) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (found == object.end()) fail("{}: missing key '{}'", where, key);
  return *found;
}

std::string string_member(const json& object, const char* key, const std::string& where) {
  const json& value = member(object, key, where);
  if (!value.is_string()) fail("{}: key '{}': expected a string, found {}", where, key, value.type_name());
  return value.get<std::string>();
}

int64_t integer_member(const json& object, const char* key, int64_t minimum, const std::string& where) {
  const json& value = member(object, key, where);
  if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX) ||
      value.get<int64_t>() < minimum) {
    fail("{}: key '{}': expected an integer of at least {}", where, key, minimum);
  }
  return value.get<int64_t>();
}

json parse_manifest(const std::filesystem::path& path) {
  json manifest;
  try {
    manifest = json::parse(read_file(path));
  } catch (const json::exception& error) {
    fail("{}: {}", path.string(), error.what());
  }
  const std::string where = path.string();
  if (string_member(manifest, "format", where) != kFormat) {
    fail("{}: key 'format': expected '{}'", where, kFormat);
  }
  const int64_t version = integer_member(manifest, "version", 1, where);
  if (version != kVersion) fail("{}: key 'version': expected {}, found {}", where, kVersion, version);
  return manifest;
}

// The matrix in the file that `entry` names under `role`.
Matrix read_matrix(const std::filesystem::path& folder, const json& entry, const char* role, int64_t rows,
                   int64_t cols, const std::string& where) {
  const std::string file = string_member(entry, role, where);
  if (file.empty() || std::filesystem::path(file).filename() != file || file == "." || file == "..") {
    fail("{}: key '{}': expected the name of a file in the same folder, found '{}'", where, role, file);
  }
  const std::string path = (folder / file).string();
  const NpyArray array = read_npy(path);
  if (array.shape != std::vector{rows, cols}) {
    fail("{}: expected the shape ({}, {}) that the manifest states, found ({})", path, rows, cols,
         fmt::join(array.shape, ", "));
  }
  return {rows, cols, npy_values<float>(array, path)};
}

LayerCapture read_capture(const std::filesystem::path& folder, const json& entry, const std::string& where) {
  const int64_t m = integer_member(entry, "m", 1, where);
  const int64_t n = integer_member(entry, "n", 1, where);
  const int64_t k = integer_member(entry, "k", 1, where);
  LayerCapture capture;
  capture.model = string_member(entry, "model", where);
  capture.layer = string_member(entry, "layer", where);
  capture.step = integer_member(entry, "step", 0, where);
  capture.activation = read_matrix(folder, entry, "activation", m, k, where);
  capture.weight = read_matrix(folder, entry, "weight", k, n, where);
  capture.gradient = read_matrix(folder, entry, "gradient", m, n, where);
  return capture;
}

}  // namespace

std::vector<LayerCapture> read_captures(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "manifest.json";
  const json manifest = parse_manifest(path);
  const json& entries = member(manifest, "captures", path.string());
  if (!entries.is_array() || entries.empty()) {
    fail("{}: key 'captures': expected a list of one or more captures", path.string());
  }
  std::vector<LayerCapture> captures;
  for (const json& entry : entries) {
    const std::string where = fmt::format("{}: captures[{}]", path.string(), captures.size());
    captures.push_back(read_capture(folder, entry, where));
  }
  return captures;
}

GemmOperands gemm_operands(const LayerCapture& capture, Phase phase) {
  switch (phase) {
    case Phase::fwd:
      return {capture.activation, capture.weight};
    case Phase::dgrad:
      return {capture.gradient, transposed(capture.weight)};
    case Phase::wgrad:
      return {transposed(capture.activation), capture.gradient};
  }
  return {};
}

Workload capture_workload(const std::string& name, const std::vector<LayerCapture>& captures) {
  Workload workload{name, {}};
  for (const LayerCapture& capture : captures) {
    const std::string layer = fmt::format("{}.{}.step{}", capture.model, capture.layer, capture.step);
    const Gemm fwd{layer, Phase::fwd, capture.m(), capture.n(), capture.k(), 1};
    workload.gemms.insert(workload.gemms.end(), {fwd, data_gradient(fwd), weight_gradient(fwd)});
  }
  return workload;
}

}  // namespace assay
