#include "power/gate_program.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/error.h"

namespace assay {
namespace {

using Value = uint32_t;  // 0, 1: constants; inputs; then operations in order of creation

constexpr Value kZero = 0;
constexpr Value kOne = 1;

// A two-input function as its four results, bit a + 2b.
using Table2 = uint32_t;
constexpr Table2 kTable2A = 0b1010;
constexpr Table2 kTable2B = 0b1100;

struct Operation {
  GateOperation operation;
  Value a, b, c;
  uint32_t level;
};

// Creates operations, each only once.
class Builder {
 public:
  explicit Builder(uint32_t leaf_count) : leaf_count_(leaf_count) {}

  Value complement(Value a) {
    if (a <= kOne) return kOne - a;
    if (a >= leaf_count_) {
      const Operation& inner = operations_[a - leaf_count_];
      if (inner.operation == GateOperation::op_nor && inner.a == inner.b) return inner.a;
    }
    return operation(GateOperation::op_nor, a, a);
  }

  // The function with the results `table` of a and b.
  Value apply(Table2 table, Value a, Value b) {
    if (a <= kOne) table = fold(table, kTable2A, a, 1);
    if (b <= kOne) table = fold(table, kTable2B, b, 2);
    if (a == b) {
      const Table2 diagonal = (table & 1) | ((table >> 3) << 1);  // results for 0 and 1
      return unary(diagonal, a);
    }
    const bool uses_a = ((table ^ (table >> 1)) & 0b0101) != 0;
    const bool uses_b = ((table ^ (table >> 2)) & 0b0011) != 0;
    if (!uses_b) return unary(table & 3, a);
    if (!uses_a) return unary((table & 1) | ((table >> 1) & 2), b);
    return binary(table, a, b);
  }

  Value mux(Value select, Value if_1, Value if_0) {
    if (select <= kOne) return select == kOne ? if_1 : if_0;
    if (if_1 == if_0) return if_1;
    if (if_1 <= kOne)
      return apply(if_1 == kOne ? kTable2A | kTable2B : ~kTable2A & kTable2B & 15, select, if_0);
    if (if_0 <= kOne)
      return apply(if_0 == kOne ? (~kTable2A & 15) | kTable2B : kTable2A & kTable2B, select, if_1);
    return operation(GateOperation::op_mux, if_1, if_0, select);
  }

  const std::vector<Operation>& operations() const { return operations_; }

 private:
  // Replaces the operand with table `variable` and distance `shift` by a constant.
  static Table2 fold(Table2 table, Table2 variable, Value constant, int shift) {
    const Table2 kept = constant == kOne ? table & variable : table & ~variable & 15;
    return (kept | (constant == kOne ? kept >> shift : kept << shift)) & 15;
  }

  Value unary(Table2 results, Value a) {
    switch (results & 3) {
      case 0:
        return kZero;
      case 1:
        return complement(a);
      case 2:
        return a;
      default:
        return kOne;
    }
  }

  // A function that depends on both operands.
  Value binary(Table2 table, Value a, Value b) {
    switch (table) {
      case 0b1000:
        return symmetric(GateOperation::op_and, a, b);
      case 0b0111:
        return symmetric(GateOperation::op_nand, a, b);
      case 0b1110:
        return symmetric(GateOperation::op_or, a, b);
      case 0b0001:
        return symmetric(GateOperation::op_nor, a, b);
      case 0b0110:
        return symmetric(GateOperation::op_xor, a, b);
      case 0b1001:
        return symmetric(GateOperation::op_xnor, a, b);
      case 0b0010:
        return operation(GateOperation::op_and_not, a, b);
      case 0b0100:
        return operation(GateOperation::op_and_not, b, a);
      case 0b1011:
        return operation(GateOperation::op_or_not, a, b);
      default:
        return operation(GateOperation::op_or_not, b, a);
    }
  }

  Value symmetric(GateOperation op, Value a, Value b) {
    return operation(op, std::min(a, b), std::max(a, b));
  }

  uint32_t level(Value value) const {
    return value < leaf_count_ ? 0 : operations_[value - leaf_count_].level;
  }

