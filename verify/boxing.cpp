#include "verify/boxing.h"

namespace assay {

bool has_box(const Format& format, int registers) {
  return format.kind == FormatKind::floating && format.width < registers;
}

int boxed_width(const Format& format, int registers) {
  return has_box(format, registers) ? registers : format.width;
}

uint64_t box_mask(const Format& format, int registers) {
  return code_mask(boxed_width(format, registers)) & ~code_mask(format.width);
}

uint64_t boxed(const Format& format, int registers, uint64_t code) {
  return code | box_mask(format, registers);
}

uint64_t unboxed(const Format& format, int registers, uint64_t contents) {
  if (!has_box(format, registers)) return contents;
  const uint64_t box = box_mask(format, registers);
  return (contents & box) == box ? contents & code_mask(format.width) : canonical_nan(format);
}

}  // namespace assay
