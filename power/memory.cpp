#include "power/memory.h"

#include "base/error.h"

namespace assay {
namespace {

struct SramMacro {
  double read, write;  // pJ per access
  double bits;         // per access
  double feature_size, voltage;
};

constexpr SramMacro kIhp8192x32 = {230.4, 239.3, 32, 130, 1.2};

}  // namespace

MemoryEnergy sram_energy(double feature_size, double voltage) {
  if (!(feature_size > 0) || !(voltage > 0)) {
    fail("SRAM energy: expected a positive feature size and voltage, found {} nm and {} V", feature_size,
         voltage);
  }
  const SramMacro& macro = kIhp8192x32;
  const double ratio = voltage / macro.voltage;
  const double scale = feature_size / macro.feature_size * ratio * ratio;
  const std::string source = fmt::format(
      "IHP SG13G2 SRAM macro of 8192 x 32 bits (130 nm, 1.2 V, 25 C, Liberty internal power of the clock "
      "pin: {} pJ a read, {} pJ a write), times {:.3g} = ({:g}/130) ({:g}/1.2)^2: energy as C V^2, C "
      "proportional to feature size",
      macro.read, macro.write, scale, feature_size, voltage);
  return {macro.read / macro.bits * scale, macro.write / macro.bits * scale, source, scale != 1.0};
}

MemoryEnergy dram_energy(std::string_view name) {
  constexpr std::string_view kPaper = "O'Connor et al., Fine-Grained DRAM, MICRO 2017";
  if (name == "hbm2") return {3.97, 3.97, fmt::format("HBM2, 3.97 pJ/bit: {}", kPaper), false};
  if (name == "gddr5") return {14.0, 14.0, fmt::format("GDDR5, 14.0 pJ/bit: {}", kPaper), false};
  fail("unknown memory '{}': expected hbm2 or gddr5", name);
}

}  // namespace assay
