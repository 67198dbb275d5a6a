// Exception flags of dot products: every rounding's on the host's SSE unit, and exact sums as rationals.
#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "arith/evaluate.h"
#include "arith/exception_flags.h"
#include "base/random.h"
#include "formats/round.h"
#include "tests/arith/cases.h"
#include "tests/arith/host_arithmetic.h"
#include "tests/arith/oracle.h"

using namespace assay;

namespace {

constexpr size_t kTerms = 4;

struct HostMode {
  int host;
  const char* word;
};
constexpr std::array<HostMode, 4> kModes = {
    {{FE_TONEAREST, ""}, {FE_TOWARDZERO, "-rtz"}, {FE_UPWARD, "-rup"}, {FE_DOWNWARD, "-rdn"}}};

enum class Order { sequential, cascaded, tree, kahan };

// The dot product a1 b1 a2 b2 ... c on the host, an operation after the other.
template <typename Float>
Float host_dot(Order order, const std::vector<Float>& x) {
  const auto fma = [](Float a, Float b, Float c) { return host_operation<Float>(Operation::fma, a, b, c); };
  const auto add = [](Float a, Float b) { return host_operation<Float>(Operation::add, a, b, 0); };
  const auto sub = [](Float a, Float b) { return host_operation<Float>(Operation::sub, a, b, 0); };
  const auto mul = [](Float a, Float b) { return host_operation<Float>(Operation::mul, a, b, 0); };
  Float sum = x.back(), compensation = 0;
  if (order == Order::tree) {
    std::array<Float, kTerms> p{};
    for (size_t i = 0; i < kTerms; ++i) p[i] = mul(x[2 * i], x[2 * i + 1]);
    return add(add(add(p[0], p[1]), add(p[2], p[3])), sum);
  }
  for (size_t i = 0; i < kTerms; ++i) {
    const Float a = x[2 * i], b = x[2 * i + 1];
    if (order == Order::sequential) sum = fma(a, b, sum);
    // A product rounded to nearest is not rounded as the sum is, but for nearest.
    if (order == Order::cascaded) sum = add(mul(a, b), sum);
    if (order == Order::kahan) {
      const Float y = fma(a, b, -compensation), before = sum;
      sum = add(before, y);
      compensation = sub(sub(sum, before), y);
    }
  }
  return sum;
}

template <typename Float, typename Code>
void check_on_host(Order order, const std::string& format_name, const std::string& words, int mode) {
  std::string name = "dot4-" + format_name + "-" + format_name + "-" + format_name + words;
  CAPTURE(name);
  const Unit unit = parse_unit(name);
  uint64_t mismatches = 0, overflows = 0, underflows = 0, exact = 0, invalid = 0;
  for (uint64_t i = 0; i < 6'000; ++i) {
    std::vector<uint64_t> codes;
    std::vector<Float> values;
    bool special = false;
    for (size_t j = 0; j < 2 * kTerms + 1; ++j) {
      const uint64_t random = philox64(43, j, i);
      uint64_t code = j > 1 && i % 4 != 0 ? near_code(unit.result, codes[j - 2], random)
                                          : interesting_code(unit.result, random);
      if (i % 16 == 5) code = std::bit_cast<Code>(static_cast<Float>(random % 8));
      codes.push_back(code);
      values.push_back(std::bit_cast<Float>(static_cast<Code>(code)));
      special = special || std::isnan(values.back());
    }
    std::fesetround(mode);
    std::feclearexcept(FE_ALL_EXCEPT);
    const Float expected = host_dot(order, values);
    const int raised = std::fetestexcept(FE_ALL_EXCEPT);
    std::fesetround(FE_TONEAREST);
    const auto has = [&](int flag) { return (raised & flag) != 0; };
    const FlaggedResult got = evaluate_with_flags(unit, codes);
    const bool same_code = std::isnan(expected) ? decode(unit.result, got.code).kind == RealClass::nan
                                                : got.code == std::bit_cast<Code>(expected);
    ExceptionFlags flags{has(FE_INVALID), has(FE_DIVBYZERO), has(FE_OVERFLOW), has(FE_UNDERFLOW),
                         has(FE_INEXACT)};
    // Zero times infinity beside a NaN may raise invalid or not (IEEE 754, 7.2 c).
    if (special) flags.invalid = got.flags.invalid;
    const bool same = same_code && flags == got.flags;
    if (!same && mismatches++ == 0)
      MESSAGE(name, " vector ", i, " ", got.code, " ", std::bit_cast<Code>(expected));
    CHECK(got.code == evaluate(unit, codes));
    overflows += flags.overflow;
    underflows += flags.underflow;
    invalid += flags.invalid;
    exact += !flags.inexact;
  }
  CHECK(mismatches == 0);
  for (const uint64_t count : {overflows, underflows, exact, invalid}) CHECK(count > 20);
}

oracle::cpp_rational absolute(const oracle::cpp_rational& x) {
  return x < 0 ? oracle::cpp_rational(-x) : x;
}

// A value other than zero rounded to the format's precision with any exponent, to nearest even.
oracle::cpp_rational rounded_unbounded(const Format& format, const oracle::cpp_rational& x) {
  const oracle::cpp_rational magnitude = absolute(x);
  const oracle::cpp_rational unit =
      oracle::power_of_two(oracle::floor_log2(magnitude) - format.fraction_width);
  const oracle::cpp_rational scaled = magnitude / unit;
  oracle::cpp_int whole = numerator(scaled) / denominator(scaled);
  const oracle::cpp_rational part = scaled - whole, half(1, 2);
  if (part > half || (part == half && (whole & 1) != 0)) ++whole;
  return whole * unit;
}

}  // namespace

