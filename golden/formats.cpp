#include <algorithm>
#include <cstring>
#include <memory>

#include "formats/real.h"
#include "formats/round.h"
#include "golden/handles.h"

namespace {

const assay::Format& format_of(const assay_format* handle) {
  return assay::pointee(handle, "format").format;
}

}  // namespace

assay_format* assay_format_open(const char* name_or_path) {
  return assay::guarded<assay_format*>(nullptr, [&] {
    const char* name = &assay::pointee(name_or_path, "name of a format");
    return new assay_format{assay::load_format(name)};
  });
}

void assay_format_close(assay_format* format) {
  delete format;
}

const char* assay_format_name(const assay_format* format) {
  return assay::guarded<const char*>(nullptr, [&] { return format_of(format).name.c_str(); });
}

int assay_format_width(const assay_format* format) {
  return assay::guarded(-1, [&] { return format_of(format).width; });
}

int assay_decode(const assay_format* format, uint64_t code, double* value) {
  return assay::status_of(
      [&] { assay::pointee(value, "value") = assay::to_double(assay::decode(format_of(format), code)); });
}

int assay_decode_text(const assay_format* format, uint64_t code, char* text, size_t size) {
  return assay::guarded(-1, [&] {
    const std::string hex = assay::to_hex_float(assay::decode(format_of(format), code));
    if (size != 0) {
      const size_t length = std::min(hex.size(), size - 1);
      std::memcpy(&assay::pointee(text, "text"), hex.data(), length);
      text[length] = '\0';
    }
    return static_cast<int>(hex.size());
  });
}

int assay_encode(const assay_format* format, double value, const char* rounding, const char* saturation,
                 int random_bits, uint32_t random, uint64_t* code) {
  return assay::status_of([&] {
    const auto round = rounding ? assay::parse_rounding(rounding) : assay::Rounding::rne;
    const auto saturate = saturation ? assay::parse_saturation(saturation) : assay::Saturation::sat_none;
    const assay::Format& to = format_of(format);
    if (saturate == assay::Saturation::wrap && assay::default_saturation(to) != assay::Saturation::wrap) {
      assay::fail("saturation wrap: expected a two's complement or unsigned format, found {}", to.name);
    }
    const auto bits = assay::random_bits_from(assay::is_stochastic(round), random_bits, random);
    assay::pointee(code, "code") = assay::encode(to, value, round, saturate, bits);
  });
}
