// Processing element of a weight-stationary array: partial_sum_o = a * weight + partial_sum_i, one clock
// cycle later. Weights are shifted in from above. An element without a valid weight passes partial sums on as
// they are. The arithmetic is module mac_unit's: combinational, result_o = a_i * b_i + c_i.

module pe_ws #(
    parameter int unsigned AWidth   = 8,
    parameter int unsigned BWidth   = 8,
    parameter int unsigned AccWidth = 32
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    // From above to below, while weights are loaded.
    input  logic                weight_load_i,
    input  logic [  BWidth-1:0] weight_i,
    input  logic                weight_valid_i,
    output logic [  BWidth-1:0] weight_o,
    output logic                weight_valid_o,
    // From left to right.
    input  logic [  AWidth-1:0] a_i,
    output logic [  AWidth-1:0] a_o,
    // From above to below.
    input  logic [AccWidth-1:0] partial_sum_i,
    input  logic                partial_sum_valid_i,
    output logic [AccWidth-1:0] partial_sum_o,
    output logic                partial_sum_valid_o
);

  // Keeps the functions that Verilator generates small, so that a C++ compiler's time grows only linearly.
  /* verilator no_inline_module */

  logic [  BWidth-1:0] weight_q;
  logic                weight_valid_q;
  logic [  AWidth-1:0] a_q;
  logic [AccWidth-1:0] partial_sum_q;
  logic                partial_sum_valid_q;
  logic [AccWidth-1:0] mac_result;
  logic [AccWidth-1:0] partial_sum_d;

  mac_unit u_mac (
      .a_i     (a_i),
      .b_i     (weight_q),
      .c_i     (partial_sum_i),
      .result_o(mac_result)
  );

  assign partial_sum_d = weight_valid_q ? mac_result : partial_sum_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      weight_valid_q      <= 1'b0;
      partial_sum_valid_q <= 1'b0;
    end else begin
      if (weight_load_i) weight_valid_q <= weight_valid_i;
      partial_sum_valid_q <= partial_sum_valid_i;
    end
  end

  // Data without a valid bit beside it is never looked at, so it needs no reset.
  always_ff @(posedge clk_i) begin
    if (weight_load_i) weight_q <= weight_i;
    a_q <= a_i;
    if (partial_sum_valid_i) partial_sum_q <= partial_sum_d;
  end

  assign weight_o            = weight_q;
  assign weight_valid_o      = weight_valid_q;
  assign a_o                 = a_q;
  assign partial_sum_o       = partial_sum_q;
  assign partial_sum_valid_o = partial_sum_valid_q;

endmodule
