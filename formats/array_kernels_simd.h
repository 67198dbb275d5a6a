// The inner loops of the array kernels, compiled for several instruction sets (Highway) and chosen at run time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "formats/array_kernels_plan.h"

namespace assay {

// Rounds values[0 .. count) into results: values again (which may be `values` itself) or codes. `random` has a word
// for each element if the rounding is stochastic and is not read otherwise.
void round_lanes(const RoundingPlan<float>& plan, const float* values, const uint32_t* random, size_t count,
                 float* results);
void round_lanes(const RoundingPlan<float>& plan, const float* values, const uint32_t* random, size_t count,
                 uint8_t* results);
void round_lanes(const RoundingPlan<float>& plan, const float* values, const uint32_t* random, size_t count,
                 uint16_t* results);
void round_lanes(const RoundingPlan<double>& plan, const double* values, const uint32_t* random, size_t count,
                 double* results);
void round_lanes(const RoundingPlan<double>& plan, const double* values, const uint32_t* random, size_t count,
                 uint8_t* results);
void round_lanes(const RoundingPlan<double>& plan, const double* values, const uint32_t* random, size_t count,
                 uint16_t* results);

// The values of codes[0 .. count).
void decode_lanes(const DecodingPlan<float>& plan, const uint8_t* codes, size_t count, float* values);
void decode_lanes(const DecodingPlan<float>& plan, const uint16_t* codes, size_t count, float* values);
void decode_lanes(const DecodingPlan<double>& plan, const uint8_t* codes, size_t count, double* values);
void decode_lanes(const DecodingPlan<double>& plan, const uint16_t* codes, size_t count, double* values);

// The words of philox(seed, stream, first), philox(seed, stream, first + 1), ..., four each. `groups` is rounded up
// to a multiple of kPhiloxGroups; words must have room for that.
inline constexpr size_t kPhiloxGroups = 32;
void philox_words(uint64_t seed, uint64_t stream, uint64_t first, size_t groups, uint32_t* words);

}  // namespace assay
