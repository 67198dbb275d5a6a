// A unit as a SystemC TLM-2.0 target, for virtual platforms: an accelerator whose results are the golden
// model's. Header only. Needs SystemC 2.3 and libassay_golden.so; any C++ since C++11 (Debian's SystemC:
// -std=c++17).
//
// Registers of 8 bytes, the low word first. Accesses are aligned to 4 bytes and of any multiple of 4 bytes,
// so one burst can write all operands. A burst reaches no further than the register map; one that touches a
// register it may not access is refused as a whole.
//
//   0x00   CONTROL  write  bit 0 starts an operation on the operands as they are
//   0x08   STATUS   read   bit 0: done; bit 1: busy; bit 2: the last start failed, since the unit rounds
//                          stochastically and RANDOM holds no random bits; RESULT and FLAGS are then 0
//   0x10   RESULT   read   code of the last result
//   0x18   FLAGS    read   bits 0..4: inexact, underflow, overflow, divide by zero, invalid, as in RISC-V's
//                          fflags; of units that accumulate (mac, dot) those of all their roundings
//   0x20   MODE     both   bit 0: underflow looks at tininess before rounding (Arm, Power), not after
//   0x28   RANDOM   both   bits 31..0: random bits for a stochastic unit; bits 63..32: how many, 1 to 32
//   0x30   SHAPE    read   bits 31..0: number of operands; bits 63..32: width of the result
//   0x100  OPERAND  both   code of the first operand, the next ones at 0x108, 0x110, ...; bits above the
//                          width of the format are ignored
//
// Loosely timed: an access takes no time itself, an operation takes `latency` from its start. While it is
// busy STATUS says so, and a read of RESULT or FLAGS waits: what is left is added to the transaction's delay.
// Operations do not overlap: one that is started while the unit is busy begins when it is free, and RESULT is
// that of the last one started. Debug transport takes no time, waits for nothing and starts nothing. There is
// no DMI, and byte enables are refused.
#pragma once

#include <cstdint>
#include <cstring>
#include <systemc>
#include <tlm>
#include <vector>

#include <tlm_utils/simple_target_socket.h>

#include "golden/assay_golden.h"

namespace assay {

class TlmUnit : public sc_core::sc_module {
 public:
  enum Register : uint64_t {
    kControl = 0x00,
    kStatus = 0x08,
    kResult = 0x10,
    kFlags = 0x18,
    kMode = 0x20,
    kRandom = 0x28,
    kShape = 0x30,
    kOperands = 0x100
  };
  enum Status : uint64_t { kDone = 1, kBusy = 2, kFailed = 4 };

  tlm_utils::simple_target_socket<TlmUnit> socket;

  // The unit of a name such as mac-e4m3-e4m3-fp32, or of a TOML file. An unknown one is an SC_ERROR.
  TlmUnit(sc_core::sc_module_name name, const char* unit, const sc_core::sc_time& latency)
      : sc_core::sc_module(name), socket("socket"), unit_(assay_unit_open(unit)), latency_(latency) {
    if (!unit_) SC_REPORT_ERROR("assay", assay_error());
    operands_.resize(unit_ ? static_cast<size_t>(assay_operand_count(unit_)) : 0);
    socket.register_b_transport(this, &TlmUnit::b_transport);
    socket.register_transport_dbg(this, &TlmUnit::transport_dbg);
  }
  ~TlmUnit() override { assay_unit_close(unit_); }
  TlmUnit(const TlmUnit&) = delete;
  TlmUnit& operator=(const TlmUnit&) = delete;

  const assay_unit* unit() const { return unit_; }

 private:
  static constexpr uint64_t kWord = 4;  // bytes

  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    const tlm::tlm_response_status status = check(transaction);
    if (status == tlm::TLM_OK_RESPONSE) {
      for (uint64_t i = 0; i < transaction.get_data_length(); i += kWord) access(transaction, i, &delay);
    }
    transaction.set_response_status(status);
  }

  unsigned transport_dbg(tlm::tlm_generic_payload& transaction) {
    if (check(transaction) != tlm::TLM_OK_RESPONSE) return 0;
    for (uint64_t i = 0; i < transaction.get_data_length(); i += kWord) access(transaction, i, nullptr);
    return transaction.get_data_length();
  }

