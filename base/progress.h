// A progress line on a terminal: done, total, rate and the estimated time left.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace assay {

// Draws on standard error, and only if that is a terminal. advance() may be called from any thread and
// costs one atomic addition unless the line is due to be redrawn.
class Progress {
 public:
  Progress(std::string label, uint64_t total);
  ~Progress();  // removes the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(uint64_t steps = 1);
  void label(std::string text);

 private:
  void draw(uint64_t done);

  std::string label_;
  uint64_t total_;
  bool visible_;
  std::atomic<uint64_t> done_{0};
  std::atomic<int64_t> next_draw_ms_{0};
  std::mutex mutex_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace assay
