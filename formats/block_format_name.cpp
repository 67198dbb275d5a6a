// Names of block formats: the grammar of parse_block_format.
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/error.h"
#include "formats/block_format.h"

namespace assay {
namespace {

// "Sign and `width - 1` bits of magnitude", the first of them before the point.
Format shared_exponent_element(int width) {
  Format element = parse_format(fmt::format("smint{}", width));
  element.fraction_width = width - 2;
  if (width > 2) element.name += fmt::format(" with {} fraction bits", element.fraction_width);
  return element;
}

Format shared_exponent_scale(int width) {
  Format scale = parse_format("e8m0");
  if (width == scale.width) return scale;
  scale.name = fmt::format("{}-bit exponent", width);
  scale.width = width;
  scale.exponent_width = width;
  scale.exponent_bias = (1 << (width - 1)) - 1;
  return scale;
}

BlockFormat mx(std::string name, const char* element) {
  BlockFormat format;
  format.name = std::move(name);
  format.element = parse_format(element);
  format.scale = parse_format("e8m0");
  return format;
}

BlockFormat shared_exponent(std::string name, int magnitude_bits, int sub_block_size) {
  BlockFormat format;
  format.name = std::move(name);
  format.element = shared_exponent_element(magnitude_bits + 1);
  format.scale = shared_exponent_scale(8);
  format.block_size = 16;
  format.sub_block_size = sub_block_size;
  format.sub_exponent_width = sub_block_size > 0 ? 1 : 0;
  return format;
}

BlockFormat nvfp4(std::string name, ScalePolicy policy, TensorScale tensor_scale) {
  BlockFormat format;
  format.name = std::move(name);
  format.element = parse_format("e2m1");
  format.scale = parse_format("e4m3");
  format.block_size = 16;
  format.scale_policy = policy;
  format.tensor_scale = tensor_scale;
  return format;
}

const std::vector<BlockFormat>& named() {
  static const std::vector<BlockFormat> formats = [] {
    std::vector<BlockFormat> list = {mx("mxfp8_e4m3", "e4m3"), mx("mxfp8_e5m2", "e5m2"),
                                     mx("mxfp6_e3m2", "e3m2"), mx("mxfp6_e2m3", "e2m3"),
                                     mx("mxfp4", "e2m1"),      mx("mxint8", "symfix8.6")};
    list.push_back(nvfp4("nvfp4", ScalePolicy::absmax_torchao, TensorScale::none));
    list.push_back(nvfp4("nvfp4_two_level", ScalePolicy::absmax_torchao, TensorScale::float32));
    list.push_back(nvfp4("nvfp4_te", ScalePolicy::absmax_transformer_engine, TensorScale::float32));
    for (int bits = 16; bits >= 11; --bits)
      list.push_back(shared_exponent(fmt::format("msfp{}", bits), bits - 9, 0));
    for (const auto& [name, bits] : {std::pair{"mx9", 7}, std::pair{"mx6", 4}, std::pair{"mx4", 2}}) {
      list.push_back(shared_exponent(name, bits, 2));
    }
    return list;
  }();
  return formats;
}

constexpr std::array<ScalePolicy, 5> kPowerOfTwoPolicies = {
    ScalePolicy::floor, ScalePolicy::ceil, ScalePolicy::even, ScalePolicy::rceil, ScalePolicy::rceil_exact};

bool take(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes a decimal number of least..greatest off the front of `text`.
int take_number(std::string_view name, std::string_view& text, std::string_view what, int least,
                int greatest) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < least || number > greatest) {
    fail("block format '{}': expected {} of {}..{} before '{}'", name, what, least, greatest, text);
  }
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

constexpr int kMaxBlockSize = 1 << 24;

// Takes "_gK" off the end of `text`; 0 without it.
int take_group(std::string_view name, std::string_view& text) {
  const size_t at = text.rfind("_g");
  if (at == std::string_view::npos) return 0;
  std::string_view number = text.substr(at + 2);
  const int size = take_number(name, number, "a block size", 1, kMaxBlockSize);
  if (!number.empty()) fail("block format '{}': unexpected '{}' after the block size", name, number);
  text = text.substr(0, at);
  return size;
}

std::string group_suffix(int block_size) {
  return block_size == 0 ? "" : fmt::format("_g{}", block_size);
}

// bfpW_gK[_eE][_sDxB]
std::optional<BlockFormat> parse_shared_exponent(std::string_view name) {
  std::string_view rest = name;
  if (!take(rest, "bfp")) return std::nullopt;
  BlockFormat format;
  const int width = take_number(name, rest, "an element width", 2, 16);
  format.element = shared_exponent_element(width);
  if (!take(rest, "_g"))
    fail("block format '{}': expected a block size after the width, as in bfp8_g16", name);
  format.block_size = take_number(name, rest, "a block size", 1, kMaxBlockSize);
  const int exponent_width = take(rest, "_e") ? take_number(name, rest, "an exponent width", 2, 8) : 8;
  format.scale = shared_exponent_scale(exponent_width);
  if (take(rest, "_s")) {
    format.sub_block_size = take_number(name, rest, "a sub-block size", 1, format.block_size);
    if (!take(rest, "x"))
      fail("block format '{}': expected bits of exponent after the sub-block size, as in s2x1", name);
    format.sub_exponent_width = take_number(name, rest, "sub-block exponent bits", 1, 8);
  }
  if (!rest.empty()) fail("block format '{}': unexpected '{}'", name, rest);
  format.name = fmt::format("bfp{}_g{}", width, format.block_size);
  if (exponent_width != 8) format.name += fmt::format("_e{}", exponent_width);
  if (format.sub_block_size > 0) {
    format.name += fmt::format("_s{}x{}", format.sub_block_size, format.sub_exponent_width);
  }
  return format;
}

std::optional<BlockFormat> parse_absmax(std::string_view name) {
  std::string_view rest = name;
  if (!take(rest, "absmax_")) return std::nullopt;
  BlockFormat format;
  format.scale_policy = ScalePolicy::absmax;
  format.block_size = take_group(name, rest);
  const size_t at = rest.rfind('_');
  if (at == std::string_view::npos) {
    fail("block format '{}': expected an element and a scale format, as in absmax_e4m3_fp32_g128", name);
  }
  format.element = parse_format(rest.substr(0, at));
  format.scale = parse_format(rest.substr(at + 1));
  if (format.scale.nan == NanEncoding::none) format.non_finite = NonFinite::elements;
  format.name =
      fmt::format("absmax_{}_{}{}", format.element.name, format.scale.name, group_suffix(format.block_size));
  return format;
}

std::optional<BlockFormat> parse_offset(std::string_view name) {
  std::string_view rest = name;
  BlockFormat format;
  if (take(rest, "affine_")) {
    format.scale_policy = ScalePolicy::zero_point;
  } else if (take(rest, "minmax_")) {
    format.scale_policy = ScalePolicy::minimum;
  } else {
    return std::nullopt;
  }
  format.block_size = take_group(name, rest);
  format.element = parse_format(rest);
  format.scale = parse_format("fp32");
  format.name = fmt::format("{}_{}{}", format.scale_policy == ScalePolicy::zero_point ? "affine" : "minmax",
                            format.element.name, group_suffix(format.block_size));
  return format;
}

// The format of a name without a scale policy at its end.
std::optional<BlockFormat> parse_plain(std::string_view name) {
  for (const BlockFormat& format : named()) {
    if (name == format.name) return format;
  }
  if (auto format = parse_shared_exponent(name)) return format;
  if (auto format = parse_absmax(name)) return format;
  return parse_offset(name);
}

// Takes the word of a power-of-two policy off the end of `name`.
std::optional<ScalePolicy> take_policy(std::string_view& name) {
  for (const ScalePolicy policy : kPowerOfTwoPolicies) {
    const std::string suffix = fmt::format("_{}", to_string(policy));
    if (name.size() > suffix.size() && name.substr(name.size() - suffix.size()) == suffix) {
      name.remove_suffix(suffix.size());
      return policy;
    }
  }
  return std::nullopt;
}

}  // namespace

BlockFormat parse_block_format(std::string_view name) {
  std::string_view rest = name;
  const std::optional<ScalePolicy> policy = take_policy(rest);
  std::optional<BlockFormat> format = parse_plain(rest);
  if (!format) {
    fail(
        "unknown block format '{}': expected a name such as mxfp8_e4m3, mxfp4_rceil, nvfp4, msfp12, mx9, "
        "bfp8_g16, absmax_e4m3_fp32_g128, affine_uint4_g128 or minmax_uint4_g128",
        name);
  }
  if (policy) {
    if (!has_power_of_two_scale(format->scale_policy)) {
      fail("block format '{}': {} has no power-of-two scale for scale policy {}", name, format->name,
           to_string(*policy));
    }
    format->scale_policy = *policy;
    if (*policy != ScalePolicy::floor) format->name += fmt::format("_{}", to_string(*policy));
  }
  check_block_format(*format);
  return *format;
}

std::vector<std::string> named_block_formats() {
  std::vector<std::string> names;
  for (const BlockFormat& format : named()) names.push_back(format.name);
  return names;
}

}  // namespace assay
