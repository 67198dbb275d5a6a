#include "experiment/characterisation.h"

#include <sqlite3.h>

#include <cmath>
#include <memory>
#include <numbers>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/random.h"
#include "experiment/default_stream.h"

namespace assay {
namespace {

constexpr int64_t kRows = 64, kColumns = 64, kSteps = 256;

// Standard normal numbers by Box and Muller.
std::vector<float> normal_numbers(size_t count, uint64_t seed, uint64_t stream) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) {
    const auto words = philox(seed, stream, i);
    const double radius = std::sqrt(-2.0 * std::log((words[0] + 0.5) * 0x1p-32));
    values[i] = static_cast<float>(radius * std::cos(2.0 * std::numbers::pi * words[1] * 0x1p-32));
  }
  return values;
}

OperandStream normal_stream(const Unit& unit, const CharacterisationStimulus& stimulus) {
  LayerCapture capture;
  capture.activation = {kRows, kSteps, normal_numbers(kRows * kSteps, stimulus.seed, 0)};
  capture.weight = {kSteps, kColumns, normal_numbers(kSteps * kColumns, stimulus.seed, 1)};
  capture.gradient = {kRows, kColumns, normal_numbers(kRows * kColumns, stimulus.seed, 2)};
  Experiment experiment;
  experiment.captures = {capture};
  experiment.array.dataflow = Dataflow::output_stationary;
  experiment.operations = stimulus.operations;
  experiment.seed = stimulus.seed;
  return default_stream(experiment, unit);
}

std::string stimulus_text(const CharacterisationStimulus& stimulus) {
  return fmt::format(
      "{} operations, standard normal operands with the formats' usual quantizers, output stationary, seed "
      "{}",
      stimulus.operations, stimulus.seed);
}

class Database {
 public:
  explicit Database(const std::filesystem::path& file) {
    std::filesystem::create_directories(file.parent_path());
    sqlite3* handle = nullptr;
    const int status = sqlite3_open(file.c_str(), &handle);
    handle_.reset(handle);
    if (status != SQLITE_OK) fail("{}: {}", file.string(), sqlite3_errmsg(handle));
    sqlite3_busy_timeout(handle, 60'000);
    run("CREATE TABLE IF NOT EXISTS characterisation (key TEXT PRIMARY KEY, unit TEXT, liberty TEXT, "
        "stimulus TEXT, cost TEXT)");
  }

  std::string find(const std::string& key) {
    const Statement statement = prepare("SELECT cost FROM characterisation WHERE key = ?", {key});
    if (sqlite3_step(statement.get()) != SQLITE_ROW) return {};
    return reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), 0));
  }

  void insert(const std::string& key, const Characterisation& found) {
    const Statement statement =
        prepare("INSERT OR REPLACE INTO characterisation VALUES (?, ?, ?, ?, ?)",
                {key, found.unit, found.liberty, found.stimulus, to_json(found).dump()});
    if (sqlite3_step(statement.get()) != SQLITE_DONE)
      fail("characterisation database: {}", sqlite3_errmsg(handle_.get()));
  }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Close>;

  Statement prepare(const char* sql, const std::vector<std::string>& values) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) {
      fail("characterisation database: {}", sqlite3_errmsg(handle_.get()));
    }
    for (size_t i = 0; i < values.size(); ++i) {
      sqlite3_bind_text(statement, static_cast<int>(i + 1), values[i].c_str(), -1, SQLITE_TRANSIENT);
    }
    return Statement(statement);
  }

  void run(const char* sql) { sqlite3_step(prepare(sql, {}).get()); }

  std::unique_ptr<sqlite3, Close> handle_;
};

std::string key_of(const CatalogEntry& entry, const std::filesystem::path& liberty,
                   const CharacterisationStimulus& stimulus) {
  std::string everything =
      ASSAY_VERSION "\n" + wrapper_verilog(entry) + stimulus_text(stimulus) + read_file(liberty);
  for (const auto& source : rtl_sources_of(entry.module)) everything += read_file(source);
  return hash_text(everything);
}

OperationCost cost_from_json(const nlohmann::ordered_json& json) {
  OperationCost cost;
  const auto& energy = json.at("energy_pJ");
  const auto& area = json.at("area_um2");
  cost.product = energy.at("product");
  cost.accumulate = energy.at("accumulate");
  cost.registers = energy.at("registers");
  cost.clock = energy.at("clock");
  cost.product_area = area.at("product");
  cost.accumulate_area = area.at("accumulate");
  cost.register_area = area.at("registers");
  cost.leakage = json.at("leakage_W");
  cost.gates = json.at("gates_NAND2");
  cost.register_bits = json.at("register_bits");
  return cost;
}

}  // namespace

nlohmann::ordered_json to_json(const Characterisation& found) {
  const OperationCost& cost = found.cost;
  return {{"unit", found.unit},
          {"liberty", found.liberty},
          {"stimulus", found.stimulus},
          {"area_um2",
           {{"product", cost.product_area},
            {"accumulate", cost.accumulate_area},
            {"registers", cost.register_area}}},
          {"gates_NAND2", cost.gates},
          {"register_bits", cost.register_bits},
          {"critical_path_ns", found.critical_path},
          {"leakage_W", cost.leakage},
          {"energy_pJ",
           {{"product", cost.product},
            {"accumulate", cost.accumulate},
            {"registers", cost.registers},
            {"clock", cost.clock}}}};
}

Characterisation characterize(const CatalogEntry& entry, const std::filesystem::path& liberty,
                              const CharacterisationStimulus& stimulus, const std::filesystem::path& cache) {
  const std::string key = key_of(entry, liberty, stimulus);
  Database database(cache / "characterisation.sqlite");
  Characterisation found;
  found.unit = entry.name;
  found.liberty = liberty.filename().string();
  found.stimulus = stimulus_text(stimulus);
  if (const std::string known = database.find(key); !known.empty()) {
    const auto json = nlohmann::ordered_json::parse(known);
    found.cost = cost_from_json(json);
    found.critical_path = json.at("critical_path_ns");
    found.from_database = true;
    return found;
  }
  const Technology technology = read_technology(liberty);
  UnitAssayer assayer(entry, technology, cache);
  assayer.prepare();
  const UnitAssay assay = assayer.take();
  found.critical_path = assay.path.delay;
  found.cost = operation_cost(assay, technology, normal_stream(entry.unit, stimulus));
  database.insert(key, found);
  return found;
}

}  // namespace assay
