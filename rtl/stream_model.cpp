#include "rtl/stream_model.h"

#include <fmt/format.h>

#include "base/error.h"

namespace assay {

// The same in the harness's text below.
struct StreamModel::Call {
  uint64_t count;
  const uint64_t* const* inputs;
  uint64_t* const* outputs;
  uint64_t latency, reset_cycles, stall_threshold, seed, timeout;
  void (*on_cycle)(void* cycles, bool may_offer, bool may_take, uint64_t noise);
  void* recorded;
  uint64_t problem, at, cycles;
};

namespace {

constexpr const char* kHead = R"(
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

struct Call {
  uint64_t count;
  const uint64_t* const* inputs;
  uint64_t* const* outputs;
  uint64_t latency, reset_cycles, stall_threshold, seed, timeout;
  void (*on_cycle)(void* cycles, bool may_offer, bool may_take, uint64_t noise);
  void* recorded;
  uint64_t problem, at, cycles;
};

enum Problem : uint64_t { kNone, kHang, kResultMissing, kResultTooMany, kResultUnstable };

// Registers without a reset start with random values, the same in every run: a design must not depend on them.
struct Context : VerilatedContext {
  Context() {
    randReset(2);
    randSeed(1);
#if VM_TRACE
    traceEverOn(true);
#endif
  }
};

struct Instance {
  Context context;
  Vmodel top{&context, ""};
#if VM_TRACE
  VerilatedFstC waves;
  bool tracing = false;
#endif
  ~Instance() { top.final(); }
  void eval() {
    top.eval();
#if VM_TRACE
    if (tracing) waves.dump(context.time());
    context.timeInc(1);
#endif
  }
};

constexpr uint64_t ones(int width) { return width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }

// SplitMix64.
struct Random {
  uint64_t state;
  uint64_t operator()() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
};

)";

constexpr const char* kCombinational = R"(
void run(Instance& instance, Call& call) {
  for (uint64_t i = 0; i < call.count; ++i) {
    apply(instance.top, call.inputs, i);
    instance.eval();
    capture(instance.top, call.outputs, i);
  }
}
)";

constexpr const char* kClock = R"(
void low(Instance& instance) {
  instance.top.clk = 0;
  instance.eval();
}
void high(Instance& instance) {
  instance.top.clk = 1;
  instance.eval();
}
void reset(Instance& instance, const Call& call) {
#if HAS_IN_VALID
  instance.top.in_valid = 0;
#endif
#if HAS_OUT_READY
  instance.top.out_ready = 0;
#endif
#if HAS_RESET
  low(instance);
  instance.top.rst = 1;
  for (uint64_t i = 0; i < call.reset_cycles; ++i) {
    low(instance);
    high(instance);
  }
  low(instance);
  instance.top.rst = 0;
#endif
}

// A vector that is not to be taken. See noise_at_port.
uint64_t apply_noise(Instance& instance, Random& random) {
  const uint64_t noise = random();
  uint64_t words[kInputs];
  const uint64_t* columns[kInputs];
  for (int i = 0; i < kInputs; ++i) {
    words[i] = noise * (2 * static_cast<uint64_t>(i) + 1) ^ noise >> (i % 32);
    columns[i] = &words[i];
  }
  apply(instance.top, columns, 0);
  return noise;
}
)";

