// FP32 to BF16 with stochastic rounding: random bits are added to what lies below the last place, and their carry,
// which may go up to infinity, is what it rounds by.

module bf16_stochastic (
    input  logic [31:0] x_i,
    input  logic [15:0] random_i,
    output logic [15:0] y_o
);

  logic        special, nan, carry;

  assign special = x_i[30:23] == 8'd255;
  assign nan     = special & (x_i[22:0] != 23'd0);
  assign carry   = ~special & (random_i > ~x_i[15:0]);
  assign y_o     = nan ? 16'h7fc0 : x_i[31:16] + 16'(carry);

endmodule
