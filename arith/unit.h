// One arithmetic unit under assay, as plain data.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

class TomlTable;

// add      result = round(a + b)
// mul      result = round(product(a, b))
// fma      result = round(a * b + c)
// mac      result = round(c + product(a, b)); c has the result's format, which is the accumulator's
// dot      c + the sum of `terms` products; c and result as for mac
// convert  result = round(a)
enum class Operation { add, mul, fma, mac, dot, convert };

// How a product of a and b is formed before it is added or rounded.
//   exact    the mathematical product
//   pam      piecewise-affine (piecewise_affine.h); a, b and the product share one format
//   mfbprop  multiplication-free (mfbprop.h): a is smint4, b e3m0, the product e4m2
//   via      the exact product rounded to the format `product_format`
enum class ProductRule { exact, pam, mfbprop, via };

// How a dot product meets its accumulator: one rounding after each product in order, or a single rounding of
// the exact sum.
enum class Accumulation { sequential, fused };

struct Unit {
  Operation operation = Operation::mac;
  Format a, b, c;  // b unused by convert; c used by fma only (mac and dot: the result's format)
  Format result;
  ProductRule product = ProductRule::exact;
  Format product_format;  // for via
  Rounding rounding = Rounding::rne;
  Saturation saturation = Saturation::sat_none;
  Accumulation accumulation = Accumulation::sequential;
  int terms = 1;  // products of a dot
};

// Number of operand codes of one operation: add, mul 2; fma, mac 3 (a b c); dot 2 terms + 1 (a1 b1 a2 b2 ...
// c); convert 1.
int operand_count(const Unit& unit);

// Format of the i-th operand.
const Format& operand_format(const Unit& unit, int i);

// The canonical one-line name: operation-a-b[-c]-result and then a word for each property that differs from
// its default: pam, mfbprop or via_FORMAT (exact); the rounding (rne); the saturation (wrap for integer
// results, sat_none else); fused (sequential). A dot carries its number of terms: dot8-e4m3-e4m3-fp32. Parses
// back.
std::string unit_name(const Unit& unit);

// The unit a canonical name stands for. Throws Error naming the word that is wrong.
Unit parse_unit(std::string_view name);

// The unit of a TOML table with the keys op, a, b, c, result (mac and dot: acc), product, rounding,
// saturation, terms, accumulation. Throws Error "place:line: key: ...".
Unit unit_from_toml(const TomlTable& table);

// What verbs accept for UNIT: a canonical name, or the path of a TOML file (ending in .toml).
Unit load_unit(std::string_view name_or_path);

// Throws Error if the parts do not fit (PAM on integers, wrap on floating point, ...).
void check_unit(const Unit& unit);

// The default saturation for results in `format`.
Saturation default_saturation(const Format& format);

}  // namespace assay
