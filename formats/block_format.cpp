#include "formats/block_format.h"

#include <array>
#include <utility>

#include "formats/words.h"

namespace assay {
namespace {

constexpr std::array<std::pair<std::string_view, ScalePolicy>, 10> kScalePolicies = {
    {{"floor", ScalePolicy::floor},
     {"ceil", ScalePolicy::ceil},
     {"even", ScalePolicy::even},
     {"rceil", ScalePolicy::rceil},
     {"rceil_exact", ScalePolicy::rceil_exact},
     {"absmax", ScalePolicy::absmax},
     {"absmax_torchao", ScalePolicy::absmax_torchao},
     {"absmax_transformer_engine", ScalePolicy::absmax_transformer_engine},
     {"zero_point", ScalePolicy::zero_point},
     {"minimum", ScalePolicy::minimum}}};

constexpr std::array<std::pair<std::string_view, ZeroBlock>, 3> kZeroBlocks = {
    {{"least", ZeroBlock::least},
     {"unit_amax", ZeroBlock::unit_amax},
     {"least_float_amax", ZeroBlock::least_float_amax}}};

constexpr std::array<std::pair<std::string_view, NonFinite>, 2> kNonFinites = {
    {{"nan_scale", NonFinite::nan_scale}, {"elements", NonFinite::elements}}};

constexpr std::array<std::pair<std::string_view, TensorScale>, 2> kTensorScales = {
    {{"none", TensorScale::none}, {"float32", TensorScale::float32}}};

constexpr int kMaxElementWidth = 16;
constexpr int kMaxScaleWidth = 32;
constexpr int kMaxSubExponentWidth = 8;

bool is_pure_exponent(const Format& scale) {
  return scale.kind == FormatKind::floating && !scale.is_signed && scale.fraction_width == 0 &&
         !scale.has_subnormals && !scale.has_infinity && scale.exponent_width == scale.width &&
         scale.width <= 8;
}

bool is_float32(const Format& scale) {
  return scale == parse_format("fp32");
}

void check_element(const BlockFormat& format) {
  const Format& element = format.element;
  if (element.width < 1 || element.width > kMaxElementWidth) {
    fail("block format '{}': element format {} has {} bits, expected 1..{}", format.name, element.name,
         element.width, kMaxElementWidth);
  }
  if (element.kind == FormatKind::logarithmic ||
      (element.kind == FormatKind::floating && !element.has_subnormals)) {
    fail("block format '{}': element format {} has inexact values or no zero", format.name, element.name);
  }
  const bool evenly_spaced = element.kind == FormatKind::floating || is_integer(element);
  if (format.scale_policy == ScalePolicy::even && !evenly_spaced) {
    fail("block format '{}': scale policy even expects a floating-point or integer element format, found {}",
         format.name, element.name);
  }
}

void check_scale(const BlockFormat& format) {
  const Format& scale = format.scale;
  if (has_power_of_two_scale(format.scale_policy)) {
    if (!is_pure_exponent(scale)) {
      fail(
          "block format '{}': scale policy {} expects a scale format that is an exponent of at most 8 bits, "
          "as "
          "e8m0, found {}",
          format.name, to_string(format.scale_policy), scale.name);
    }
    if (scale.nan == NanEncoding::none) {
      fail("block format '{}': scale format {} has no NaN for scales that are too large", format.name,
           scale.name);
    }
    return;
  }
  if (has_offset(format.scale_policy)) {
    if (!is_float32(scale)) {
      fail("block format '{}': scale policy {} expects scale format fp32, found {}", format.name,
           to_string(format.scale_policy), scale.name);
    }
    return;
  }
  if (scale.kind != FormatKind::floating || scale.width > kMaxScaleWidth || scale.fraction_width > 23 ||
      scale.exponent_width > 8) {
    fail("block format '{}': expected a floating-point scale format within float32, found {}", format.name,
         scale.name);
  }
  if (format.non_finite == NonFinite::nan_scale && scale.nan == NanEncoding::none) {
    fail("block format '{}': scale format {} has no NaN; expected non_finite = elements", format.name,
         scale.name);
  }
}

void check_offset(const BlockFormat& format) {
  const Format& element = format.element;
  const bool integer = (element.kind == FormatKind::twos_complement && !element.is_symmetric) ||
                       element.kind == FormatKind::unsigned_integer;
  if (!integer || element.fraction_width != 0) {
    fail("block format '{}': scale policy {} expects intN or uintN elements, found {}", format.name,
         to_string(format.scale_policy), element.name);
  }
  if (format.scale_policy == ScalePolicy::minimum && element.is_signed) {
    fail("block format '{}': scale policy minimum expects uintN elements, found {}", format.name,
         element.name);
  }
}

void check_tensor_scale(const BlockFormat& format) {
  const bool scalable = !has_power_of_two_scale(format.scale_policy) && !has_offset(format.scale_policy);
  if (format.tensor_scale == TensorScale::float32 && !scalable) {
    fail("block format '{}': scale policy {} has no tensor_scale", format.name,
         to_string(format.scale_policy));
  }
  if (format.tensor_scale == TensorScale::none &&
      format.scale_policy == ScalePolicy::absmax_transformer_engine) {
    fail("block format '{}': scale policy absmax_transformer_engine expects tensor_scale = float32",
         format.name);
  }
}

void check_sub_blocks(const BlockFormat& format) {
  if (format.sub_block_size == 0 && format.sub_exponent_width == 0) return;
  if (!has_power_of_two_scale(format.scale_policy)) {
    fail("block format '{}': sub-blocks expect a power-of-two scale, found scale policy {}", format.name,
         to_string(format.scale_policy));
  }
  if (format.sub_block_size < 1 || format.block_size < 1 || format.block_size % format.sub_block_size != 0) {
    fail(
        "block format '{}': expected sub-blocks that divide the {} numbers of a block, found sub-blocks of "
        "{}",
        format.name, format.block_size, format.sub_block_size);
  }
  if (format.sub_exponent_width < 1 || format.sub_exponent_width > kMaxSubExponentWidth) {
    fail("block format '{}': sub-block exponents have {} bits, expected 1..{}", format.name,
         format.sub_exponent_width, kMaxSubExponentWidth);
  }
}

}  // namespace

void check_block_format(const BlockFormat& format) {
  if (format.block_size < 0)
    fail("block format '{}': block size {} is negative", format.name, format.block_size);
  check_element(format);
  check_scale(format);
  if (has_offset(format.scale_policy)) check_offset(format);
  check_tensor_scale(format);
  check_sub_blocks(format);
}

bool has_power_of_two_scale(ScalePolicy policy) {
  switch (policy) {
    case ScalePolicy::floor:
    case ScalePolicy::ceil:
    case ScalePolicy::even:
    case ScalePolicy::rceil:
    case ScalePolicy::rceil_exact:
      return true;
    default:
      return false;
  }
}

bool has_offset(ScalePolicy policy) {
  return policy == ScalePolicy::zero_point || policy == ScalePolicy::minimum;
}

std::string_view to_string(ScalePolicy policy) {
  return word_of(kScalePolicies, policy);
}
std::string_view to_string(ZeroBlock zero_block) {
  return word_of(kZeroBlocks, zero_block);
}
std::string_view to_string(NonFinite non_finite) {
  return word_of(kNonFinites, non_finite);
}
std::string_view to_string(TensorScale tensor_scale) {
  return word_of(kTensorScales, tensor_scale);
}
ScalePolicy parse_scale_policy(std::string_view word) {
  return value_of(kScalePolicies, "scale policy", word);
}
ZeroBlock parse_zero_block(std::string_view word) {
  return value_of(kZeroBlocks, "zero block", word);
}
NonFinite parse_non_finite(std::string_view word) {
  return value_of(kNonFinites, "non-finite policy", word);
}
TensorScale parse_tensor_scale(std::string_view word) {
  return value_of(kTensorScales, "tensor scale", word);
}

}  // namespace assay
