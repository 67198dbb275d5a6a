#include "experiment/unit_assay.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "arith/evaluate.h"
#include "base/error.h"
#include "verify/devices.h"

namespace assay {
namespace {

constexpr std::string_view kProduct = "u_unit.u_product";
constexpr int kValidBits = 2;

// Bits that change from one code to the next, per operation.
double toggles_per_operation(const std::vector<uint64_t>& codes) {
  if (codes.size() < 2) return 0;
  uint64_t toggles = 0;
  for (size_t i = 1; i < codes.size(); ++i)
    toggles += static_cast<uint64_t>(std::popcount(codes[i] ^ codes[i - 1]));
  return static_cast<double>(toggles) / static_cast<double>(codes.size() - 1);
}

bool accumulates(const Unit& unit) {
  return unit.operation == Operation::mac;
}

// Runs the stream through the gates; every result must be the golden model's.
Activity simulate(const UnitAssay& unit, const Technology& technology, const OperandStream& stream) {
  if (facts_of(unit.entry.unit.operation).has_terms || unit.entry.random_bits > 0) {
    fail("unit {}: energy is measured of units with operands a, b and c alone, found {}", unit.entry.name,
         unit.entry.random_bits > 0 ? "random bits" : "a dot product");
  }
  GateSimulator simulator(unit.netlist, technology.liberty);
  std::vector<uint64_t> results(stream.size());
  std::vector<GateSimulator::Codes> codes;
  for (const GateSimulator::Port& port : simulator.inputs()) {
    codes.emplace_back(port.name == "a_i" ? stream.a : port.name == "b_i" ? stream.b : stream.c);
  }
  simulator.evaluate_and_count(codes, {results});
  for (size_t i = 0; i < results.size(); ++i) {
    const std::array<uint64_t, 3> operands = {stream.a[i], stream.b[i], stream.c[i]};
    const auto used = static_cast<size_t>(operand_count(unit.entry.unit));
    const uint64_t expected = evaluate(unit.entry.unit, std::span(operands).first(used));
    if (results[i] != expected) {
      Mismatch mismatch;
      mismatch.operands.assign(operands.begin(), operands.begin() + static_cast<std::ptrdiff_t>(used));
      mismatch.expected.code = expected;
      mismatch.actual.code = results[i];
      fail("{}: the netlist's result under captured operands is not the golden model's:\n{}", unit.entry.name,
           explain(Golden(specification_of(unit.entry.unit)), mismatch));
    }
  }
  return simulator.activity();
}

}  // namespace

Technology read_technology(const std::filesystem::path& liberty) {
  Technology technology;
  technology.file = liberty;
  technology.liberty = read_liberty(liberty);
  technology.conditions = default_conditions(technology.liberty);
  technology.flip_flop = register_cost(technology.liberty, technology.conditions);
  technology.conditions.output_load = technology.flip_flop.data_capacitance;
  return technology;
}

UnitAssayer::UnitAssayer(CatalogEntry entry, const Technology& technology, std::filesystem::path cache)
    : technology_(technology), cache_(std::move(cache)) {
  assay_.entry = std::move(entry);
}

void UnitAssayer::prepare() {
  const std::filesystem::path rtl = rtl_folder();
  const MappedDesign design = map_entry(assay_.entry, rtl, technology_.file, cache_);
  assay_.netlist = read_netlist(design.json, technology_.liberty);
  const TimingConditions conditions = {technology_.conditions.input_slew, technology_.conditions.output_load};
  assay_.path = critical_path(design.verilog, assay_.netlist.top, technology_.file, conditions);
  devices_ = {rtl_device(assay_.entry, rtl, cache_),
              netlist_device(specification_of(assay_.entry.unit), assay_.netlist, technology_.liberty)};
}

UnitAssay UnitAssayer::run(const StimulusOptions& options, int threads) {
  assay_.checks =
      check(Golden(specification_of(assay_.entry.unit)), devices_, {options, {}, threads}).devices;
  devices_.clear();
  return std::move(assay_);
}

OperationCost operation_cost(const UnitAssay& unit, const Technology& technology,
                             const OperandStream& stream) {
  const Activity activity = simulate(unit, technology, stream);
  const NetlistCost netlist = netlist_cost(unit.netlist, technology.liberty, activity, technology.conditions);
  const Unit& arithmetic = unit.entry.unit;
  const bool mac = accumulates(arithmetic);
  const GroupCost total = netlist.total();
  const GroupCost product = mac ? netlist.under(kProduct) : total;

  OperationCost cost;
  cost.product = product.energy();
  cost.accumulate = total.energy() - product.energy();
  cost.product_area = product.area;
  cost.accumulate_area = total.area - product.area;
  cost.gates = netlist.gate_equivalents(total);
  cost.leakage = total.leakage;
  if (!mac) return cost;

  const RegisterCost& flip_flop = technology.flip_flop;
  const double voltage = technology.liberty.voltage;
  const double per_toggle = flip_flop.data_energy + flip_flop.output_energy;
  const double forwarded = per_toggle + 0.5 * flip_flop.data_capacitance * voltage * voltage;
  const int bits = arithmetic.a.width + arithmetic.b.width + arithmetic.result.width + kValidBits;
  cost.registers = (toggles_per_operation(stream.a) + toggles_per_operation(stream.b)) * forwarded +
                   toggles_per_operation(stream.c) * per_toggle;
  cost.clock = bits * flip_flop.clock_energy;
  cost.register_area = bits * flip_flop.area;
  cost.leakage += bits * flip_flop.leakage;
  cost.register_bits = bits;
  return cost;
}

}  // namespace assay
