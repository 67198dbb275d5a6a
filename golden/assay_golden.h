/* The golden models of Assay for C, and for every language that calls C: libassay_golden.so.
 *
 * A unit is what docs/units.md names (`mac-e4m3-e4m3-fp32`, `dot8-e4m3-e4m3-fp32-fused`, ...), or a TOML file
 * with the same words. Numbers travel as codes, the bits of a format in the low bits of a uint64_t; bits above
 * the format's width are ignored. Results are exact before their roundings and do not depend on the
 * floating-point mode of the caller.
 *
 *     assay_unit* unit = assay_unit_open("mac-e4m3-e4m3-fp32");
 *     uint64_t operands[] = {0x38, 0x40, 0x3f800000}, result;
 *     if (!unit || assay_evaluate(unit, operands, 3, 0, 0, &result) != 0) puts(assay_error());
 *
 * Failure: functions that return int give 0, or -1 and then have written nothing; those that return a pointer
 * give NULL. assay_error() tells why. No C++ exception leaves the library.
 *
 * Threads: a handle may be used by several threads at once, as long as none of them closes it.
 */
#ifndef ASSAY_GOLDEN_H
#define ASSAY_GOLDEN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ASSAY_API __attribute__((visibility("default")))

/* The version of this interface, which is that of the shared object. It grows when something declared here
 * changes its meaning or goes away, not when something is added. */
#define ASSAY_GOLDEN_VERSION 1

/* ASSAY_GOLDEN_VERSION of the library that is loaded. */
ASSAY_API int assay_golden_version(void);

/* Why the last failing call of this thread failed, naming what was wrong and what was expected; "" before the
 * first failure. Valid until the next failing call of the thread. */
ASSAY_API const char* assay_error(void);

/* ---- Formats ---- */

typedef struct assay_format assay_format;

/* The format of a name (formats/format.h has all: e4m3, bf16, posit16, fix8.6, ...) or of a TOML file whose
 * path ends in .toml. To be closed with assay_format_close. */
ASSAY_API assay_format* assay_format_open(const char* name_or_path);

/* Frees a format made by assay_format_open; does nothing with NULL. */
ASSAY_API void assay_format_close(assay_format* format);

/* The canonical name, as long as the format is open. */
ASSAY_API const char* assay_format_name(const assay_format* format);

/* Bits of a code, or -1. */
ASSAY_API int assay_format_width(const assay_format* format);

/* The value of a code, rounded to double (exact for formats of up to 53 significant bits within double's
 * range). */
ASSAY_API int assay_decode(const assay_format* format, uint64_t code, double* value);

/* The value of a code as a C hexadecimal float, `inf`, `-inf` or `nan`; exact for up to 53 significant bits
 * and any exponent. Writes at most `size` bytes with the final 0 and returns the length of the whole text
 * without it, as snprintf does; or -1. `text` may be NULL if `size` is 0. 32 bytes are enough for every
 * format. */
ASSAY_API int assay_decode_text(const assay_format* format, uint64_t code, char* text, size_t size);

/* The code of a value rounded once. `rounding` and `saturation` are words of formats/rounding.h: rne rna rntz
 * rnup rndn rnodd rtz rup rdn odd sr_a sr_b sr_c, and sat_none sat_finite sat_propagate wrap sat_none_v40
 * sat_zero sat_symmetric. NULL stands for rne and sat_none. The stochastic roundings sr_a, sr_b and sr_c read
 * random bits, see assay_evaluate. */
ASSAY_API int assay_encode(const assay_format* format, double value, const char* rounding,
                           const char* saturation, int random_bits, uint32_t random, uint64_t* code);

/* ---- Units ---- */

typedef struct assay_unit assay_unit;

/* The unit of a name, of a machine (nvidia_hopper-e4m3-e4m3-fp32) or of a TOML file whose path ends in .toml.
 * To be closed with assay_unit_close. */
ASSAY_API assay_unit* assay_unit_open(const char* name_or_path);

/* Frees a unit and the formats it has given; does nothing with NULL. */
ASSAY_API void assay_unit_close(assay_unit* unit);

/* The canonical name, as long as the unit is open. */
ASSAY_API const char* assay_unit_name(const assay_unit* unit);

/* Operands of one evaluation, or -1. */
ASSAY_API int assay_operand_count(const assay_unit* unit);

/* Formats of the i-th operand, counted from 0, and of the result. They belong to the unit. */
ASSAY_API const assay_format* assay_operand_format(const assay_unit* unit, int i);
ASSAY_API const assay_format* assay_result_format(const assay_unit* unit);

/* 1 if the unit rounds stochastically and so needs random bits, 0 if not, or -1. */
ASSAY_API int assay_needs_random(const assay_unit* unit);

/* ---- Evaluation ---- */

/* One operation. `operands` holds as many codes as the unit has operands: a b for mul, a b c for mac and fma,
 * a1 b1 a2 b2 ... c for dots (docs/units.md). If assay_needs_random, `random` holds `random_bits` (1..32)
 * random bits, a number below 2^random_bits, used by every stochastic rounding of the operation; otherwise
 * both are ignored. */
ASSAY_API int assay_evaluate(const assay_unit* unit, const uint64_t* operands, size_t operand_count,
                             int random_bits, uint32_t random, uint64_t* result);

/* Many operations: operand i of operation j is columns[i][j], its result results[j], its random bits random[j]
 * (`random` may be NULL if the unit needs none). `results` may be one of the columns: sums then accumulate in
 * place. If random bits are out of range, the results before them have been written. */
ASSAY_API int assay_evaluate_columns(const assay_unit* unit, const uint64_t* const* columns,
                                     size_t operand_count, size_t rows, int random_bits,
                                     const uint32_t* random, uint64_t* results);

/* Exception flags of IEEE 754-2019, section 7, in the bits that RISC-V's fflags have. */
enum {
  ASSAY_INEXACT = 1,
  ASSAY_UNDERFLOW = 2,
  ASSAY_OVERFLOW = 4,
  ASSAY_DIVIDE_BY_ZERO = 8,
  ASSAY_INVALID = 16
};

/* When a result is tiny, which underflow depends on: if the result rounded with an unbounded exponent lies
 * below the least normal number (x86, RISC-V, NVIDIA), or if the exact one does (Arm, Power). */
enum { ASSAY_TININESS_AFTER_ROUNDING = 0, ASSAY_TININESS_BEFORE_ROUNDING = 1 };

/* assay_evaluate with the flags the operation raises (arith/exception_flags.h has their definitions). Of units
 * that accumulate (mac, dot, block_dot) they are those of all their roundings. */
ASSAY_API int assay_evaluate_flags(const assay_unit* unit, const uint64_t* operands, size_t operand_count,
                                   int random_bits, uint32_t random, int tininess, uint64_t* result,
                                   unsigned* flags);

#ifdef __cplusplus
}
#endif

#endif /* ASSAY_GOLDEN_H */
