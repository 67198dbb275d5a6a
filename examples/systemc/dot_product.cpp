// A processor that uses a MAC as a memory-mapped accelerator: the dot product of two vectors of E4M3, summed
// in fp32.
#include <cstdio>
#include <systemc>
#include <tlm>

#include <tlm_utils/simple_initiator_socket.h>

#include "golden/tlm_unit.h"

using assay::TlmUnit;

class Processor : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Processor> socket;

  SC_HAS_PROCESS(Processor);
  explicit Processor(sc_core::sc_module_name name) : sc_core::sc_module(name), socket("socket") {
    SC_THREAD(run);
  }

 private:
  void run() {
    const uint64_t a[] = {0x38, 0x40, 0x44, 0x48};  // 1, 2, 3, 4
    const uint64_t b[] = {0x30, 0xb8, 0x40, 0x01};  // 0.5, -1, 2, 2^-9
    uint64_t sum = 0, start = 1;
    for (int i = 0; i < 4; ++i) {
      uint64_t operands[] = {a[i], b[i], sum};
      transfer(tlm::TLM_WRITE_COMMAND, TlmUnit::kOperands, operands, sizeof operands);
      transfer(tlm::TLM_WRITE_COMMAND, TlmUnit::kControl, &start, sizeof start);
      transfer(tlm::TLM_READ_COMMAND, TlmUnit::kResult, &sum, sizeof sum);  // waits for it
    }
    assay_format* fp32 = assay_format_open("fp32");
    double value = 0;
    assay_decode(fp32, sum, &value);
    assay_format_close(fp32);
    std::printf("0x%08x = %.9g after %s\n", static_cast<unsigned>(sum), value,
                sc_core::sc_time_stamp().to_string().c_str());
  }

  void transfer(tlm::tlm_command command, uint64_t address, uint64_t* data, unsigned length) {
    tlm::tlm_generic_payload transaction;
    sc_core::sc_time delay;
    transaction.set_command(command);
    transaction.set_address(address);
    transaction.set_data_ptr(reinterpret_cast<unsigned char*>(data));
    transaction.set_data_length(length);
    transaction.set_streaming_width(length);
    socket->b_transport(transaction, delay);
    if (transaction.is_response_error())
      SC_REPORT_ERROR("processor", transaction.get_response_string().c_str());
    wait(delay);
  }
};

int sc_main(int, char**) {
  Processor processor("processor");
  TlmUnit mac("mac", "mac-e4m3-e4m3-fp32", sc_core::sc_time(4, sc_core::SC_NS));
  processor.socket.bind(mac.socket);
  sc_core::sc_start();
  return 0;
}
