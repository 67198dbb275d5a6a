#include "experiment/array_check.h"

#include <algorithm>
#include <array>
#include <map>

#include "arith/gemm.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "experiment/scheme_cost.h"
#include "rtl/catalog.h"
#include "sim/systemc_array.h"
#include "sim/verilated_array.h"
#include "train/quantizer.h"

namespace assay {
namespace {

constexpr int kRows = 4, kColumns = 3;

struct Size {
  int64_t m, n, k;
};
constexpr std::array<Size, 5> kSizes = {{{4, 3, 4}, {1, 1, 1}, {7, 5, 9}, {3, 8, 2}, {9, 2, 17}}};

// The first phase of a scheme that uses the unit with A on its operand a.
struct Use {
  const PhaseScheme* scheme;
  Phase phase;
};

std::map<std::string, Use> units_in_use(const Experiment& experiment) {
  std::map<std::string, Use> uses;
  for (const Scheme& scheme : experiment.schemes) {
    for (const Phase phase : kPhases) {
      const PhaseScheme& use = phase_of(scheme, phase);
      if (!use.swap) uses.try_emplace(unit_name(use.unit), Use{&use, phase});
    }
  }
  return uses;
}

// The top left corner of a matrix of codes.
std::vector<uint64_t> corner(const std::vector<uint64_t>& codes, int64_t columns, int64_t rows_wanted,
                             int64_t columns_wanted) {
  std::vector<uint64_t> part;
  for (int64_t row = 0; row < rows_wanted; ++row) {
    for (int64_t column = 0; column < columns_wanted; ++column)
      part.push_back(codes[static_cast<size_t>(row * columns + column)]);
  }
  return part;
}

ArrayCheck check_unit_in_array(const Experiment& experiment, const std::string& name, const Use& use,
                               const std::filesystem::path& cache) {
  const Unit& unit = use.scheme->unit;
  const std::optional<CatalogEntry> entry = find_in_catalog(unit);
  if (!entry) fail("{}: not in the RTL catalog", name);
  ArrayCheck check;
  check.unit = name;
  check.array = experiment.array;
  check.array.rows = kRows;
  check.array.columns = kColumns;
  VerilatedArray rtl(check.array, *entry, cache);
  for (const LayerCapture& capture : experiment.captures) {
    const GemmOperands operands = gemm_operands(capture, use.phase);
    const QuantizedTensor a = quantize(use.scheme->a, operands.a.values, experiment.seed, 0);
    const QuantizedTensor b = quantize(use.scheme->b, operands.b.values, experiment.seed, 1);
    for (const Size& most : kSizes) {
      const int64_t m = std::min(most.m, operands.a.rows), n = std::min(most.n, operands.b.cols),
                    k = std::min(most.k, operands.a.cols);
      const std::vector<uint64_t> a_codes = corner(a.codes, operands.a.cols, m, k),
                                  b_codes = corner(b.codes, operands.b.cols, k, n);
      const ArrayRun from_rtl = rtl.run(m, n, k, a_codes, b_codes);
      const ArrayRun from_systemc = simulate_systemc(check.array, unit, m, n, k, a_codes, b_codes);
      const int64_t cycles = array_timing(check.array, m, n, k).cycles;
      check.cycles_equal = check.cycles_equal && from_rtl.cycles == cycles && from_systemc.cycles == cycles;
      check.bits_equal = check.bits_equal && from_rtl.c == from_systemc.c &&
                         from_rtl.c == gemm(unit, m, n, k, a_codes, b_codes);
      ++check.cases;
    }
  }
  return check;
}

}  // namespace

std::vector<ArrayCheck> check_arrays(const Experiment& experiment, const std::filesystem::path& cache,
                                     int threads) {
  const std::map<std::string, Use> uses = units_in_use(experiment);
  const std::vector<std::pair<std::string, Use>> list(uses.begin(), uses.end());
  std::vector<ArrayCheck> checks(list.size());
  Progress progress("arrays: closed form, SystemC, RTL", list.size());
  parallel_for(list.size(), threads, [&](size_t i) {
    checks[i] = check_unit_in_array(experiment, list[i].first, list[i].second, cache);
    progress.advance();
  });
  return checks;
}

}  // namespace assay