  Value operation(GateOperation op, Value a, Value b, Value c = kZero) {
    const auto next = static_cast<Value>(leaf_count_ + operations_.size());
    const auto [entry, is_new] = known_.emplace(std::make_tuple(op, a, b, c), next);
    if (is_new) operations_.push_back({op, a, b, c, 1 + std::max({level(a), level(b), level(c)})});
    return entry->second;
  }

  uint32_t leaf_count_;
  std::vector<Operation> operations_;
  std::map<std::tuple<GateOperation, Value, Value, Value>, Value> known_;
};

uint64_t cofactor(uint64_t function, size_t input, bool value) {
  const uint64_t mask = kTruthTableOfInput[input];
  const int shift = 1 << input;
  return value ? (function & mask) | ((function & mask) >> shift)
               : (function & ~mask) | ((function & ~mask) << shift);
}

bool depends_on(uint64_t function, size_t input) {
  return cofactor(function, input, false) != cofactor(function, input, true);
}

// Builds a function given as truth table over up to six values, from two-input operations and multiplexers.
class Decomposer {
 public:
  explicit Decomposer(Builder& builder) : builder_(builder) {}

  Value build(uint64_t function, std::array<Value, kMaxTruthTableInputs> inputs) {
    std::vector<size_t> support;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (depends_on(function, i)) support.push_back(i);
    }
    if (support.empty()) return function == 0 ? kZero : kOne;
    if (support.size() == 1) {
      const Value input = inputs[support[0]];
      return function == kTruthTableOfInput[support[0]] ? input : builder_.complement(input);
    }
    if (support.size() == 2) {
      return builder_.apply(pair_table(function, support[0], support[1]), inputs[support[0]],
                            inputs[support[1]]);
    }
    for (const size_t x : support) {
      if (const auto table = split_table(function, x)) {
        const uint64_t rest = table->second;
        return builder_.apply(table->first, inputs[x], build(rest, inputs));
      }
    }
    for (size_t i = 0; i < support.size(); ++i) {
      for (size_t j = i + 1; j < support.size(); ++j) {
        if (merge_pair(function, support[i], support[j], inputs)) return build(function, inputs);
      }
    }
    return build_mux(function, support, inputs);
  }

 private:
  // Results of a function of inputs x and y only.
  static Table2 pair_table(uint64_t function, size_t x, size_t y) {
    Table2 table = 0;
    for (uint32_t i = 0; i < 4; ++i) {
      if (cofactor(cofactor(function, x, i & 1), y, i & 2) != 0) table |= 1u << i;
    }
    return table;
  }

  // If the function is g(x, h) with h free of x: the table of g and h.
  static std::optional<std::pair<Table2, uint64_t>> split_table(uint64_t function, size_t x) {
    const uint64_t low = cofactor(function, x, false);
    const uint64_t high = cofactor(function, x, true);
    const uint64_t all = ~uint64_t{0};
    if (low == 0) return std::pair{Table2{0b1000}, high};     // x & high
    if (high == 0) return std::pair{Table2{0b0100}, low};     // ~x & low
    if (low == all) return std::pair{Table2{0b1101}, high};   // ~x | high
    if (high == all) return std::pair{Table2{0b1110}, low};   // x | low
    if (low == ~high) return std::pair{Table2{0b0110}, low};  // x ^ low
    return std::nullopt;
  }

  // If x and y matter only through one function g(x, y): puts g in the place of x and removes y.
  bool merge_pair(uint64_t& function, size_t x, size_t y, std::array<Value, kMaxTruthTableInputs>& inputs) {
    const uint64_t first = cofactor(cofactor(function, x, false), y, false);
    uint64_t second = first;
    Table2 table = 0;
    for (uint32_t i = 1; i < 4; ++i) {
      const uint64_t part = cofactor(cofactor(function, x, i & 1), y, i & 2);
      if (part == first) continue;
      if (second != first && part != second) return false;
      second = part;
      table |= 1u << i;
    }
    inputs[x] = builder_.apply(table, inputs[x], inputs[y]);
    const uint64_t mask = kTruthTableOfInput[x];
    function = (first & ~mask) | (second & mask);
    return true;
  }

