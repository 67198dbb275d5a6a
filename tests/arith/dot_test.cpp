// Dot products against exact rationals and against the texts that describe tensor and matrix cores.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "arith/dot.h"
#include "arith/evaluate.h"
#include "arith/presets.h"
#include "base/error.h"
#include "base/random.h"
#include "formats/round.h"
#include "tests/arith/oracle.h"

using namespace assay;
using oracle::cpp_int;
using oracle::cpp_rational;
using oracle::power_of_two;

namespace {

uint64_t code_of(const Format& format, double value) {
  return encode(format, value);
}

bool finite(const Format& format, uint64_t code) {
  const RealClass kind = decode(format, code).kind;
  return kind == RealClass::finite || kind == RealClass::zero;
}

// A finite code of a few binades around one; now and then zero, subnormal, or of any size.
uint64_t moderate_code(const Format& format, uint64_t random) {
  for (;; random = random * 6364136223846793005u + 1442695040888963407u) {
    uint64_t code = random & code_mask(format.width);
    if (format.kind == FormatKind::floating && random >> 61 != 0) {
      const auto binades = std::min<uint64_t>(14, (uint64_t{1} << format.exponent_width) - 1);
      const uint64_t least = static_cast<uint64_t>(std::max(0, format.exponent_bias - 7));
      const uint64_t exponent = random >> 58 == 8 ? 0 : least + (random >> 32) % binades;
      const uint64_t kept = code & (uint64_t{1} << (format.width - 1) | code_mask(format.fraction_width));
      code = kept | exponent << format.fraction_width;
    }
    if (finite(format, code)) return code;
  }
}

std::vector<uint64_t> moderate_operands(const Unit& unit, uint64_t seed, uint64_t index) {
  std::vector<uint64_t> operands;
  for (int i = 0; i < operand_count(unit); ++i) {
    operands.push_back(
        moderate_code(operand_format(unit, i), philox64(seed, static_cast<uint64_t>(i), index)));
  }
  return operands;
}

cpp_rational value_of(const Format& format, uint64_t code) {
  return oracle::value(format, code);
}

// A real number rounded into a format; `overflow` is set if that gives an infinity.
cpp_rational rounded(const Format& format, const cpp_rational& x, Rounding rounding, bool& overflow) {
  if (x == 0) return 0;
  const uint64_t code = oracle::round_ieee(format, x, rounding);
  overflow = overflow || !finite(format, code);
  return finite(format, code) ? value_of(format, code) : cpp_rational(0);
}

// Whether a code is that of a value, whatever the sign of a zero.
bool same_value(const Format& format, uint64_t code, const cpp_rational& expected) {
  return finite(format, code) && value_of(format, code) == expected;
}

cpp_int floor_of(const cpp_rational& x) {
  const cpp_int n = numerator(x), d = denominator(x);
  cpp_int q = n / d;
  if (q * d > n) --q;
  return q;
}
cpp_int trunc_of(const cpp_rational& x) {
  return x < 0 ? cpp_int(-floor_of(-x)) : floor_of(x);
}

// The exponent that a floating-point code says: its field less the bias, at least that of the least normal number.
int field_exponent(const Format& format, uint64_t code) {
  const auto field = static_cast<int>((code & code_mask(format.width - (format.is_signed ? 1 : 0))) >>
                                      format.fraction_width);
  return (format.has_subnormals ? std::max(field, 1) : field) - format.exponent_bias;
}

struct Term {
  cpp_rational value;
  int exponent;
};

std::vector<Term> terms_of(const Unit& unit, const std::vector<uint64_t>& operands, size_t begin,
                           size_t end) {
  std::vector<Term> terms;
  for (size_t i = begin; i < end; ++i) {
    const uint64_t a = operands[2 * i], b = operands[2 * i + 1];
    terms.push_back(
        {value_of(unit.a, a) * value_of(unit.b, b), field_exponent(unit.a, a) + field_exponent(unit.b, b)});
  }
  return terms;
}

// Truncated fused sum: every term that is not zero in units of 2^(largest exponent - bits).
cpp_rational aligned_sum(const std::vector<Term>& terms, int bits, bool floor, int* largest = nullptr) {
  int exponent = -100000;
  for (const Term& term : terms) {
    if (term.value != 0) exponent = std::max(exponent, term.exponent);
  }
  if (largest != nullptr) *largest = exponent;
  if (exponent == -100000) return 0;
  const cpp_rational unit = power_of_two(exponent - bits);
  cpp_rational sum = 0;
  for (const Term& term : terms) {
    const cpp_rational scaled = term.value / unit;
    sum += (floor ? floor_of(scaled) : trunc_of(scaled)) * unit;
  }
  return sum;
}

uint64_t evaluate_bits(const Unit& unit, const std::vector<uint64_t>& operands,
                       const std::vector<RandomBits>& random) {
  return evaluate_dot(unit, operands, std::span<const RandomBits>(random));
}

}  // namespace

