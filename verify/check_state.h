// Check states as files: to go on with an interrupted run, and to merge the shards of one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "verify/check.h"

namespace assay {

// What a state belongs to: states of other designs, contracts or stimuli do not mix with it.
struct CheckStateKey {
  std::string fingerprint;
  uint64_t shard = 0, shards = 1;
};

// JSON, written atomically.
void write_check_state(const std::filesystem::path& file, const CheckStateKey& key, const CheckState& state);

// Throws Error naming the file if it is no such state or another one than the key says.
CheckState read_check_state(const std::filesystem::path& file, const CheckStateKey& key,
                            const Golden& golden);

// The states of all shards, each once and complete, merged. Throws Error naming what is missing or too much.
CheckState merge_check_states(const std::vector<std::filesystem::path>& files, const std::string& fingerprint,
                              const Golden& golden, uint64_t batches);

}  // namespace assay
