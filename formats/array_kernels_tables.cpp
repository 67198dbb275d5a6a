#include "formats/array_kernels_tables.h"

#include <algorithm>
#include <list>
#include <mutex>

namespace assay {
namespace {

// What a table depends on.
struct Key {
  Format format;
  Rounding rounding;
  Saturation saturation;
  int random_bits = 0;

  bool operator==(const Key&) const = default;
};

// The last tables used and how many elements were asked for of those not built yet.
template <typename Table>
class TableCache {
 public:
  // build(key) is called once `wanted` elements have been asked for. Threads that ask meanwhile wait.
  template <typename Build>
  std::shared_ptr<const Table> get(const Key& key, size_t count, size_t wanted, const Build& build) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(entries_, key, &Entry::key);
    if (found == entries_.end()) {
      if (entries_.size() == kEntries) entries_.pop_back();
      entries_.push_front({key, 0, nullptr});
    } else {
      entries_.splice(entries_.begin(), entries_, found);
    }
    Entry& entry = entries_.front();
    entry.count += count;
    if (!entry.table && entry.count >= wanted) entry.table = std::make_shared<const Table>(build(key));
    return entry.table;
  }

 private:
  static constexpr size_t kEntries = 16;

  struct Entry {
    Key key;
    size_t count = 0;
    std::shared_ptr<const Table> table;
  };
  std::mutex mutex_;
  std::list<Entry> entries_;  // the last used first
};

}  // namespace

template <typename Float>
std::shared_ptr<const StepTable<Float>> step_table(const Format& format, Rounding rounding,
                                                   Saturation saturation, size_t count) {
  constexpr size_t kElementsPerCode = 32;
  static TableCache<StepTable<Float>> cache;
  return cache.get({format, rounding, saturation}, count, kElementsPerCode << format.width,
                   [](const Key& key) { return StepTable<Float>(key.format, key.rounding, key.saturation); });
}

template <typename Float>
std::shared_ptr<const ChanceTable<Float>> chance_table(const Format& format, Rounding rounding,
                                                       Saturation saturation, int random_bits, size_t count) {
  constexpr size_t kElements = size_t{1} << 19;
  static TableCache<ChanceTable<Float>> cache;
  return cache.get({format, rounding, saturation, random_bits}, count, kElements, [](const Key& key) {
    return ChanceTable<Float>(key.format, key.rounding, key.saturation, key.random_bits);
  });
}

template std::shared_ptr<const StepTable<float>> step_table(const Format&, Rounding, Saturation, size_t);
template std::shared_ptr<const StepTable<double>> step_table(const Format&, Rounding, Saturation, size_t);
template std::shared_ptr<const ChanceTable<float>> chance_table(const Format&, Rounding, Saturation, int,
                                                                size_t);
template std::shared_ptr<const ChanceTable<double>> chance_table(const Format&, Rounding, Saturation, int,
                                                                 size_t);

}  // namespace assay
