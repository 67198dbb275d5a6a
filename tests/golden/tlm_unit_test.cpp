// The TLM target: values by hand and by the processor, registers, timing, and what it refuses.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

// The headers are not written for these warnings.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <systemc>
#include <tlm>

#include <tlm_utils/simple_initiator_socket.h>
#pragma GCC diagnostic pop

#include "golden/tlm_unit.h"

namespace {

using assay::TlmUnit;
using sc_core::SC_NS;
using sc_core::sc_time;

constexpr auto kRead = tlm::TLM_READ_COMMAND;
constexpr auto kWrite = tlm::TLM_WRITE_COMMAND;

struct Transaction : tlm::tlm_generic_payload {
  Transaction(tlm::tlm_command command, uint64_t address, void* data, size_t bytes) {
    set_command(command);
    set_address(address);
    set_data_ptr(static_cast<unsigned char*>(data));
    set_data_length(static_cast<unsigned>(bytes));
    set_streaming_width(static_cast<unsigned>(bytes));
  }
};

// An initiator bound to a unit of 10 ns.
struct Bench : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Bench> socket{"socket"};
  TlmUnit unit;

  Bench(sc_core::sc_module_name name, const char* unit_name)
      : sc_module(name), unit("unit", unit_name, sc_time(10, SC_NS)) {
    socket.bind(unit.socket);
  }

  tlm::tlm_response_status transfer(tlm::tlm_command command, uint64_t address, void* data, size_t bytes) {
    Transaction transaction(command, address, data, bytes);
    socket->b_transport(transaction, delay);
    return transaction.get_response_status();
  }

  unsigned debug(tlm::tlm_command command, uint64_t address, void* data, size_t bytes) {
    Transaction transaction(command, address, data, bytes);
    return socket->transport_dbg(transaction);
  }

  static void expect_ok(tlm::tlm_response_status status) {
    if (status != tlm::TLM_OK_RESPONSE) throw std::runtime_error("an access was refused");
  }

  uint64_t read(uint64_t address) {
    uint64_t value = 0;
    expect_ok(transfer(kRead, address, &value, 8));
    return value;
  }

  void write(uint64_t address, uint64_t value) { expect_ok(transfer(kWrite, address, &value, 8)); }

  void start(std::vector<uint64_t> operands) {
    expect_ok(transfer(kWrite, TlmUnit::kOperands, operands.data(), 8 * operands.size()));
    write(TlmUnit::kControl, 1);
  }

  uint64_t result(std::vector<uint64_t> operands) {
    start(std::move(operands));
    return read(TlmUnit::kResult);
  }

  sc_time delay;  // how far the initiator is ahead of the simulation
};

// SystemC elaborates once a process: all modules are made before the simulation starts, and stay.
struct Benches {
  std::string unknown = report_of_unknown_unit();
  Bench mac{"mac", "mac-e4m3-e4m3-fp32"};
  Bench timed{"timed", "mac-e4m3-e4m3-fp32"};
  Bench fma{"fma", "fma-fp32-fp32-fp32-fp32"};
  Bench mul{"mul", "mul-fp32-fp32-fp32"};
  Bench drawn{"drawn", "mul-fp32-fp32-e4m3-sr_a"};
  Bench dot{"dot", "dot4-e4m3-e4m3-fp32"};

  static std::string report_of_unknown_unit() {
    try {
      const TlmUnit unknown("unknown", "mac-e4m3-e9999-fp32", sc_time(1, SC_NS));
    } catch (const sc_core::sc_report& report) {
      return report.get_msg();
    }
    return "no report";
  }
};

Benches& benches() {
  static Benches* const made = [] {
    auto* all = new Benches;
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    return all;
  }();
  return *made;
}

TEST_CASE("an unknown unit is an SC_ERROR that names it") {
  CHECK(benches().unknown.find("e9999") != std::string::npos);
}

TEST_CASE("results worked out by hand") {
  CHECK(benches().mac.result({0x38, 0x40, 0x3F800000}) == 0x40400000);  // 1 * 2 + 1
  CHECK(benches().mac.read(TlmUnit::kFlags) == 0);
  CHECK(benches().mac.read(TlmUnit::kShape) == (uint64_t{32} << 32 | 3));
  CHECK(benches().dot.read(TlmUnit::kShape) == (uint64_t{32} << 32 | 9));
  // 1*2 + 3*4 - 0.5*2 + 2^-9 + 100
  CHECK(benches().dot.result({0x38, 0x40, 0x44, 0x48, 0xB0, 0x40, 0x01, 0x38, 0x42C80000}) == 0x42E20100);
}