TEST_CASE("sequential, tree and kahan against exact rationals, step by step") {
  for (const char* name :
       {"dot6-fp16-fp16-fp16", "dot5-e5m2-e4m3-bf16-rtz", "dot4-bf16-bf16-fp32-tree",
        "dot7-fp16-fp16-fp16-tree", "dot8-e4m3-e4m3-bf16-tree-group3", "dot6-bf16-bf16-bf16-kahan",
        "dot9-fp16-fp16-fp16-kahan-rup", "dot4-fp16-fp16-fp16-rdn"}) {
    CAPTURE(std::string(name));
    const Unit unit = parse_unit(name);
    const Format& format = unit.result;
    const size_t count = static_cast<size_t>(unit.terms);
    const size_t group = unit.accumulation.group > 0 ? static_cast<size_t>(unit.accumulation.group) : count;
    int checked = 0;
    for (uint64_t i = 0; i < 1500; ++i) {
      const std::vector<uint64_t> operands = moderate_operands(unit, 21, i);
      bool overflow = false;
      const auto round = [&](const cpp_rational& x) { return rounded(format, x, unit.rounding, overflow); };
      const std::vector<Term> terms = terms_of(unit, operands, 0, count);
      cpp_rational sum = value_of(format, operands.back()), compensation = 0;
      if (unit.accumulation.kind == AccumulationKind::tree) {
        for (size_t first = 0; first < count; first += group) {
          std::vector<cpp_rational> level;
          for (size_t k = first; k < std::min(first + group, count); ++k)
            level.push_back(round(terms[k].value));
          while (level.size() > 1) {
            std::vector<cpp_rational> next;
            for (size_t k = 0; k + 1 < level.size(); k += 2) next.push_back(round(level[k] + level[k + 1]));
            if (level.size() % 2 == 1) next.push_back(level.back());
            level = next;
          }
          sum = round(sum + level[0]);
        }
      } else if (unit.accumulation.kind == AccumulationKind::kahan) {
        for (const Term& term : terms) {
          const cpp_rational y = round(term.value - compensation), t = round(sum + y);
          compensation = round(round(t - sum) - y);
          sum = t;
        }
      } else {
        for (const Term& term : terms) sum = round(sum + term.value);
      }
      if (overflow) continue;
      ++checked;
      if (!same_value(format, evaluate(unit, operands), sum)) FAIL_CHECK("case " << i);
    }
    CHECK(checked > 1000);
  }
}

TEST_CASE("windows against the text") {
  for (const char* name :
       {"dot4-fp16-fp16-fp32-rtz-window23", "dot8-bf16-bf16-fp32-rtz-window24",
        "dot16-fp16-fp16-fp16-window25", "dot8-e4m3-e5m2-e8m13ieee-rtz-window13",
        "dot6-e5m2-e5m2-fp32-window9_floor", "dot4-tf32-tf32-fp32-rtz-window24",
        "dot16-e4m3-e4m3-fp32-rtz-window13-group4", "dot8-e3m2-e2m3-bf16-rtz-window3-group5",
        "dot8-e4m3-e4m3-fp32-rtz-window13-sum_e8m13ieee",
        "dot8-e4m3-e4m3-fp32-rtz-window13-group4-sum_e8m13ieee"}) {
    CAPTURE(std::string(name));
    const Unit unit = parse_unit(name);
    const Accumulation& how = unit.accumulation;
    const Format& format = unit.result;
    const Format& first_format = how.sum ? *how.sum : format;
    const size_t count = static_cast<size_t>(unit.terms),
                 group = how.group > 0 ? static_cast<size_t>(how.group) : count;
    int checked = 0;
    for (uint64_t i = 0; i < 3000; ++i) {
      const std::vector<uint64_t> operands = moderate_operands(unit, 22, i);
      bool overflow = false;
      uint64_t c = operands.back();
      for (size_t first = 0; first < count; first += group) {
        std::vector<Term> terms = terms_of(unit, operands, first, std::min(first + group, count));
        terms.push_back({value_of(format, c), field_exponent(format, c)});
        const cpp_rational sum = aligned_sum(terms, how.window, how.window_floor);
        overflow = overflow || abs(sum) >= power_of_two(format.exponent_bias + 1);
        const cpp_rational value = rounded(first_format, sum, unit.rounding, overflow);
        c = value == 0 ? 0 : oracle::round_ieee(format, value, Rounding::rtz);
      }
      if (overflow) continue;
      ++checked;
      if (!same_value(format, evaluate(unit, operands), value_of(format, c))) FAIL_CHECK("case " << i);
    }
    CHECK(checked > 2000);
  }
}

