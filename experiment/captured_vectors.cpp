#include "experiment/captured_vectors.h"

#include <algorithm>
#include <array>

#include "arith/evaluate.h"
#include "base/error.h"
#include "experiment/default_stream.h"
#include "formats/round.h"
#include "workloads/capture.h"
#include "workloads/npy.h"

namespace assay {
namespace {

constexpr uint64_t kSeed = 1;
constexpr int64_t kWanted = 65'536;

using Columns = std::vector<std::vector<uint64_t>>;

bool has_sum(const Unit& unit) {
  return accumulates(unit.operation) || unit.operation == Operation::fma;
}

// Products of one evaluation, or 1.
int64_t products_each(const Unit& unit) {
  return facts_of(unit.operation).has_terms ? unit.terms : 1;
}

void check_operands(const Unit& unit, const std::filesystem::path& path) {
  if (operand_count(unit) > 2 * products_each(unit) + (has_sum(unit) ? 1 : 0)) {
    fail("{}: captured operands have no scales, which unit {} takes", path.string(), unit_name(unit));
  }
}

// Appends vectors with the running sum of the golden model as c.
class Summing {
 public:
  Summing(const Unit& unit, Columns& columns)
      : unit_(unit), sum_unit_(unit), has_sum_(has_sum(unit)), columns_(columns) {
    if (!has_sum_) return;
    format_ = operand_format(unit, operand_count(unit) - 1);
    if (unit.operation == Operation::fma) sum_unit_.result = format_;
    restart();
  }

  void restart() {
    if (has_sum_) sum_ = zero_code(format_, false);
  }

  // Operands in order but for the sum.
  void add(std::vector<uint64_t> operands) {
    if (has_sum_) operands.push_back(sum_);
    for (size_t slot = 0; slot < operands.size(); ++slot) columns_[slot].push_back(operands[slot]);
    if (has_sum_) sum_ = evaluate(sum_unit_, operands);
  }

 private:
  const Unit& unit_;
  Unit sum_unit_;
  bool has_sum_;
  Columns& columns_;
  Format format_;
  uint64_t sum_ = 0;
};

// Vectors from `elements` of the product of a and b, evenly spread.
void add_product(const Unit& unit, const GemmOperands& gemm, int64_t wanted, uint64_t stream,
                 Columns& columns) {
  const Format& b_format = operand_count(unit) > 1 ? unit.b : unit.a;
  const auto a = quantize(usual_quantizer(unit.a), gemm.a.values, kSeed, 2 * stream).codes;
  const auto b = quantize(usual_quantizer(b_format), gemm.b.values, kSeed, 2 * stream + 1).codes;
  const int64_t inner = gemm.a.cols, all = gemm.a.rows * gemm.b.cols, each = products_each(unit);
  const int64_t steps = (inner + each - 1) / each, elements = std::clamp<int64_t>(wanted / steps, 1, all);
  Summing sums(unit, columns);
  for (int64_t e = 0; e < elements; ++e) {
    const int64_t position = e * all / elements, row = position / gemm.b.cols,
                  column = position % gemm.b.cols;
    sums.restart();
    for (int64_t k = 0; k < inner; k += each) {
      std::vector<uint64_t> operands;
      for (int64_t i = k; i < k + each; ++i) {
        // The last evaluation goes on with the first products.
        operands.push_back(a[static_cast<size_t>(row * inner + i % inner)]);
        if (operand_count(unit) > 1)
          operands.push_back(b[static_cast<size_t>(i % inner * gemm.b.cols + column)]);
      }
      sums.add(std::move(operands));
    }
  }
}

Columns from_captures(const Unit& unit, const std::filesystem::path& folder) {
  const std::vector<LayerCapture> captures = read_captures(folder);
  Columns columns(static_cast<size_t>(operand_count(unit)));
  const int64_t share = kWanted / static_cast<int64_t>(captures.size() * kPhases.size());
  uint64_t stream = 0;
  for (const LayerCapture& capture : captures) {
    for (const Phase phase : kPhases) {
      add_product(unit, gemm_operands(capture, phase), std::max<int64_t>(share, 1), stream++, columns);
    }
  }
  return columns;
}

struct Rows {
  size_t count = 0, width = 0;
  std::vector<float> values;
};

Rows read_rows(const std::filesystem::path& file) {
  const NpyArray array = read_npy(file);
  if (array.type != NpyType::f4 || array.shape.empty() || array.shape.size() > 2) {
    fail("{}: expected float32 vectors, a row each", file.string());
  }
  const auto width = array.shape.size() == 1 ? size_t{1} : static_cast<size_t>(array.shape[1]);
  return {static_cast<size_t>(array.shape[0]), width, npy_values<float>(array, file.string())};
}

Columns from_rows(const Unit& unit, const std::filesystem::path& file) {
  const Rows rows = read_rows(file);
  const auto operands = static_cast<size_t>(operand_count(unit));
  const bool sums = has_sum(unit) && rows.width + 1 == operands;
  if (rows.width != operands && !sums) {
    fail("{}: {} columns; unit {} has {} operands", file.string(), rows.width, unit_name(unit), operands);
  }
  // The a's of a dot are one tensor, with one scale, and the b's.
  std::array<std::vector<float>, 3> tensors;
  const auto tensor_of = [&](size_t column) {
    return has_sum(unit) && column + 1 == operands ? size_t{2} : column % 2;
  };
  for (size_t i = 0; i < rows.values.size(); ++i)
    tensors[tensor_of(i % rows.width)].push_back(rows.values[i]);
  std::array<std::vector<uint64_t>, 3> codes;
  float scale = 1;
  for (size_t t = 0; t < 3; ++t) {
    if (tensors[t].empty()) continue;
    Quantizer quantizer =
        usual_quantizer(operand_format(unit, t == 2 ? static_cast<int>(operands) - 1 : static_cast<int>(t)));
    if (t == 2) {
      quantizer.kind = QuantizerKind::cast;
      for (float& value : tensors[t]) value /= scale;
    }
    const QuantizedTensor quantized = quantize(quantizer, tensors[t], kSeed, t);
    codes[t] = quantized.codes;
    scale *= quantized.scale;
  }
  Columns columns(operands);
  Summing summing(unit, columns);
  std::array<size_t, 3> next{};
  for (size_t row = 0; row < rows.count; ++row) {
    std::vector<uint64_t> vector;
    for (size_t column = 0; column < rows.width; ++column) {
      const size_t tensor = tensor_of(column);
      vector.push_back(codes[tensor][next[tensor]++]);
    }
    if (sums) {
      summing.add(std::move(vector));
    } else {
      for (size_t slot = 0; slot < operands; ++slot) columns[slot].push_back(vector[slot]);
    }
  }
  return columns;
}

}  // namespace

CapturedVectors captured_vectors(const Specification& specification, const std::filesystem::path& path) {
  CapturedVectors captured;
  for (const Mode& mode : specification.modes) {
    const Unit unit = contracted(mode.unit, specification.contract);
    check_operands(unit, path);
    captured.push_back(std::filesystem::is_directory(path) ? from_captures(unit, path)
                                                           : from_rows(unit, path));
  }
  return captured;
}

}  // namespace assay
