// What is found out about one unit: its netlist, its speed, and whether RTL and netlist are right.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "experiment/operand_stream.h"
#include "power/energy.h"
#include "power/gate_simulator.h"
#include "power/register_cost.h"
#include "power/timing.h"
#include "rtl/catalog.h"
#include "verify/check.h"

namespace assay {

// A library with what is derived from it once.
struct Technology {
  std::filesystem::path file;
  Liberty liberty;
  EnergyConditions conditions;  // outputs drive the data pin of a register
  RegisterCost flip_flop;
};

Technology read_technology(const std::filesystem::path& liberty);

struct UnitAssay {
  CatalogEntry entry;
  Netlist netlist;
  CriticalPath path;
  std::vector<CheckResult> checks;
};

// Synthesizes, times and builds the entry, and checks RTL and netlist against the golden model with the
// stimulus of `options`. `cache` keeps what the tools made.
class UnitAssayer {
 public:
  UnitAssayer(CatalogEntry entry, const Technology& technology, std::filesystem::path cache);

  const std::string& name() const { return assay_.entry.name; }
  // The slow tools; may run on several threads for different units.
  void prepare();
  // The outcome; after take() there are no checks in it.
  UnitAssay take() { return std::move(assay_); }
  UnitAssay run(const StimulusOptions& options, int threads);

 private:
  const Technology& technology_;
  std::filesystem::path cache_;
  UnitAssay assay_;
  std::vector<Device> devices_;
};

// Energy of one operation of a unit under a stream of operands, split by where it goes; and area and leakage
// by the same parts. Energies in pJ, without glitches.
struct OperationCost {
  double product = 0, accumulate = 0;  // cells of u_product; all other cells of the datapath
  double registers = 0;                // data of the operand and accumulator registers changing
  double clock = 0;                    // clock pins of the registers, per cycle, busy or not
  double product_area = 0, accumulate_area = 0, register_area = 0;  // um2
  double leakage = 0;                                               // W, datapath and registers
  double gates = 0;                                                 // NAND2 equivalents of the datapath
  int register_bits = 0;
};

// The registers of a processing element: operands a and b, the accumulator, and a valid bit each for a and b.
// Checks that the netlist's results under the stream are the golden model's.
OperationCost operation_cost(const UnitAssay& unit, const Technology& technology,
                             const OperandStream& stream);

}  // namespace assay