TEST_CASE("AMD CDNA3 against the text: products cut at 24 bits, joined by floors at 31 and 24") {
  for (const char* name :
       {"amd_cdna3-fp16-fp16-fp32", "amd_cdna3-bf16-bf16-fp32", "amd_cdna3-e4m3fnuz-e5m2fnuz-fp32",
        "amd_cdna3-tf32-tf32-fp32", "dot6-e5m2fnuz-e5m2fnuz-fp32-window6_join9_even_odd",
        "dot6-fp16-fp16-fp32-window6_join9"}) {
    CAPTURE(std::string(name));
    const Unit unit = parse_unit(name);
    const int bits = unit.accumulation.window, join = unit.accumulation.join;
    const size_t count = static_cast<size_t>(unit.terms);
    for (uint64_t i = 0; i < 4000; ++i) {
      std::vector<uint64_t> operands = moderate_operands(unit, 23, i);
      if (i % 3 == 0) operands.back() = (operands.back() & 0x807fffff) | (90 + i % 70) << 23;
      const std::vector<Term> terms = terms_of(unit, operands, 0, count);
      int exponent = 0;
      cpp_rational products;
      if (unit.accumulation.even_odd) {
        std::array<std::vector<Term>, 2> parity;
        for (size_t k = 0; k < count; ++k) parity[k % 2].push_back(terms[k]);
        std::vector<Term> sums;
        for (const auto& half : parity) {
          int largest = 0;
          const cpp_rational sum = aligned_sum(half, bits, false, &largest);
          sums.push_back({sum, largest});
        }
        exponent = std::max(sums[0].exponent, sums[1].exponent);
        const cpp_rational unit_of_sum = power_of_two(exponent - bits);
        products =
            (floor_of(sums[0].value / unit_of_sum) + floor_of(sums[1].value / unit_of_sum)) * unit_of_sum;
      } else {
        products = aligned_sum(terms, bits, false, &exponent);
      }
      const cpp_rational c = value_of(unit.result, operands.back());
      const int c_exponent = c == 0 ? -100000 : field_exponent(unit.result, operands.back());
      const int largest = std::max(exponent, c_exponent);
      if (largest == -100000) continue;
      cpp_rational sum = floor_of(products * power_of_two(join - largest)) * power_of_two(largest - join);
      if (!unit.accumulation.even_odd || c_exponent >= largest - bits - 1) {
        sum += floor_of(c * power_of_two(bits - largest)) * power_of_two(largest - bits);
      }
      bool overflow = false;
      const cpp_rational expected = rounded(unit.result, sum, Rounding::rne, overflow);
      if (overflow) continue;
      if (!same_value(unit.result, evaluate(unit, operands), expected)) FAIL_CHECK("case " << i);
    }
  }
  // A product that fp32 does not hold is an infinity, though the sum would be finite.
  const Unit bf16 = parse_unit("amd_cdna3-bf16-bf16-fp32");
  std::vector<uint64_t> operands(17, 0);
  operands[0] = operands[1] = operands[2] = code_of(bf16.a, 0x1p64);
  operands[3] = code_of(bf16.b, -0x1p64);
  CHECK(evaluate(bf16, operands) == canonical_nan(bf16.result));
  operands[2] = 0;
  CHECK(evaluate(bf16, operands) == infinity_code(bf16.result, false));
}

TEST_CASE("scaled windows against the text: mxf8f6f4, mxf4, nvfp4") {
  for (const char* name :
       {"nvidia_blackwell-mxfp8_e4m3-mxfp6_e3m2-fp32", "nvidia_blackwell-mxfp4-mxfp4-fp32",
        "nvidia_blackwell-nvfp4-nvfp4-fp32", "block_dot8-e2m1-e2m1-e4m3-fp32-rtz-window7-block4-exact2"}) {
    CAPTURE(std::string(name));
    const Unit unit = parse_unit(name);
    const Accumulation& how = unit.accumulation;
    const size_t count = static_cast<size_t>(unit.terms),
                 block = how.block > 0 ? static_cast<size_t>(how.block) : count,
                 step = how.exact > 0 ? static_cast<size_t>(how.exact) : 1;
    for (uint64_t i = 0; i < 1500; ++i) {
      std::vector<uint64_t> operands = moderate_operands(unit, 24, i);
      for (size_t k = 2 * count; k + 1 < operands.size(); ++k) {
        if (unit.c.name == "e8m0") operands[k] = 120 + operands[k] % 16;
      }
      operands.back() = (operands.back() & 0x807fffff) | (110 + i % 40) << 23;
      std::vector<Term> elements = terms_of(unit, operands, 0, count), terms;
      for (size_t first = 0; first < count; first += step) {
        const size_t scale = 2 * count + 2 * (first / block);
        const int scale_exponent =
            field_exponent(unit.c, operands[scale]) + field_exponent(unit.c, operands[scale + 1]);
        const cpp_rational factor = value_of(unit.c, operands[scale]) * value_of(unit.c, operands[scale + 1]);
        cpp_rational sum = 0;
        for (size_t k = first; k < first + step; ++k) sum += elements[k].value;
        terms.push_back({sum * factor, scale_exponent + (how.exact > 0 ? 0 : elements[first].exponent)});
      }
      terms.push_back({value_of(unit.result, operands.back()), field_exponent(unit.result, operands.back())});
      bool overflow = false;
      const cpp_rational expected =
          rounded(unit.result, aligned_sum(terms, how.window, false), Rounding::rtz, overflow);
      if (!same_value(unit.result, evaluate(unit, operands), expected)) FAIL_CHECK("case " << i);
    }
    std::vector<uint64_t> operands = moderate_operands(unit, 24, 0);
    operands[2 * count] = canonical_nan(unit.c);
    std::fill(operands.begin(), operands.begin() + static_cast<std::ptrdiff_t>(2 * count), 0);
    CHECK(evaluate(unit, operands) == canonical_nan(unit.result));  // 0 times a NaN scale
  }
}

