// A test bench in which the golden model of Assay checks rtl/fp_mac.sv: c + a b, a and b in E4M3, c in fp32.
// It needs no library but golden/assay_dpi_pkg.sv. `make` builds and runs it with Verilator.

module fp_mac_tb;

  import assay_dpi_pkg::*;

  localparam int Vectors = 200_000;

  logic [7:0] a, b;
  logic [31:0] c, result;

  fp_mac dut (
      .a_i     (a),
      .b_i     (b),
      .c_i     (c),
      .result_o(result)
  );

  // Of uniform codes few sums are more than one of their operands: half of the accumulators get an exponent
  // near that of a product, and half have few significant bits, so that sums cancel or lie half way.
  function automatic logic [31:0] random_accumulator();
    logic [31:0] code;
    code = $urandom();
    if (code[0]) code[30:23] = 8'd112 + 8'($urandom_range(0, 31));
    if (code[1]) code[19:2] = '0;
    return code;
  endfunction

  initial begin
    chandle mac;
    logic [31:0] expected;
    int mismatches;
    mac = assay_unit("mac-e4m3-e4m3-fp32");
    mismatches = 0;
    for (int i = 0; i < Vectors; i++) begin
      {a, b} = (i < 65536) ? 16'(i) : 16'($urandom());
      c = random_accumulator();
      #1;
      expected = 32'(assay_evaluate3(mac, 64'(a), 64'(b), 64'(c)));
      if (result !== expected) begin
        mismatches++;
        if (mismatches <= 5) begin
          $display("mismatch: a %02x = %s, b %02x = %s, c %08x = %s", a, assay_text(mac, 0, 64'(a)), b,
                   assay_text(mac, 1, 64'(b)), c, assay_text(mac, 2, 64'(c)));
          $display("  expected %08x = %s, found %08x = %s", expected,
                   assay_text(mac, AssayResult, 64'(expected)), result,
                   assay_text(mac, AssayResult, 64'(result)));
        end
      end
    end
    $display("%s: %0d vectors, %0d mismatches", assay_name(mac), Vectors, mismatches);
    if (mismatches != 0) $fatal(1, "fp_mac is not %s", assay_name(mac));
    $finish;
  end

endmodule
