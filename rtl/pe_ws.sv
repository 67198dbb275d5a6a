// Processing element of a weight-stationary array: partial_sum_o = streamed * held + partial_sum_i, one clock
// cycle later. Held operands are shifted in from above. An element without a valid one passes partial sums on as
// they are. The arithmetic is module mac_unit's: combinational, result_o = a_i * b_i + c_i; HoldsA says whether the
// held operand is a or b.
// If DoubleBuffered, what is shifted in comes into use with held_swap_i, from the next cycle on.

module pe_ws #(
    parameter int unsigned AWidth         = 8,
    parameter int unsigned BWidth         = 8,
    parameter int unsigned AccWidth       = 32,
    parameter int unsigned HoldsA         = 0,
    parameter int unsigned DoubleBuffered = 0,
    parameter int unsigned HeldWidth      = (HoldsA != 0) ? AWidth : BWidth,
    parameter int unsigned StreamedWidth  = (HoldsA != 0) ? BWidth : AWidth
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,
    // From above to below, while operands to be held are loaded.
    input  logic                     held_load_i,
    input  logic [    HeldWidth-1:0] held_i,
    input  logic                     held_valid_i,
    output logic [    HeldWidth-1:0] held_o,
    output logic                     held_valid_o,
    // From above to below, one row a cycle.
    input  logic                     held_swap_i,
    output logic                     held_swap_o,
    // From left to right.
    input  logic [StreamedWidth-1:0] streamed_i,
    output logic [StreamedWidth-1:0] streamed_o,
    // From above to below.
    input  logic [     AccWidth-1:0] partial_sum_i,
    input  logic                     partial_sum_valid_i,
    output logic [     AccWidth-1:0] partial_sum_o,
    output logic                     partial_sum_valid_o
);

  // Keeps the functions that Verilator generates small, so that a C++ compiler's time grows only linearly.
  /* verilator no_inline_module */

  logic [    HeldWidth-1:0] loaded_q;
  logic                     loaded_valid_q;
  logic [    HeldWidth-1:0] held;
  logic                     held_valid;
  logic [StreamedWidth-1:0] streamed_q;
  logic [     AccWidth-1:0] partial_sum_q;
  logic                     partial_sum_valid_q;
  logic [     AccWidth-1:0] mac_result;
  logic [     AccWidth-1:0] partial_sum_d;

  if (DoubleBuffered != 0) begin : gen_shadow
    logic [HeldWidth-1:0] held_q;
    logic                 held_valid_q;
    logic                 held_swap_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        held_valid_q <= 1'b0;
        held_swap_q  <= 1'b0;
      end else begin
        if (held_swap_i) held_valid_q <= loaded_valid_q;
        held_swap_q <= held_swap_i;
      end
    end

    always_ff @(posedge clk_i) begin
      if (held_swap_i) held_q <= loaded_q;
    end

    assign held        = held_q;
    assign held_valid  = held_valid_q;
    assign held_swap_o = held_swap_q;
  end else begin : gen_no_shadow
    assign held        = loaded_q;
    assign held_valid  = loaded_valid_q;
    assign held_swap_o = held_swap_i;
  end

  if (HoldsA != 0) begin : gen_holds_a
    mac_unit u_mac (
        .a_i     (held),
        .b_i     (streamed_i),
        .c_i     (partial_sum_i),
        .result_o(mac_result)
    );
  end else begin : gen_holds_b
    mac_unit u_mac (
        .a_i     (streamed_i),
        .b_i     (held),
        .c_i     (partial_sum_i),
        .result_o(mac_result)
    );
  end

  assign partial_sum_d = held_valid ? mac_result : partial_sum_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      loaded_valid_q      <= 1'b0;
      partial_sum_valid_q <= 1'b0;
    end else begin
      if (held_load_i) loaded_valid_q <= held_valid_i;
      partial_sum_valid_q <= partial_sum_valid_i;
    end
  end

  // Data without a valid bit beside it is never looked at, so it needs no reset.
  always_ff @(posedge clk_i) begin
    if (held_load_i) loaded_q <= held_i;
    streamed_q <= streamed_i;
    if (partial_sum_valid_i) partial_sum_q <= partial_sum_d;
  end

  assign held_o              = loaded_q;
  assign held_valid_o        = loaded_valid_q;
  assign streamed_o          = streamed_q;
  assign partial_sum_o       = partial_sum_q;
  assign partial_sum_valid_o = partial_sum_valid_q;

endmodule
