// Exact product of two posits (see posit_decode), unpacked: |a * b| = significand_o * 2^(scale_o -
// SignificandWidth + 1), the top or second bit of significand_o set unless zero_o; nar_o: an operand is not a
// real.

module posit_product #(
    parameter  int unsigned Width            = 16,
    parameter  int unsigned ExponentWidth    = 2,
    localparam int unsigned SignificandWidth = 2 * (Width - 2 - ExponentWidth),
    localparam int unsigned ScaleWidth       = $clog2(Width - 1) + 2 + ExponentWidth  // signed
) (
    input  logic        [           Width-1:0] a_i,
    input  logic        [           Width-1:0] b_i,
    output logic                               sign_o,
    output logic signed [      ScaleWidth-1:0] scale_o,
    output logic        [SignificandWidth-1:0] significand_o,
    output logic                               zero_o,
    output logic                               nar_o
);

  logic                         a_sign, b_sign;
  logic signed [ScaleWidth-2:0] a_scale, b_scale;
  logic [SignificandWidth/2-1:0] a_significand, b_significand;
  logic                         a_zero, a_nar;
  logic                         b_zero, b_nar;

  posit_decode #(
      .Width        (Width),
      .ExponentWidth(ExponentWidth)
  ) u_decode_a (
      .code_i       (a_i),
      .sign_o       (a_sign),
      .scale_o      (a_scale),
      .significand_o(a_significand),
      .zero_o       (a_zero),
      .nar_o        (a_nar)
  );

  posit_decode #(
      .Width        (Width),
      .ExponentWidth(ExponentWidth)
  ) u_decode_b (
      .code_i       (b_i),
      .sign_o       (b_sign),
      .scale_o      (b_scale),
      .significand_o(b_significand),
      .zero_o       (b_zero),
      .nar_o        (b_nar)
  );

  // The one is for the second integer digit of the significand.
  assign sign_o        = a_sign ^ b_sign;
  assign scale_o       = ScaleWidth'(a_scale) + ScaleWidth'(b_scale) + ScaleWidth'(1);
  assign significand_o = SignificandWidth'(a_significand) * SignificandWidth'(b_significand);
  assign zero_o        = a_zero | b_zero;
  assign nar_o         = a_nar | b_nar;

endmodule
