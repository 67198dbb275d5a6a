#include "verify/gate_stream.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"
#include "base/random.h"

namespace assay {
namespace {

using LaneCodes = std::array<uint64_t, kLanes>;

// A stream in one lane.
struct Lane {
  size_t first = 0, count = 0;  // vectors
  size_t fed = 0, got = 0;
  uint64_t last = 0, cycles = 0;
  bool feeding = false;  // the inputs are those of vector `fed`
  bool offered = false;  // and, with a handshake, stay so until they are taken
  bool ready = true;
  bool waiting = false;  // a result has been shown and not been taken
  StreamProblem problem = StreamProblem::none;

  bool runs() const { return problem == StreamProblem::none && got < count; }
};

size_t place_of(const std::vector<ClockedSimulator::Port>& ports, std::string_view name, int width) {
  for (size_t p = 0; p < ports.size(); ++p) {
    if (ports[p].name == name && ports[p].width == static_cast<size_t>(width)) return p;
  }
  fail("gate simulation: expected a port {} of {} bits", name, width);
}

}  // namespace

GateStream::GateStream(const ClockedSimulator& simulator, const StreamPorts& ports)
    : simulator_(simulator), ports_(ports) {
  const auto input = [&](std::string_view name, int width) {
    return place_of(simulator.inputs(), name, width);
  };
  const auto output = [&](std::string_view name, int width) {
    return place_of(simulator.outputs(), name, width);
  };
  for (const Port& port : ports.inputs) places_.inputs.push_back(input(port.name, port.width));
  for (const Port& port : ports.outputs) places_.outputs.push_back(output(port.name, port.width));
  if (ports.reset) places_.reset = input("rst", 1);
  if (ports.in_valid) places_.in_valid = input("in_valid", 1);
  if (ports.out_ready) places_.out_ready = input("out_ready", 1);
  if (ports.in_ready) places_.in_ready = output("in_ready", 1);
  if (ports.out_valid) places_.out_valid = output("out_valid", 1);
  const int clock = simulator.clock();
  if (clock >= 0 && simulator.inputs()[static_cast<size_t>(clock)].name != "clk") {
    fail("registers are clocked by input {}, not by the clock",
         simulator.inputs()[static_cast<size_t>(clock)].name);
  }
}

// One call of run().
class GateStream::Run {
 public:
  Run(GateStream& stream, size_t count, const uint64_t* const* inputs, uint64_t* const* outputs,
      const StreamOptions& options)
      : simulator_(stream.simulator_),
        ports_(stream.ports_),
        places_(stream.places_),
        inputs_(inputs),
        outputs_(outputs),
        options_(options),
        stall_threshold_(static_cast<uint64_t>(options.stalls * 0x1p32)),
        by_handshake_(ports_.handshake() || (ports_.out_valid && !ports_.in_valid)),
        stalls_(ports_.in_valid || by_handshake_),
        in_flight_(static_cast<size_t>(options.latency) + 1),
        codes_(ports_.inputs.size()),
        results_(ports_.outputs.size()),
        held_(ports_.outputs.size()) {
    const size_t length = options.seed % kSeedsALongStream == 0 ? std::max<size_t>(count, 1) : kLaneVectors;
    const size_t each = std::max(length, (count + kLanes - 1) / kLanes);
    for (size_t first = 0; first < count; first += each) {
      Lane& lane = lanes_.emplace_back();
      lane.first = first;
      lane.count = std::min(each, count - first);
    }
  }

  StreamOutcome go();

 private:
  // As it is before an edge of the clock.
  void apply();
  void capture();
  void reset();
  void begin_cycle(Lane& lane, size_t l);
  void set_operands(const Lane& lane, size_t l, uint64_t noise);
  void end_pipelined(Lane& lane, size_t l);
  void end_handshake(Lane& lane, size_t l);
  void stop(Lane& lane, StreamProblem problem) const;
  void store(Lane& lane, size_t l);

  LaneBlock in_valid_{}, out_ready_{}, in_ready_{}, out_valid_{};
  ClockedSimulator& simulator_;
  const StreamPorts& ports_;
  const Places& places_;
  const uint64_t* const* inputs_;
  uint64_t* const* outputs_;
  const StreamOptions& options_;
  uint64_t stall_threshold_;
  bool by_handshake_, stalls_;
  std::vector<Lane> lanes_;
  std::vector<LaneBlock> in_flight_;  // [cycle modulo latency + 1]: whether a vector was fed
  std::vector<LaneCodes> codes_, results_, held_;
  uint64_t cycle_ = 0;
};

void GateStream::Run::stop(Lane& lane, StreamProblem problem) const {
  lane.problem = problem;
  lane.cycles = cycle_;
}

void GateStream::Run::store(Lane& lane, size_t l) {
  for (size_t p = 0; p < results_.size(); ++p) outputs_[p][lane.first + lane.got] = results_[p][l];
  ++lane.got;
}

void GateStream::Run::apply() {
  for (size_t p = 0; p < codes_.size(); ++p) simulator_.set(places_.inputs[p], codes_[p].data());
  if (ports_.in_valid) simulator_.set(places_.in_valid, in_valid_);
  if (ports_.out_ready) simulator_.set(places_.out_ready, out_ready_);
  simulator_.fall();
}

void GateStream::Run::capture() {
  for (size_t p = 0; p < results_.size(); ++p) simulator_.get(places_.outputs[p], results_[p].data());
  if (ports_.in_ready) in_ready_ = simulator_.get(places_.in_ready);
  if (ports_.out_valid) out_valid_ = simulator_.get(places_.out_valid);
}

void GateStream::Run::reset() {
  simulator_.start(options_.seed);
  for (auto& codes : codes_) codes.fill(0);
  if (!ports_.reset) return;
  simulator_.set(places_.reset, LaneBlock{{~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0},
                                           ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}}});
  for (int i = 0; i < options_.reset_cycles; ++i) {
    apply();
    simulator_.rise();
  }
  apply();
  simulator_.set(places_.reset, LaneBlock{});
}