constexpr const char* kPipelined = R"(
void run(Instance& instance, Call& call) {
  Random random{call.seed};
  reset(instance, call);
  const uint64_t length = call.latency + 1, nothing = ~uint64_t{0};
  std::vector<uint64_t> in_flight(length, nothing);
  uint64_t fed = 0, got = 0, cycle = 0;
  for (; got < call.count; ++cycle) {
    bool feed = fed < call.count;
#if HAS_IN_VALID
    feed = feed && (random() >> 32) >= call.stall_threshold;
    instance.top.in_valid = feed;
#endif
    uint64_t noise = 0;
    if (feed) {
      apply(instance.top, call.inputs, fed);
    } else {
      noise = apply_noise(instance, random);
    }
    if (call.on_cycle) call.on_cycle(call.recorded, feed, true, noise);
    in_flight[cycle % length] = feed ? fed++ : nothing;
    low(instance);
    const uint64_t due = cycle < call.latency ? nothing : in_flight[(cycle - call.latency) % length];
#if HAS_OUT_VALID
    if (instance.top.out_valid != (due != nothing)) {
      call.problem = due != nothing ? kResultMissing : kResultTooMany;
      break;
    }
#endif
    if (due != nothing) capture(instance.top, call.outputs, got++);
    high(instance);
  }
  call.at = got;
  call.cycles = cycle;
}
)";

constexpr const char* kHandshake = R"(
void run(Instance& instance, Call& call) {
  Random random{call.seed};
  reset(instance, call);
  uint64_t fed = 0, got = 0, cycle = 0, last = 0;
  bool offering = false, waiting = false;
  uint64_t held[kOutputs], seen[kOutputs];
  uint64_t* held_columns[kOutputs];
  uint64_t* seen_columns[kOutputs];
  for (int i = 0; i < kOutputs; ++i) held_columns[i] = &held[i], seen_columns[i] = &seen[i];
  const auto stop = [&](Problem problem) {
    call.problem = problem;
    call.at = got;
    call.cycles = cycle;
  };
  for (; got < call.count; ++cycle) {
    if (cycle - last > call.timeout) return stop(kHang);
    const uint64_t bits = random();
    const bool may_offer = (bits >> 32) >= call.stall_threshold;
    if (!offering && fed < call.count && may_offer) offering = true;
#if HAS_IN_VALID
    instance.top.in_valid = offering;
#endif
    uint64_t noise = 0;
    if (offering) {
      apply(instance.top, call.inputs, fed);
    } else {
      noise = apply_noise(instance, random);
    }
#if HAS_OUT_READY
    const bool ready = (bits & 0xffffffff) >= call.stall_threshold;
    instance.top.out_ready = ready;
#else
    const bool ready = true;
#endif
    if (call.on_cycle) call.on_cycle(call.recorded, may_offer, ready, noise);
    low(instance);
#if HAS_IN_READY
    const bool taken = offering && instance.top.in_ready;
#else
    const bool taken = offering;
#endif
    const bool valid = instance.top.out_valid;
    if (waiting && !valid) return stop(kResultUnstable);
    if (valid) {
      // A result that is not taken may be that of a vector that is only offered.
      if (got >= fed + ((ready ? taken : offering) ? 1 : 0)) return stop(kResultTooMany);
      capture(instance.top, seen_columns, 0);
      for (int i = 0; i < kOutputs && waiting; ++i) {
        if (seen[i] != held[i]) return stop(kResultUnstable);
      }
      for (int i = 0; i < kOutputs; ++i) held[i] = seen[i];
      if (ready) {
        for (int i = 0; i < kOutputs; ++i) call.outputs[i][got] = seen[i];
        ++got;
      }
    }
    waiting = valid && !ready;
    if (taken) {
      ++fed;
      offering = false;
    }
    if (taken || (valid && ready)) last = cycle;
    high(instance);
  }
  stop(kNone);
}
)";

constexpr const char* kTail = R"(
}  // namespace

EXPORTED void* create_model() { return new Instance; }
EXPORTED void destroy_model(void* model) { delete static_cast<Instance*>(model); }
EXPORTED void run_stream(void* model, Call* call) {
  call->problem = kNone;
  call->at = call->count;
  call->cycles = 0;
  run(*static_cast<Instance*>(model), *call);
}
#if VM_TRACE
EXPORTED void trace_model(void* model, const char* file) {
  Instance& instance = *static_cast<Instance*>(model);
  instance.top.trace(&instance.waves, 99);
  instance.waves.open(file);
  instance.tracing = true;
}
#endif
)";

