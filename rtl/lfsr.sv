// Linear feedback shift register of maximal length: state_o runs through all 2^Width - 1 values but zero. Its
// neighbours in time share all bits but one; random numbers of n bits that share none are every n-th state.
// Taps: P. Alfke, "Efficient Shift Registers, LFSR Counters, and Long Pseudo-Random Sequence Generators",
// Xilinx application note XAPP 052 (1996), table 3; tap t there is bit t - 1 here.

module lfsr #(
    parameter int unsigned Width = 16,  // 3 to 32
    parameter int unsigned Seed  = 1    // not zero in the last Width bits
) (
    input  logic             clk_i,
    input  logic             rst_ni,
    input  logic             enable_i,
    output logic [Width-1:0] state_o
);

  logic [     31:0] taps;
  logic [Width-1:0] state_q;

  always_comb begin
    case (Width)
      3: taps = 32'h00000006;
      4: taps = 32'h0000000c;
      5: taps = 32'h00000014;
      6: taps = 32'h00000030;
      7: taps = 32'h00000060;
      8: taps = 32'h000000b8;
      9: taps = 32'h00000110;
      10: taps = 32'h00000240;
      11: taps = 32'h00000500;
      12: taps = 32'h00000829;
      13: taps = 32'h0000100d;
      14: taps = 32'h00002015;
      15: taps = 32'h00006000;
      16: taps = 32'h0000d008;
      17: taps = 32'h00012000;
      18: taps = 32'h00020400;
      19: taps = 32'h00040023;
      20: taps = 32'h00090000;
      21: taps = 32'h00140000;
      22: taps = 32'h00300000;
      23: taps = 32'h00420000;
      24: taps = 32'h00e10000;
      25: taps = 32'h01200000;
      26: taps = 32'h02000023;
      27: taps = 32'h04000013;
      28: taps = 32'h09000000;
      29: taps = 32'h14000000;
      30: taps = 32'h20000029;
      31: taps = 32'h48000000;
      default: taps = 32'h80200003;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= Width'(Seed);
    else if (enable_i) state_q <= {state_q[Width-2:0], ^(state_q & taps[Width-1:0])};
  end

  assign state_o = state_q;

  if (Width < 32) begin : gen_unused
    logic unused_taps;
    assign unused_taps = ^taps[31:Width];
  end

endmodule
