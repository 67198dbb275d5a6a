#include "verify/contract.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"
#include "base/toml_table.h"
#include "formats/real.h"
#include "formats/round.h"

namespace assay {
namespace {

Contract profile_contract(std::string_view name, void (*set)(Contract&)) {
  Contract contract;
  contract.profile = name;
  set(contract);
  return contract;
}

// A code in order of its value, for counting codes between two numbers.
int64_t ordered(const Format& format, uint64_t code) {
  if (format.kind == FormatKind::twos_complement || format.kind == FormatKind::posit) {
    return static_cast<int64_t>(code << (64 - format.width)) >> (64 - format.width);
  }
  const auto magnitude = static_cast<int64_t>(code & ~sign_mask(format));
  return (code & sign_mask(format)) != 0 ? -magnitude : magnitude;
}

std::string_view describe_overflow(Saturation saturation) {
  switch (saturation) {
    case Saturation::sat_none:
      return "infinity, else NaN, else the largest number; inward roundings: the largest number";
    case Saturation::sat_none_v40:
      return "infinity, else the largest number; inward roundings: the largest number";
    case Saturation::sat_propagate:
      return "the largest number; infinities stay";
    case Saturation::sat_finite:
      return "the largest number";
    case Saturation::sat_symmetric:
      return "the largest magnitude, the same on both sides";
    case Saturation::sat_zero:
      return "zero";
    case Saturation::wrap:
      return "modulo 2^width";
  }
  return "";
}

// "exact", "flush" or "flush_before_rounding".
FlushResults parse_flush(const std::string& word) {
  if (word == "exact") return FlushResults::none;
  if (word == "flush") return FlushResults::after_rounding;
  if (word == "flush_before_rounding") return FlushResults::before_rounding;
  fail("expected exact, flush or flush_before_rounding, found {}", word);
}

void read_nan(Contract& contract, const std::string& word) {
  if (word == "canonical" || word == "any") {
    contract.nan = word == "any" ? NanResults::any : NanResults::canonical;
    return;
  }
  const std::string_view digits = std::string_view(word).substr(word.starts_with("0x") ? 2 : 0);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), contract.nan_code, 16);
  if (error != std::errc{} || end != digits.data() + digits.size() || !word.starts_with("0x")) {
    fail("expected canonical, any or a code such as 0x7fff, found {}", word);
  }
  contract.nan = NanResults::code;
}

bool read_choice(const std::string& word, std::string_view yes, std::string_view no) {
  if (word == yes) return true;
  if (word == no) return false;
  fail("expected {} or {}, found {}", no, yes, word);
}

const Contract& find_profile(const std::string& name) {
  std::string known;
  for (const ContractProfile& profile : contract_profiles()) {
    if (profile.name == name) return profile.contract;
    known += known.empty() ? "" : " ";
    known += profile.name;
  }
  fail("expected one of {}, found {}", known, name);
}

}  // namespace

const std::vector<ContractProfile>& contract_profiles() {
  static const std::vector<ContractProfile> profiles = [] {
    std::vector<ContractProfile> made;
    const auto add = [&](std::string_view name, std::string_view meaning, void (*set)(Contract&)) {
      made.push_back({name, meaning, profile_contract(name, set)});
    };
    add("canonical", "the golden model's code, bit for bit", [](Contract&) {});
    add("ieee", "any NaN for a NaN", [](Contract& c) { c.nan = NanResults::any; });
    add("riscv", "canonical NaN, tininess after rounding, infinity times zero plus NaN is invalid",
        [](Contract& c) { c.invalid_beside_nan = true; });
    add("arm", "any NaN for a NaN, tininess before rounding, infinity times zero plus NaN is invalid",
        [](Contract& c) {
          c.nan = NanResults::any;
          c.invalid_beside_nan = true;
          c.tininess = Tininess::before_rounding;
        });
    add("ocp_saturating", "overflow to the largest number",
        [](Contract& c) { c.saturation = Saturation::sat_finite; });
    add("ocp_overflow", "overflow to infinity, or to NaN where there is none",
        [](Contract& c) { c.saturation = Saturation::sat_none; });
    add("cuda", "NaN is all ones below the sign", [](Contract& c) {
      c.nan = NanResults::code;
      c.nan_code = ~uint64_t{0};
    });
    add("flush_to_zero", "subnormal operands and results are zeros of their sign", [](Contract& c) {
      c.flush_operands = true;
      c.flush_results = FlushResults::after_rounding;
    });
    return made;
  }();
  return profiles;
}

