// One arithmetic unit under assay, as plain data.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "arith/accumulation.h"
#include "arith/operation.h"
#include "arith/product_rule.h"
#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

class TableMultiplier;
class TomlTable;

struct Unit {
  Operation operation = Operation::mac;
  Format a, b, c;  // those the operation has (arith/operation.h)
  Format result;
  ProductRule product = ProductRule::exact;
  Format product_format;                         // for via
  std::shared_ptr<const TableMultiplier> table;  // for table
  Rounding rounding = Rounding::rne;
  Saturation saturation = Saturation::sat_none;
  Accumulation accumulation;
  int terms = 1;  // products of a dot or block_dot

  bool operator==(const Unit&) const = default;
};

// Number of operand codes of one evaluation.
int operand_count(const Unit& unit);

// Products of a dot that share a pair of scales.
size_t block_size(const Unit& unit);

// Format of the i-th operand.
const Format& operand_format(const Unit& unit, int i);

// The canonical one-line name: operation-a-b[-c]-result and then a word for each property that differs from
// its default: the product rule with via_FORMAT and table_HASH (exact); the rounding (rne); the saturation (wrap for integer
// results, sat_none else); the accumulation: fused, windowF with _floor, _joinJ, _even_odd after it, tree or
// kahan (sequential), groupN (all terms), blockN (all terms), exactN, flush, sum_FORMAT, partial_FORMAT (none). A
// dot carries its number of terms: dot8-e4m3-e4m3-fp32. Parses back, unless it has a
// table.
std::string unit_name(const Unit& unit);

// The unit a canonical name stands for, or MACHINE-A-B-RESULT for a machine of arith/presets.h, such as
// nvidia_hopper-e4m3-e4m3-fp32. Throws Error naming the word that is wrong.
Unit parse_unit(std::string_view name);

// The unit of a TOML table with the keys op, a, b, c, result (mac, dot and block_dot: acc), product (a rule or the
// format of via), table (with product = "table": the path of a file as TableMultiplier::from_bytes reads it), rounding,
// saturation, terms, accumulation, group, block, exact, flush_subnormals, sum, partial; `accumulation` is
// sequential or a word as in the name, such as window24_join31. Throws Error "place:line: key: ...".
Unit unit_from_toml(const TomlTable& table);

// What verbs accept for UNIT: a canonical name, or the path of a TOML file (ending in .toml).
Unit load_unit(std::string_view name_or_path);

// Throws Error if the parts do not fit (PAM on integers, wrap on floating point, ...).
void check_unit(const Unit& unit);

// The default saturation for results in `format`.
Saturation default_saturation(const Format& format);

}  // namespace assay
