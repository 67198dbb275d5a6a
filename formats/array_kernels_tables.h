// The tables of the array kernels, kept between calls.
#pragma once

#include <cstddef>
#include <memory>

#include "formats/array_kernels_chances.h"
#include "formats/array_kernels_steps.h"

namespace assay {

// The table of a rounding, or nothing while it is not worth building: that takes as long as converting `count` elements
// one by one for some time, of this call and those before together. The last few tables asked for are kept. Any
// number of threads may call. Preconditions: those of the tables.
template <typename Float>
std::shared_ptr<const StepTable<Float>> step_table(const Format& format, Rounding rounding,
                                                   Saturation saturation, size_t count);
template <typename Float>
std::shared_ptr<const ChanceTable<Float>> chance_table(const Format& format, Rounding rounding,
                                                       Saturation saturation, int random_bits, size_t count);

}  // namespace assay
