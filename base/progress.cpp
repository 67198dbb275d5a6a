#include "base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace assay {
namespace {

constexpr int64_t kRedrawMs = 200;

int64_t milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start)
      .count();
}

}  // namespace

Progress::Progress(std::string label, uint64_t total)
    : label_(std::move(label)), total_(std::max<uint64_t>(total, 1)), visible_(::isatty(STDERR_FILENO) == 1) {
  if (visible_) draw(0);
}

Progress::~Progress() {
  if (visible_) fmt::print(stderr, "\r\033[K");
}

void Progress::advance(uint64_t steps) {
  const uint64_t done = done_.fetch_add(steps) + steps;
  if (!visible_) return;
  const int64_t now = milliseconds_since(start_);
  int64_t due = next_draw_ms_.load();
  if (now >= due && next_draw_ms_.compare_exchange_strong(due, now + kRedrawMs)) draw(done);
}

void Progress::label(std::string text) {
  {
    const std::lock_guard lock(mutex_);
    label_ = std::move(text);
  }
  if (visible_) draw(done_.load());
}

void Progress::draw(uint64_t done) {
  constexpr int kWidth = 24;
  const std::lock_guard lock(mutex_);
  const double fraction = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  const double seconds = static_cast<double>(milliseconds_since(start_)) / 1000.0;
  const int filled = static_cast<int>(fraction * kWidth);
  std::string left = "--";
  if (fraction > 0.0) {
    const auto remaining = std::llround(seconds / fraction - seconds);
    left = fmt::format("{}:{:02}", remaining / 60, remaining % 60);
  }
  fmt::print(stderr, "\r\033[K{:{}}{:{}} {:3.0f}%  {} left  {}",
             std::string(static_cast<size_t>(filled), '#'), filled,
             std::string(static_cast<size_t>(kWidth - filled), '.'), kWidth - filled, 100.0 * fraction, left,
             label_);
  std::fflush(stderr);
}

}  // namespace assay
