// Multiplication of posits (see posit_decode): result = a * b, rounded once (see posit_round).

module posit_mul #(
    parameter int unsigned Width         = 16,
    parameter int unsigned ExponentWidth = 2
) (
    input  logic [Width-1:0] a_i,
    input  logic [Width-1:0] b_i,
    output logic [Width-1:0] result_o
);

  localparam int unsigned SignificandWidth = 2 * (Width - 2 - ExponentWidth);
  localparam int unsigned ScaleWidth       = $clog2(Width - 1) + 2 + ExponentWidth;

  logic                               sign;
  logic signed [      ScaleWidth-1:0] product_scale;
  logic        [SignificandWidth-1:0] product_significand;
  logic                               zero;
  logic                               nar;

  posit_product #(
      .Width        (Width),
      .ExponentWidth(ExponentWidth)
  ) u_product (
      .a_i          (a_i),
      .b_i          (b_i),
      .sign_o       (sign),
      .scale_o      (product_scale),
      .significand_o(product_significand),
      .zero_o       (zero),
      .nar_o        (nar)
  );

  // [1, 4) to [1, 2)
  logic                               carry;
  logic signed [      ScaleWidth-1:0] scale;
  logic        [SignificandWidth-1:0] significand;

  assign carry       = product_significand[SignificandWidth-1];
  assign scale       = product_scale - ScaleWidth'(!carry);
  assign significand = product_significand << !carry;

  posit_round #(
      .Width           (Width),
      .ExponentWidth   (ExponentWidth),
      .ScaleWidth      (ScaleWidth),
      .SignificandWidth(SignificandWidth)
  ) u_round (
      .sign_i       (sign),
      .scale_i      (scale),
      .significand_i(significand),
      .zero_i       (zero),
      .nar_i        (nar),
      .result_o     (result_o)
  );

endmodule
