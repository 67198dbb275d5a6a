// Files of numbers to block formats and back: the parts of convert_file that have scales beside their codes.
#pragma once

#include "workloads/convert_file.h"

namespace assay {

// `to` is a block format.
ConversionSummary convert_to_blocks(const FileConversion& request, const ConversionProgress& progress);

// `from` is a block format.
ConversionSummary convert_from_blocks(const FileConversion& request, const ConversionProgress& progress);

}  // namespace assay