  // Shannon expansion on the input whose cofactors need the fewest inputs.
  Value build_mux(uint64_t function, const std::vector<size_t>& support,
                  const std::array<Value, kMaxTruthTableInputs>& inputs) {
    const auto cost = [&](size_t x) {
      return std::count_if(support.begin(), support.end(),
                           [&](size_t y) { return depends_on(cofactor(function, x, false), y); }) +
             std::count_if(support.begin(), support.end(),
                           [&](size_t y) { return depends_on(cofactor(function, x, true), y); });
    };
    const size_t x = *std::min_element(support.begin(), support.end(),
                                       [&](size_t l, size_t r) { return cost(l) < cost(r); });
    const Value high = build(cofactor(function, x, true), inputs);
    const Value low = build(cofactor(function, x, false), inputs);
    return builder_.mux(inputs[x], high, low);
  }

  Builder& builder_;
};

// For functions of more than six inputs: one operation per operator of the expression.
Value build_expression(const BooleanFunction& function, const std::vector<Value>& variables,
                       Builder& builder) {
  using Operator = BooleanFunction::Operator;
  std::vector<Value> values;
  for (const BooleanFunction::Node& node : function.nodes) {
    switch (node.op) {
      case Operator::constant_0:
        values.push_back(kZero);
        break;
      case Operator::constant_1:
        values.push_back(kOne);
        break;
      case Operator::variable:
        values.push_back(variables[node.left]);
        break;
      case Operator::op_not:
        values.push_back(builder.complement(values[node.left]));
        break;
      case Operator::op_and:
        values.push_back(builder.apply(0b1000, values[node.left], values[node.right]));
        break;
      case Operator::op_or:
        values.push_back(builder.apply(0b1110, values[node.left], values[node.right]));
        break;
      case Operator::op_xor:
        values.push_back(builder.apply(0b0110, values[node.left], values[node.right]));
        break;
    }
  }
  return values.back();
}

// What a function of one cell's pins and, of a flip-flop, its state gives.
Value build_function(const NetlistCell& cell, const LibertyCell& type, const BooleanFunction& function,
                     Value state, const std::vector<Value>& value_of_net, Builder& builder) {
  std::vector<Value> variables;
  for (const std::string& name : function.variables) {
    if (type.flip_flop && (name == type.flip_flop->state || name == type.flip_flop->inverted_state)) {
      variables.push_back(name == type.flip_flop->state ? state : builder.complement(state));
      continue;
    }
    const int pin = type.find_pin(name);
    if (pin < 0 || type.pins[static_cast<size_t>(pin)].direction != PinDirection::input) {
      fail("cell {}: a function uses {}, which is not an input pin", type.name, name);
    }
    variables.push_back(value_of_net[cell.pins[static_cast<size_t>(pin)]]);
  }
  if (variables.size() > kMaxTruthTableInputs) return build_expression(function, variables, builder);
  std::array<Value, kMaxTruthTableInputs> inputs{};
  std::copy(variables.begin(), variables.end(), inputs.begin());
  return Decomposer(builder).build(truth_table(function, function.variables, type.name), inputs);
}

// Sets the values of the nets that the outputs of a cell drive.
void build_outputs(const NetlistCell& cell, const LibertyCell& type, Value state,
                   std::vector<Value>& value_of_net, Builder& builder) {
  for (size_t pin = 0; pin < cell.pins.size(); ++pin) {
    if (type.pins[pin].direction != PinDirection::output || cell.pins[pin] == kUnconnected) continue;
    value_of_net[cell.pins[pin]] =
        build_function(cell, type, *type.pins[pin].function, state, value_of_net, builder);
  }
}

// A register's functions as values instead of slots; the clock is found among the leaves.
GateRegister build_register(const NetlistCell& cell, const LibertyCell& type, Value state,
                            const std::vector<Value>& value_of_net, const std::vector<NetId>& net_of_input,
                            Builder& builder, NetId& clock) {
  const FlipFlop& flip_flop = *type.flip_flop;
  const auto build = [&](const BooleanFunction& function) {
    return build_function(cell, type, function, state, value_of_net, builder);
  };
  const auto input_of = [&](Value value) {
    const bool is_input = value >= kFirstInputSlot && value < kFirstInputSlot + net_of_input.size();
    return is_input ? net_of_input[value - kFirstInputSlot] : kUnconnected;
  };
  const Value clocked_on = build(flip_flop.clocked_on);
  const NetId rising = input_of(clocked_on);
  const NetId found = rising == kUnconnected ? input_of(builder.complement(clocked_on)) : rising;
  if (found == kUnconnected) {
    fail("register {} ({}) is not clocked by an input; gated and divided clocks are not simulated", cell.name,
         type.name);
  }
  if (clock != kUnconnected && clock != found) {
    fail("register {} ({}) is clocked by another input than the other registers", cell.name, type.name);
  }
  clock = found;
  return {state,
          build(flip_flop.next_state),
          flip_flop.clear ? build(*flip_flop.clear) : kZero,
          flip_flop.preset ? build(*flip_flop.preset) : kZero,
          flip_flop.preset_wins,
          rising == kUnconnected};
}

// Sorts operations by level, then kind, so that a batch runs without a branch per operation, and numbers
// slots in that order.
std::vector<uint32_t> schedule(const std::vector<Operation>& operations, GateProgram& program) {
  std::vector<uint32_t> order(operations.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t l, uint32_t r) {
    return std::tie(operations[l].level, operations[l].operation) <
           std::tie(operations[r].level, operations[r].operation);
  });
  std::vector<uint32_t> slot_of_value(program.first_result + operations.size());
  std::iota(slot_of_value.begin(), slot_of_value.end(), 0u);
  for (uint32_t i = 0; i < order.size(); ++i)
    slot_of_value[program.first_result + order[i]] = program.first_result + i;
  for (uint32_t i = 0; i < order.size(); ++i) {
    const Operation& operation = operations[order[i]];
    program.instructions.push_back(
        {slot_of_value[operation.a], slot_of_value[operation.b], slot_of_value[operation.c]});
    const Operation* previous = i == 0 ? nullptr : &operations[order[i - 1]];
    if (previous == nullptr || previous->operation != operation.operation ||
        previous->level != operation.level) {
      program.batches.push_back({operation.operation, i, i});
    }
    program.batches.back().end = i + 1;
  }
  return slot_of_value;
}

}  // namespace