TEST_CASE("promotion: partial sums from zero, scaled, added with one rounding") {
  for (const char* name :
       {"dot8-e4m3-e4m3-fp32-rtz-window13-group4-partial_e8m13ieee",
        "dot8-e4m3-e5m2-fp32-rtz-window25-partial_fp32", "dot6-fp16-fp16-fp32-partial_fp16",
        "block_dot8-e4m3-e4m3-fp32-fp32-rtz-window13-group2-block4-partial_e8m13ieee",
        "block_dot4-e4m3-e4m3-e8m0-bf16-tree-partial_fp16"}) {
    CAPTURE(std::string(name));
    const Unit unit = parse_unit(name);
    const Accumulation& how = unit.accumulation;
    const size_t count = static_cast<size_t>(unit.terms),
                 block = how.block > 0 ? static_cast<size_t>(how.block) : count;
    Unit inner = unit;  // the sum of one block from zero
    inner.operation = Operation::dot;
    inner.terms = static_cast<int>(block);
    inner.result = *how.partial;
    inner.accumulation.partial.reset();
    inner.accumulation.block = 0;
    if (inner.accumulation.group >= inner.terms) inner.accumulation.group = 0;
    for (uint64_t i = 0; i < 1500; ++i) {
      std::vector<uint64_t> operands = moderate_operands(unit, 25, i);
      for (size_t k = 2 * count; k + 1 < operands.size(); ++k) {
        if (unit.c.name == "e8m0") operands[k] = 120 + operands[k] % 16;
      }
      cpp_rational sum = value_of(unit.result, operands.back());
      bool overflow = false;
      for (size_t first = 0; first < count; first += block) {
        std::vector<uint64_t> part(operands.begin() + static_cast<std::ptrdiff_t>(2 * first),
                                   operands.begin() + static_cast<std::ptrdiff_t>(2 * (first + block)));
        part.push_back(0);
        const uint64_t partial = evaluate(inner, part);
        overflow = overflow || !finite(inner.result, partial);
        if (overflow) break;
        cpp_rational value = value_of(inner.result, partial);
        if (unit.operation == Operation::block_dot) {
          const size_t scale = 2 * count + 2 * (first / block);
          value *= value_of(unit.c, operands[scale]) * value_of(unit.c, operands[scale + 1]);
        }
        sum = rounded(unit.result, sum + value, Rounding::rne, overflow);
      }
      if (overflow) continue;
      if (!same_value(unit.result, evaluate(unit, operands), sum)) FAIL_CHECK("case " << i);
    }
  }
}

// All values are multiples of 1/4, and so are their sums, cut or rounded to e5m2.
TEST_CASE("dots of two products of all pairs of 4-bit codes") {
  const Format e5m2 = parse_format("e5m2"), e2m1 = parse_format("e2m1");
  for (const char* name :
       {"dot2-e2m1-e2m1-e5m2-fused", "dot2-e2m1-e2m1-e5m2", "dot2-e2m1-e2m1-e5m2-rtz-window2",
        "dot2-int4-int4-e5m2-fused", "dot2-e2m1-int4-e5m2-tree"}) {
    CAPTURE(std::string(name));
    const Unit unit = parse_unit(name);
    const auto quarters = [](const cpp_rational& x) {
      return static_cast<int>(numerator(cpp_rational(x * 4)));
    };
    std::map<int, int> cache;
    const auto round = [&](int x) {
      const auto [at, is_new] = cache.try_emplace(x);
      bool overflow = false;
      if (is_new) at->second = quarters(rounded(e5m2, cpp_rational(x, 4), unit.rounding, overflow));
      return at->second;
    };
    const auto cut = [](int x, int exponent) {  // to 2 fraction bits below 2^exponent
      const int unit_of_sum = exponent < 0 ? 1 : 1 << exponent;
      return x / unit_of_sum * unit_of_sum;
    };
    std::array<std::array<int, 16>, 16> product{}, exponent{};
    for (uint64_t a = 0; a < 16; ++a) {
      for (uint64_t b = 0; b < 16; ++b) {
        product[a][b] = quarters(value_of(unit.a, a) * value_of(unit.b, b));
        exponent[a][b] = product[a][b] == 0 ? -9 : field_exponent(e2m1, a) + field_exponent(e2m1, b);
      }
    }
    for (const double start : {0.0, 0.75, -5.0, 40.0}) {
      const uint64_t start_code = code_of(e5m2, start);
      const int c = quarters(value_of(e5m2, start_code));
      const int c_exponent = start == 0 ? -9 : field_exponent(e5m2, start_code);
      for (uint64_t codes = 0; codes < 65536; ++codes) {
        const std::array<uint64_t, 5> operands = {codes & 15, codes >> 4 & 15, codes >> 8 & 15, codes >> 12,
                                                  start_code};
        const int p = product[operands[0]][operands[1]], q = product[operands[2]][operands[3]];
        const int e =
            std::max({exponent[operands[0]][operands[1]], exponent[operands[2]][operands[3]], c_exponent});
        int expected = 0;
        switch (unit.accumulation.kind) {
          case AccumulationKind::fused:
            expected = round(p + q + c);
            break;
          case AccumulationKind::tree:
            expected = round(round(round(p) + round(q)) + c);
            break;
          case AccumulationKind::window:
            expected = round(cut(p, e) + cut(q, e) + cut(c, e));
            break;
          default:
            expected = round(round(c + p) + q);
        }
        const double got = to_double(decode(e5m2, evaluate(unit, operands)));
        if (got != expected / 4.0) FAIL_CHECK(codes << " onto " << start << ": " << got);
      }
    }
  }
}

TEST_CASE("fused sums and windows do not depend on the order of the products") {
  for (const char* name :
       {"dot8-e4m3-e4m3-fp32-fused", "dot8-fp16-fp16-fp32-rtz-window24", "dot6-fp32-fp32-fp32-fused",
        "dot8-posit16-posit16-posit16-fused", "dot8-fp16-fp16-fp32-window24_join31"}) {
    const Unit unit = parse_unit(name);
    CAPTURE(std::string(name));
    for (uint64_t i = 0; i < 500; ++i) {
      std::vector<uint64_t> operands = moderate_operands(unit, 26, i);
      const uint64_t expected = evaluate(unit, operands);
      for (size_t k = static_cast<size_t>(unit.terms) - 1; k > 0; --k) {
        const size_t other = philox64(27, k, i) % (k + 1);
        std::swap(operands[2 * k], operands[2 * other]);
        std::swap(operands[2 * k + 1], operands[2 * other + 1]);
      }
      CHECK(evaluate(unit, operands) == expected);
    }
  }
}

