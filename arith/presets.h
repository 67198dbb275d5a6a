// The dot product units of tensor and matrix cores, by the names of their machines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "arith/unit.h"

namespace assay {

// The names MACHINE-A-B-RESULT that parse_unit accepts, in the order of the table. A and B are formats, or block
// formats (mxfp8_e4m3, nvfp4), whose elements and scales become a block_dot.
std::vector<std::string> preset_names();

// Whether some preset has this machine.
bool is_preset_machine(std::string_view machine);

// The unit of a machine for operands and a result of these formats. Throws Error listing what is known.
Unit preset_unit(std::string_view machine, std::string_view a, std::string_view b, std::string_view result);

}  // namespace assay