GateProgram compile_netlist(const Netlist& netlist, const Liberty& liberty) {
  std::vector<Value> value_of_net(netlist.nets.size(), kZero);
  value_of_net[kConstant1] = kOne;
  Value next = kFirstInputSlot;
  std::vector<NetId> net_of_input;
  for (const NetlistPort& port : netlist.inputs) {
    for (const NetId net : port.bits) {
      value_of_net[net] = next++;
      net_of_input.push_back(net);
    }
  }
  const Value first_state = next;
  next += static_cast<Value>(netlist.registers.size());
  Builder builder(next);
  const auto type_of = [&](const NetlistCell& cell) -> const LibertyCell& {
    return liberty.cells[cell.liberty_cell];
  };
  for (Value i = 0; i < netlist.registers.size(); ++i) {
    build_outputs(netlist.registers[i], type_of(netlist.registers[i]), first_state + i, value_of_net,
                  builder);
  }
  for (const NetlistCell& cell : netlist.cells) {
    build_outputs(cell, type_of(cell), kZero, value_of_net, builder);
  }
  GateProgram program;
  for (Value i = 0; i < netlist.registers.size(); ++i) {
    const NetlistCell& cell = netlist.registers[i];
    program.registers.push_back(build_register(cell, type_of(cell), first_state + i, value_of_net,
                                               net_of_input, builder, program.clock));
  }
  program.first_result = next;
  program.slot_count = static_cast<uint32_t>(next + builder.operations().size());
  const std::vector<uint32_t> slot_of_value = schedule(builder.operations(), program);
  for (const Value value : value_of_net) program.slot_of_net.push_back(slot_of_value[value]);
  for (GateRegister& one : program.registers) {
    for (uint32_t* slot : {&one.next, &one.clear, &one.preset}) *slot = slot_of_value[*slot];
  }
  return program;
}

}  // namespace assay