TEST_CASE("a wide window is the fused sum rounded toward zero") {
  const Unit wide = parse_unit("dot8-e4m3-e5m2-fp32-rtz-window90"),
             fused = parse_unit("dot8-e4m3-e5m2-fp32-rtz-fused");
  for (uint64_t i = 0; i < 5000; ++i) {
    std::vector<uint64_t> operands = moderate_operands(wide, 28, i);
    operands.back() = (operands.back() & 0x807fffff) | (100 + i % 50) << 23;
    CHECK(evaluate(wide, operands) == evaluate(fused, operands));
  }
}

TEST_CASE("a fused sum of posits is their quire") {
  const Unit unit = parse_unit("dot6-posit8-posit8-posit8-fused");
  int checked = 0;
  for (uint64_t i = 0; i < 20'000; ++i) {
    std::vector<uint64_t> operands;
    cpp_rational sum = 0;
    for (size_t k = 0; k < 13; ++k) operands.push_back(philox64(29, k, i) & 0xff);
    bool nar = false;
    for (const uint64_t code : operands) nar = nar || code == 0x80;
    if (nar) {
      CHECK(evaluate(unit, operands) == 0x80);
      continue;
    }
    for (size_t k = 0; k < 12; k += 2)
      sum += value_of(unit.a, operands[k]) * value_of(unit.b, operands[k + 1]);
    sum += value_of(unit.result, operands[12]);
    const double nearest = sum.convert_to<double>();
    if (oracle::exact(nearest) != sum) continue;  // only sums that a double holds
    ++checked;
    CHECK(evaluate(unit, operands) == encode(unit.result, nearest));
  }
  CHECK(checked > 500);
}

TEST_CASE("integers wrap or saturate at every step, or once if fused") {
  const Unit wraps = parse_unit("dot4-int8-int8-int16"),
             saturates = parse_unit("dot4-int8-int8-int16-sat_finite"),
             fused = parse_unit("dot4-int8-int8-int16-sat_finite-fused");
  for (uint64_t i = 0; i < 20'000; ++i) {
    std::vector<uint64_t> operands;
    for (size_t k = 0; k < 8; ++k) operands.push_back(philox64(30, k, i) & 0xff);
    operands.push_back(philox64(30, 8, i) & 0xffff);
    const auto start = static_cast<int16_t>(operands[8]);
    int64_t step = start, all = start;
    for (size_t k = 0; k < 8; k += 2) {
      const int64_t product =
          int64_t{static_cast<int8_t>(operands[k])} * static_cast<int8_t>(operands[k + 1]);
      step = std::clamp<int64_t>(step + product, -32768, 32767);
      all += product;
    }
    CHECK(evaluate(wraps, operands) == (static_cast<uint64_t>(all) & 0xffff));
    CHECK(evaluate(saturates, operands) == (static_cast<uint64_t>(step) & 0xffff));
    CHECK(evaluate(fused, operands) ==
          (static_cast<uint64_t>(std::clamp<int64_t>(all, -32768, 32767)) & 0xffff));
  }
}

TEST_CASE("infinities, NaNs and zeros in every way of accumulating") {
  constexpr uint64_t inf = 0x7c, one = 0x3c, minus = 0x80, nan = 0x7e;
  constexpr uint64_t plus_infinity = 0x7f800000, minus_infinity = 0xff800000, minus_zero = 0x80000000;
  for (const char* how :
       {"", "-fused", "-tree", "-kahan", "-window24", "-rtz-window13", "-window24_join31",
        "-window24_join31_even_odd", "-flush", "-partial_fp32", "-window24-sum_e8m13ieee"}) {
    CAPTURE(std::string(how));
    const Unit unit = parse_unit(std::string("dot2-e5m2-e5m2-fp32") + how);
    const uint64_t quiet = canonical_nan(unit.result);
    const auto run = [&](uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t start) {
      return evaluate(unit, std::array{a, b, c, d, start});
    };
    CHECK(run(inf, 0, one, one, 0) == quiet);
    CHECK(run(one, one, nan, 0, 0) == quiet);
    CHECK(run(one, one, one, one, 0x7f800001) == quiet);
    CHECK(run(inf, one, inf | minus, one, 0) == quiet);
    CHECK(run(one, one, inf, one, minus_infinity) == quiet);
    CHECK(run(one, one, inf, minus | one, 0) == minus_infinity);
    const bool compensates = unit.accumulation.kind == AccumulationKind::kahan;
    CHECK(run(inf, one, one, one, 0) == (compensates ? quiet : plus_infinity));
    CHECK(run(one, one, one, one, plus_infinity) == (compensates ? quiet : plus_infinity));

    const bool window = unit.accumulation.kind == AccumulationKind::window;
    const bool flush = unit.accumulation.flush_subnormals, promotes = unit.accumulation.partial.has_value();
    CHECK(run(0, one, 0, one, 0) == 0);
    CHECK(run(minus, one, 0, one, minus_zero) == 0);
    CHECK(run(minus, one, minus, one, minus_zero) == (window || flush || promotes ? 0 : minus_zero));
    CHECK(run(one, one, one | minus, one, 0) == 0);
    CHECK(run(one, one, one | minus, one, minus_zero) == 0);
  }
  // rdn gives -0 where terms cancel, but windows have no minus zero.
  const std::array<uint64_t, 5> cancels = {one, one, one | minus, one, 0};
  CHECK(evaluate(parse_unit("dot2-e5m2-e5m2-fp32-rdn-fused"), cancels) == minus_zero);
  CHECK(evaluate(parse_unit("dot2-e5m2-e5m2-fp32-rdn"), cancels) == minus_zero);
  CHECK(evaluate(parse_unit("dot2-e5m2-e5m2-fp32-rdn-window24"), cancels) == 0);
  // Sums beyond the range: IEEE rounding toward zero stays finite, tensor cores do not.
  const Format bf16 = parse_format("bf16");
  const uint64_t big = code_of(bf16, 0x1p100);
  const std::array<uint64_t, 5> overflows = {big, big, 0, 0, 0};
  CHECK(evaluate(parse_unit("dot2-bf16-bf16-fp32-rtz-fused"), overflows) == 0x7f7fffff);
  CHECK(evaluate(parse_unit("dot2-bf16-bf16-fp32-rtz-window24"), overflows) == plus_infinity);
  CHECK(evaluate(parse_unit("dot2-bf16-bf16-fp32-rtz-sat_finite-window24"), overflows) == 0x7f7fffff);
}

