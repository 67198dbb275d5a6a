#include "verify/check_state.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/file.h"

namespace assay {
namespace {

using nlohmann::json;

json to_json(const Mismatch& m) {
  return {m.operands,    m.mode,         m.expected.code, m.expected.flags,
          m.actual.code, m.actual.flags, m.index,         m.lane};
}

Mismatch mismatch_from(const json& j) {
  Mismatch m;
  m.operands = j.at(0).get<std::vector<uint64_t>>();
  m.mode = j.at(1);
  m.expected = {j.at(2).get<uint64_t>(), j.at(3).get<uint32_t>()};
  m.actual = {j.at(4).get<uint64_t>(), j.at(5).get<uint32_t>()};
  m.index = j.at(6);
  m.lane = j.at(7);
  return m;
}

json to_json(const DeviceState& state) {
  json simplest = json::array();
  for (const Mismatch& mismatch : state.simplest) simplest.push_back(to_json(mismatch));
  json j = {{"vectors", state.vectors},
            {"mismatches", state.mismatches},
            {"seconds", state.seconds},
            {"simplest", simplest},
            {"worst", state.worst}};
  if (state.stream) {
    const StreamFailure& failure = *state.stream;
    j["stream"] = {static_cast<int>(failure.outcome.problem), failure.outcome.at, failure.outcome.cycles,
                   failure.batch};
  }
  return j;
}

DeviceState device_from(const json& j) {
  DeviceState state;
  state.vectors = j.at("vectors");
  state.mismatches = j.at("mismatches");
  state.seconds = j.at("seconds");
  for (const json& mismatch : j.at("simplest")) state.simplest.push_back(mismatch_from(mismatch));
  state.worst = j.at("worst").get<std::vector<std::pair<uint64_t, uint64_t>>>();
  if (j.contains("stream")) {
    const json& s = j.at("stream");
    state.stream = StreamFailure{
        {static_cast<StreamProblem>(s.at(0).get<int>()), s.at(1).get<uint64_t>(), s.at(2).get<uint64_t>()},
        s.at(3).get<uint64_t>()};
  }
  return state;
}

json read_json(const std::filesystem::path& file) {
  try {
    return json::parse(read_file(file));
  } catch (const json::exception& error) {
    fail("{}: expected the state of a check: {}", file.string(), error.what());
  }
}

CheckState state_from(const json& j, const Golden& golden) {
  CheckState state{{}, Coverage(golden)};
  for (const json& device : j.at("devices")) state.devices.push_back(device_from(device));
  state.coverage.restore(j.at("covered"), j.at("coverage").get<std::vector<std::vector<uint64_t>>>());
  state.batches_done = j.at("batches_done");
  return state;
}

}  // namespace

void write_check_state(const std::filesystem::path& file, const CheckStateKey& key, const CheckState& state) {
  json devices = json::array(), coverage = json::array();
  for (const DeviceState& device : state.devices) devices.push_back(to_json(device));
  for (const CoverageGroup& group : state.coverage.groups()) coverage.push_back(group.counts);
  const json j = {{"fingerprint", key.fingerprint},
                  {"shard", key.shard},
                  {"shards", key.shards},
                  {"batches_done", state.batches_done},
                  {"devices", devices},
                  {"covered", state.coverage.vectors()},
                  {"coverage", coverage}};
  write_file(file, j.dump() + "\n");
}

CheckState read_check_state(const std::filesystem::path& file, const CheckStateKey& key,
                            const Golden& golden) {
  const json j = read_json(file);
  try {
    if (j.at("fingerprint") != key.fingerprint) {
      fail("{}: the state is of another design, contract or stimulus", file.string());
    }
    if (j.at("shard") != key.shard || j.at("shards") != key.shards) {
      fail("{}: the state is of shard {}/{}, expected {}/{}", file.string(), j.at("shard").get<uint64_t>(),
           j.at("shards").get<uint64_t>(), key.shard, key.shards);
    }
    return state_from(j, golden);
  } catch (const json::exception& error) {
    fail("{}: expected the state of a check: {}", file.string(), error.what());
  }
}

CheckState merge_check_states(const std::vector<std::filesystem::path>& files, const std::string& fingerprint,
                              const Golden& golden, uint64_t batches) {
  CheckState merged{{}, Coverage(golden)};
  std::set<uint64_t> shards;
  for (const std::filesystem::path& file : files) {
    CheckStateKey key{fingerprint, 0, files.size()};
    try {
      key.shard = read_json(file).at("shard");
    } catch (const json::exception& error) {
      fail("{}: expected the state of a check: {}", file.string(), error.what());
    }
    const CheckState state = read_check_state(file, key, golden);
    if (!shards.insert(key.shard).second) fail("{}: shard {} is there twice", file.string(), key.shard);
    merged.merge(state);
  }
  if (merged.batches_done != batches) {
    fail("the shards have done {} of {} batches: run what is missing first", merged.batches_done, batches);
  }
  return merged;
}

}  // namespace assay
