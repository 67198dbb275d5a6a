#include "sim/array_ports.h"

#include <fmt/ranges.h>

namespace assay {

ArrayPorts array_ports(const SystolicArray& array, const Unit& mac) {
  const int rows = array.rows, columns = array.columns;
  const int a = mac.a.width, b = mac.b.width, accumulator = mac.result.width;
  ArrayPorts ports;
  if (array.dataflow == Dataflow::output_stationary) {
    ports.inputs = {{"a_i", rows, a},
                    {"a_valid_i", rows, 1},
                    {"b_i", columns, b},
                    {"b_valid_i", columns, 1},
                    {"drain_i", 1, 1}};
  } else {
    const bool holds_b = array.dataflow == Dataflow::weight_stationary;
    ports.inputs = {{"held_load_i", columns, 1},           {"held_first_i", columns, 1},
                    {"held_swap_i", columns, 1},           {"held_i", columns, holds_b ? b : a},
                    {"streamed_i", rows, holds_b ? a : b}, {"partial_sum_i", columns, accumulator},
                    {"partial_sum_valid_i", columns, 1}};
  }
  ports.outputs = {{"result_o", columns, accumulator}, {"result_valid_o", columns, 1}};
  return ports;
}

PortValues zero_values(const std::vector<LanePort>& ports) {
  PortValues values;
  for (const LanePort& port : ports) values.lanes.emplace_back(static_cast<size_t>(port.lanes), 0);
  return values;
}

std::ostream& operator<<(std::ostream& out, const PortValues& values) {
  for (const auto& lanes : values.lanes) out << fmt::format("[{:x}]", fmt::join(lanes, " "));
  return out;
}

}  // namespace assay
