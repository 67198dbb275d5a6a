// Exception flags and directed roundings of fp32 and fp64 against the host's SSE unit.
#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cstdlib>
#include <string>
#include <vector>

#include "arith/exception_flags.h"
#include "base/random.h"
#include "formats/real.h"
#include "tests/arith/cases.h"
#include "tests/arith/host_arithmetic.h"

using namespace assay;

namespace {

struct HostMode {
  int host;
  Rounding rounding;
};

constexpr std::array<HostMode, 4> kModes = {{{FE_TONEAREST, Rounding::rne},
                                             {FE_TOWARDZERO, Rounding::rtz},
                                             {FE_UPWARD, Rounding::rup},
                                             {FE_DOWNWARD, Rounding::rdn}}};

struct HostResult {
  uint64_t code = 0;
  ExceptionFlags flags;
};

template <typename Float, typename Code>
HostResult host_result(Operation operation, const std::array<uint64_t, 3>& codes, int mode) {
  std::array<Float, 3> x{};
  for (size_t i = 0; i < 3; ++i) x[i] = std::bit_cast<Float>(static_cast<Code>(codes[i]));
  std::fesetround(mode);
  std::feclearexcept(FE_ALL_EXCEPT);
  const Float result = host_operation(operation, x[0], x[1], x[2]);
  const int raised = std::fetestexcept(FE_ALL_EXCEPT);
  std::fesetround(FE_TONEAREST);
  const auto has = [&](int flag) { return (raised & flag) != 0; };
  return {std::bit_cast<Code>(result),
          {has(FE_INVALID), has(FE_DIVBYZERO), has(FE_OVERFLOW), has(FE_UNDERFLOW), has(FE_INEXACT)}};
}

template <typename Float, typename Code>
void check_against_host(const std::string& format_name, uint64_t cases) {
  for (const Operation operation : {Operation::add, Operation::sub, Operation::mul, Operation::div,
                                    Operation::sqrt, Operation::recip, Operation::fma}) {
    for (const HostMode mode : kModes) {
      std::string name(facts_of(operation).name);
      for (int i = 0; i <= facts_of(operation).named_operands; ++i) name += "-" + format_name;
      const Unit unit = parse_unit(name + "-" + std::string(to_string(mode.rounding)));
      const Format& format = unit.result;
      uint64_t mismatches = 0;
      for (uint64_t i = 0; i < cases; ++i) {
        std::array<uint64_t, 3> codes{};
        codes[0] = interesting_code(format, philox64(41, 0, i));
        codes[1] = i % 2 == 0 ? interesting_code(format, philox64(41, 1, i))
                              : near_code(format, codes[0], philox64(41, 1, i));
        codes[2] = interesting_code(format, philox64(41, 2, i));
        const HostResult expected = host_result<Float, Code>(operation, codes, mode.host);
        const FlaggedResult got = evaluate_with_flags(unit, codes);
        const bool nan = decode(format, expected.code).kind == RealClass::nan;
        const bool same = nan ? decode(format, got.code).kind == RealClass::nan : got.code == expected.code;
        // 0 * infinity + NaN may raise invalid or not (IEEE 754, 7.2 c).
        const bool free = operation == Operation::fma && nan;
        if (same && (free || got.flags == expected.flags)) continue;
        if (mismatches++ == 0) {
          const auto bits = [](const ExceptionFlags& f) {
            return f.invalid * 16 + f.divide_by_zero * 8 + f.overflow * 4 + f.underflow * 2 + f.inexact;
          };
          MESSAGE(unit_name(unit), " ", codes[0], " ", codes[1], " ", codes[2], ": ", got.code, " flags ",
                  bits(got.flags), ", host ", expected.code, " flags ", bits(expected.flags));
        }
      }
      CHECK(mismatches == 0);
    }
  }
}

uint64_t case_count() {
  return std::getenv("ASSAY_LONG") != nullptr ? 25'000'000 : 15'000;
}

}  // namespace

TEST_CASE("fp32 results and flags in four roundings against the hardware") {
  check_against_host<float, uint32_t>("fp32", case_count());
}

TEST_CASE("fp64 results and flags in four roundings against the hardware") {
  check_against_host<double, uint64_t>("fp64", case_count());
}

TEST_CASE("tininess before and after rounding") {
  // 1.111..1 2^-15 of fp16, half a unit in the last place below the least normal number: tiny only before rounding.
  const Unit mul = parse_unit("mul-fp32-fp32-fp16");
  const auto flags = [&](float x, Tininess tininess) {
    return evaluate_with_flags(
               mul, std::array<uint64_t, 2>{std::bit_cast<uint32_t>(x), std::bit_cast<uint32_t>(1.0F)}, {},
               {tininess})
        .flags;
  };
  const float just_below = 0x1.fffp-15F;  // rounds to 2^-14 even with 11 bits and no bound
  CHECK(flags(just_below, Tininess::before_rounding).underflow);
  CHECK_FALSE(flags(just_below, Tininess::after_rounding).underflow);
  CHECK(flags(0x1.ffdp-15F, Tininess::after_rounding).underflow);
  CHECK_FALSE(flags(0x1.ff8p-15F, Tininess::after_rounding).underflow);  // exact
  CHECK_FALSE(flags(0x1.ff8p-15F, Tininess::after_rounding).inexact);
}

TEST_CASE("flags of formats without infinity or signed zero") {
  const auto flags = [](const char* name, uint64_t a, uint64_t b) {
    return evaluate_with_flags(parse_unit(name), std::array{a, b}).flags;
  };
  CHECK(flags("mul-e4m3-e4m3-e4m3", 0x7e, 0x7e) == ExceptionFlags{false, false, true, false, true});
  CHECK(flags("div-binary8p4se-binary8p4se-binary8p4se", 0x40, 0) ==
        ExceptionFlags{false, true, false, false, false});
  CHECK(flags("div-e5m2-e5m2-e5m2", 0, 0) == ExceptionFlags{true, false, false, false, false});
  CHECK(flags("add-e5m2-e5m2-e5m2", 0x7d, 0x3c).invalid);        // signalling
  CHECK_FALSE(flags("add-e5m2-e5m2-e5m2", 0x7e, 0x3c).invalid);  // quiet
}

TEST_CASE("infinity times zero plus a quiet NaN, with and without invalid") {
  const std::vector<uint64_t> one = {0x7c00, 0, 0x7e00}, other = {0, 0xfc00, 0xfe01},
                              quiet = {0x7c00, 0x7e00, 0};
  for (const char* name : {"fma-fp16-fp16-fp16-fp16", "mac-fp16-fp16-fp16", "dot1-fp16-fp16-fp16-fused",
                           "dot1-fp16-fp16-fp16-window12", "mac-fp16-fp16-fp16-via_fp16"}) {
    CAPTURE(std::string(name));
    const Unit unit = parse_unit(name);
    for (const auto& operands : {one, other}) {
      CHECK(evaluate_with_flags(unit, operands, {}, {Tininess::after_rounding, true}).flags.invalid);
      CHECK_FALSE(evaluate_with_flags(unit, operands).flags.invalid);
    }
    CHECK_FALSE(evaluate_with_flags(unit, quiet, {}, {Tininess::after_rounding, true}).flags.invalid);
  }
}
