// What designs may do differently from the golden model and still be right: the contract of a verification.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arith/exception_flags.h"
#include "arith/unit.h"

namespace assay {

class TomlTable;

// What becomes of subnormal results: kept, or replaced by a zero of their sign, if the exact result or if the rounded
// one is below the least normal number.
enum class FlushResults { none, before_rounding, after_rounding };

// Which NaN a NaN result must be: the format's canonical one, any, or the code `Contract::nan_code`.
enum class NanResults { canonical, any, code };

struct Contract {
  std::string profile = "canonical";
  std::optional<Saturation> saturation;  // instead of the units'
  bool flush_operands = false;           // subnormal operands count as zeros of their sign
  FlushResults flush_results = FlushResults::none;
  NanResults nan = NanResults::canonical;
  uint64_t nan_code = 0;
  bool ignore_zero_sign = false;
  uint64_t ulp = 0;  // by how many codes a finite result may differ from a finite expected one
  Tininess tininess = Tininess::after_rounding;
  bool invalid_beside_nan = false;  // infinity times zero plus a quiet NaN raises invalid
  int nan_boxing = 0;  // bits of the registers that narrower floats come and go in (verify/boxing.h); 0: none
};

// The contracts that have a name, each with what it sets:
//   canonical         nothing: the golden model's code, bit for bit
//   ieee              any NaN
//   riscv             canonical NaN, tininess after rounding, infinity times zero plus NaN is invalid
//   arm               any NaN, tininess before rounding, infinity times zero plus NaN is invalid
//   ocp_saturating    overflow to the largest number
//   ocp_overflow      overflow to infinity, or to NaN where there is none
//   cuda              NaN is all ones below the sign
//   flush_to_zero     subnormal operands and results are zeros
struct ContractProfile {
  std::string_view name;
  std::string_view meaning;
  Contract contract;
};
const std::vector<ContractProfile>& contract_profiles();

// A table with the keys profile, saturation, subnormal_operands and subnormal_results ("exact", "flush",
// "flush_before_rounding"), nan ("canonical", "any", or a code), zero_sign ("exact", "any"), ulp, tininess ("before",
// "after"), infinity_times_zero_plus_nan ("invalid", "quiet"), nan_boxing (bits of the registers), of which those that are there override the profile. Throws Error naming the key.
Contract contract_from_toml(const TomlTable& table);

// For people: every decision for this unit, one a line, "subnormal operands   exact", with what a profile or the unit
// made of it.
std::string describe(const Contract& contract, const Unit& unit);

// The unit with the contract's saturation.
Unit contracted(Unit unit, const Contract& contract);

// The operand's code as the contract has it count.
uint64_t contracted_operand(const Contract& contract, const Format& format, uint64_t code);

// Whether `actual` is right where the golden model, with flushed operands and results, says `expected`.
bool accepts(const Contract& contract, const Format& format, uint64_t expected, uint64_t actual);

// Whether nothing but the golden model's code is right, so that codes can be compared.
bool is_exact(const Contract& contract);

// Whether the code is a subnormal number of binary floating point.
bool is_subnormal(const Format& format, uint64_t code);

}  // namespace assay