// Ports are random while nothing is fed.
void GateStream::Run::set_operands(const Lane& lane, size_t l, uint64_t noise) {
  for (size_t p = 0; p < codes_.size(); ++p) {
    codes_[p][l] = lane.feeding ? inputs_[p][lane.first + lane.fed] : noise_at_port(noise, p);
  }
}

void GateStream::Run::begin_cycle(Lane& lane, size_t l) {
  std::array<uint32_t, 4> random{~uint32_t{0}, ~uint32_t{0}, 0, 0};
  if (stalls_ || lane.fed == lane.count) random = philox(options_.seed, l, cycle_);
  const bool may_feed = lane.fed < lane.count && random[0] >= stall_threshold_;
  lane.feeding = may_feed || lane.offered;
  lane.offered = by_handshake_ && lane.feeding;
  lane.ready = !ports_.out_ready || random[1] >= stall_threshold_;
  set_lane_bit(in_valid_, l, lane.feeding);
  set_lane_bit(out_ready_, l, lane.ready);
  const uint64_t noise = uint64_t{random[3]} << 32 | random[2];
  if (options_.cycles != nullptr && l == 0)
    options_.cycles->push_back({random[0] >= stall_threshold_, lane.ready, noise});
  set_operands(lane, l, noise);
}

void GateStream::Run::end_pipelined(Lane& lane, size_t l) {
  const auto latency = static_cast<uint64_t>(options_.latency);
  set_lane_bit(in_flight_[cycle_ % in_flight_.size()], l, lane.feeding);
  if (lane.feeding) ++lane.fed;
  const bool due = cycle_ >= latency && lane_bit(in_flight_[(cycle_ - latency) % in_flight_.size()], l);
  if (ports_.out_valid && lane_bit(out_valid_, l) != due) {
    return stop(lane, due ? StreamProblem::result_missing : StreamProblem::result_too_many);
  }
  if (due) store(lane, l);
}

void GateStream::Run::end_handshake(Lane& lane, size_t l) {
  const bool taken = lane.feeding && (!ports_.in_ready || lane_bit(in_ready_, l));
  const bool valid = lane_bit(out_valid_, l);
  const bool was_waiting = lane.waiting;
  if (was_waiting && !valid) return stop(lane, StreamProblem::result_unstable);
  if (valid) {
    // A result that is not taken may be that of a vector that is only offered.
    const bool also = lane.ready ? taken : lane.feeding;
    if (lane.got >= lane.fed + (also ? 1 : 0)) return stop(lane, StreamProblem::result_too_many);
    for (size_t p = 0; p < results_.size(); ++p) {
      if (was_waiting && results_[p][l] != held_[p][l]) return stop(lane, StreamProblem::result_unstable);
      held_[p][l] = results_[p][l];
    }
    if (lane.ready) store(lane, l);
  }
  lane.waiting = valid && !lane.ready;
  if (taken) {
    ++lane.fed;
    lane.offered = false;
  }
  if (taken || (valid && lane.ready)) lane.last = cycle_;
  if (cycle_ - lane.last >= options_.timeout) stop(lane, StreamProblem::hang);
}

// The first problem by the number of the vector counts, so all lanes go on to their ends.
StreamOutcome GateStream::Run::go() {
  reset();
  for (bool runs = !lanes_.empty(); runs; ++cycle_) {
    for (size_t l = 0; l < lanes_.size(); ++l) {
      if (lanes_[l].runs()) begin_cycle(lanes_[l], l);
    }
    apply();
    capture();
    runs = false;
    for (size_t l = 0; l < lanes_.size(); ++l) {
      Lane& lane = lanes_[l];
      if (!lane.runs()) continue;
      by_handshake_ ? end_handshake(lane, l) : end_pipelined(lane, l);
      runs |= lane.runs();
    }
    simulator_.rise();
  }
  for (const Lane& lane : lanes_) {
    if (lane.problem != StreamProblem::none) return {lane.problem, lane.first + lane.got, lane.cycles};
  }
  return {StreamProblem::none, lanes_.empty() ? 0 : lanes_.back().first + lanes_.back().count, cycle_};
}

StreamOutcome GateStream::run(size_t count, const uint64_t* const* inputs, uint64_t* const* outputs,
                              const StreamOptions& options) {
  return Run(*this, count, inputs, outputs, options).go();
}

}  // namespace assay