TEST_CASE("AMD CDNA2 flushes subnormal operands, accumulators and results") {
  const Unit flush = parse_unit("amd_cdna2-fp16-fp16-fp32"), keep = parse_unit("amd_cdna1-fp16-fp16-fp32");
  std::vector<uint64_t> operands(9, 0);
  operands[0] = 0x03ff;  // the largest subnormal
  operands[1] = code_of(flush.b, 1024);
  operands[8] = code_of(flush.result, 1.0);
  CHECK(evaluate(flush, operands) == code_of(flush.result, 1.0));
  CHECK(evaluate(keep, operands) == code_of(flush.result, 1.0 + 1024 * 0x3ffp-24));
  std::fill(operands.begin(), operands.end(), 0);
  operands[8] = 0x807fffff;
  CHECK(evaluate(flush, operands) == 0);
  CHECK(evaluate(keep, operands) == 0x807fffff);
  const Unit bf16 = parse_unit("amd_cdna2-bf16-bf16-fp32");
  const std::array<uint64_t, 5> tiny = {code_of(bf16.a, 0x1p-70), code_of(bf16.b, -0x1p-60), 0, 0,
                                        0x80000000};
  CHECK(evaluate(bf16, tiny) == 0x00000000);  // a zero of its sign, then +0 + c, whose -0 counts as +0
}

// An input of our own with the pattern of results that FTTN (Li et al., arXiv 2403.00232) reports for theirs, which the
// abstract gives without its input: V100, A100 and MI250X 0, MI100 255.875, H100 191.875.
TEST_CASE("one matrix product that tells five machines apart") {
  const Format fp16 = parse_format("fp16");
  std::vector<uint64_t> a, b;
  // x, -x and two numbers p = 2^15 * subnormal p 2^-15: MI100 keeps p, MI250X flushes it; of the others, V100 loses it
  // for p < 2^-23 x, A100 for p < 2^-24 x and H100 for p < 2^-25 x.
  const auto four = [&](int x_exponent, double first, double second) {
    const double x = std::ldexp(1.0, x_exponent - 12);
    for (const double value : {x, -x, 0x1p15, 0x1p15}) a.push_back(code_of(fp16, value));
    for (const double value : {0x1p12, 0x1p12, first * 0x1p-15, second * 0x1p-15})
      b.push_back(code_of(fp16, value));
  };
  for (int i = 0; i < 32; ++i) four(26, 1, 1);
  for (int i = 0; i < 95; ++i) four(25, 1, 1);
  four(25, 1, 0);
  for (const int below : {1, 2, 3}) {
    four(25 - below, std::ldexp(1.0, -below), 0);
    for (int i = 0; i < 3; ++i) four(25 - below, 0, 0);
  }
  const auto result = [&](const char* name) {
    const Unit unit = parse_unit(name);
    return to_double(decode(unit.result, accumulate_dot(unit, a, b, 0)));
  };
  CHECK(result("nvidia_volta-fp16-fp16-fp32") == 0);
  CHECK(result("nvidia_ampere-fp16-fp16-fp32") == 0);
  CHECK(result("amd_cdna2-fp16-fp16-fp32") == 0);
  CHECK(result("amd_cdna1-fp16-fp16-fp32") == 255.875);
  CHECK(result("nvidia_hopper-fp16-fp16-fp32") == 191.875);
}

