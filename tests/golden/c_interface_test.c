/* The C interface, from a C99 program: values worked out by hand, and the processor's own arithmetic. */
#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden/assay_golden.h"

static int checks = 0;
static int failures = 0;

static void check(int holds, const char* what, int line) {
  ++checks;
  if (holds) return;
  if (++failures <= 20)
    fprintf(stderr, "c_interface_test.c:%d: %s (last error: %s)\n", line, what, assay_error());
}
#define CHECK(condition) check((condition) != 0, #condition, __LINE__)

/* A call that must fail with an error that contains `word`. */
#define CHECK_FAILS(call, word) CHECK((call) == -1 && strstr(assay_error(), (word)) != NULL)

static uint64_t random_state = 1;
static uint32_t random_word(void) { /* Knuth's MMIX generator */
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(random_state >> 32);
}

static float float_of(uint64_t code) {
  const uint32_t bits = (uint32_t)code;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* The code of a float; every NaN as the quiet one that the golden model produces. */
static uint64_t code_of(float value) {
  uint32_t bits;
  if (isnan(value)) return 0x7fc00000u;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* A random fp32 code. Most exponents lie close together, so that sums cancel and products stay in range;
 * every eighth code is anything, every eighth one near the ends of the range. */
static uint64_t random_fp32(void) {
  const uint32_t word = random_word(), kind = random_word() % 8;
  if (kind == 0) return word;
  if (kind == 1) return (word & 0x80ffffffu) | ((random_word() & 1u) ? 0x7f000000u : 0u);
  return (word & 0x807fffffu) | ((120u + random_word() % 16u) << 23);
}

/* E4M3 by its definition (OCP OFP8): bias 7, NaN all ones, no infinity. */
static double e4m3_value(unsigned code) {
  const unsigned exponent = code >> 3 & 15, fraction = code & 7;
  double magnitude;
  if ((code & 127) == 127) return NAN;
  magnitude = exponent == 0 ? ldexp(fraction, -9) : ldexp(8 + fraction, (int)exponent - 10);
  return code & 128 ? -magnitude : magnitude;
}

static assay_unit* open_unit(const char* name) {
  assay_unit* unit = assay_unit_open(name);
  if (!unit) fprintf(stderr, "%s: %s\n", name, assay_error());
  CHECK(unit != NULL);
  return unit;
}

static void test_facts(void) {
  assay_unit* mac = open_unit("mac-e4m3-e5m2-fp32");
  assay_unit* dot = open_unit("dot8-e4m3-e4m3-fp32-fused");
  assay_unit* machine = open_unit("nvidia_hopper-e4m3-e4m3-fp32");
  CHECK(assay_golden_version() == ASSAY_GOLDEN_VERSION);
  CHECK(strcmp(assay_unit_name(mac), "mac-e4m3-e5m2-fp32") == 0);
  CHECK(assay_operand_count(mac) == 3);
  CHECK(assay_operand_count(dot) == 17);
  CHECK(assay_operand_count(machine) >= 3);
  CHECK(assay_format_width(assay_operand_format(mac, 0)) == 8);
  CHECK(assay_format_width(assay_operand_format(mac, 2)) == 32);
  CHECK(assay_format_width(assay_result_format(mac)) == 32);
  CHECK(strcmp(assay_format_name(assay_operand_format(mac, 0)), "e4m3") == 0);
  CHECK(strcmp(assay_format_name(assay_operand_format(mac, 1)), "e5m2") == 0);
  CHECK(strcmp(assay_format_name(assay_operand_format(dot, 16)), "fp32") == 0);
  CHECK(assay_needs_random(mac) == 0);
  assay_unit_close(mac);
  assay_unit_close(dot);
  assay_unit_close(machine);
}

static void test_toml(void) {
  const char* path = "c_interface_test_unit.toml";
  const uint64_t operands[] = {0x3c00, 0x4200}; /* 1 / 3 in fp16, rounded up */
  uint64_t result = 0;
  assay_unit* unit;
  FILE* file = fopen(path, "w");
  CHECK(file != NULL);
  fputs("op = \"div\"\na = \"fp16\"\nb = \"fp16\"\nresult = \"fp16\"\nrounding = \"rup\"\n", file);
  fclose(file);
  unit = open_unit(path);
  remove(path);
  CHECK(strcmp(assay_unit_name(unit), "div-fp16-fp16-fp16-rup") == 0);
  CHECK(assay_evaluate(unit, operands, 2, 0, 0, &result) == 0 && result == 0x3556);
  assay_unit_close(unit);
}

static void test_failures(void) {
  assay_unit* mac = open_unit("mac-e4m3-e4m3-fp32");
  assay_unit* drawn = open_unit("mac-e4m3-e4m3-bf16-sr_a");
  assay_format* e4m3 = assay_format_open("e4m3");
  const uint64_t operands[] = {0x38, 0x40, 0x3f800000};
  const uint64_t* columns[] = {operands, operands, NULL};
  uint64_t result = 77;
  unsigned flags = 77;
  double value = 77;

  CHECK(assay_unit_open("mac-e4m3-e4m3") == NULL && *assay_error() != '\0');
  CHECK(assay_unit_open("mac-e4m3-e9999-fp32") == NULL && strstr(assay_error(), "e9999") != NULL);
  CHECK(assay_unit_open("no/such/file.toml") == NULL && strstr(assay_error(), "no/such/file.toml") != NULL);
  CHECK(assay_unit_open(NULL) == NULL && strstr(assay_error(), "name of a unit") != NULL);
  CHECK(assay_format_open("e99m1") == NULL && strstr(assay_error(), "e99m1") != NULL);
  CHECK(assay_format_open(NULL) == NULL);
  CHECK(assay_operand_format(mac, 3) == NULL && strstr(assay_error(), "below 3, found 3") != NULL);
  CHECK(assay_operand_format(mac, -1) == NULL);
  CHECK(assay_unit_name(NULL) == NULL && assay_format_name(NULL) == NULL &&
        assay_result_format(NULL) == NULL);
  CHECK(assay_operand_count(NULL) == -1 && assay_format_width(NULL) == -1 && assay_needs_random(NULL) == -1);

  CHECK_FAILS(assay_evaluate(mac, operands, 2, 0, 0, &result), "expected 3 operands, found 2");
  CHECK_FAILS(assay_evaluate(mac, operands, 4, 0, 0, &result), "expected 3 operands, found 4");
  CHECK_FAILS(assay_evaluate(NULL, operands, 3, 0, 0, &result), "unit");
  CHECK_FAILS(assay_evaluate(mac, NULL, 3, 0, 0, &result), "operands");
  CHECK_FAILS(assay_evaluate(mac, operands, 3, 0, 0, NULL), "result");
  CHECK_FAILS(assay_evaluate(drawn, operands, 3, 0, 0, &result), "1 to 32");
  CHECK_FAILS(assay_evaluate(drawn, operands, 3, 33, 0, &result), "1 to 32");
  CHECK_FAILS(assay_evaluate(drawn, operands, 3, 4, 16, &result), "below 2^4, found 16");
  CHECK_FAILS(assay_evaluate_columns(mac, columns, 3, 1, 0, NULL, &result), "column");
  CHECK_FAILS(assay_evaluate_columns(drawn, columns, 3, 1, 8, NULL, &result), "found a null pointer");
  CHECK_FAILS(assay_evaluate_flags(mac, operands, 2, 0, 0, 0, &result, &flags), "expected 3 operands, found 2");
  CHECK_FAILS(assay_encode(e4m3, 1.0, "nearest", NULL, 0, 0, &result), "nearest");
  CHECK_FAILS(assay_encode(e4m3, 1.0, NULL, "clip", 0, 0, &result), "clip");
  CHECK_FAILS(assay_encode(e4m3, 1.0, NULL, "wrap", 0, 0, &result), "wrap");
  CHECK_FAILS(assay_encode(e4m3, 1.0, "sr_b", NULL, 0, 0, &result), "1 to 32");
  CHECK_FAILS(assay_decode(e4m3, 0, NULL), "value");
  CHECK_FAILS(assay_decode(NULL, 0, &value), "format");
  CHECK_FAILS(assay_decode_text(e4m3, 0, NULL, 8), "text");
  CHECK(result == 77 && flags == 77 && value == 77); /* nothing was written */

  assay_unit_close(NULL);
  assay_format_close(NULL);
  assay_unit_close(mac);
  assay_unit_close(drawn);
  assay_format_close(e4m3);
}

static void test_formats(void) {
  assay_format* e4m3 = assay_format_open("float8_e4m3fn");
  assay_format* int8 = assay_format_open("int8");
  assay_format* posit = assay_format_open("posit32");
  char text[32];
  uint64_t code = 0;
  unsigned i;
  CHECK(strcmp(assay_format_name(e4m3), "e4m3") == 0);
  for (i = 0; i < 256; ++i) {
    const double expected = e4m3_value(i);
    double value = 0;
    CHECK(assay_decode(e4m3, i, &value) == 0);
    CHECK(isnan(expected) ? isnan(value) : value == expected && !signbit(value) == !signbit(expected));
    CHECK(assay_encode(e4m3, expected, NULL, NULL, 0, 0, &code) == 0);
    CHECK(code == (isnan(expected) ? 0x7f : i));
    CHECK(assay_decode_text(e4m3, i, text, sizeof text) == (int)strlen(text));
    CHECK(isnan(expected) ? strcmp(text, "nan") == 0 : strtod(text, NULL) == expected);
  }
  CHECK(assay_decode_text(e4m3, 0x01, text, sizeof text) == 6 && strcmp(text, "0x1p-9") == 0);
  CHECK(assay_decode_text(e4m3, 0x01, text, 4) == 6 && strcmp(text, "0x1") == 0); /* as snprintf */
  CHECK(assay_decode_text(e4m3, 0x01, NULL, 0) == 6);
  CHECK(assay_decode_text(posit, 1, text, sizeof text) == 8 && strcmp(text, "0x1p-120") == 0);

#define ENCODES(format, value, rounding, saturation, bits, random, expected)                       \
  CHECK(assay_encode((format), (value), (rounding), (saturation), (bits), (random), &code) == 0 && \
        code == (expected))
  ENCODES(e4m3, 1000, NULL, NULL, 0, 0, 0x7f);         /* OCP: overflow is NaN */
  ENCODES(e4m3, 1000, NULL, "sat_finite", 0, 0, 0x7e); /* 448 */
  ENCODES(e4m3, -1000, "rtz", NULL, 0, 0, 0xfe);       /* inward: -448 */
  ENCODES(e4m3, 1.0625, "rne", NULL, 0, 0, 0x38);      /* half way between 1 and 1.125 */
  ENCODES(e4m3, 1.0625, "rna", NULL, 0, 0, 0x39);
  ENCODES(e4m3, -1.0625, "rup", NULL, 0, 0, 0xb8);
  ENCODES(e4m3, -1.0625, "rdn", NULL, 0, 0, 0xb9);
  ENCODES(e4m3, 1.0625, "sr_a", NULL, 1, 0, 0x38); /* floor(0.5 * 2) + R >= 2 for R = 1 */
  ENCODES(e4m3, 1.0625, "sr_a", NULL, 1, 1, 0x39);
  ENCODES(e4m3, -0.0, NULL, NULL, 0, 0, 0x80);
  ENCODES(int8, 300, NULL, "wrap", 0, 0, 0x2c); /* 300 - 256 = 44 */
  ENCODES(int8, 300, NULL, "sat_finite", 0, 0, 0x7f);
  ENCODES(int8, -2.5, NULL, NULL, 0, 0, 0xfe); /* to even: -2 */
  assay_format_close(e4m3);
  assay_format_close(int8);
  assay_format_close(posit);
}

/* All 65,536 pairs onto running sums: the product of two E4M3 is exact in fp32, so fmaf is the exact sum
 * rounded once. The sums accumulate in place. */
static void test_fp8_mac(void) {
  enum { kRows = 65536 };
  static uint64_t a[kRows], b[kRows], c[kRows], expected[kRows];
  const uint64_t* columns[] = {a, b, c};
  assay_unit* mac = open_unit("mac-e4m3-e4m3-fp32");
  unsigned i, step;
  for (i = 0; i < kRows; ++i) {
    a[i] = i >> 8;
    b[i] = i & 255;
    c[i] = expected[i] = code_of(float_of(random_fp32()));
  }
  for (step = 0; step < 4; ++step) {
    for (i = 0; i < kRows; ++i) {
      const float x = (float)e4m3_value((unsigned)a[i]), y = (float)e4m3_value((unsigned)b[i]);
      expected[i] = code_of(fmaf(x, y, float_of(expected[i])));
    }
    CHECK(assay_evaluate_columns(mac, columns, 3, kRows, 0, NULL, c) == 0);
    for (i = 0; i < kRows; ++i) {
      uint64_t alone = 0;
      const uint64_t operands[] = {a[i], b[(i + 1) % kRows], c[i]};
      const float x = (float)e4m3_value((unsigned)operands[0]), y = (float)e4m3_value((unsigned)operands[1]);
      CHECK(c[i] == expected[i]);
      CHECK(assay_evaluate(mac, operands, 3, 0, 0, &alone) == 0 &&
            alone == code_of(fmaf(x, y, float_of(c[i]))));
    }
  }
  /* Bits above a format's width are ignored. */
  {
    const uint64_t operands[] = {0xffffff38u, UINT64_C(0xabcdef40), UINT64_C(0xffffffff3f800000)};
    uint64_t result = 0;
    CHECK(assay_evaluate(mac, operands, 3, 0, 0, &result) == 0 && result == 0x40400000u); /* 1 * 2 + 1 */
  }
  assay_unit_close(mac);
}

/* Products of two E4M3 are multiples of 2^-18 below 2^18, so a double holds the sum of eight and of a small c
 * exactly, and its conversion to float is the one rounding of the fused dot product. */
static void test_dot(void) {
  assay_unit* dot = open_unit("dot8-e4m3-e4m3-fp32-fused");
  uint64_t operands[17], result = 0;
  unsigned trial, i;
  for (trial = 0; trial < 20000; ++trial) {
    double sum = ldexp((double)(random_word() >> 8), -12) * (random_word() % 2 ? 1 : -1);
    operands[16] = code_of((float)sum);
    for (i = 0; i < 16; ++i) {
      do operands[i] = random_word() & 255;
      while ((operands[i] & 127) == 127);
    }
    for (i = 0; i < 16; i += 2)
      sum += e4m3_value((unsigned)operands[i]) * e4m3_value((unsigned)operands[i + 1]);
    CHECK(assay_evaluate(dot, operands, 17, 0, 0, &result) == 0 && float_of(result) == (float)sum);
  }
  assay_unit_close(dot);
}

/* 1 + 2^-9 in bf16, whose step at 1 is 2^-7: the discarded fraction is 1/4, so of 16 draws of four bits the
 * greatest four round up. */
static void test_stochastic(void) {
  assay_unit* mac = open_unit("mac-e4m3-e4m3-bf16-sr_a");
  uint64_t a[16], b[16], c[16], results[16];
  const uint64_t* columns[] = {a, b, c};
  uint32_t random[16];
  unsigned i;
  CHECK(assay_needs_random(mac) == 1);
  for (i = 0; i < 16; ++i) {
    a[i] = 0x01; /* 2^-9 */
    b[i] = 0x38; /* 1 */
    c[i] = 0x3f80;
    random[i] = i;
  }
  CHECK(assay_evaluate_columns(mac, columns, 3, 16, 4, random, results) == 0);
  for (i = 0; i < 16; ++i) {
    const uint64_t operands[] = {0x01, 0x38, 0x3f80};
    uint64_t alone = 0;
    CHECK(results[i] == (i >= 12 ? 0x3f81 : 0x3f80));
    CHECK(assay_evaluate(mac, operands, 3, 4, i, &alone) == 0 && alone == results[i]);
  }
  assay_unit_close(mac);
}

static unsigned raised_flags(void) {
  return (fetestexcept(FE_INEXACT) ? ASSAY_INEXACT : 0u) |
         (fetestexcept(FE_UNDERFLOW) ? ASSAY_UNDERFLOW : 0u) |
         (fetestexcept(FE_OVERFLOW) ? ASSAY_OVERFLOW : 0u) |
         (fetestexcept(FE_DIVBYZERO) ? ASSAY_DIVIDE_BY_ZERO : 0u) |
         (fetestexcept(FE_INVALID) ? ASSAY_INVALID : 0u);
}

/* fp32 under the processor's four roundings, value and flags. The mode stays set while the golden model runs,
 * which must not look at it. */
static void test_processor(int operation, const char* name, int mode, const char* rounding) {
  char full[64];
  assay_unit* unit;
  int trial;
  const int count = operation == 'q' ? 1 : operation == 'f' ? 3 : 2;
  sprintf(full, "%s%s", name, rounding);
  unit = open_unit(full);
  fesetround(mode);
  for (trial = 0; trial < 20000; ++trial) {
    const uint64_t operands[] = {random_fp32(), random_fp32(), random_fp32()};
    volatile float a = float_of(operands[0]), b = float_of(operands[1]), c = float_of(operands[2]), r = 0;
    uint64_t result = 0, flagged = 0;
    unsigned flags = 0, expected;
    feclearexcept(FE_ALL_EXCEPT);
    switch (operation) {
      case '+':
        r = a + b;
        break;
      case '*':
        r = a * b;
        break;
      case '/':
        r = a / b;
        break;
      case 'q':
        r = sqrtf(a);
        break;
      default:
        r = fmaf(a, b, c);
        break;
    }
    expected = raised_flags();
    CHECK(assay_evaluate(unit, operands, (size_t)count, 0, 0, &result) == 0 && result == code_of(r));
    CHECK(assay_evaluate_flags(unit, operands, (size_t)count, 0, 0, ASSAY_TININESS_AFTER_ROUNDING, &flagged,
                               &flags) == 0);
    CHECK(flagged == result && flags == expected);
  }
  fesetround(FE_TONEAREST);
  assay_unit_close(unit);
}

/* (1 - 2^-23) (1 + 2^-23) 2^-126 lies below the least normal number, 2^-126, and rounds to it with 24 bits.
 */
static void test_tininess(void) {
  assay_unit* mul = open_unit("mul-fp32-fp32-fp32");
  const uint64_t operands[] = {0x3f7ffffe, 0x00800001};
  uint64_t result = 0;
  unsigned flags = 0;
  CHECK(assay_evaluate_flags(mul, operands, 2, 0, 0, ASSAY_TININESS_BEFORE_ROUNDING, &result, &flags) == 0);
  CHECK(result == 0x00800000 && flags == (ASSAY_UNDERFLOW | ASSAY_INEXACT));
  CHECK(assay_evaluate_flags(mul, operands, 2, 0, 0, ASSAY_TININESS_AFTER_ROUNDING, &result, &flags) == 0);
  CHECK(result == 0x00800000 && flags == ASSAY_INEXACT);
  CHECK_FAILS(assay_evaluate_flags(mul, operands, 2, 0, 0, 2, &result, &flags), "tininess");
  assay_unit_close(mul);
}

static void test_all_of_processor(void) {
  static const struct {
    int mode;
    const char* suffix;
  } modes[] = {{FE_TONEAREST, ""}, {FE_TOWARDZERO, "-rtz"}, {FE_UPWARD, "-rup"}, {FE_DOWNWARD, "-rdn"}};
  size_t i;
  for (i = 0; i < sizeof modes / sizeof *modes; ++i) {
    test_processor('+', "add-fp32-fp32-fp32", modes[i].mode, modes[i].suffix);
    test_processor('*', "mul-fp32-fp32-fp32", modes[i].mode, modes[i].suffix);
    test_processor('/', "div-fp32-fp32-fp32", modes[i].mode, modes[i].suffix);
    test_processor('q', "sqrt-fp32-fp32", modes[i].mode, modes[i].suffix);
    test_processor('f', "fma-fp32-fp32-fp32-fp32", modes[i].mode, modes[i].suffix);
  }
}

int main(void) {
  test_facts();
  test_toml();
  test_failures();
  test_formats();
  test_fp8_mac();
  test_dot();
  test_stochastic();
  test_tininess();
  test_all_of_processor();
  printf("%d checks, %d failures\n", checks, failures);
  return failures == 0 && checks > 1000000 ? 0 : 1;
}