  tlm::tlm_response_status check(const tlm::tlm_generic_payload& transaction) const {
    const uint64_t address = transaction.get_address(), length = transaction.get_data_length();
    if (transaction.get_byte_enable_ptr()) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    if (length == 0 || length % kWord != 0 || transaction.get_streaming_width() < length) {
      return tlm::TLM_BURST_ERROR_RESPONSE;
    }
    if (address % kWord != 0) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    for (uint64_t i = 0; i < length; i += kWord) {
      const uint64_t offset = (address + i) & ~uint64_t{7};
      if (!exists(offset)) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
      const bool refused =
          transaction.is_read() ? offset == kControl : transaction.is_write() && !is_writable(offset);
      if (refused) return tlm::TLM_COMMAND_ERROR_RESPONSE;
    }
    return tlm::TLM_OK_RESPONSE;
  }

  bool exists(uint64_t offset) const {
    return offset <= kShape || (offset >= kOperands && offset - kOperands < 8 * operands_.size());
  }

  static bool is_writable(uint64_t offset) {
    return offset == kControl || offset == kMode || offset == kRandom || offset >= kOperands;
  }

  // The word `i` bytes into the transaction. Without `delay` it is a debug access.
  void access(tlm::tlm_generic_payload& transaction, uint64_t i, sc_core::sc_time* delay) {
    const uint64_t address = transaction.get_address() + i, offset = address & ~uint64_t{7};
    const unsigned shift = address % 8 == 0 ? 0 : 32;
    uint32_t word = 0;
    if (transaction.is_read()) {
      word = static_cast<uint32_t>(read(offset, delay) >> shift);
      std::memcpy(transaction.get_data_ptr() + i, &word, kWord);
    } else if (transaction.is_write()) {
      std::memcpy(&word, transaction.get_data_ptr() + i, kWord);
      if (offset == kControl) {
        if (delay && shift == 0 && word & 1) start(sc_core::sc_time_stamp() + *delay);
        return;
      }
      uint64_t& stored = writable(offset);
      stored = (stored & ~(uint64_t{0xFFFFFFFF} << shift)) | uint64_t{word} << shift;
    }
  }

  uint64_t& writable(uint64_t offset) {
    if (offset == kMode) return mode_;
    if (offset == kRandom) return random_;
    return operands_[(offset - kOperands) / 8];
  }

  uint64_t read(uint64_t offset, sc_core::sc_time* delay) {
    sc_core::sc_time now = sc_core::sc_time_stamp();
    if (delay) now += *delay;
    const bool busy = now < free_at_;
    switch (offset) {
      case kStatus:
        if (busy) return kBusy;
        return started_ ? kDone | (failed_ ? uint64_t{kFailed} : 0) : 0;
      case kResult:
      case kFlags:
        if (delay && busy) *delay += free_at_ - now;
        return offset == kResult ? result_ : flags_;
      case kShape:
        return operands_.size() | static_cast<uint64_t>(assay_format_width(assay_result_format(unit_))) << 32;
      default:
        return writable(offset);
    }
  }

  void start(const sc_core::sc_time& now) {
    const int count = static_cast<int>(random_ >> 32);
    const uint32_t random = static_cast<uint32_t>(random_);
    flags_ = result_ = 0;
    failed_ = evaluate_flags(count, random) != 0;
    started_ = true;
    free_at_ = (now < free_at_ ? free_at_ : now) + latency_;
  }

  int evaluate_flags(int random_bits, uint32_t random) {
    const int tininess = mode_ & 1 ? ASSAY_TININESS_BEFORE_ROUNDING : ASSAY_TININESS_AFTER_ROUNDING;
    unsigned flags = 0;
    const int status = assay_evaluate_flags(unit_, operands_.data(), operands_.size(), random_bits, random,
                                            tininess, &result_, &flags);
    flags_ = flags;
    return status;
  }

  assay_unit* unit_;
  sc_core::sc_time latency_;
  sc_core::sc_time free_at_;  // when the operations started so far are over
  std::vector<uint64_t> operands_;
  uint64_t mode_ = 0, random_ = 0, result_ = 0, flags_ = 0;
  bool started_ = false, failed_ = false;
};

}  // namespace assay
