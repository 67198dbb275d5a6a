#include "arith/gemm_panels.h"

#include <algorithm>
#include <vector>

#include "arith/float_environment.h"
#include "base/parallel.h"

namespace assay {
namespace {

// Values of k a block of A and B has: a panel of B with one word each then fits the first-level cache.
constexpr size_t kDepth = 256;
// Rows of A a thread packs at a time, at most: with kDepth they fit the second-level cache.
constexpr size_t kRows = 224;
// Columns whose accumulators a thread holds, and words of packed B in memory, at most.
constexpr size_t kColumns = 2048;
constexpr size_t kPackedWords = size_t{1} << 24;
// Blocks of outputs a thread should find, so that none waits long for the last one.
constexpr size_t kBlocksPerThread = 4;

constexpr uint32_t kNegativeZero = 0x80000000;
constexpr uint32_t kQuietNan = 0x7fc00000;

size_t ceil_div(size_t a, size_t b) {
  return (a + b - 1) / b;
}

// K cut into blocks of about kDepth, and filled up, by multiples of what the plan packs.
class DepthBlocks {
 public:
  DepthBlocks(const GemmPlan& plan, int64_t k)
      : k_(static_cast<size_t>(k)), multiple_(static_cast<size_t>(plan.depth_multiple)) {
    size_ = std::max(kDepth / multiple_, size_t{1}) * multiple_;
    padded_ = ceil_div(k_, multiple_) * multiple_;
  }
  size_t size() const { return size_; }
  size_t padded() const { return padded_; }
  size_t count() const { return ceil_div(padded_, size_); }

  int64_t first(size_t block) const { return static_cast<int64_t>(block * size_); }
  size_t padded(size_t block) const { return std::min(size_, padded_ - block * size_); }
  size_t depth(size_t block) const { return std::min(padded(block), k_ - block * size_); }

 private:
  size_t k_, multiple_, size_, padded_;
};

// Columns [first, first + count) of B, packed for all k.
class PackedColumns {
 public:
  PackedColumns(const GemmPlan& plan, const PanelProblem& problem, size_t first, size_t count, int threads)
      : kernel_(plan.panel), first_(first), count_(count), panels_(ceil_div(count, kernel_.columns)) {
    const DepthBlocks blocks(plan, problem.k);
    steps_ = blocks.padded() / kernel_.depth;
    steps_of_block_ = blocks.size() / kernel_.depth;
    words_.resize(steps_ * panels_ * panel_words());
    greatest_.assign(blocks.count() * panels_, 0);
    notes_.assign(panels_ * kernel_.columns, 0);
    parallel_for(panels_, threads, [&](size_t panel) {
      const FloatEnvironment environment;
      const size_t lane = panel * kernel_.columns;
      for (size_t block = 0; block < blocks.count(); ++block) {
        PanelNotes notes{0, notes_.data() + lane};
        pack_panel(plan.pack_b, plan, problem.b, static_cast<int64_t>(first_ + lane),
                   std::min(kernel_.columns, count_ - lane), kernel_.columns, blocks.first(block),
                   blocks.depth(block), blocks.padded(block), words_.data() + offset(block, panel), notes);
        greatest_[block * panels_ + panel] = notes.greatest_magnitude;
      }
    });
  }

  size_t first() const { return first_; }
  size_t count() const { return count_; }
  size_t panels() const { return panels_; }
  const uint32_t* panel(size_t block, size_t panel) const { return words_.data() + offset(block, panel); }
  int32_t greatest(size_t block, size_t panel) const { return greatest_[block * panels_ + panel]; }
  const uint32_t* notes(size_t column) const { return notes_.data() + column; }

 private:
  size_t panel_words() const { return kernel_.columns * kernel_.b_words; }  // of one step
  size_t offset(size_t block, size_t panel) const {
    const size_t in_block = std::min(steps_of_block_, steps_ - block * steps_of_block_);
    return (block * steps_of_block_ * panels_ + panel * in_block) * panel_words();
  }

  const PanelKernel& kernel_;
  size_t first_, count_, panels_;
  size_t steps_ = 0, steps_of_block_ = 0;
  std::vector<uint32_t> words_;
  std::vector<int32_t> greatest_;
  std::vector<uint32_t> notes_;
};

// Rows and panels of columns of one task.
struct Block {
  size_t first_row, rows;
  size_t first_panel, panels;
};

// Accumulators of one task, in whole panels.
class BlockSums {
 public:
  BlockSums(const GemmPlan& plan, const PanelProblem& problem, const PackedColumns& b, const Block& block)
      : plan_(plan), kernel_(plan.panel), problem_(problem), b_(b), block_(block) {
    stride_ = block.panels * kernel_.columns;
    row_panels_ = ceil_div(block.rows, kernel_.rows);
    sums_.resize(row_panels_ * kernel_.rows * stride_);
    first_column_ = block.first_panel * kernel_.columns;
    columns_ = std::min(stride_, b.count() - first_column_);
    row_notes_.assign(row_panels_ * kernel_.rows, 0);
  }

  void load() {
    for (size_t row = 0; row < block_.rows; ++row) {
      uint32_t* sums = sums_.data() + row * stride_;
      problem_.load(row_at(row), column_at(), columns_, sums);
      const uint32_t* notes = b_.notes(first_column_);
      for (size_t i = 0; i < columns_; ++i) {
        // The offset of a has to be taken from every product again.
        if (plan_.byte_offset != 0) sums[i] -= static_cast<uint32_t>(plan_.byte_offset) * notes[i];
        // The kernel leaves out products of zero, which make -0 a +0.
        if (plan_.kind == GemmKernel::piecewise_affine && problem_.k > 0 && sums[i] == kNegativeZero)
          sums[i] = 0;
      }
    }
  }

