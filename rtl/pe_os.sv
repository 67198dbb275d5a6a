// Processing element of an output-stationary array: accumulator = a * b + accumulator in each cycle in which
// both operands are valid, starting from zero. While draining, the accumulators of a column form a shift
// register. The arithmetic is module mac_unit's: combinational, result_o = a_i * b_i + c_i; the code of +0 is
// all zeros.

module pe_os #(
    parameter int unsigned AWidth   = 8,
    parameter int unsigned BWidth   = 8,
    parameter int unsigned AccWidth = 32
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    // From left to right.
    input  logic [  AWidth-1:0] a_i,
    input  logic                a_valid_i,
    output logic [  AWidth-1:0] a_o,
    output logic                a_valid_o,
    // From above to below.
    input  logic [  BWidth-1:0] b_i,
    input  logic                b_valid_i,
    output logic [  BWidth-1:0] b_o,
    output logic                b_valid_o,
    // From below to above, while draining.
    input  logic                drain_i,
    input  logic [AccWidth-1:0] accumulator_i,
    input  logic                accumulator_valid_i,
    output logic [AccWidth-1:0] accumulator_o,
    output logic                accumulator_valid_o
);

  // Keeps the functions that Verilator generates small, so that a C++ compiler's time grows only linearly.
  /* verilator no_inline_module */

  logic [  AWidth-1:0] a_q;
  logic                a_valid_q;
  logic [  BWidth-1:0] b_q;
  logic                b_valid_q;
  logic [AccWidth-1:0] accumulator_q;
  logic                accumulator_valid_q;
  logic                accumulate;
  logic [AccWidth-1:0] addend;
  logic [AccWidth-1:0] mac_result;

  // An accumulator that is not valid yet counts as zero: no cycle is spent on clearing it.
  assign accumulate = a_valid_i & b_valid_i;
  assign addend     = accumulator_valid_q ? accumulator_q : {AccWidth{1'b0}};

  mac_unit u_mac (
      .a_i     (a_i),
      .b_i     (b_i),
      .c_i     (addend),
      .result_o(mac_result)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      a_valid_q           <= 1'b0;
      b_valid_q           <= 1'b0;
      accumulator_valid_q <= 1'b0;
    end else begin
      a_valid_q <= a_valid_i;
      b_valid_q <= b_valid_i;
      if (drain_i) accumulator_valid_q <= accumulator_valid_i;
      else if (accumulate) accumulator_valid_q <= 1'b1;
    end
  end

  // Data without a valid bit beside it is never looked at, so it needs no reset.
  always_ff @(posedge clk_i) begin
    a_q <= a_i;
    b_q <= b_i;
    if (drain_i) accumulator_q <= accumulator_i;
    else if (accumulate) accumulator_q <= mac_result;
  end

  assign a_o                 = a_q;
  assign a_valid_o           = a_valid_q;
  assign b_o                 = b_q;
  assign b_valid_o           = b_valid_q;
  assign accumulator_o       = accumulator_q;
  assign accumulator_valid_o = accumulator_valid_q;

endmodule
