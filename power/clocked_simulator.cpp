#include "power/clocked_simulator.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/random.h"

namespace assay {
namespace {

// A chain of asynchronous resets through registers takes a round each.
constexpr int kMostRounds = 1000;

// The state under its asynchronous controls.
uint64_t controlled(uint64_t state, uint64_t clear, uint64_t preset, bool preset_wins) {
  return preset_wins ? (state & ~clear) | preset : (state | preset) & ~clear;
}

}  // namespace

std::shared_ptr<const ClockedSimulator::Model> ClockedSimulator::make_model(const Netlist& netlist,
                                                                            const Liberty& liberty) {
  auto model = std::make_shared<Model>();
  model->inputs = GateSimulator::shapes(netlist.inputs);
  model->outputs = GateSimulator::shapes(netlist.outputs);
  model->program = compile_netlist(netlist, liberty);
  const GateProgram& program = model->program;
  uint32_t slot = kFirstInputSlot;
  for (size_t p = 0; p < netlist.inputs.size(); ++p) {
    model->input_slots.push_back(slot);
    for (const NetId net : netlist.inputs[p].bits) {
      if (net == program.clock) {
        model->clock = static_cast<int>(p);
        model->clock_slot = slot;
      }
      ++slot;
    }
  }
  for (const NetlistPort& port : netlist.outputs) {
    std::vector<uint32_t>& slots = model->output_slots.emplace_back();
    for (const NetId net : port.bits) slots.push_back(program.slot_of_net[net]);
  }
  std::vector<uint32_t>& controls = model->controls;
  for (const GateRegister& one : program.registers) {
    controls.insert(controls.end(), {one.clear, one.preset});
    model->has_falling |= one.falling_edge;
  }
  std::sort(controls.begin(), controls.end());
  controls.erase(std::unique(controls.begin(), controls.end()), controls.end());
  std::erase(controls, 0U);
  return model;
}

ClockedSimulator::ClockedSimulator(const Netlist& netlist, const Liberty& liberty)
    : model_(make_model(netlist, liberty)),
      slots_(model_->program.slot_count, LaneBlock{}),
      next_(model_->program.registers.size(), LaneBlock{}) {
  slots_[1].words.fill(~uint64_t{0});
}

void ClockedSimulator::start(uint64_t seed) {
  const std::vector<GateRegister>& registers = model_->program.registers;
  for (size_t i = 0; i < registers.size(); ++i) {
    std::array<uint64_t, kLaneWords>& words = slots_[registers[i].state].words;
    for (size_t w = 0; w < kLaneWords; ++w) words[w] = philox64(seed, w, i);
  }
  set_clock(false);
}

void ClockedSimulator::set_clock(bool high) {
  high_ = high;
  if (model_->clock >= 0) slots_[model_->clock_slot].words.fill(high ? ~uint64_t{0} : 0);
}

void ClockedSimulator::set(size_t input, const uint64_t* codes) {
  TransposeBlock block;
  const size_t width = model_->inputs[input].width;
  std::memcpy(block[0].words.data(), codes, kLanes * sizeof(uint64_t));
  codes_to_bits(block, width);
  std::copy_n(block.begin(), width, slots_.begin() + model_->input_slots[input]);
}

void ClockedSimulator::set(size_t input, const LaneBlock& bits) {
  slots_[model_->input_slots[input]] = bits;
}

// Whether a state has changed.
bool ClockedSimulator::apply_controls() {
  const auto is_active = [&](uint32_t slot) {
    const auto& words = slots_[slot].words;
    return std::any_of(words.begin(), words.end(), [](uint64_t word) { return word != 0; });
  };
  if (std::none_of(model_->controls.begin(), model_->controls.end(), is_active)) return false;
  uint64_t changed = 0;
  for (const GateRegister& one : model_->program.registers) {
    std::array<uint64_t, kLaneWords>& state = slots_[one.state].words;
    for (size_t w = 0; w < kLaneWords; ++w) {
      const uint64_t value =
          controlled(state[w], slots_[one.clear].words[w], slots_[one.preset].words[w], one.preset_wins);
      changed |= value ^ state[w];
      state[w] = value;
    }
  }
  return changed != 0;
}

void ClockedSimulator::settle() {
  for (int round = 0; round < kMostRounds; ++round) {
    run_program(model_->program, slots_.data());
    if (!apply_controls()) return;
  }
  fail("gate simulation: asynchronous sets and resets of registers do not come to rest");
}

// All registers of one edge at once: a state may be the next one of another register.
void ClockedSimulator::clock_registers(bool falling) {
  const std::vector<GateRegister>& registers = model_->program.registers;
  for (size_t i = 0; i < registers.size(); ++i) {
    const GateRegister& one = registers[i];
    for (size_t w = 0; w < kLaneWords; ++w) {
      next_[i].words[w] = controlled(slots_[one.next].words[w], slots_[one.clear].words[w],
                                     slots_[one.preset].words[w], one.preset_wins);
    }
  }
  for (size_t i = 0; i < registers.size(); ++i) {
    if (registers[i].falling_edge == falling) slots_[registers[i].state] = next_[i];
  }
}

void ClockedSimulator::fall() {
  if (high_ && model_->has_falling) {
    settle();
    clock_registers(true);
  }
  set_clock(false);
  settle();
}

void ClockedSimulator::rise() {
  clock_registers(false);
  set_clock(true);
}

void ClockedSimulator::get(size_t output, uint64_t* codes) const {
  TransposeBlock block{};
  const std::vector<uint32_t>& bits = model_->output_slots[output];
  for (size_t i = 0; i < bits.size(); ++i) block[i] = slots_[bits[i]];
  bits_to_codes(block, bits.size());
  std::memcpy(codes, block[0].words.data(), kLanes * sizeof(uint64_t));
}

const LaneBlock& ClockedSimulator::get(size_t output) const {
  return slots_[model_->output_slots[output][0]];
}

}  // namespace assay
