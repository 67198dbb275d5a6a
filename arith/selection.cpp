#include "arith/selection.h"

namespace assay {
namespace {

bool is_nan(const Real& x) {
  return x.kind == RealClass::nan;
}

bool is_finite(const Real& x) {
  return x.kind == RealClass::zero || x.kind == RealClass::finite;
}

Real magnitude(Real x) {
  x.negative = false;
  return x;
}

// Which way the operation looks, and how it deals with what is no ordinary number.
struct Selection {
  bool larger = false;
  bool by_magnitude = false;
  bool prefers_numbers = false;
  bool prefers_finite = false;
};

Selection selection_of(Operation operation) {
  switch (operation) {
    case Operation::minimum:
      return {false, false, false, false};
    case Operation::maximum:
      return {true, false, false, false};
    case Operation::minimum_number:
      return {false, false, true, false};
    case Operation::maximum_number:
      return {true, false, true, false};
    case Operation::minimum_magnitude:
      return {false, true, false, false};
    case Operation::maximum_magnitude:
      return {true, true, false, false};
    case Operation::minimum_magnitude_number:
      return {false, true, true, false};
    case Operation::maximum_magnitude_number:
      return {true, true, true, false};
    case Operation::minimum_finite:
      return {false, false, true, true};
    default:
      return {true, false, true, true};  // maximum_finite
  }
}

// Whether a comes before b; -0 before +0. Neither is NaN.
bool before(const Real& a, const Real& b) {
  const Order order = order_of(a, b);
  return order == Order::less || (order == Order::equal && a.negative && !b.negative);
}

}  // namespace

Order order_of(const Real& a, const Real& b) {
  if (is_nan(a) || is_nan(b)) return Order::unordered;
  if (is_finite(a) && is_finite(b)) {
    const int sign = compare(a, b);
    return sign < 0 ? Order::less : sign > 0 ? Order::greater : Order::equal;
  }
  // Infinities are beyond everything: compare by -1, 0, 1.
  const auto rank = [](const Real& x) { return is_finite(x) ? 0 : x.negative ? -1 : 1; };
  return rank(a) < rank(b) ? Order::less : rank(a) > rank(b) ? Order::greater : Order::equal;
}

Real select(Operation operation, const Real& a, const Real& b) {
  const Selection selection = selection_of(operation);
  if (is_nan(a) || is_nan(b)) {
    if (!selection.prefers_numbers || (is_nan(a) && is_nan(b))) return {RealClass::nan, false, 0, 0, false};
    return is_nan(a) ? b : a;
  }
  if (selection.prefers_finite && is_finite(a) != is_finite(b)) return is_finite(a) ? a : b;
  if (selection.by_magnitude) {
    const Order order = order_of(magnitude(a), magnitude(b));
    if (order != Order::equal) return (order == Order::greater) == selection.larger ? a : b;
  }
  return before(a, b) == selection.larger ? b : a;
}

}  // namespace assay
