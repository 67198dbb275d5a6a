// The operations with one rounding: exhaustively in 8 bits, where an integer comparison with every candidate decides,
// and against the hardware's double with sticky bit in wider formats.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "arith/evaluate.h"
#include "base/parallel.h"
#include "base/random.h"
#include "formats/round.h"
#include "tests/arith/cases.h"
#include "tests/arith/host_arithmetic.h"
#include "tests/arith/oracle.h"

using namespace assay;

namespace {

using Integer = __int128;

bool is_long() {
  return std::getenv("ASSAY_LONG") != nullptr;
}

const std::vector<Rounding> kRoundings = {Rounding::rne,  Rounding::rna,  Rounding::rtz,  Rounding::rup,
                                          Rounding::rdn,  Rounding::odd,  Rounding::rntz, Rounding::rnup,
                                          Rounding::rndn, Rounding::rnodd};

// A format of 8 bits as a table of integers: values in units of 2^-20, candidates in units of 2^-40.
struct Table {
  explicit Table(const char* name) : format(parse_format(name)), largest(max_finite_magnitude(format)) {
    for (uint64_t code = 0; code < 256; ++code) {
      const double value = to_double(decode(format, code));
      values.push_back(std::isfinite(value) ? static_cast<int64_t>(std::ldexp(value, 20)) : 0);
    }
    for (uint64_t code = 0; code <= largest; ++code) candidates.push_back(Integer{values[code]} << 20);
    // What would follow the largest number: one more step of the same size.
    candidates.push_back(2 * candidates[largest] - candidates[largest - 1]);
  }

  bool finite(uint64_t code) const {
    const RealClass kind = decode(format, code).kind;
    return kind == RealClass::zero || kind == RealClass::finite;
  }

