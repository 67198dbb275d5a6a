#include "formats/block_panels.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <vector>

#include "base/parallel.h"
#include "formats/block_kernels_simd.h"
#include "formats/host_mode.h"

namespace assay {
namespace {

// A panel, its results and the panel after it stay in the nearest cache.
constexpr size_t kPanelNumbers = 1 << 11;
constexpr size_t kTaskNumbers = 1 << 16;

size_t round_up(size_t x, size_t to) {
  return (x + to - 1) / to * to;
}

// What there is to do. Result is uint8_t for codes, float for values.
template <typename Result>
struct Job {
  const BlockPlan& plan;
  const BlockLines& lines;
  const BlockRounding& rounding;
  const float* values;
  Result* results;
  uint8_t* scales;  // for codes only

  size_t blocks_per_line() const { return (lines.length + lines.block_size - 1) / lines.block_size; }
};

// Calls body(task) for each task in the host's default mode.
template <typename Body>
void for_tasks(size_t count, int threads, const Body& body) {
  parallel_for(count, threads, [&](size_t task) {
    const HostMode mode;
    body(task);
  });
}

// Half-words for any elements; those of neighbours are made together.
class RandomHalves {
 public:
  void copy(const BlockRounding& rounding, size_t first, size_t count, uint16_t* halves) {
    while (count > 0) {
      const size_t batch = first / kRandomBatch, skip = first % kRandomBatch;
      if (batch != batch_) fill_random_batch(rounding.seed, rounding.stream, batch, halves_.data());
      batch_ = batch;
      const size_t some = std::min(count, kRandomBatch - skip);
      halves = std::copy_n(halves_.data() + skip, some, halves);
      first += some;
      count -= some;
    }
  }

 private:
  size_t batch_ = std::numeric_limits<size_t>::max();
  std::array<uint16_t, kRandomBatch> halves_;
};

void quantize(const BlockPlan& plan, const BlockPanel& panel, uint8_t* codes, uint8_t* scales) {
  quantize_panel(plan, panel, codes, scales);
}
void quantize(const BlockPlan& plan, const BlockPanel& panel, float* values, uint8_t* /*scales*/) {
  quantize_dequantize_panel(plan, panel, values);
}

// Copies of pieces of the array in a panel, where what the array does not have is zero.
template <typename Result>
class Scratch {
 public:
  explicit Scratch(size_t size, bool has_random)
      : values_(size), results_(size), random_(has_random ? size : 0) {}

  void load(const Job<Result>& job, size_t from, size_t count, size_t to, size_t end) {
    std::copy_n(job.values + from, count, values_.begin() + static_cast<std::ptrdiff_t>(to));
    std::fill(values_.begin() + static_cast<std::ptrdiff_t>(to + count),
              values_.begin() + static_cast<std::ptrdiff_t>(end), 0.0F);
    if (!random_.empty()) halves_.copy(job.rounding, from, count, random_.data() + to);
  }

  void run(const Job<Result>& job, size_t block_size, size_t count, bool blocks_are_columns,
           uint8_t* scales) {
    quantize(job.plan, {values_.data(), random_.data(), block_size, count, blocks_are_columns},
             results_.data(), scales);
  }

  void save(const Job<Result>& job, size_t from, size_t count, size_t to) const {
    std::copy_n(results_.begin() + static_cast<std::ptrdiff_t>(from), count, job.results + to);
  }

