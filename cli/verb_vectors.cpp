// assay vectors: test vectors for other people's test benches.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "arith/evaluate.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/verbs.h"
#include "verify/unit_stimulus.h"
#include "workloads/npy.h"

namespace assay {
namespace {

struct Options {
  std::string unit, format = "text", output;
  StimulusOptions stimulus{1, 10'000, 16};
};

// Columns: every operand, then the result. One row a vector.
struct Vectors {
  std::vector<std::vector<uint64_t>> columns;
  std::vector<int> widths;
};

Vectors make_vectors(const Unit& unit, const StimulusOptions& options) {
  const UnitStimulus stimulus(unit, options);
  Vectors vectors;
  stimulus.fill(0, stimulus.size(), vectors.columns);
  std::vector<uint64_t> results(stimulus.size()), operands(vectors.columns.size());
  for (size_t i = 0; i < results.size(); ++i) {
    for (size_t j = 0; j < operands.size(); ++j) operands[j] = vectors.columns[j][i];
    results[i] = evaluate(unit, operands);
  }
  vectors.columns.push_back(std::move(results));
  for (int i = 0; i < operand_count(unit); ++i) vectors.widths.push_back(operand_format(unit, i).width);
  vectors.widths.push_back(unit.result.width);
  return vectors;
}

// One line a vector; fields separated by `separator`, each with all digits of its width.
std::string as_text(const Vectors& vectors, std::string_view separator) {
  std::string text;
  for (size_t i = 0; i < vectors.columns.front().size(); ++i) {
    for (size_t j = 0; j < vectors.columns.size(); ++j) {
      if (j != 0) text += separator;
      text += fmt::format("{:0{}x}", vectors.columns[j][i], (vectors.widths[j] + 3) / 4);
    }
    text += '\n';
  }
  return text;
}

std::string npy_bytes(const Vectors& vectors) {
  const size_t rows = vectors.columns.front().size();
  std::vector<uint64_t> values;
  values.reserve(rows * vectors.columns.size());
  for (size_t i = 0; i < rows; ++i) {
    for (const auto& column : vectors.columns) values.push_back(column[i]);
  }
  const std::vector<int64_t> shape = {static_cast<int64_t>(rows),
                                      static_cast<int64_t>(vectors.columns.size())};
  return format_npy(make_npy<uint64_t>(NpyType::u8, shape, values), "vectors");
}

void write_vectors(const Options& options, bool json) {
  const Unit unit = load_unit(options.unit);
  const Vectors vectors = make_vectors(unit, options.stimulus);
  std::string bytes;
  if (options.format == "npy") {
    if (options.output.empty()) fail("vectors --format npy: expected --output FILE");
    bytes = npy_bytes(vectors);
  } else if (options.format == "readmemh") {
    std::string widths;
    for (const int width : vectors.widths) widths += fmt::format(" {}", 4 * ((width + 3) / 4));
    bytes = fmt::format("// {}: operands and result concatenated, first operand leftmost; field widths:{}\n",
                        unit_name(unit), widths) +
            as_text(vectors, "");
  } else {
    bytes = fmt::format("# {}: operands, result\n", unit_name(unit)) + as_text(vectors, " ");
  }
  if (options.output.empty()) return print(bytes);
  write_file(options.output, bytes);
  const size_t rows = vectors.columns.front().size();
  const nlohmann::ordered_json summary = {
      {"unit", unit_name(unit)}, {"vectors", rows}, {"output", options.output}};
  print(json ? summary.dump(2) + "\n"
             : fmt::format("{} vectors of {} -> {}\n", rows, unit_name(unit), options.output));
}

}  // namespace

void add_vectors(Program& program) {
  CLI::App* verb = add_verb(program, "vectors",
                            "Write test vectors of a unit: directed and random operands and exact results",
                            "assay vectors mac-e4m3-e4m3-fp32 --format readmemh --output vectors.hex");
  auto options = std::make_shared<Options>();
  verb->add_option("UNIT", options->unit, "Canonical name or a TOML file")->required();
  verb->add_option("--format", options->format, "text, readmemh ($readmemh) or npy")
      ->check(CLI::IsMember({"text", "readmemh", "npy"}))
      ->capture_default_str();
  verb->add_option("--output", options->output, "File; standard output without it");
  verb->add_option("--random", options->stimulus.random_vectors, "Number of random vectors")
      ->capture_default_str();
  verb->add_option("--seed", options->stimulus.seed, "Seed")->capture_default_str();
  verb->add_option("--exhaustive-bits", options->stimulus.exhaustive_bits,
                   "All combinations if the operands have at most this many bits in all")
      ->check(CLI::Range(0, 28))
      ->capture_default_str();
  verb->callback([&program, options] { write_vectors(*options, program.json); });
}

}  // namespace assay
