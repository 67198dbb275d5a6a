#include "sim/systemc_array.h"

#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>

#include "sim/array_ports.h"
#include "sim/array_registers.h"

// The headers are not written for these warnings.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <systemc>
#pragma GCC diagnostic pop

namespace assay {

// What sc_signal asks of a type. Waveforms of the array come from the RTL.
void sc_trace(sc_core::sc_trace_file*, const PortValues&, const std::string&) {}

namespace {

class ArrayModule : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<PortValues> inputs{"inputs"};
  sc_core::sc_out<PortValues> outputs{"outputs"};

  SC_HAS_PROCESS(ArrayModule);
  explicit ArrayModule(sc_core::sc_module_name name) : sc_module(name) {
    SC_METHOD(step);
    dont_initialize();
    sensitive << clock.pos() << inputs;
  }

  void configure(const SystolicArray& design, const Unit& mac) {
    registers_ = std::make_unique<ArrayRegisters>(design, mac);
    values_ = zero_values(array_ports(design, mac).outputs);
  }

 private:
  // At the edge the inputs still have the values of the cycle that ends; the new ones come one delta later.
  void step() {
    if (clock.posedge()) registers_->clock(inputs.read());
    registers_->read(inputs.read(), values_);
    outputs.write(values_);
  }

  std::unique_ptr<ArrayRegisters> registers_;
  PortValues values_;
};

class Feeder : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<PortValues> outputs{"outputs"};
  sc_core::sc_out<PortValues> inputs{"inputs"};

  SC_HAS_PROCESS(Feeder);
  explicit Feeder(sc_core::sc_module_name name) : sc_module(name) {
    SC_METHOD(step);
    dont_initialize();
    sensitive << clock.pos();
  }

  void configure(ArrayFeeder& feeder) {
    feeder_ = &feeder;
    in_cycle_ = false;
    error_ = nullptr;
  }
  std::exception_ptr error() const { return error_; }

 private:
  // An exception must not pass through the kernel, which could not be used again.
  void step() {
    try {
      if (in_cycle_) feeder_->end_cycle(outputs.read());
      in_cycle_ = !feeder_->done();
      if (in_cycle_) {
        inputs.write(feeder_->begin_cycle());
      } else {
        sc_core::sc_pause();
      }
    } catch (...) {
      error_ = std::current_exception();
      sc_core::sc_pause();
    }
  }

  ArrayFeeder* feeder_ = nullptr;
  bool in_cycle_ = false;
  std::exception_ptr error_;
};

struct Bench {
  sc_core::sc_clock clock{"clock", 1, sc_core::SC_NS};
  sc_core::sc_signal<PortValues> inputs{"inputs"};
  sc_core::sc_signal<PortValues> outputs{"outputs"};
  ArrayModule array{"array"};
  Feeder feeder{"feeder"};

  Bench() {
    array.clock(clock);
    array.inputs(inputs);
    array.outputs(outputs);
    feeder.clock(clock);
    feeder.inputs(inputs);
    feeder.outputs(outputs);
  }
};

// Never destroyed: the kernel's own state may be gone by then.
Bench& bench() {
  static Bench* const made = [] {
    ::setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return new Bench;
  }();
  return *made;
}

}  // namespace

ArrayRun simulate_systemc(const SystolicArray& array, const Unit& mac, int64_t m, int64_t n, int64_t k,
                          std::span<const uint64_t> a, std::span<const uint64_t> b) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  ArrayFeeder feeder(array, mac, m, n, k, a, b);
  bench().array.configure(array, mac);
  bench().feeder.configure(feeder);
  // Takes effect before the next clock edge: the new array must not see the last run's final cycle.
  bench().inputs.write(zero_values(array_ports(array, mac).inputs));
  sc_core::sc_start();
  if (bench().feeder.error()) std::rethrow_exception(bench().feeder.error());
  return feeder.take();
}

}  // namespace assay

// The library's own main would call this; programs that link it have their own main, but the symbol must
// exist.
int sc_main(int, char**) {
  return 1;
}