TEST_CASE("fma is the processor's") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto word = [&] { return (static_cast<uint32_t>(random()) & 0x8FFFFFFF) | 0x30000000; };
    const uint32_t a = word(), b = word(), c = word();
    const float expected =
        std::fma(std::bit_cast<float>(a), std::bit_cast<float>(b), std::bit_cast<float>(c));
    CHECK(benches().fma.result({a, b, c}) == std::bit_cast<uint32_t>(expected));
  }
}

TEST_CASE("flags and tininess") {
  Bench& mul = benches().mul;
  const uint64_t largest = 0x7F7FFFFF, two = 0x40000000;
  CHECK(mul.result({largest, two}) == 0x7F800000);
  CHECK(mul.read(TlmUnit::kFlags) == (ASSAY_OVERFLOW | ASSAY_INEXACT));
  CHECK(mul.result({two, two}) == 0x40800000);
  CHECK(mul.read(TlmUnit::kFlags) == 0);
  // (1 - 2^-23) (1 + 2^-23) 2^-126 lies below the least normal number, and rounds to it with 24 bits.
  const std::vector<uint64_t> nearly = {0x3F7FFFFE, 0x00800001};
  CHECK(mul.result(nearly) == 0x00800000);
  CHECK(mul.read(TlmUnit::kFlags) == ASSAY_INEXACT);
  mul.write(TlmUnit::kMode, 1);
  CHECK(mul.result(nearly) == 0x00800000);
  CHECK(mul.read(TlmUnit::kFlags) == (ASSAY_UNDERFLOW | ASSAY_INEXACT));
  CHECK(mul.read(TlmUnit::kMode) == 1);
  mul.write(TlmUnit::kMode, 0);
}

TEST_CASE("stochastic units read RANDOM and fail without") {
  Bench& drawn = benches().drawn;
  const std::vector<uint64_t> halfway = {0x3F880000, 0x3F800000};  // 1.0625, between 1 and 1.125
  CHECK(drawn.result(halfway) == 0);
  CHECK(drawn.read(TlmUnit::kStatus) == (TlmUnit::kDone | TlmUnit::kFailed));
  drawn.write(TlmUnit::kRandom, uint64_t{1} << 32);
  CHECK(drawn.result(halfway) == 0x38);
  CHECK(drawn.read(TlmUnit::kStatus) == TlmUnit::kDone);
  drawn.write(TlmUnit::kRandom, uint64_t{1} << 32 | 1);
  CHECK(drawn.result(halfway) == 0x39);
  CHECK(drawn.read(TlmUnit::kFlags) == ASSAY_INEXACT);
  drawn.write(TlmUnit::kRandom, uint64_t{1} << 32 | 2);  // 2 is no number of one bit
  CHECK(drawn.result(halfway) == 0);
  CHECK(drawn.read(TlmUnit::kStatus) == (TlmUnit::kDone | TlmUnit::kFailed));
}

TEST_CASE("an operation takes its latency") {
  Bench& mac = benches().timed;
  CHECK(mac.read(TlmUnit::kStatus) == 0);
  mac.delay = sc_time(3, SC_NS);  // the initiator is ahead: the operation starts then
  mac.start({0x38, 0x40, 0});
  CHECK(mac.delay == sc_time(3, SC_NS));
  CHECK(mac.read(TlmUnit::kStatus) == TlmUnit::kBusy);
  mac.delay = sc_time(12, SC_NS);
  CHECK(mac.read(TlmUnit::kStatus) == TlmUnit::kBusy);
  CHECK(mac.read(TlmUnit::kResult) == 0x40000000);
  CHECK(mac.delay == sc_time(13, SC_NS));
  CHECK(mac.read(TlmUnit::kStatus) == TlmUnit::kDone);
  CHECK(mac.read(TlmUnit::kFlags) == 0);
  CHECK(mac.delay == sc_time(13, SC_NS));

  sc_core::sc_start(100, SC_NS);
  mac.delay = sc_core::SC_ZERO_TIME;
  mac.start({0x38, 0x40, 0});
  mac.delay = sc_time(1, SC_NS);
  mac.start({0x38, 0x44, 0});  // begins when the first is over
  CHECK(mac.read(TlmUnit::kResult) == 0x40400000);
  CHECK(mac.delay == sc_time(20, SC_NS));
  mac.start({0x38, 0x40, 0});
  sc_core::sc_start(40, SC_NS);
  mac.delay = sc_core::SC_ZERO_TIME;
  CHECK(mac.read(TlmUnit::kStatus) == TlmUnit::kDone);
  CHECK(mac.read(TlmUnit::kResult) == 0x40000000);
  CHECK(mac.delay == sc_core::SC_ZERO_TIME);
}