TEST_CASE("flags of sums with several roundings are those of the host's operations") {
  for (const HostMode& mode : kModes) {
    check_on_host<float, uint32_t>(Order::sequential, "fp32", mode.word, mode.host);
    check_on_host<double, uint64_t>(Order::sequential, "fp64", mode.word, mode.host);
    check_on_host<float, uint32_t>(Order::tree, "fp32", std::string(mode.word) + "-tree", mode.host);
    check_on_host<float, uint32_t>(Order::kahan, "fp32", std::string(mode.word) + "-kahan", mode.host);
  }
  check_on_host<float, uint32_t>(Order::cascaded, "fp32", "-via_fp32", FE_TONEAREST);
}

TEST_CASE("flags of an exact sum with one rounding are those of the rational sum") {
  for (const char* name :
       {"dot4-e4m3-e4m3-fp16-fused", "dot3-e5m2-e5m2-e5m2-fused", "dot2-fp16-fp16-fp16-fused",
        "dot4-bf16-bf16-bf16-fused", "mac-fp16-e5m2-fp16", "dot4-e5m2-e5m2-fp16-window10"}) {
    CAPTURE(std::string(name));
    const Unit unit = parse_unit(name);
    const Format& result = unit.result;
    const bool window = unit.accumulation.kind == AccumulationKind::window;
    const oracle::cpp_rational largest = oracle::value(result, max_finite_magnitude(result));
    const oracle::cpp_rational least_normal = oracle::value(result, uint64_t{1} << result.fraction_width);
    uint64_t mismatches = 0, overflows = 0, underflows = 0, exact = 0;
    for (uint64_t i = 0; i < 20'000; ++i) {
      std::vector<uint64_t> codes;
      oracle::cpp_rational sum = 0, product = 1;
      bool finite = true;
      for (int j = 0; j < operand_count(unit); ++j) {
        const Format& format = operand_format(unit, j);
        uint64_t code = interesting_code(format, philox64(44, static_cast<uint64_t>(j), i));
        if (i % 2 == 0 && j > 1) {
          code =
              near_code(format, codes[static_cast<size_t>(j) - 2], philox64(45, static_cast<uint64_t>(j), i));
        }
        if (i % 16 == 5) code = encode(format, static_cast<double>(code % 4));
        codes.push_back(code);
        const RealClass kind = decode(format, code).kind;
        finite = finite && kind != RealClass::infinity && kind != RealClass::nan;
      }
      if (!finite) continue;
      for (size_t j = 0; j + 1 < codes.size(); j += 2) {
        product = oracle::value(unit.a, codes[j]) * oracle::value(unit.b, codes[j + 1]);
        sum += product;
      }
      sum += oracle::value(result, codes.back());
      const FlaggedResult got = evaluate_with_flags(unit, codes);
      ExceptionFlags flags;
      const Real value = decode(result, got.code);
      if (sum != 0) {
        const oracle::cpp_rational unbounded = absolute(rounded_unbounded(result, sum));
        flags.overflow = unbounded > largest;
        flags.inexact = value.kind == RealClass::infinity || oracle::value(result, got.code) != sum;
        flags.underflow = unbounded < least_normal && flags.inexact;
      } else {
        flags.inexact = value.kind != RealClass::zero;
      }
      if (window) {  // overflow and underflow are those of what the window keeps
        flags.overflow = got.flags.overflow;
        flags.underflow = got.flags.underflow;
      }
      overflows += got.flags.overflow;
      underflows += got.flags.underflow;
      exact += !flags.inexact;
      if (got.flags == flags && got.code == evaluate(unit, codes)) continue;
      if (mismatches++ == 0) MESSAGE(unit_name(unit), " vector ", i);
    }
    CHECK(mismatches == 0);
    CHECK(exact > 20);
    if (result.exponent_width <= 5) CHECK(overflows > 20);
    if (!window && std::string(name).find("e4m3") == std::string::npos) CHECK(underflows > 20);
  }
}

TEST_CASE("invalid sums: infinities and NaN in dots") {
  const auto flags = [](const char* name, const std::vector<uint64_t>& operands) {
    return evaluate_with_flags(parse_unit(name), operands).flags;
  };
  const ExceptionFlags none{}, invalid{true, false, false, false, false};
  const uint64_t one = 0x3c, infinity = 0x7c, minus = 0xfc, quiet = 0x7e, signalling = 0x7d;
  for (const char* how : {"", "-fused", "-window8", "-tree"}) {
    CAPTURE(std::string(how));
    const std::string name = "dot2-e5m2-e5m2-fp16" + std::string(how);
    CHECK(flags(name.c_str(), {one, one, one, one, 0}) == none);
    CHECK(flags(name.c_str(), {infinity, one, one, one, 0}) == none);
    CHECK(flags(name.c_str(), {infinity, 0, one, one, 0}) == invalid);
    CHECK(flags(name.c_str(), {infinity, one, minus, one, 0}) == invalid);
    CHECK(flags(name.c_str(), {infinity, one, one, one, 0xfc00}) == invalid);
    CHECK(flags(name.c_str(), {quiet, one, one, one, 0}) == none);
    CHECK(flags(name.c_str(), {one, one, signalling, one, 0}) == invalid);
    CHECK(flags(name.c_str(), {one, one, one, one, 0x7c01}) == invalid);
    CHECK(flags(name.c_str(), {quiet, one, infinity, one, 0x7e00}) == none);
  }
  // A subnormal sum that is flushed.
  CHECK(flags("dot2-fp16-fp16-fp16-flush", {0x0400, 0x3800, 0, 0, 0}) ==
        ExceptionFlags{false, false, false, true, true});
}