Contract contract_from_toml(const TomlTable& table) {
  table.expect_keys({"profile", "saturation", "subnormal_operands", "subnormal_results", "nan", "zero_sign",
                     "ulp", "tininess", "infinity_times_zero_plus_nan", "nan_boxing"});
  Contract contract;
  // Applies `read` to the text of a key that is there.
  const auto with = [&](std::string_view key, auto read) {
    if (const auto word = table.text(key)) table.at(key, [&] { read(*word); });
  };
  with("profile", [&](const std::string& word) { contract = find_profile(word); });
  with("saturation", [&](const std::string& word) { contract.saturation = parse_saturation(word); });
  with("subnormal_operands",
       [&](const std::string& word) { contract.flush_operands = read_choice(word, "flush", "exact"); });
  with("subnormal_results", [&](const std::string& word) { contract.flush_results = parse_flush(word); });
  with("nan", [&](const std::string& word) { read_nan(contract, word); });
  with("zero_sign",
       [&](const std::string& word) { contract.ignore_zero_sign = read_choice(word, "any", "exact"); });
  with("tininess", [&](const std::string& word) {
    contract.tininess =
        read_choice(word, "before", "after") ? Tininess::before_rounding : Tininess::after_rounding;
  });
  with("infinity_times_zero_plus_nan",
       [&](const std::string& word) { contract.invalid_beside_nan = read_choice(word, "invalid", "quiet"); });
  if (const auto ulp = table.integer("ulp", 0, 1 << 20)) contract.ulp = static_cast<uint64_t>(*ulp);
  if (const auto bits = table.integer("nan_boxing", 1, 64)) contract.nan_boxing = static_cast<int>(*bits);
  return contract;
}

std::string describe(const Contract& contract, const Unit& unit) {
  const auto line = [](std::string_view what, std::string_view decision) {
    return fmt::format("  {:<20} {}\n", what, decision);
  };
  const Unit decided = contracted(unit, contract);
  std::string text = line("profile", contract.profile);
  text += line("operation", facts_of(unit.operation).name);
  if (has_product(unit.operation)) {
    text += line("product", unit.product == ProductRule::exact ? "exact: fused with what follows"
                            : unit.product == ProductRule::via
                                ? fmt::format("cascaded: rounded to {} first", unit.product_format.name)
                                : std::string(to_string(unit.product)));
  }
  text += line("rounding", to_string(unit.rounding));
  text += line("overflow",
               fmt::format("{}: {}", to_string(decided.saturation), describe_overflow(decided.saturation)));
  text += line("subnormal operands",
               contract.flush_operands || unit.accumulation.flush_subnormals ? "count as zeros" : "exact");
  text += line("subnormal results",
               contract.flush_results == FlushResults::none ? "exact"
               : contract.flush_results == FlushResults::after_rounding
                   ? "zeros of their sign, if the rounded result is subnormal"
                   : "zeros of their sign, if the exact result is below the least normal number");
  if (unit.result.nan == NanEncoding::none) {
    text += line("NaN", "the result's format has none");
  } else {
    text +=
        line("NaN", contract.nan == NanResults::any ? "any NaN code"
                    : contract.nan == NanResults::code
                        ? fmt::format("{:#x}", contract.nan_code & code_mask(magnitude_width(unit.result)))
                        : fmt::format("canonical, {:#x}", canonical_nan(unit.result)));
  }
  text += line("sign of zero", contract.ignore_zero_sign ? "either" : "as the exact rules have it");
  text +=
      line("tininess", contract.tininess == Tininess::after_rounding ? "after rounding" : "before rounding");
  if (unit.operation == Operation::fma || accumulates(unit.operation)) {
    text += line("inf 0 + NaN", contract.invalid_beside_nan ? "raises invalid" : "raises nothing");
  }
  if (contract.nan_boxing != 0) {
    text += line("NaN boxing",
                 fmt::format("floats narrower than {} bits have ones above them; others count as NaN",
                             contract.nan_boxing));
  }
  if (contract.ulp != 0) {
    text +=
        line("tolerance", fmt::format("{} ulp: finite results may be that many codes away", contract.ulp));
  }
  return text;
}

Unit contracted(Unit unit, const Contract& contract) {
  if (contract.saturation) unit.saturation = *contract.saturation;
  return unit;
}

bool is_subnormal(const Format& format, uint64_t code) {
  if (format.kind != FormatKind::floating || !format.has_subnormals) return false;
  const uint64_t magnitude = code & code_mask(magnitude_width(format));
  return magnitude != 0 && magnitude < uint64_t{1} << format.fraction_width;
}

uint64_t contracted_operand(const Contract& contract, const Format& format, uint64_t code) {
  if (!contract.flush_operands || !is_subnormal(format, code)) return code;
  return zero_code(format, (code & sign_mask(format)) != 0);
}

bool is_exact(const Contract& contract) {
  return contract.nan == NanResults::canonical && !contract.ignore_zero_sign && contract.ulp == 0;
}

bool accepts(const Contract& contract, const Format& format, uint64_t expected, uint64_t actual) {
  const Real wanted = decode(format, expected), found = decode(format, actual);
  if (wanted.kind == RealClass::nan) {
    if (contract.nan == NanResults::any) return found.kind == RealClass::nan;
    if (contract.nan == NanResults::code) {
      return actual == (contract.nan_code & code_mask(magnitude_width(format)));
    }
    return actual == expected;
  }
  if (actual == expected) return true;
  if (found.kind != RealClass::zero && found.kind != RealClass::finite) return false;
  if (wanted.kind != RealClass::zero && wanted.kind != RealClass::finite) return false;
  if (wanted.kind == RealClass::zero && found.kind == RealClass::zero) return contract.ignore_zero_sign;
  const int64_t distance = ordered(format, expected) - ordered(format, actual);
  return static_cast<uint64_t>(distance < 0 ? -distance : distance) <= contract.ulp;
}

}  // namespace assay
