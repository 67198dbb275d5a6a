// The functions that assay_dpi_pkg.sv imports, over the C interface. Their types are those that IEEE 1800
// gives DPI arguments in C; int results are 0 for success and -1 for failure.
#include <array>
#include <vector>

#include "golden/handles.h"

extern "C" {

// Of IEEE 1800-2017, annex I (svdpi.h). A simulator has them; weak, since programs without one load the
// library too.
using svOpenArrayHandle = void*;
__attribute__((weak)) int svLeft(svOpenArrayHandle array, int dimension);
__attribute__((weak)) int svRight(svOpenArrayHandle array, int dimension);
__attribute__((weak)) void* svGetArrElemPtr1(svOpenArrayHandle array, int index);

ASSAY_API void* assay_dpi_unit(const char* name);
ASSAY_API const char* assay_dpi_error();
ASSAY_API const char* assay_dpi_name(void* unit);
ASSAY_API int assay_dpi_operand_count(void* unit);
ASSAY_API int assay_dpi_width(void* unit, int i);
ASSAY_API const char* assay_dpi_text(void* unit, int i, uint64_t code);
ASSAY_API int assay_dpi_evaluate(void* unit, int count, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                                 int random_bits, uint32_t random, uint64_t* result);
ASSAY_API int assay_dpi_flags(void* unit, int count, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                              int random_bits, uint32_t random, int tininess, int* flags);
ASSAY_API int assay_dpi_evaluate_array(void* unit, svOpenArrayHandle operands, int random_bits,
                                       uint32_t random, uint64_t* result);
}

namespace {

// i = -1 is the result, as in the package.
const assay_format* format_at(const assay_unit* unit, int i) {
  return i == -1 ? assay_result_format(unit) : assay_operand_format(unit, i);
}

const assay_unit* unit_at(void* handle) {
  return static_cast<const assay_unit*>(handle);
}

// The elements of a SystemVerilog array from its left bound to its right one.
std::vector<uint64_t> elements_of(svOpenArrayHandle array) {
  if (svLeft == nullptr)
    assay::fail("assay_dpi_evaluate_array: expected to run in a SystemVerilog simulator");
  const int left = svLeft(array, 1);
  const int right = svRight(array, 1);
  const int step = left <= right ? 1 : -1;
  std::vector<uint64_t> elements;
  for (int i = left; i != right + step; i += step) {
    elements.push_back(*static_cast<const uint64_t*>(svGetArrElemPtr1(array, i)));
  }
  return elements;
}

}  // namespace

void* assay_dpi_unit(const char* name) {
  return assay_unit_open(name);
}

const char* assay_dpi_error() {
  return assay_error();
}

const char* assay_dpi_name(void* unit) {
  const char* name = assay_unit_name(unit_at(unit));
  return name ? name : "";
}

int assay_dpi_operand_count(void* unit) {
  return assay_operand_count(unit_at(unit));
}

int assay_dpi_width(void* unit, int i) {
  const assay_format* format = format_at(unit_at(unit), i);
  return format ? assay_format_width(format) : -1;
}

const char* assay_dpi_text(void* unit, int i, uint64_t code) {
  thread_local std::array<char, 64> text;
  const assay_format* format = format_at(unit_at(unit), i);
  if (!format || assay_decode_text(format, code, text.data(), text.size()) < 0) return assay_error();
  return text.data();
}

int assay_dpi_evaluate(void* unit, int count, uint64_t a, uint64_t b, uint64_t c, uint64_t d, int random_bits,
                       uint32_t random, uint64_t* result) {
  const std::array<uint64_t, 4> operands{a, b, c, d};
  return assay_evaluate(unit_at(unit), operands.data(), static_cast<size_t>(count), random_bits, random,
                        result);
}

int assay_dpi_flags(void* unit, int count, uint64_t a, uint64_t b, uint64_t c, uint64_t d, int random_bits,
                    uint32_t random, int tininess, int* flags) {
  const std::array<uint64_t, 4> operands{a, b, c, d};
  uint64_t result = 0;
  unsigned bits = 0;
  const int status = assay_evaluate_flags(unit_at(unit), operands.data(), static_cast<size_t>(count),
                                          random_bits, random, tininess, &result, &bits);
  *flags = static_cast<int>(bits);
  return status;
}

int assay_dpi_evaluate_array(void* unit, svOpenArrayHandle operands, int random_bits, uint32_t random,
                             uint64_t* result) {
  return assay::guarded(-1, [&] {
    const std::vector<uint64_t> codes = elements_of(operands);
    return assay_evaluate(unit_at(unit), codes.data(), codes.size(), random_bits, random, result);
  });
}
