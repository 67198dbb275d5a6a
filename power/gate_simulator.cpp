#include "power/gate_simulator.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace assay {

std::vector<GateSimulator::Port> GateSimulator::shapes(const std::vector<NetlistPort>& ports) {
  std::vector<Port> shapes;
  for (const NetlistPort& port : ports) {
    if (port.bits.size() > 64) {
      fail("port {}: {} bits wide; the simulator takes at most 64", port.name, port.bits.size());
    }
    shapes.push_back({port.name, port.bits.size()});
  }
  return shapes;
}

std::shared_ptr<const GateSimulator::Model> GateSimulator::make_model(const Netlist& netlist,
                                                                      const Liberty& liberty) {
  auto model = std::make_shared<Model>();
  if (!netlist.registers.empty()) fail("{}: expected a netlist without registers", netlist.top);
  model->inputs = shapes(netlist.inputs);
  model->outputs = shapes(netlist.outputs);
  model->program = compile_netlist(netlist, liberty);
  const std::vector<uint32_t>& slot_of_net = model->program.slot_of_net;
  for (const NetlistPort& port : netlist.outputs) {
    for (const NetId net : port.bits) model->output_slots.push_back(slot_of_net[net]);
  }
  model->observed.assign(slot_of_net.begin(), slot_of_net.end());
  std::sort(model->observed.begin(), model->observed.end());
  model->observed.erase(std::unique(model->observed.begin(), model->observed.end()), model->observed.end());
  std::erase_if(model->observed, [](uint32_t slot) { return slot < kFirstInputSlot; });
  return model;
}

GateSimulator::GateSimulator(const Netlist& netlist, const Liberty& liberty)
    : model_(make_model(netlist, liberty)),
      slots_(model_->program.slot_count, LaneBlock{}),
      activity_(model_->observed.size()),
      last_words_(model_->observed.size(), 0) {
  slots_[1].words.fill(~uint64_t{0});
}

size_t GateSimulator::check_lengths(const std::vector<Codes>& codes,
                                    const std::vector<Results>& results) const {
  if (codes.size() != model_->inputs.size() || results.size() != model_->outputs.size()) {
    fail("gate simulation: expected {} input and {} output streams, found {} and {}", model_->inputs.size(),
         model_->outputs.size(), codes.size(), results.size());
  }
  const size_t length = codes.empty() ? 0 : codes[0].size();
  for (size_t p = 0; p < codes.size(); ++p) {
    if (codes[p].size() != length) {
      fail("gate simulation: input {} has {} codes; expected {}", model_->inputs[p].name, codes[p].size(),
           length);
    }
  }
  for (size_t p = 0; p < results.size(); ++p) {
    if (!results[p].empty() && results[p].size() != length) {
      fail("gate simulation: output {} has room for {} codes; expected {}", model_->outputs[p].name,
           results[p].size(), length);
    }
  }
  return length;
}

// A last block that is not full is filled up with its last vector, which adds no changes.
void GateSimulator::load_codes(const std::vector<Codes>& codes, size_t first, size_t count) {
  TransposeBlock block;
  uint32_t slot = kFirstInputSlot;
  for (size_t p = 0; p < codes.size(); ++p) {
    uint64_t* lanes = block[0].words.data();
    std::memcpy(lanes, codes[p].data() + first, count * sizeof(uint64_t));
    if (count < kLanes) std::fill(lanes + count, lanes + kLanes, codes[p][first + count - 1]);
    const size_t width = model_->inputs[p].width;
    codes_to_bits(block, width);
    std::copy_n(block.begin(), width, slots_.begin() + slot);
    slot += static_cast<uint32_t>(width);
  }
}

void GateSimulator::store_results(const std::vector<Results>& results, size_t first, size_t count) {
  TransposeBlock block;
  const uint32_t* slot = model_->output_slots.data();
  for (size_t p = 0; p < results.size(); ++p) {
    const size_t width = model_->outputs[p].width;
    if (!results[p].empty()) {
      for (size_t i = 0; i < width; ++i) block[i] = slots_[slot[i]];
      std::fill(block.begin() + static_cast<std::ptrdiff_t>(width), block.end(), LaneBlock{});
      bits_to_codes(block, width);
      std::memcpy(results[p].data() + first, block[0].words.data(), count * sizeof(uint64_t));
    }
    slot += width;
  }
}

void GateSimulator::count_block(size_t count) {
  if (!has_predecessor_) {
    for (size_t i = 0; i < last_words_.size(); ++i)
      last_words_[i] = slots_[model_->observed[i]].words[0] << 63;
  }
  count_activity(model_->observed, slots_.data(), last_words_.data(), activity_.data());
  const size_t padding = kLanes - count;
  if (padding > 0) {
    for (size_t i = 0; i < activity_.size(); ++i) activity_[i].ones -= padding * (last_words_[i] >> 63);
  }
  vectors_ += count;
  transitions_ += count - (has_predecessor_ ? 0 : 1);
  has_predecessor_ = true;
}

void GateSimulator::evaluate(const std::vector<Codes>& codes, const std::vector<Results>& results) {
  const size_t length = check_lengths(codes, results);
  for (size_t first = 0; first < length; first += kLanes) {
    const size_t count = std::min(kLanes, length - first);
    load_codes(codes, first, count);
    run_program(model_->program, slots_.data());
    store_results(results, first, count);
  }
}

void GateSimulator::evaluate_and_count(const std::vector<Codes>& codes, const std::vector<Results>& results) {
  const size_t length = check_lengths(codes, results);
  for (size_t first = 0; first < length; first += kLanes) {
    const size_t count = std::min(kLanes, length - first);
    load_codes(codes, first, count);
    run_program(model_->program, slots_.data());
    store_results(results, first, count);
    count_block(count);
  }
}

Activity GateSimulator::activity() const {
  Activity result;
  result.vectors = vectors_;
  result.transitions = transitions_;
  std::vector<SlotActivity> of_slot(model_->program.slot_count);
  of_slot[1].ones = vectors_;
  for (size_t i = 0; i < activity_.size(); ++i) of_slot[model_->observed[i]] = activity_[i];
  for (const uint32_t slot : model_->program.slot_of_net) {
    result.toggles.push_back(of_slot[slot].toggles);
    result.ones.push_back(of_slot[slot].ones);
  }
  return result;
}

void GateSimulator::clear_activity() {
  std::fill(activity_.begin(), activity_.end(), SlotActivity{});
  vectors_ = transitions_ = 0;
  begin_stream();
}

}  // namespace assay
