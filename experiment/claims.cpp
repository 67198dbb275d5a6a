#include "experiment/claims.h"

#include <fmt/format.h>

#include <tuple>

#include "verify/devices.h"

namespace assay {
namespace {

constexpr const char* kStandardBlock = "mul-smint4-e3m0-e4m2-via_e4m2";

using FindCost = std::function<const OperationCost&(const std::string&)>;

double datapath_area(const OperationCost& cost) {
  return cost.product_area + cost.accumulate_area;
}

double saving(double before, double after) {
  return 100.0 * (before - after) / before;
}

// LUQ, appendix A.8: casting both operands to FP7 and multiplying there, against the multiplication-free
// block.
void add_luq_claims(const FindCost& cost, double merged, std::vector<Claim>& claims) {
  const double standard = datapath_area(cost(kStandardBlock));
  const double free = datapath_area(cost("mul-smint4-e3m0-e4m2-mfbprop"));
  claims.push_back({"LUQ: area of the standard product block over the multiplication-free one", 264.0 / 49.0,
                    standard / free, "x", "luq",
                    "The paper counts gates by hand, with a full FP7 multiplier of 234 gates behind casts of "
                    "30. Here both blocks are synthesized. The measured multiplier also handles subnormals "
                    "and saturates, which any general FP7 multiplier must, and is kept apart from the casts, "
                    "so that synthesis cannot exploit that only few operands occur."});
  claims.push_back({"LUQ: the same, the casts and the multiplier of the standard block optimised together",
                    264.0 / 49.0, merged / free, "x", "luq",
                    "Only 15 x 15 operand pairs reach the multiplier through the casts. A synthesis tool "
                    "that may see this removes most of it; the paper's comparison stands for a multiplier "
                    "that other operands use too."});
  for (const auto& [accumulator, published, gates] :
       {std::tuple{"fp32", 7.9, 2453}, std::tuple{"fp16", 21.6, 731}}) {
    const std::string prefix = std::string("mac-smint4-e3m0-") + accumulator;
    const OperationCost& after = cost(prefix + "-mfbprop");
    const double accumulate = after.accumulate_area,
                 before = cost(prefix + "-via_e4m2").product_area + accumulate;
    claims.push_back(
        {fmt::format("LUQ: area saved in a whole MAC with {} accumulator", accumulator), published,
         saving(before, datapath_area(after)), "%", "luq",
         fmt::format(
             "Datapath without registers, both with the same accumulator, as ABC's area for one and the same "
             "accumulator varies by up to 10 % from run to run of names. The paper's accumulator has {} "
             "gates; the one here, IEEE with subnormals, infinities and one rounding, takes {:.0f} NAND2 "
             "equivalents beside a product of {:.0f}.",
             gates, after.gates * accumulate / datapath_area(after),
             after.gates * after.product_area / datapath_area(after))});
  }
}

void add_pam_claims(const FindCost& cost, std::vector<Claim>& claims) {
  constexpr const char* kWhy =
      "An integer adder alone is the lower bound that publications quote; the block here also detects zeros, "
      "subnormals, underflow, overflow and NaN. Activity is that of captured forward operands, without "
      "glitches, which are what makes multipliers dearer in reality: the energy ratio is a lower bound.";
  const auto energy = [&](const char* name) { return cost(name).product; };
  claims.push_back({"PAM: energy of the exact FP32 multiplier over the piecewise-affine one", 37.0,
                    energy("mul-fp32-fp32-fp32") / energy("mul-fp32-fp32-fp32-pam"), "x", "horowitz", kWhy});
  claims.push_back({"PAM: area of the exact FP32 multiplier over the piecewise-affine one", 7700.0 / 137.0,
                    datapath_area(cost("mul-fp32-fp32-fp32")) / datapath_area(cost("mul-fp32-fp32-fp32-pam")),
                    "x", "horowitz",
                    "Published: FP32 multiplier over bare 32-bit integer adder. The exact multiplier here "
                    "rounds to nearest even and supports subnormals; the PAM block carries range detection "
                    "beside its adder."});
  claims.push_back({"PAM: energy of the exact BF16 multiplier over the piecewise-affine one", 0.21 / 0.03,
                    energy("mul-bf16-bf16-bf16") / energy("mul-bf16-bf16-bf16-pam"), "x", "ten_lessons",
                    kWhy});
  claims.push_back({"PAM: area of the exact BF16 multiplier over the piecewise-affine one", 584.0 / 256.0,
                    datapath_area(cost("mul-bf16-bf16-bf16")) / datapath_area(cost("mul-bf16-bf16-bf16-pam")),
                    "x", "lmul",
                    "No published area of a PAM block for BF16 is known to us. The reference is the gate "
                    "count of L-Mul, the same integer addition with a constant, against an exact multiplier, "
                    "both for FP16, whose significand is three bits longer."});
}

}  // namespace

std::vector<std::string> units_of_claims() {
  return {kStandardBlock,
          "mul-smint4-e3m0-e4m2-mfbprop",
          "mac-smint4-e3m0-fp32-via_e4m2",
          "mac-smint4-e3m0-fp32-mfbprop",
          "mac-smint4-e3m0-fp16-via_e4m2",
          "mac-smint4-e3m0-fp16-mfbprop",
          "mul-fp32-fp32-fp32",
          "mul-fp32-fp32-fp32-pam",
          "mul-bf16-bf16-bf16",
          "mul-bf16-bf16-bf16-pam"};
}

double merged_standard_block_area(const Technology& technology, const std::filesystem::path& cache) {
  const CatalogEntry entry = find_in_catalog(parse_unit(kStandardBlock)).value();
  const MappedDesign design = map_entry(entry, rtl_folder(), technology.file, cache, true);
  double area = 0;
  for (const NetlistCell& cell : read_netlist(design.json, technology.liberty).cells) {
    area += technology.liberty.cells[cell.liberty_cell].area;
  }
  return area;
}

std::vector<Claim> measure_claims(const FindCost& cost, double merged_standard_block) {
  std::vector<Claim> claims;
  add_luq_claims(cost, merged_standard_block, claims);
  add_pam_claims(cost, claims);
  return claims;
}

}  // namespace assay
