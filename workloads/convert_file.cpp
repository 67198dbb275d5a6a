#include "workloads/convert_file.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "formats/array_kernels_pack.h"
#include "formats/inspect.h"
#include "workloads/array_file.h"
#include "workloads/convert_blocks.h"
#include "workloads/convert_source.h"

namespace assay {
namespace {

constexpr uint64_t kPiece = uint64_t{1}
                            << 22;  // elements; a multiple of 8, so that packed pieces are whole bytes

// How the elements of the output are written.
struct Target {
  NpyType type = NpyType::f4;
  size_t element_bytes = 0;
  bool values = false;
  bool packed = false;
};

Target target_of(const FileConversion& request, const Format& to) {
  if (request.packed && request.dequantize) fail("--packed packs codes, --dequantize writes none");
  if (request.packed) check_packable(to);
  if (request.dequantize) {
    const NpyType type = value_type(to);
    return {type, npy_type_size(type), true, false};
  }
  return {code_type(to), code_bytes(to), false, request.packed};
}

ConversionSummary convert_codes(const FileConversion& request, const ConversionProgress& progress) {
  const Format to = load_format(request.to);
  const Target target = target_of(request, to);
  SourceReader reader(request);
  const ConversionPlan plan = plan_conversion(reader.format(), to, request.options);
  std::vector<int64_t> shape = reader.shape();
  if (target.packed) shape = packed_shape(shape, to.width, request.output.string());
  ArrayWriter writer(request.output, target.packed ? NpyType::u1 : target.type, shape);

  ConversionSummary summary{reader.count(), reader.format().name, to.name, {}, "", {request.output}};
  summary.element_type = npy_type_name(target.packed ? NpyType::u1 : target.type);
  progress.begin(reader.count());
  std::vector<std::byte> sources, results, packed;
  for (uint64_t done = 0; done < reader.count();) {
    const uint64_t count = std::min(kPiece, reader.count() - done);
    sources.resize(count * reader.element_bytes());
    results.resize(count * target.element_bytes);
    reader.read(sources);
    ConversionPiece piece{sources, reader.element_bytes(), results, {}, target.element_bytes, done};
    if (target.values) std::swap(piece.codes, piece.values);
    const ConversionCounts counts = reader.convert(plan, piece);
    summary.counts.changed += counts.changed;
    summary.counts.nan_replaced += counts.nan_replaced;
    if (target.packed) {
      packed.resize(packed_size(count, to.width));
      pack_codes({reinterpret_cast<const uint8_t*>(results.data()), count}, to.width,
                 {reinterpret_cast<uint8_t*>(packed.data()), packed.size()}, request.options.threads);
    }
    writer.write(target.packed ? packed : results);
    done += count;
    progress.advance(count);
  }
  writer.commit();
  return summary;
}

}  // namespace

ConversionSummary convert_file(const FileConversion& request, const ConversionProgress& progress) {
  const bool to_blocks = is_block_format_name(request.to), from_blocks = is_block_format_name(request.from);
  if (to_blocks && from_blocks)
    fail("--from {} --to {}: one of them has to be no block format", request.from, request.to);
  if (!to_blocks && !from_blocks && !request.axis.empty()) {
    fail("--axis: expected a block format in --to or --from");
  }
  if (request.from_packed && request.from.empty())
    fail("--from-packed: expected the format of the codes in --from");
  if (to_blocks) return convert_to_blocks(request, progress);
  if (from_blocks) return convert_from_blocks(request, progress);
  return convert_codes(request, progress);
}

}  // namespace assay