 private:
  std::vector<float> values_;
  std::vector<Result> results_;
  std::vector<uint16_t> random_;
  RandomHalves halves_;
};

// Blocks that follow each other in memory, used in place.
template <typename Result>
void run_adjacent(const Job<Result>& job, int threads) {
  const size_t size = job.lines.block_size, blocks = job.lines.outer * job.blocks_per_line();
  const size_t at_once = std::clamp<size_t>(kPanelNumbers / size, 1, kMaxPanelBlocks);
  const size_t per_task = at_once * std::max<size_t>(1, kTaskNumbers / (at_once * size));
  for_tasks((blocks + per_task - 1) / per_task, threads, [&](size_t task) {
    std::vector<uint16_t> random(job.plan.is_stochastic ? at_once * size : 0);
    RandomHalves halves;
    const size_t end = std::min(blocks, (task + 1) * per_task);
    for (size_t block = task * per_task; block < end; block += at_once) {
      const size_t count = std::min(at_once, end - block);
      if (!random.empty()) halves.copy(job.rounding, block * size, count * size, random.data());
      quantize(job.plan, {job.values + block * size, random.data(), size, count, false},
               job.results + block * size, job.scales + (job.scales != nullptr ? block : 0));
    }
  });
}

// Blocks along the last axis of other sizes, or with a shorter one at the end of a line.
template <typename Result>
void run_padded(const Job<Result>& job, int threads) {
  const size_t size = job.lines.block_size, padded = round_up(size, kPanelLanes);
  const size_t per_line = job.blocks_per_line(), blocks = job.lines.outer * per_line;
  const size_t at_once = std::clamp<size_t>(kPanelNumbers / padded, 1, kMaxPanelBlocks);
  const size_t per_task = at_once * std::max<size_t>(1, kTaskNumbers / (at_once * padded));
  // Where a block begins and how many numbers it has.
  const auto first_of = [&](size_t block) {
    return block / per_line * job.lines.length + block % per_line * size;
  };
  const auto count_of = [&](size_t block) {
    return std::min(size, job.lines.length - block % per_line * size);
  };
  for_tasks((blocks + per_task - 1) / per_task, threads, [&](size_t task) {
    Scratch<Result> scratch(at_once * padded, job.plan.is_stochastic);
    const size_t end = std::min(blocks, (task + 1) * per_task);
    for (size_t block = task * per_task; block < end; block += at_once) {
      const size_t count = std::min(at_once, end - block);
      for (size_t i = 0; i < count; ++i) {
        scratch.load(job, first_of(block + i), count_of(block + i), i * padded, (i + 1) * padded);
      }
      scratch.run(job, padded, count, false, job.scales + (job.scales != nullptr ? block : 0));
      for (size_t i = 0; i < count; ++i) {
        scratch.save(job, i * padded, count_of(block + i), first_of(block + i));
      }
    }
  });
}

// Blocks along another axis: `width` columns of one block's rows at a time.
template <typename Result>
void run_columns(const Job<Result>& job, int threads) {
  const auto& [outer, length, inner, size] = job.lines;
  const size_t room =
      std::clamp(kPanelNumbers / size / kPanelLanes * kPanelLanes, kPanelLanes, kMaxPanelBlocks);
  const size_t width = std::min(room, round_up(inner, kPanelLanes));
  const size_t per_line = job.blocks_per_line(), per_row = (inner + width - 1) / width;
  const size_t panels = outer * per_line * per_row;
  const size_t per_task = std::max<size_t>(1, kTaskNumbers / (width * size));
  const auto run = [&, length = length, inner = inner, size = size](size_t panel, Scratch<Result>& scratch,
                                                                    std::vector<uint8_t>& scales) {
    const size_t block_row = panel / per_row, column = panel % per_row * width;
    const size_t begin = block_row % per_line * size, end = std::min(length, begin + size);
    const size_t count = std::min(width, inner - column), padded = round_up(count, kPanelLanes);
    const auto place = [&](size_t row) { return (block_row / per_line * length + row) * inner + column; };
    for (size_t row = begin; row < end; ++row) {
      scratch.load(job, place(row), count, (row - begin) * padded, (row - begin + 1) * padded);
    }
    scratch.run(job, end - begin, padded, true, scales.data());
    for (size_t row = begin; row < end; ++row) scratch.save(job, (row - begin) * padded, count, place(row));
    if (job.scales != nullptr) std::copy_n(scales.begin(), count, job.scales + block_row * inner + column);
  };
  for_tasks((panels + per_task - 1) / per_task, threads, [&, size = size](size_t task) {
    Scratch<Result> scratch(width * size, job.plan.is_stochastic);
    std::vector<uint8_t> scales(width);
    const size_t end = std::min(panels, (task + 1) * per_task);
    for (size_t panel = task * per_task; panel < end; ++panel) run(panel, scratch, scales);
  });
}

template <typename Result>
void run(const Job<Result>& job, int threads) {
  const BlockLines& lines = job.lines;
  if (lines.outer * lines.length * lines.inner == 0) return;
  if (lines.inner > 1) {
    run_columns(job, threads);
  } else if (lines.length % lines.block_size == 0 && lines.block_size % kPanelLanes == 0) {
    run_adjacent(job, threads);
  } else {
    run_padded(job, threads);
  }
}

}  // namespace

void quantize_panels(const BlockPlan& plan, const BlockLines& lines, const BlockRounding& rounding,
                     int threads, const float* values, uint8_t* codes, uint8_t* scales) {
  run(Job<uint8_t>{plan, lines, rounding, values, codes, scales}, threads);
}

void quantize_dequantize_panels(const BlockPlan& plan, const BlockLines& lines, const BlockRounding& rounding,
                                int threads, float* values) {
  run(Job<float>{plan, lines, rounding, values, values, nullptr}, threads);
}

uint32_t largest_finite_bits(std::span<const float> values, int threads) {
  std::atomic<uint32_t> largest{0};
  parallel_for((values.size() + kTaskNumbers - 1) / kTaskNumbers, threads, [&](size_t task) {
    const size_t begin = task * kTaskNumbers;
    const uint32_t found =
        largest_finite_bits(values.data() + begin, std::min(kTaskNumbers, values.size() - begin));
    uint32_t before = largest;
    while (before < found && !largest.compare_exchange_weak(before, found)) {
    }
  });
  return largest;
}

}  // namespace assay