  Format format;
  uint64_t largest;
  std::vector<int64_t> values;
  std::vector<Integer> candidates;
};

// The code of a real x other than zero of which only its sign and the order of |x| and any q 2^-40 are known.
template <typename CompareTo>
uint64_t round_by_search(const Table& table, Rounding rounding, bool negative, const CompareTo& compare_to) {
  const Format& format = table.format;
  uint64_t low = 0, high = table.largest + 2;  // candidates[low] <= |x| < candidates[high]
  while (high - low > 1) {
    const uint64_t middle = (low + high) / 2;
    (compare_to(table.candidates[middle]) >= 0 ? low : high) = middle;
  }
  uint64_t magnitude = low;
  if (low <= table.largest && compare_to(table.candidates[low]) != 0) {
    const int side = compare_to((table.candidates[low] + table.candidates[low + 1]) / 2);
    const bool odd = low % 2 != 0;
    bool away = side > 0;
    switch (rounding) {
      case Rounding::rne:
        away = away || (side == 0 && odd);
        break;
      case Rounding::rnodd:
        away = away || (side == 0 && !odd);
        break;
      case Rounding::rna:
        away = side >= 0;
        break;
      case Rounding::rnup:
        away = away || (side == 0 && !negative);
        break;
      case Rounding::rndn:
        away = away || (side == 0 && negative);
        break;
      case Rounding::rtz:
        away = false;
        break;
      case Rounding::rup:
        away = !negative;
        break;
      case Rounding::rdn:
        away = negative;
        break;
      case Rounding::odd:
        away = !odd;
        break;
      default:
        break;  // rntz
    }
    if (away) ++magnitude;
  }
  const bool inward = rounding == Rounding::rtz || rounding == (negative ? Rounding::rup : Rounding::rdn);
  if (magnitude > table.largest) {
    if (inward) {
      magnitude = table.largest;
    } else {
      return format.has_infinity ? infinity_code(format, negative) : canonical_nan(format);
    }
  }
  if (magnitude == 0) return zero_code(format, negative);
  return magnitude | (negative ? 0x80U : 0);
}

int sign_of(Integer x) {
  return x < 0 ? -1 : x > 0 ? 1 : 0;
}

uint64_t round_integer(const Table& table, Rounding rounding, Integer x, bool negative_zero) {
  if (x == 0) return zero_code(table.format, negative_zero);
  const Integer magnitude = x < 0 ? -x : x;
  return round_by_search(table, rounding, x < 0, [&](Integer q) { return sign_of(magnitude - q); });
}

// What any operation must give for finite operands, in units of 2^-20.
uint64_t expected_binary(const Table& table, Operation operation, Rounding rounding, uint64_t code_a,
                         uint64_t code_b) {
  const Format& format = table.format;
  const int64_t a = table.values[code_a], b = table.values[code_b];
  const bool sign_a = (code_a & 0x80) != 0, sign_b = (code_b & 0x80) != 0;
  const bool signs = sign_a != sign_b;
  const Integer wide_a = Integer{a} << 20, wide_b = Integer{b} << 20;
  const bool down = rounding == Rounding::rdn;
  switch (operation) {
    case Operation::add:
      return round_integer(table, rounding, wide_a + wide_b, sign_a == sign_b ? sign_a && a == 0 : down);
    case Operation::sub:
      return round_integer(table, rounding, wide_a - wide_b, sign_a != sign_b ? sign_a && a == 0 : down);
    case Operation::mul:
      return round_integer(table, rounding, Integer{a} * b, signs);
    default: {
      if (b == 0) {
        const bool pole = a != 0 && has_negative_zero(format);
        return pole && format.has_infinity ? infinity_code(format, signs) : canonical_nan(format);
      }
      if (a == 0) return zero_code(format, signs);
      const Integer numerator = Integer{std::abs(a)} << 40, denominator = std::abs(b);
      return round_by_search(table, rounding, signs,
                             [&](Integer q) { return sign_of(numerator - q * denominator); });
    }
  }
}

uint64_t expected_unary(const Table& table, Operation operation, Rounding rounding, uint64_t code) {
  const Format& format = table.format;
  const Integer a = table.values[code];
  const bool negative = (code & 0x80) != 0;
  if (a == 0) {
    if (operation == Operation::sqrt) return zero_code(format, negative);
    const bool pole = has_negative_zero(format) && format.has_infinity;
    return pole ? infinity_code(format, negative) : canonical_nan(format);
  }
  if (operation == Operation::recip) {
    return round_by_search(table, rounding, negative,
                           [&](Integer q) { return sign_of((Integer{1} << 60) - q * (a < 0 ? -a : a)); });
  }
  if (negative) return canonical_nan(format);
  if (operation == Operation::sqrt) {
    return round_by_search(table, rounding, false, [&](Integer q) { return sign_of((a << 60) - q * q); });
  }
  return round_by_search(table, rounding, false, [&](Integer q) {
    Integer square = 0;
    const bool beyond = __builtin_mul_overflow(q, q, &square) || __builtin_mul_overflow(square, a, &square);
    return beyond ? -1 : sign_of((Integer{1} << 100) - square);
  });
}

const std::array<const char*, 3> kNarrow = {"e4m3", "e5m2", "binary8p4se"};

Unit unit_of(std::string_view operation, const char* format, int formats, Rounding rounding) {
  std::string name(operation);
  for (int i = 0; i < formats; ++i) name += std::string("-") + format;
  return parse_unit(name + "-" + std::string(to_string(rounding)));
}

}  // namespace

TEST_CASE("all pairs of 8-bit operands, every deterministic rounding") {
  for (const char* name : kNarrow) {
    const Table table(name);
    for (const Operation operation : {Operation::add, Operation::sub, Operation::mul, Operation::div}) {
      for (const Rounding rounding : kRoundings) {
        const Unit unit = unit_of(facts_of(operation).name, name, 3, rounding);
        uint64_t mismatches = 0;
        for (uint64_t a = 0; a < 256; ++a) {
          for (uint64_t b = 0; b < 256; ++b) {
            if (!table.finite(a) || !table.finite(b)) continue;
            const uint64_t got = evaluate(unit, std::array{a, b});
            if (got == expected_binary(table, operation, rounding, a, b)) continue;
            if (mismatches++ == 0) MESSAGE(unit_name(unit), " ", a, " ", b, " gives ", got);
          }
        }
        CHECK(mismatches == 0);
      }
    }
  }
}