void record_cycle(void* cycles, bool may_offer, bool may_take, uint64_t noise) {
  static_cast<std::vector<StreamCycle>*>(cycles)->push_back({may_offer, may_take, noise});
}

void check_width(const Port& port) {
  if (port.width < 1 || port.width > 64)
    fail("port {}: expected 1 to 64 bits, found {}", port.name, port.width);
}

}  // namespace

std::string describe(const StreamOutcome& outcome) {
  switch (outcome.problem) {
    case StreamProblem::none:
      return "no problem";
    case StreamProblem::hang:
      return fmt::format("it hangs: nothing moved for many cycles after {} results, at cycle {}", outcome.at,
                         outcome.cycles);
    case StreamProblem::result_missing:
      return fmt::format("out_valid is low in cycle {}, where the result of vector {} is due", outcome.cycles,
                         outcome.at);
    case StreamProblem::result_too_many:
      return fmt::format("out_valid is high in cycle {}, where no result is due after {} results",
                         outcome.cycles, outcome.at);
    case StreamProblem::result_unstable:
      return fmt::format("result {} changed, or out_valid fell, while out_ready was low (cycle {})",
                         outcome.at, outcome.cycles);
  }
  return "";
}

std::string stream_harness(const StreamPorts& ports, bool trace) {
  std::string text = trace ? "#include \"verilated_fst_c.h\"\n" : "";
  text += fmt::format(
      "#define HAS_RESET {:d}\n#define HAS_IN_VALID {:d}\n#define HAS_IN_READY {:d}\n"
      "#define HAS_OUT_VALID {:d}\n#define HAS_OUT_READY {:d}\n",
      ports.reset, ports.in_valid, ports.in_ready, ports.out_valid, ports.out_ready);
  text += kHead;
  text +=
      fmt::format("constexpr int kInputs = {}, kOutputs = {};\n", ports.inputs.size(), ports.outputs.size());
  text += "inline void apply(Vmodel& top, const uint64_t* const* columns, uint64_t i) {\n";
  for (size_t p = 0; p < ports.inputs.size(); ++p) {
    check_width(ports.inputs[p]);
    text += fmt::format("  top.{} = columns[{}][i] & ones({});\n", ports.inputs[p].name, p,
                        ports.inputs[p].width);
  }
  text += "}\ninline void capture(const Vmodel& top, uint64_t* const* columns, uint64_t i) {\n";
  for (size_t p = 0; p < ports.outputs.size(); ++p) {
    check_width(ports.outputs[p]);
    text += fmt::format("  columns[{}][i] = top.{};\n", p, ports.outputs[p].name);
  }
  text += "}\n";
  if (!ports.clock) {
    text += kCombinational;
  } else {
    text += kClock;
    text += ports.handshake() || (ports.out_valid && !ports.in_valid) ? kHandshake : kPipelined;
  }
  return text + kTail;
}

StreamModel::StreamModel(std::shared_ptr<const VerilatedModel> model)
    : model_(std::move(model)),
      instance_(model_->function<void*()>("create_model")(), model_->function<void(void*)>("destroy_model")),
      run_(model_->function<void(void*, Call*)>("run_stream")) {}

StreamOutcome StreamModel::run(size_t count, const uint64_t* const* inputs, uint64_t* const* outputs,
                               const StreamOptions& options) {
  Call call{count,
            inputs,
            outputs,
            static_cast<uint64_t>(options.latency),
            static_cast<uint64_t>(options.reset_cycles),
            static_cast<uint64_t>(options.stalls * 0x1p32),
            options.seed,
            options.timeout,
            options.cycles == nullptr ? nullptr : &record_cycle,
            options.cycles,
            0,
            0,
            0};
  run_(instance_.get(), &call);
  return {static_cast<StreamProblem>(call.problem), call.at, call.cycles};
}

void StreamModel::trace(const std::string& file) {
  model_->function<void(void*, const char*)>("trace_model")(instance_.get(), file.c_str());
}

}  // namespace assay