TEST_CASE("words and bursts") {
  Bench& mac = benches().mac;
  uint32_t word = 0x12345678, words[2] = {0, 0};
  mac.write(TlmUnit::kOperands + 16, 0xAAAAAAAABBBBBBBB);
  CHECK(mac.transfer(kWrite, TlmUnit::kOperands + 20, &word, 4) == tlm::TLM_OK_RESPONSE);
  CHECK(mac.read(TlmUnit::kOperands + 16) == 0x12345678BBBBBBBB);
  CHECK(mac.transfer(kWrite, TlmUnit::kOperands + 16, &word, 4) == tlm::TLM_OK_RESPONSE);
  CHECK(mac.read(TlmUnit::kOperands + 16) == 0x1234567812345678);
  CHECK(mac.transfer(kRead, TlmUnit::kShape + 4, &word, 4) == tlm::TLM_OK_RESPONSE);
  CHECK(word == 32);
  CHECK(mac.result({0x38, 0x40, 0x3F800000}) == 0x40400000);
  uint64_t pair[2] = {1, 1};
  CHECK(mac.transfer(kRead, TlmUnit::kResult, pair, 16) == tlm::TLM_OK_RESPONSE);
  CHECK(pair[0] == 0x40400000);
  CHECK(pair[1] == 0);
  CHECK(mac.transfer(kRead, TlmUnit::kResult + 4, words, 8) == tlm::TLM_OK_RESPONSE);
  CHECK(words[0] == 0);
  // The high word of CONTROL starts nothing.
  word = 1;
  mac.write(TlmUnit::kOperands, 0x40);
  CHECK(mac.transfer(kWrite, TlmUnit::kControl + 4, &word, 4) == tlm::TLM_OK_RESPONSE);
  CHECK(mac.read(TlmUnit::kResult) == 0x40400000);
}

TEST_CASE("debug accesses take no time and start nothing") {
  Bench& mac = benches().mac;
  CHECK(mac.result({0x38, 0x40, 0x3F800000}) == 0x40400000);
  uint64_t value = 0x40, start = 1;
  CHECK(mac.debug(kWrite, TlmUnit::kOperands, &value, 8) == 8);
  CHECK(mac.debug(kWrite, TlmUnit::kControl, &start, 8) == 8);
  CHECK(mac.debug(kRead, TlmUnit::kResult, &value, 8) == 8);
  CHECK(value == 0x40400000);
  CHECK(mac.debug(kRead, TlmUnit::kOperands, &value, 8) == 8);
  CHECK(value == 0x40);
  CHECK(mac.debug(kWrite, TlmUnit::kResult, &value, 8) == 0);
  CHECK(mac.debug(kRead, 0x80, &value, 8) == 0);
}

TEST_CASE("what is refused changes nothing") {
  Bench& mac = benches().mac;
  uint64_t data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  CHECK(mac.result({0x38, 0x40, 0x3F800000}) == 0x40400000);
  CHECK(mac.transfer(kWrite, TlmUnit::kResult, data, 8) == tlm::TLM_COMMAND_ERROR_RESPONSE);
  CHECK(mac.transfer(kRead, TlmUnit::kControl, data, 8) == tlm::TLM_COMMAND_ERROR_RESPONSE);
  CHECK(mac.transfer(kWrite, TlmUnit::kMode, data, 24) == tlm::TLM_COMMAND_ERROR_RESPONSE);  // up to SHAPE
  CHECK(mac.transfer(kRead, TlmUnit::kShape + 8, data, 8) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(mac.transfer(kWrite, TlmUnit::kOperands, data, 32) ==
        tlm::TLM_ADDRESS_ERROR_RESPONSE);  // four of three
  CHECK(mac.transfer(kRead, ~uint64_t{7}, data, 16) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(mac.transfer(kRead, TlmUnit::kResult + 2, data, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(mac.transfer(kRead, TlmUnit::kResult, data, 6) == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(mac.transfer(kRead, TlmUnit::kResult, data, 0) == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(mac.read(TlmUnit::kMode) == 0);
  CHECK(mac.read(TlmUnit::kRandom) == 0);
  CHECK(mac.read(TlmUnit::kOperands) == 0x38);
  CHECK(mac.read(TlmUnit::kResult) == 0x40400000);

  Transaction transaction(kWrite, TlmUnit::kOperands, data, 8);
  unsigned char enables = 0xFF;
  transaction.set_byte_enable_ptr(&enables);
  transaction.set_byte_enable_length(1);
  mac.socket->b_transport(transaction, mac.delay);
  CHECK(transaction.get_response_status() == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  Transaction streaming(kWrite, TlmUnit::kOperands, data, 16);
  streaming.set_streaming_width(8);
  mac.socket->b_transport(streaming, mac.delay);
  CHECK(streaming.get_response_status() == tlm::TLM_BURST_ERROR_RESPONSE);
  tlm::tlm_dmi dmi;
  CHECK_FALSE(mac.socket->get_direct_mem_ptr(streaming, dmi));
}

}  // namespace

// The library's own main would call this; doctest's is the program's.
int sc_main(int, char**) {
  return 1;
}