TEST_CASE("sums of any length are evaluations in a row; absent products are +0") {
  for (const char* name :
       {"dot4-fp16-fp16-fp32-tree", "dot4-e4m3-e4m3-fp32-rtz-window13", "dot4-bf16-bf16-bf16",
        "dot4-e4m3-e4m3-fp32-fused", "dot5-fp16-fp16-fp16-tree", "dot4-int8-int8-int16",
        "dot6-posit8-posit8-posit16", "mac-fp16-fp16-fp16", "dot4-fp16-fp16-fp32-window24_join31"}) {
    CAPTURE(std::string(name));
    const Unit unit = parse_unit(name);
    const size_t terms = static_cast<size_t>(unit.terms);
    for (uint64_t i = 0; i < 300; ++i) {
      std::vector<uint64_t> a, b;
      for (size_t k = 0; k < i % 14; ++k) {
        a.push_back(moderate_code(unit.a, philox64(31, k, i)));
        b.push_back(moderate_code(unit.b, philox64(32, k, i)));
      }
      const uint64_t c =
          i % 5 == 0 ? zero_code(unit.result, true) : moderate_code(unit.result, philox64(33, 0, i));
      uint64_t expected = c;
      for (size_t first = 0; first < a.size(); first += terms) {
        std::vector<uint64_t> operands;
        for (size_t k = first; k < first + terms; ++k) {
          operands.push_back(k < a.size() ? a[k] : 0);
          operands.push_back(k < a.size() ? b[k] : 0);
        }
        operands.push_back(expected);
        expected = evaluate(unit, operands);
      }
      CHECK(accumulate_dot(unit, a, b, c) == expected);
    }
  }
  const Unit unit = parse_unit("dot4-fp16-fp16-fp32-tree");
  const std::vector<uint64_t> two(2), three(3);
  CHECK_THROWS_AS((void)accumulate_dot(unit, two, three, 0), Error);
  CHECK_THROWS_AS((void)accumulate_dot(parse_unit("mul-fp16-fp16-fp32"), two, two, 0), Error);
}

TEST_CASE("long block dots take one pair of scales a block") {
  const Unit unit = parse_unit("block_dot4-e2m1-e2m1-e4m3-fp32-fused"),
             pairs = parse_unit("block_dot4-e2m1-e2m1-e4m3-fp32-fused-block2");
  CHECK(operand_count(unit) == 11);
  CHECK(operand_count(pairs) == 13);
  for (uint64_t i = 0; i < 300; ++i) {
    std::vector<uint64_t> a, b, sa, sb;
    for (size_t k = 0; k < 10; ++k) {
      a.push_back(philox64(34, k, i) & 15);
      b.push_back(philox64(35, k, i) & 15);
    }
    for (size_t k = 0; k < 5; ++k) {
      sa.push_back(moderate_code(unit.c, philox64(36, k, i)));
      sb.push_back(moderate_code(unit.c, philox64(37, k, i)));
    }
    for (const Unit* each : {&unit, &pairs}) {
      const size_t block = each == &unit ? 4 : 2, blocks = (10 + block - 1) / block;
      cpp_rational sum = 1;
      bool overflow = false;
      for (size_t first = 0; first < 10; first += 4) {
        for (size_t k = first; k < std::min<size_t>(first + 4, 10); ++k) {
          sum += value_of(unit.a, a[k]) * value_of(unit.b, b[k]) * value_of(unit.c, sa[k / block]) *
                 value_of(unit.c, sb[k / block]);
        }
        sum = rounded(unit.result, sum, Rounding::rne, overflow);
      }
      const std::span<const uint64_t> scales_a = sa, scales_b = sb;
      const uint64_t got = accumulate_block_dot(*each, a, b, scales_a.first(blocks), scales_b.first(blocks),
                                                code_of(unit.result, 1.0));
      CHECK(same_value(unit.result, got, sum));
      CHECK_THROWS_AS((void)accumulate_block_dot(*each, a, b, scales_a.first(2), scales_b.first(2), 0),
                      Error);
    }
  }
}

TEST_CASE("every stochastic rounding of an evaluation has its own random bits") {
  const Unit chain = parse_unit("dot3-fp16-fp16-fp16-sr_a"), mac = parse_unit("mac-fp16-fp16-fp16-sr_a"),
             tree = parse_unit("dot3-fp16-fp16-fp16-sr_a-tree"), mul = parse_unit("mul-fp16-fp16-fp16-sr_a"),
             sum = parse_unit("add-fp16-fp16-fp16-sr_a"),
             kahan = parse_unit("dot2-bf16-bf16-bf16-sr_a-kahan");
  CHECK(rounding_count(chain) == 3);
  CHECK(rounding_count(mac) == 1);
  CHECK(rounding_count(mul) == 1);
  CHECK(rounding_count(tree) == 6);
  CHECK(rounding_count(kahan) == 8);
  CHECK(rounding_count(parse_unit("dot8-fp16-fp16-fp32-fused-group3")) == 3);
  CHECK(rounding_count(parse_unit("block_dot8-e4m3-e4m3-fp32-fp32-window13-group3-block4-partial_fp32")) ==
        4);
  int differences = 0;
  for (uint64_t i = 0; i < 3000; ++i) {
    const std::vector<uint64_t> x = moderate_operands(chain, 38, i);
    std::vector<RandomBits> bits;
    for (size_t s = 0; s < 6; ++s) bits.push_back({10, static_cast<uint32_t>(philox64(39, s, i) & 1023)});
    uint64_t c = x[6];
    for (size_t k = 0; k < 3; ++k) c = evaluate(mac, std::array{x[2 * k], x[2 * k + 1], c}, bits[k]);
    const std::vector<RandomBits> three(bits.begin(), bits.begin() + 3);
    CHECK(evaluate_bits(chain, x, three) == c);
    differences += evaluate(chain, x, bits[0]) != c ? 1 : 0;
    std::array<uint64_t, 3> p{};
    for (size_t k = 0; k < 3; ++k) p[k] = evaluate(mul, std::array{x[2 * k], x[2 * k + 1]}, bits[k]);
    const uint64_t left = evaluate(sum, std::array{p[0], p[1]}, bits[3]);
    const uint64_t root = evaluate(sum, std::array{left, p[2]}, bits[4]);
    CHECK(evaluate_bits(tree, x, bits) == evaluate(sum, std::array{root, x[6]}, bits[5]));
    // Two evaluations in a row take the bits of one after the other.
    const std::array<uint64_t, 6> a = {x[0], x[2], x[4], x[1], x[3], x[5]},
                                  b = {x[1], x[3], x[5], x[0], x[2], x[4]};
    uint64_t expected = x[6];
    for (size_t k = 0; k < 6; ++k) expected = evaluate(mac, std::array{a[k], b[k], expected}, bits[k]);
    CHECK(accumulate_dot(chain, a, b, x[6], bits) == expected);
    CHECK(accumulate_dot(mac, a, b, x[6], bits) == expected);
  }
  CHECK(differences > 100);
}

