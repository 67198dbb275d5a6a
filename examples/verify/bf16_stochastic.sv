// FP32 to BF16 with stochastic rounding: random bits are added below the last place, and what is below it is cut off.
// The carry may go up to infinity.

module bf16_stochastic (
    input  logic [31:0] x_i,
    input  logic [15:0] random_i,
    output logic [15:0] y_o
);

  logic        special, nan;
  logic [30:0] sum;

  assign special = x_i[30:23] == 8'd255;
  assign nan     = special & (x_i[22:0] != 23'd0);
  assign sum     = x_i[30:0] + (special ? 31'd0 : {15'd0, random_i});
  assign y_o     = nan ? 16'h7fc0 : {x_i[31], sum[30:16]};

endmodule