TEST_CASE("all 8-bit operands of sqrt, recip and rsqrt") {
  for (const char* name : kNarrow) {
    const Table table(name);
    for (const Operation operation : {Operation::sqrt, Operation::recip, Operation::rsqrt}) {
      for (const Rounding rounding : kRoundings) {
        const Unit unit = unit_of(facts_of(operation).name, name, 2, rounding);
        for (uint64_t a = 0; a < 256; ++a) {
          if (!table.finite(a)) continue;
          CAPTURE(unit_name(unit));
          CAPTURE(a);
          CHECK(evaluate(unit, std::array{a}) == expected_unary(table, operation, rounding, a));
        }
      }
    }
  }
}

TEST_CASE("infinities and NaN of all 8-bit pairs follow IEEE 754") {
  // Against the host's double, which has the same special cases where a format has signed zeros.
  const Table table("e5m2");
  for (const Operation operation : {Operation::add, Operation::sub, Operation::mul, Operation::div}) {
    const Unit unit = unit_of(facts_of(operation).name, "e5m2", 3, Rounding::rne);
    for (uint64_t a = 0; a < 256; ++a) {
      for (uint64_t b = 0; b < 256; ++b) {
        if (table.finite(a) && table.finite(b)) continue;
        const double x = to_double(decode(table.format, a)), y = to_double(decode(table.format, b));
        const double z = operation == Operation::add   ? x + y
                         : operation == Operation::sub ? x - y
                         : operation == Operation::mul ? x * y
                                                       : x / y;
        CHECK(evaluate(unit, std::array{a, b}) == encode(table.format, z));
      }
    }
  }
}

TEST_CASE("triples of 8-bit operands of fma and faa") {
  // All 2^24 of fma in the long run, with a rounding that goes round; a part of them else.
  for (const char* name : kNarrow) {
    const Table table(name);
    for (const Operation operation : {Operation::fma, Operation::faa}) {
      std::vector<Unit> units;
      for (const Rounding rounding : kRoundings) {
        units.push_back(unit_of(facts_of(operation).name, name, 4, rounding));
      }
      const uint64_t step = is_long() ? 1 : 37;
      std::atomic<uint64_t> mismatches = 0;
      parallel_for(256, 2, [&](size_t first) {
        const uint64_t a = first;
        for (uint64_t pair = a % step; pair < 65536; pair += step) {
          const uint64_t b = pair >> 8, c = pair & 0xff;
          if (!table.finite(a) || !table.finite(b) || !table.finite(c)) continue;
          const bool product = operation == Operation::fma;
          const Integer sum =
              product ? Integer{table.values[a]} * table.values[b] + (Integer{table.values[c]} << 20)
                      : Integer{table.values[a] + table.values[b] + table.values[c]} << 20;
          const bool sign_a = (a & 0x80) != 0, sign_b = (b & 0x80) != 0, sign_c = (c & 0x80) != 0;
          const bool all_zero =
              table.values[c] == 0 && (product ? table.values[a] == 0 || table.values[b] == 0
                                               : table.values[a] == 0 && table.values[b] == 0);
          for (size_t i = 0; i < units.size(); ++i) {
            const bool down = kRoundings[i] == Rounding::rdn;
            bool zero_sign = down;
            if (all_zero && product && (sign_a != sign_b) == sign_c) zero_sign = sign_c;
            if (all_zero && !product && sign_a == sign_b && sign_a == sign_c) zero_sign = sign_a;
            const uint64_t got = evaluate(units[i], std::array{a, b, c});
            if (got == round_integer(table, kRoundings[i], sum, zero_sign)) continue;
            if (mismatches++ == 0) MESSAGE(unit_name(units[i]), " ", a, " ", b, " ", c, " gives ", got);
          }
        }
      });
      CHECK(mismatches == 0);
    }
  }
}