TEST_CASE("presets parse, and their names parse back") {
  const std::vector<std::string> names = preset_names();
  CHECK(names.size() > 80);
  for (const std::string& name : names) {
    CAPTURE(name);
    const Unit unit = parse_unit(name);
    CHECK(unit_name(parse_unit(unit_name(unit))) == unit_name(unit));
    const std::vector<uint64_t> operands(static_cast<size_t>(operand_count(unit)), 0);
    (void)evaluate(unit, operands);
  }
  const auto long_name = [](const char* name) { return unit_name(parse_unit(name)); };
  CHECK(long_name("nvidia_hopper-e4m3-e5m2-fp32") == "dot32-e4m3-e5m2-fp32-rtz-window13-sum_e8m13ieee");
  CHECK(long_name("nvidia_volta-fp16-fp16-fp16") == "dot4-fp16-fp16-fp16-window23");
  CHECK(long_name("nvidia_blackwell-nvfp4-nvfp4-fp32") ==
        "block_dot64-e2m1-e2m1-e4m3-fp32-rtz-window35-block16-exact16");
  CHECK(long_name("nvidia_blackwell-mxfp4-mxfp4-fp32") ==
        "block_dot64-e2m1-e2m1-e8m0-fp32-rtz-window35-block32-exact16");
  CHECK(long_name("nvidia_blackwell-mxfp4-mxfp8_e5m2-fp32") ==
        "block_dot32-e2m1-e5m2-e8m0-fp32-rtz-window25");
  CHECK(long_name("nvidia_blackwell_mma_sync-e4m3-e4m3-fp32") ==
        "dot32-e4m3-e4m3-fp32-rtz-window25-partial_fp32");
  CHECK(long_name("amd_cdna3-e4m3fnuz-e5m2fnuz-fp32") ==
        "dot16-e4m3fnuz-e5m2fnuz-fp32-window24_join31_even_odd");
  CHECK(long_name("amd_cdna2-fp16-fp16-fp32") == "dot4-fp16-fp16-fp32-tree-flush");
  for (const char* name : {"nvidia_hopper", "nvidia_hopper-e4m3-e4m3", "nvidia_volta-bf16-bf16-fp32",
                           "nvidia_hopper-fp16-bf16-fp32", "nvidia_hopper-e4m3-e4m3-fp32-rne",
                           "nvidia_fermi-fp16-fp16-fp32", "amd_cdna1-fp16-fp16-fp16"}) {
    CAPTURE(std::string(name));
    CHECK_THROWS_AS((void)parse_unit(name), Error);
  }
}

TEST_CASE("ways of accumulating that make no sense are refused") {
  for (const char* words : {"group4-fused", "fused-group9", "window0", "window101", "window24_join23",
                            "window24_floor_join31", "window24_even_odd", "sum_fp16", "window24-sum_fp64",
                            "window24-sum_e5m2-partial_fp32", "block4", "exact4", "window24-exact2",
                            "kahan-group2", "group2", "windowx", "sum_", "partial_fp33", "tree-sum_bf16"}) {
    CAPTURE(std::string(words));
    CHECK_THROWS_AS((void)parse_unit(std::string("dot4-e4m3-e4m3-fp32-") + words), Error);
  }
  for (const char* name : {"block_dot8-fp32-fp32-fp64-fp32", "block_dot8-bf16-bf16-e8m0-fp32-window24-exact4",
                           "block_dot8-e2m1-e2m1-e4m3-fp32-fused-exact4",
                           "block_dot8-e2m1-e2m1-e4m3-fp32-window35-block4-exact8",
                           "block_dot8-e2m1-e2m1-e4m3-fp32-window35-exact3"}) {
    CAPTURE(std::string(name));
    CHECK_THROWS_AS((void)parse_unit(name), Error);
  }
  for (const char* name :
       {"block_dot8-e2m1-e2m1-e4m3-fp32-window35-block4-exact2", "dot8-fp16-fp16-fp32-fused-group4-sum_bf16",
        "dot16-e4m3fnuz-e4m3fnuz-fp32-window24_join31_even_odd", "dot8-bf16-bf16-fp32-tree-group4-flush",
        "block_dot32-nf4-nf4-fp32-fp32", "dot4-fp16-fp16-fp32-kahan-partial_fp16"}) {
    CHECK(unit_name(parse_unit(name)) == name);
  }
}
