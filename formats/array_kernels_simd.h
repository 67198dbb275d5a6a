// The inner loops of the array kernels, compiled for several instruction sets (Highway) and chosen at run time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "formats/array_kernels.h"
#include "formats/array_kernels_plan.h"

namespace assay {

// Rounds values[0 .. count) into results: values again (which may be `values` itself) or codes. `random` is read by the
// stochastic roundings; its first_index is that of values[0], its bits are those of the plan.
void round_lanes(const RoundingPlan<float>& plan, const float* values, size_t count,
                 const ArrayRandom& random, float* results);
void round_lanes(const RoundingPlan<float>& plan, const float* values, size_t count,
                 const ArrayRandom& random, uint8_t* results);
void round_lanes(const RoundingPlan<float>& plan, const float* values, size_t count,
                 const ArrayRandom& random, uint16_t* results);
void round_lanes(const RoundingPlan<double>& plan, const double* values, size_t count,
                 const ArrayRandom& random, double* results);
void round_lanes(const RoundingPlan<double>& plan, const double* values, size_t count,
                 const ArrayRandom& random, uint8_t* results);
void round_lanes(const RoundingPlan<double>& plan, const double* values, size_t count,
                 const ArrayRandom& random, uint16_t* results);
void round_lanes(const RoundingPlan<double>& plan, const double* values, size_t count,
                 const ArrayRandom& random, uint64_t* results);

// The values of codes[0 .. count).
void decode_lanes(const DecodingPlan<float>& plan, const uint8_t* codes, size_t count, float* values);
void decode_lanes(const DecodingPlan<float>& plan, const uint16_t* codes, size_t count, float* values);
void decode_lanes(const DecodingPlan<double>& plan, const uint8_t* codes, size_t count, double* values);
void decode_lanes(const DecodingPlan<double>& plan, const uint16_t* codes, size_t count, double* values);
void decode_lanes(const DecodingPlan<double>& plan, const uint64_t* codes, size_t count, double* values);

// The random bits of `count` elements from random.first_index on (formats/random_bits.h).
void random_bits(const ArrayRandom& random, size_t count, uint32_t* bits);

}  // namespace assay