TEST_CASE("minimum, maximum and compare of all 8-bit pairs") {
  using Choose = std::function<double(double, double)>;
  const auto number = [](Choose choose) -> Choose {
    return [choose](double x, double y) { return std::isnan(x) ? y : std::isnan(y) ? x : choose(x, y); };
  };
  const auto finite_first = [](Choose choose) -> Choose {
    return [choose](double x, double y) {
      if (std::isfinite(x) != std::isfinite(y)) return std::isfinite(x) ? x : y;
      return choose(x, y);
    };
  };
  const auto lesser = [](double x, double y) {
    if (std::isnan(x) || std::isnan(y)) return std::nan("");
    if (x == 0 && y == 0) return std::signbit(x) ? x : y;
    return x < y ? x : y;
  };
  const auto greater = [](double x, double y) {
    if (std::isnan(x) || std::isnan(y)) return std::nan("");
    if (x == 0 && y == 0) return std::signbit(x) ? y : x;
    return x > y ? x : y;
  };
  const auto by_magnitude = [](bool larger, Choose choose) -> Choose {
    return [larger, choose](double x, double y) {
      if (std::isnan(x) || std::isnan(y) || std::fabs(x) == std::fabs(y)) return choose(x, y);
      return (std::fabs(x) > std::fabs(y)) == larger ? x : y;
    };
  };
  const std::vector<std::pair<const char*, Choose>> all = {
      {"minimum", lesser},
      {"maximum", greater},
      {"minimum_number", number(lesser)},
      {"maximum_number", number(greater)},
      {"minimum_magnitude", by_magnitude(false, lesser)},
      {"maximum_magnitude", by_magnitude(true, greater)},
      {"minimum_magnitude_number", number(by_magnitude(false, lesser))},
      {"maximum_magnitude_number", number(by_magnitude(true, greater))},
      {"minimum_finite", finite_first(number(lesser))},
      {"maximum_finite", finite_first(number(greater))}};
  for (const auto& [name, choose] : all) {
    for (const char* format_name : kNarrow) {
      const Unit unit = unit_of(name, format_name, 3, Rounding::rne);
      uint64_t mismatches = 0;
      for (uint64_t a = 0; a < 256; ++a) {
        for (uint64_t b = 0; b < 256; ++b) {
          const double x = to_double(decode(unit.a, a)), y = to_double(decode(unit.a, b));
          if (evaluate(unit, std::array{a, b}) != encode(unit.a, choose(x, y))) ++mismatches;
        }
      }
      CAPTURE(std::string(name));
      CAPTURE(std::string(format_name));
      CHECK(mismatches == 0);
    }
  }
  const Unit compare_unit = parse_unit("compare-e4m3-e5m2-uint2");
  for (uint64_t a = 0; a < 256; ++a) {
    for (uint64_t b = 0; b < 256; ++b) {
      const double x = to_double(decode(compare_unit.a, a)), y = to_double(decode(compare_unit.b, b));
      const uint64_t expected = std::isnan(x) || std::isnan(y) ? 3 : x < y ? 1 : x > y ? 2 : 0;
      CHECK(evaluate(compare_unit, std::array{a, b}) == expected);
    }
  }
}

TEST_CASE("scaled operations against exact rationals") {
  for (const char* name : {"scaled_add-e4m3-e5m2-e8m0-fp16", "scaled_sub-fp16-e4m3-e8m0-fp32",
                           "scaled_mul-e5m2-e5m2-e8m0-bf16", "scaled_add-bf16-bf16-e4m3-fp16-rup"}) {
    const Unit unit = parse_unit(name);
    CAPTURE(std::string(name));
    for (uint64_t i = 0; i < 20000; ++i) {
      std::array<uint64_t, 4> codes{};
      bool usable = true;
      for (int j = 0; j < 4; ++j) {
        const Format& format = operand_format(unit, j);
        uint64_t& code = codes[static_cast<size_t>(j)];
        code = interesting_code(format, philox64(31, static_cast<uint64_t>(j), i));
        if (j >= 2 && format.name == "e8m0") code = 100 + code % 50;
        const RealClass kind = decode(format, code).kind;
        usable = usable && kind == RealClass::finite;
      }
      if (!usable) continue;
      const auto value = [&](int j) {
        return oracle::value(operand_format(unit, j), codes[static_cast<size_t>(j)]);
      };
      const oracle::cpp_rational a = value(0) * value(2), b = value(1) * value(3);
      oracle::cpp_rational exact = a * b;
      if (unit.operation == Operation::scaled_add) exact = a + b;
      if (unit.operation == Operation::scaled_sub) exact = a - b;
      if (exact == 0) continue;
      CHECK(evaluate(unit, codes) == oracle::round_ieee(unit.result, exact, unit.rounding));
    }
  }
}

