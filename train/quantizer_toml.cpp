// Quantizers written in TOML.
#include "base/error.h"
#include "base/toml_table.h"
#include "train/quantizer.h"

namespace assay {
namespace {

void expect_keys_of_kind(QuantizerKind kind, const TomlTable& table) {
  switch (kind) {
    case QuantizerKind::cast:
      return table.expect_keys({"kind", "format", "rounding", "random_bits", "saturation"});
    case QuantizerKind::absmax:
      return table.expect_keys({"kind", "format", "rounding", "random_bits", "power_of_two_scale"});
    case QuantizerKind::sawb:
      return table.expect_keys({"kind", "format", "rms_coefficient", "mean_coefficient"});
    case QuantizerKind::luq:
      return table.expect_keys({"kind", "format", "power_of_two_scale"});
  }
}

void read_rounding(const TomlTable& table, Quantizer& quantizer) {
  if (const auto word = table.text("rounding")) {
    quantizer.rounding = table.at("rounding", [&] { return parse_rounding(*word); });
  }
  const auto bits = table.integer("random_bits", 1, 32);
  if (!bits) return;
  if (!is_stochastic(quantizer.rounding)) {
    fail("{}: expected only with a stochastic rounding (sr_a, sr_b, sr_c)", table.where("random_bits"));
  }
  quantizer.random_bits = static_cast<int>(*bits);
}

}  // namespace

Quantizer quantizer_from_toml(const TomlTable& table) {
  const std::string kind = table.required_text("kind"), format = table.required_text("format");
  Quantizer quantizer;
  quantizer.kind = table.at("kind", [&] { return parse_quantizer_kind(kind); });
  quantizer.format = table.at("format", [&] { return parse_format(format); });
  expect_keys_of_kind(quantizer.kind, table);
  read_rounding(table, quantizer);
  if (const auto word = table.text("saturation")) {
    quantizer.saturation = table.at("saturation", [&] { return parse_saturation(*word); });
  }
  quantizer.power_of_two_scale = table.boolean("power_of_two_scale").value_or(false);
  if (const auto value = table.number("rms_coefficient")) quantizer.rms_coefficient = *value;
  if (const auto value = table.number("mean_coefficient")) quantizer.mean_coefficient = *value;
  table.at("", [&] { check_quantizer(quantizer); });
  return quantizer;
}

}  // namespace assay
