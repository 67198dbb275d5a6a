// Reference of ../mfbprop_mac.sv: the exact integer and the addend, in units of the addend's least
// number, added as such, rounded.

module mfbprop_mac #(
    parameter int unsigned AccExponentWidth = 8,
    parameter int unsigned AccFractionWidth = 23
) (
    input  logic [                                3:0] a_i,
    input  logic [                                3:0] b_i,
    input  logic [AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [AccExponentWidth+AccFractionWidth:0] result_o
);

  localparam int AccExponentBias = (1 << (AccExponentWidth - 1)) - 1;
  localparam int LowestExponent = 1 - AccExponentBias - $signed(AccFractionWidth);
  localparam int unsigned Unit = -LowestExponent;  // bits below the integers
  localparam int unsigned Width = AccFractionWidth + (1 << AccExponentWidth);

  logic                        c_negative, c_infinite, c_nan;
  logic [  AccFractionWidth:0] c_significand;
  logic [AccExponentWidth-1:0] c_shift;

  // An integer below 2^9.
  logic [6:0] power;
  logic [8:0] product;

  assign power   = (b_i[2:0] == 3'd0) ? 7'd0 : 7'd1 << (b_i[2:0] - 3'd1);
  assign product = {6'd0, a_i[2:0]} * {2'd0, power};

  ref_value #(
      .ExponentWidth(AccExponentWidth),
      .FractionWidth(AccFractionWidth)
  ) u_c (
      .code_i       (c_i),
      .negative_o   (c_negative),
      .significand_o(c_significand),
      .shift_o      (c_shift),
      .infinite_o   (c_infinite),
      .nan_o        (c_nan)
  );

  ref_sum #(
      .Width         (Width),
      .LowestExponent(LowestExponent),
      .ExponentWidth (AccExponentWidth),
      .FractionWidth (AccFractionWidth),
      .ExponentBias  (AccExponentBias)
  ) u_sum (
      .x_negative_i (a_i[3] ^ b_i[3]),
      .x_magnitude_i(Width'(product) << Unit),
      .x_infinite_i (1'b0),
      .x_nan_i      (1'b0),
      .y_negative_i (c_negative),
      .y_magnitude_i(Width'(c_significand) << c_shift),
      .y_infinite_i (c_infinite),
      .y_nan_i      (c_nan),
      .result_o     (result_o)
  );

endmodule
