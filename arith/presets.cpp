#include "arith/presets.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/error.h"
#include "formats/block_format.h"

namespace assay {
namespace {

// A machine's instruction for operands of some formats. `operands` names one format, or several of which a and b may
// be any. The unit is OPERATION-a-b[-scale]-result PROPERTIES.
struct Preset {
  std::string_view machine;
  std::string_view operands;
  std::string_view result;
  std::string_view operation;
  std::string_view properties;
};

// Sources:
//   M  MMA-Sim (Xie et al., arXiv 2511.10909; github.com/microsoft/MMA-Sim at c785138): products a step, fraction
//      bits, roundings, flushes
//   K  Khattak and Mikaitis, arXiv 2512.07004: the same for V100, A100, H100, B200; FP8 by mma.sync on B200
//   P  PTX ISA 9, mma: shapes; integers wrap without .satfinite; FP64 is fused multiply-add
//   D  DeepSeek-V3, arXiv 2412.19437: partial sums of 128 products added in fp32
// `terms` is what the machine sums at once: an instruction with a greater k is several evaluations in a row.
constexpr std::array<Preset, 50> kPresets = {{
    {"nvidia_volta", "fp16", "fp32", "dot4", "rtz-window23"},                    // M K
    {"nvidia_volta", "fp16", "fp16", "dot4", "window23"},                        // M
    {"nvidia_turing", "fp16", "fp32", "dot8", "rtz-window24"},                   // M
    {"nvidia_turing", "fp16", "fp16", "dot8", "window24"},                       // M
    {"nvidia_turing", "int8", "int32", "dot16", ""},                             // P
    {"nvidia_ampere", "fp16", "fp32", "dot8", "rtz-window24"},                   // M K
    {"nvidia_ampere", "fp16", "fp16", "dot8", "window24"},                       // M
    {"nvidia_ampere", "bf16", "fp32", "dot8", "rtz-window24"},                   // M K
    {"nvidia_ampere", "tf32", "fp32", "dot4", "rtz-window24"},                   // M K
    {"nvidia_ampere", "fp64", "fp64", "dot4", ""},                               // M P
    {"nvidia_ampere", "int8", "int32", "dot32", ""},                             // P
    {"nvidia_ada", "fp16", "fp32", "dot8", "rtz-window24"},                      // M
    {"nvidia_ada", "fp16", "fp16", "dot8", "window24"},                          // M
    {"nvidia_ada", "bf16", "fp32", "dot8", "rtz-window24"},                      // M
    {"nvidia_ada", "tf32", "fp32", "dot4", "rtz-window24"},                      // M
    {"nvidia_ada", "e4m3 e5m2", "fp32", "dot16", "rtz-window13-sum_e8m13ieee"},  // M
    {"nvidia_ada", "e4m3 e5m2", "fp16", "dot16", "window13"},                    // M
    {"nvidia_ada", "int8", "int32", "dot32", ""},                                // P
    {"nvidia_hopper", "fp16", "fp32", "dot16", "rtz-window25"},                  // M K
    {"nvidia_hopper", "fp16", "fp16", "dot16", "window25"},                      // M
    {"nvidia_hopper", "bf16", "fp32", "dot16", "rtz-window25"},                  // M K
    {"nvidia_hopper", "tf32", "fp32", "dot8", "rtz-window25"},                   // M; K: at least 4 products
    {"nvidia_hopper", "e4m3 e5m2", "fp32", "dot32", "rtz-window13-sum_e8m13ieee"},  // M K
    {"nvidia_hopper", "e4m3 e5m2", "fp16", "dot32", "window13"},                    // M
    {"nvidia_hopper", "fp64", "fp64", "dot4", ""},                                  // M P
    {"nvidia_hopper", "int8", "int32", "dot32", ""},                                // P
    // Wgmma with promotion, and with a float32 scale for each operand's 128 products. The scales' product and its
    // product with the partial sum are exact here; DeepGEMM rounds the former to fp32, which is the same for scales
    // that are powers of two.
    {"nvidia_hopper_promoted", "e4m3 e5m2", "fp32", "dot128",
     "rtz-window13-group32-partial_e8m13ieee"},  // M D
    {"nvidia_hopper_promoted", "absmax_e4m3_fp32_g128", "fp32", "block_dot128",
     "rtz-window13-group32-partial_e8m13ieee"},  // M D
    // tcgen05, kinds f16, tf32, f8f6f4, mxf8f6f4, mxf4 and mxf4nvf4
    {"nvidia_blackwell", "fp16", "fp32", "dot16", "rtz-window25"},  // M K
    {"nvidia_blackwell", "fp16", "fp16", "dot16", "window25"},      // M
    {"nvidia_blackwell", "bf16", "fp32", "dot16", "rtz-window25"},  // M K
    {"nvidia_blackwell", "tf32", "fp32", "dot8", "rtz-window25"},   // M; K: at least 4 products
    {"nvidia_blackwell", "e4m3 e5m2 e3m2 e2m3 e2m1", "fp32", "dot32", "rtz-window25"},     // M
    {"nvidia_blackwell", "e4m3 e5m2 e3m2 e2m3 e2m1", "fp16", "dot32", "window25"},         // M
    {"nvidia_blackwell", "mxfp4", "fp32", "block_dot64", "rtz-window35-block32-exact16"},  // M
    {"nvidia_blackwell", "nvfp4", "fp32", "block_dot64", "rtz-window35-block16-exact16"},  // M
    {"nvidia_blackwell", "mxfp8_e4m3 mxfp8_e5m2 mxfp6_e3m2 mxfp6_e2m3 mxfp4", "fp32", "block_dot32",
     "rtz-window25"},  // M
    // FP8 by mma.sync on B200: the dot product from zero, then one addition in fp32
    {"nvidia_blackwell_mma_sync", "e4m3 e5m2", "fp32", "dot32", "rtz-window25-partial_fp32"},  // K
    {"amd_cdna1", "fp16", "fp32", "dot4", "tree"},                                             // M
    {"amd_cdna1", "bf16", "fp32", "dot2", "tree"},                                             // M
    {"amd_cdna1", "fp32", "fp32", "mac", ""},                                                  // M
    // The bf16 instructions of CDNA2 whose names end in _1k sum four products as those of fp16 do; the older ones, two.
    {"amd_cdna2", "fp16", "fp32", "dot4", "tree-flush"},                              // M
    {"amd_cdna2", "bf16", "fp32", "dot2", "tree-flush"},                              // M
    {"amd_cdna2_1k", "bf16", "fp32", "dot4", "tree-flush"},                           // M
    {"amd_cdna2", "fp32", "fp32", "mac", ""},                                         // M
    {"amd_cdna3", "fp16", "fp32", "dot8", "window24_join31"},                         // M
    {"amd_cdna3", "bf16", "fp32", "dot8", "window24_join31"},                         // M
    {"amd_cdna3", "tf32", "fp32", "dot4", "window24_join31"},                         // M (xf32)
    {"amd_cdna3", "e4m3fnuz e5m2fnuz", "fp32", "dot16", "window24_join31_even_odd"},  // M
    {"amd_cdna3", "fp32", "fp32", "mac", ""},                                         // M
}};

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool has_word(std::string_view text, std::string_view word) {
  const std::vector<std::string_view> words = words_of(text);
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A format, or the element format of a block format, and the scale format of the latter.
struct Operand {
  std::string element;
  std::string scale;
};

Operand operand_of(const Preset& preset, std::string_view name) {
  if (!preset.operation.starts_with("block_dot")) return {std::string(name), ""};
  const BlockFormat format = parse_block_format(name);
  return {format.element.name, format.scale.name};
}

Unit unit_of(const Preset& preset, std::string_view a, std::string_view b) {
  const Operand x = operand_of(preset, a), y = operand_of(preset, b);
  std::string name = fmt::format("{}-{}-{}", preset.operation, x.element, y.element);
  if (!x.scale.empty()) name += "-" + x.scale;
  name += fmt::format("-{}", preset.result);
  if (!preset.properties.empty()) name += fmt::format("-{}", preset.properties);
  return parse_unit(name);
}

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : kPresets) {
    for (const std::string_view a : words_of(preset.operands)) {
      for (const std::string_view b : words_of(preset.operands)) {
        const std::string name = fmt::format("{}-{}-{}-{}", preset.machine, a, b, preset.result);
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
  }
  return names;
}

bool is_preset_machine(std::string_view machine) {
  return std::any_of(kPresets.begin(), kPresets.end(),
                     [&](const Preset& preset) { return preset.machine == machine; });
}

Unit preset_unit(std::string_view machine, std::string_view a, std::string_view b, std::string_view result) {
  std::string known;
  for (const Preset& preset : kPresets) {
    if (preset.machine != machine) continue;
    if (preset.result == result && has_word(preset.operands, a) && has_word(preset.operands, b)) {
      return unit_of(preset, a, b);
    }
    known += fmt::format("{}{} to {}", known.empty() ? "" : "; ", preset.operands, preset.result);
  }
  if (known.empty()) fail("unknown machine '{}'", machine);
  fail("{}: no unit for {}, {} and {}; expected one of: {}", machine, a, b, result, known);
}

}  // namespace assay