  void accumulate() {
    const DepthBlocks blocks(plan_, problem_.k);
    std::vector<uint32_t> a(blocks.size() / kernel_.depth * kernel_.rows * kernel_.a_words * row_panels_);
    std::vector<int32_t> greatest(row_panels_);
    for (size_t block = 0; block < blocks.count(); ++block) {
      const size_t steps = blocks.padded(block) / kernel_.depth;
      const size_t words = steps * kernel_.rows * kernel_.a_words;
      for (size_t i = 0; i < row_panels_; ++i) {
        const size_t row = i * kernel_.rows;
        PanelNotes notes{0, row_notes_.data() + row};
        pack_panel(plan_.pack_a, plan_, problem_.a, row_at(row), std::min(kernel_.rows, block_.rows - row),
                   kernel_.rows, blocks.first(block), blocks.depth(block), blocks.padded(block),
                   a.data() + i * words, notes);
        greatest[i] = notes.greatest_magnitude;
      }
      multiply(block, steps, words, a, greatest);
    }
  }

  void store() {
    for (size_t row = 0; row < block_.rows; ++row) {
      uint32_t* sums = sums_.data() + row * stride_;
      if (plan_.kind == GemmKernel::piecewise_affine) {
        const uint32_t* notes = b_.notes(first_column_);
        for (size_t i = 0; i < columns_; ++i) {
          if ((row_notes_[row] | notes[i]) != 0) sums[i] = kQuietNan;
        }
      }
      if (plan_.kind == GemmKernel::window) {
        const uint32_t* notes = b_.notes(first_column_);
        for (size_t i = 0; i < columns_; ++i) {
          if ((row_notes_[row] | notes[i]) != 0)
            sums[i] = problem_.special(row_at(row), column_at() + static_cast<int64_t>(i));
        }
      }
      if (plan_.absent_products && !plan_.integer)
        std::replace(sums, sums + columns_, kNegativeZero, uint32_t{0});
      problem_.store(row_at(row), column_at(), columns_, sums);
    }
  }

 private:
  int64_t row_at(size_t row) const { return static_cast<int64_t>(block_.first_row + row); }
  int64_t column_at() const { return static_cast<int64_t>(b_.first() + first_column_); }

  void multiply(size_t depth_block, size_t steps, size_t words, const std::vector<uint32_t>& a,
                const std::vector<int32_t>& greatest) {
    for (size_t j = 0; j < block_.panels; ++j) {
      const size_t panel = block_.first_panel + j;
      const uint32_t* b = b_.panel(depth_block, panel);
      const int64_t greatest_b = b_.greatest(depth_block, panel);
      for (size_t i = 0; i < row_panels_; ++i) {
        const bool guarded = kernel_.run_guarded != nullptr && greatest[i] + greatest_b > plan_.greatest_sum;
        (guarded ? kernel_.run_guarded : kernel_.run)(
            plan_.constants, steps, a.data() + i * words, b,
            sums_.data() + i * kernel_.rows * stride_ + j * kernel_.columns, stride_);
      }
    }
  }

  const GemmPlan& plan_;
  const PanelKernel& kernel_;
  const PanelProblem& problem_;
  const PackedColumns& b_;
  Block block_;
  size_t stride_ = 0, row_panels_ = 0, first_column_ = 0, columns_ = 0;
  std::vector<uint32_t> sums_;
  std::vector<uint32_t> row_notes_;
};

// The i-th of `parts` parts of `count` things, which differ by at most one in size.
struct Part {
  size_t first, count;
};
Part part_of(size_t count, size_t parts, size_t i) {
  const size_t first = i * count / parts;
  return {first, (i + 1) * count / parts - first};
}

void run_columns(const GemmPlan& plan, const PanelProblem& problem, size_t first, size_t count, int threads) {
  const PackedColumns b(plan, problem, first, count, threads);
  const auto m = static_cast<size_t>(problem.m);
  const size_t wanted = threads > 1 ? static_cast<size_t>(threads) * kBlocksPerThread : 1;
  const size_t panel_rows = plan.panel.rows, row_panels = ceil_div(m, panel_rows);
  const size_t row_tasks = std::min(std::max(ceil_div(m, kRows), wanted), row_panels);
  const size_t column_tasks = std::min(ceil_div(wanted, row_tasks), b.panels());
  parallel_for(row_tasks * column_tasks, threads, [&](size_t task) {
    const Part rows = part_of(row_panels, row_tasks, task / column_tasks);
    const Part columns = part_of(b.panels(), column_tasks, task % column_tasks);
    const size_t row = rows.first * panel_rows;
    BlockSums sums(plan, problem, b,
                   {row, std::min(rows.count * panel_rows, m - row), columns.first, columns.count});
    {
      const FloatEnvironment environment;
      sums.load();
    }
    {
      const FloatEnvironment environment(plan.rounding_mode);
      sums.accumulate();
    }
    const FloatEnvironment environment;
    sums.store();
  });
}

}  // namespace

void run_panels(const GemmPlan& plan, const PanelProblem& problem, int threads) {
  const auto n = static_cast<size_t>(problem.n);
  const size_t words = std::max<size_t>(static_cast<size_t>(problem.k), 1) * plan.panel.b_words;
  const size_t fitting = std::min(kColumns, kPackedWords / words) / plan.panel.columns * plan.panel.columns;
  const size_t columns = std::max(fitting, plan.panel.columns);
  for (size_t first = 0; first < n; first += columns) {
    run_columns(plan, problem, first, std::min(columns, n - first), threads);
  }
}

}  // namespace assay
