#include "workloads/scale_sim_csv.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/error.h"

namespace assay {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_layer_name(std::string_view name) {
  const auto printable = [](char c) { return c >= ' ' && c <= '~' && c != ','; };
  return !name.empty() && trimmed(name) == name && std::all_of(name.begin(), name.end(), printable);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// The cells of a line; the empty one after the last comma is dropped.
std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells = split(line, ',');
  if (cells.size() > 1 && cells.back().empty()) cells.pop_back();
  return cells;
}

void check_header(std::string_view line, const std::string& where) {
  const std::vector<std::string_view> cells = cells_of(line);
  const bool good = cells.size() >= 4 && cells.size() <= 5 && equals_ignoring_case(cells[1], "M") &&
                    equals_ignoring_case(cells[2], "N") && equals_ignoring_case(cells[3], "K");
  if (!good) fail("{}: expected the header 'Layer, M, N, K,'", where);
}

int64_t parse_size(std::string_view text, const char* column, const std::string& where) {
  const std::optional<int64_t> value = parse_integer(text);
  if (!value || *value < 1) {
    fail("{}: column {}: expected an integer of at least 1, found '{}'", where, column, text);
  }
  return *value;
}

void check_dense(std::string_view ratio, const std::string& where) {
  const std::vector<std::string_view> parts = split(ratio, ':');
  if (parts.size() != 2 || !parse_integer(parts[0]) || parse_integer(parts[0]) != parse_integer(parts[1])) {
    fail("{}: sparsity: expected a dense ratio such as 1:1, found '{}'", where, ratio);
  }
}

// Takes the text after the last '/' off `name`; nothing if there is no '/'.
std::optional<std::string_view> take_suffix(std::string_view& name) {
  const size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view suffix = name.substr(slash + 1);
  name = name.substr(0, slash);
  return suffix;
}

std::string encode_name(const Gemm& gemm) {
  std::string name = fmt::format("{}/{}", gemm.layer, phase_name(gemm.phase));
  if (gemm.count > 1) name += fmt::format("/x{}", gemm.count);
  return name;
}

// Sets layer, phase and count from a name as encode_name makes it; any other name is the layer's.
void decode_name(std::string_view name, Gemm& gemm) {
  gemm.layer = name;
  int64_t count = 1;
  std::string_view layer = name;
  std::optional<std::string_view> suffix = take_suffix(layer);
  if (suffix && suffix->starts_with('x')) {
    count = parse_integer(suffix->substr(1)).value_or(0);
    suffix = take_suffix(layer);
  }
  if (!suffix || layer.empty() || count < 1) return;
  if (const std::optional<Phase> phase = parse_phase(*suffix)) {
    gemm.layer = layer;
    gemm.phase = *phase;
    gemm.count = count;
  }
}

Gemm parse_line(std::string_view line, const std::string& where) {
  const std::vector<std::string_view> cells = cells_of(line);
  if (cells.size() < 4 || cells.size() > 5) {
    fail("{}: expected 'layer, M, N, K,', found {} columns", where, cells.size());
  }
  if (!is_layer_name(cells[0])) fail("{}: column Layer: expected a name of printable ASCII", where);
  if (cells.size() == 5) check_dense(cells[4], where);
  Gemm gemm;
  decode_name(cells[0], gemm);
  gemm.m = parse_size(cells[1], "M", where);
  gemm.n = parse_size(cells[2], "N", where);
  gemm.k = parse_size(cells[3], "K", where);
  try {
    macs(gemm);
  } catch (const Error& error) {
    fail("{}: {}", where, error.what());
  }
  return gemm;
}

}  // namespace

std::string scale_sim_csv(const Workload& workload) {
  std::string text = "Layer, M, N, K,\n";
  for (const Gemm& gemm : workload.gemms) {
    if (!is_layer_name(gemm.layer)) {
      fail("layer '{}': a SCALE-Sim topology needs a name of printable ASCII without commas", gemm.layer);
    }
    text += fmt::format("{}, {}, {}, {},\n", encode_name(gemm), gemm.m, gemm.n, gemm.k);
  }
  return text;
}

Workload parse_scale_sim_csv(std::string_view text, const std::string& file) {
  Workload workload{std::filesystem::path(file).stem().string(), {}};
  bool header_seen = false;
  size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    const std::string where = fmt::format("{}:{}", file, ++number);
    if (line.empty()) continue;
    if (!header_seen) {
      check_header(line, where);
      header_seen = true;
      continue;
    }
    workload.gemms.push_back(parse_line(line, where));
  }
  if (workload.gemms.empty()) fail("{}: expected the header 'Layer, M, N, K,' and one or more GEMMs", file);
  try {
    mac_totals(workload);
  } catch (const Error& error) {
    fail("{}: {}", file, error.what());
  }
  return workload;
}

}  // namespace assay
