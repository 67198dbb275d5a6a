// A netlist compiled to a straight-line program of bitwise operations.
#pragma once

#include <cstdint>
#include <vector>

#include "power/liberty.h"
#include "power/netlist.h"

namespace assay {

// What one instruction computes from its operands a, b, c.
enum class GateOperation : uint8_t {
  op_and,
  op_nand,
  op_or,
  op_nor,
  op_xor,
  op_xnor,
  op_and_not,  // a & ~b
  op_or_not,   // a | ~b
  op_mux,      // c ? a : b
};

struct GateInstruction {
  uint32_t a, b, c;  // slots; c only for op_mux
};

// Instructions [begin, end) share one operation and do not depend on each other.
struct GateBatch {
  GateOperation operation;
  uint32_t begin, end;
};

// A flip-flop. The state takes the value of `next` at an edge of the clock and is 0 or 1 whatever the clock does while
// `clear` or `preset` is 1.
struct GateRegister {
  uint32_t state, next, clear, preset;  // slots
  bool preset_wins;                     // when both are 1
  bool falling_edge;
};

// Slots hold values: slot 0 is constant 0, slot 1 constant 1, then come the bits of the input ports in order, the states
// of the registers in order, and the result of each instruction in order.
inline constexpr uint32_t kFirstInputSlot = 2;
struct GateProgram {
  uint32_t slot_count = 0;
  uint32_t first_result = 0;  // slot of instruction 0
  std::vector<GateInstruction> instructions;
  std::vector<GateBatch> batches;
  std::vector<uint32_t> slot_of_net;  // equal nets (behind buffers, from equal logic) share a slot
  std::vector<GateRegister> registers;
  NetId clock = kUnconnected;  // the bit of an input port whose edges clock all registers; if there are any
};

// Each cell's logic comes from its Liberty function. Cells of up to six inputs are decomposed by truth table,
// so that the way a library writes a function does not matter; equal operations on equal operands are done
// once. Throws Error naming the register if one is not clocked by an input port as it is or inverted, or two are by
// different ones.
GateProgram compile_netlist(const Netlist& netlist, const Liberty& liberty);

}  // namespace assay