TEST_CASE("operations up to 32 bits against the hardware's double with a sticky bit") {
  // A double rounded to odd has enough bits (53 >= 24 + 2) for a correct second rounding in every mode.
  const uint64_t cases = is_long() ? 100'000'000 : 40'000;
  constexpr uint64_t kChunk = 1 << 14;
  for (const char* name : {"fp16", "bf16", "tf32", "fp32"}) {
    for (const Operation operation : {Operation::add, Operation::sub, Operation::mul, Operation::div,
                                      Operation::sqrt, Operation::recip, Operation::fma}) {
      const OperationFacts& facts = facts_of(operation);
      std::vector<Unit> units;
      for (const Rounding rounding : kRoundings) {
        units.push_back(unit_of(facts.name, name, facts.named_operands + 1, rounding));
      }
      const Format& format = units[0].result;
      std::atomic<uint64_t> mismatches = 0;
      parallel_for((cases + kChunk - 1) / kChunk, 2, [&](size_t chunk) {
        for (uint64_t i = chunk * kChunk; i < std::min(cases, (chunk + 1) * kChunk); ++i) {
          const auto stream = static_cast<uint64_t>(operation) * 8;
          std::array<uint64_t, 3> codes{};
          codes[0] = interesting_code(format, philox64(21, stream, i));
          codes[1] = i % 2 == 0 ? interesting_code(format, philox64(21, stream + 1, i))
                                : near_code(format, codes[0], philox64(21, stream + 1, i));
          codes[2] = interesting_code(format, philox64(21, stream + 2, i));
          std::array<double, 3> x{};
          for (size_t j = 0; j < 3; ++j) x[j] = to_double(decode(format, codes[j]));
          const size_t mode = i % kRoundings.size();
          const double odd = host_round_to_odd(operation, x[0], x[1], x[2]);
          // The sign of an exact zero sum depends on the mode.
          if (odd == 0 && operation != Operation::mul && operation != Operation::div) continue;
          const uint64_t expected = encode(format, odd, kRoundings[mode]);
          if (evaluate(units[mode], codes) == expected) continue;
          if (mismatches++ == 0) MESSAGE(unit_name(units[mode]), " ", codes[0], " ", codes[1], " ", codes[2]);
        }
      });
      CHECK(mismatches == 0);
    }
  }
}

TEST_CASE("rsqrt and faa of wider formats against exact rationals") {
  for (const char* name : {"fp16", "bf16", "fp32"}) {
    const Unit rsqrt = unit_of("rsqrt", name, 2, Rounding::rdn),
               up = unit_of("rsqrt", name, 2, Rounding::rup),
               nearest = unit_of("rsqrt", name, 2, Rounding::rne);
    const Unit faa = unit_of("faa", name, 4, Rounding::rne);
    for (uint64_t i = 0; i < 3000; ++i) {
      const uint64_t a = interesting_code(rsqrt.a, philox64(22, 0, i)) & code_mask(rsqrt.a.width - 1);
      if (decode(rsqrt.a, a).kind == RealClass::finite) {
        // The results rounded down and up enclose the root, and the nearest is on the right side of their middle.
        const oracle::cpp_rational x = oracle::value(rsqrt.a, a);
        const uint64_t low = evaluate(rsqrt, std::array{a}), high = evaluate(up, std::array{a});
        const oracle::cpp_rational l = oracle::value(rsqrt.a, low), h = oracle::value(rsqrt.a, high),
                                   m = (l + h) / 2;
        CHECK(l * l * x <= 1);
        CHECK(h * h * x >= 1);
        CHECK((high == low || high == low + 1));
        CHECK((low == high) == (l * l * x == 1));
        CHECK(evaluate(nearest, std::array{a}) == (m * m * x > 1 ? low : high));
      }
      std::array<uint64_t, 3> codes{};
      codes[0] = interesting_code(faa.a, philox64(23, 0, i));
      codes[1] = near_code(faa.a, codes[0], philox64(23, 1, i));
      codes[2] = near_code(faa.a, codes[1], philox64(23, 2, i));
      oracle::cpp_rational sum = 0;
      bool finite = true;
      for (const uint64_t code : codes) {
        const RealClass kind = decode(faa.a, code).kind;
        finite = finite && (kind == RealClass::finite || kind == RealClass::zero);
        if (finite) sum += oracle::value(faa.a, code);
      }
      if (finite && sum != 0) CHECK(evaluate(faa, codes) == oracle::round_ieee(faa.a, sum, Rounding::rne));
    }
  }
}
