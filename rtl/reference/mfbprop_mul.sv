// Reference of ../mfbprop_mul.sv: the exact integer, as the e4m2 number it is.

module mfbprop_mul (
    input  logic [3:0] a_i,
    input  logic [3:0] b_i,
    output logic [6:0] result_o
);

  // An integer below 2^9.
  logic [6:0] power;
  logic [8:0] product;

  assign power   = (b_i[2:0] == 3'd0) ? 7'd0 : 7'd1 << (b_i[2:0] - 3'd1);
  assign product = {6'd0, a_i[2:0]} * {2'd0, power};

  ref_round #(
      .Width         (9),
      .LowestExponent(0),
      .ExponentWidth (4),
      .FractionWidth (2),
      .ExponentBias  (1),
      .Specials      (2)
  ) u_round (
      .negative_i (a_i[3] ^ b_i[3]),
      .magnitude_i(product),
      .infinite_i (1'b0),
      .nan_i      (1'b0),
      .result_o   (result_o)
  );

endmodule
