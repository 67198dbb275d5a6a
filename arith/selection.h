// Comparison, minimum and maximum of exact values.
#pragma once

#include "arith/operation.h"
#include "formats/real.h"

namespace assay {

// How a compares with b: the codes of the operation compare. Zeros are equal whatever their signs; a NaN is unordered
// with everything.
enum class Order { equal = 0, less = 1, greater = 2, unordered = 3 };
Order order_of(const Real& a, const Real& b);

// One of IEEE P3109's minimum and maximum operations, of which minimum, maximum, minimum_number and maximum_number are
// IEEE 754-2019's; -0 is less than +0.
//   minimum, maximum    NaN if one of them is
//   ..._number          the other one if one is NaN
//   ..._magnitude       the one with the smaller or larger absolute value; of equal ones the minimum or maximum
//   ..._finite          the other one if one is NaN or infinite; the number if neither is finite
// Precondition: `operation` is one of these.
Real select(Operation operation, const Real& a, const Real& b);

}  // namespace assay
