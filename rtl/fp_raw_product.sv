// Exact product of two floating-point numbers, not normalized: the significands multiplied, the exponents added.
// |a * b| = significand_o * 2^(exponent_o - AExponentBias - BExponentBias - AFractionWidth - BFractionWidth);
// a subnormal operand has the exponent 1. For infinities and NaN only the flags and the sign count. nan_o: an
// operand is NaN, or infinity times zero. Specials: see fp_decode.

module fp_raw_product #(
    parameter  int unsigned AExponentWidth   = 4,
    parameter  int unsigned AFractionWidth   = 3,
    parameter  int unsigned ASpecials        = 1,
    parameter  int unsigned BExponentWidth   = 4,
    parameter  int unsigned BFractionWidth   = 3,
    parameter  int unsigned BSpecials        = 1,
    localparam int unsigned ExponentWidth    = ((AExponentWidth > BExponentWidth) ? AExponentWidth : BExponentWidth) + 1,
    localparam int unsigned SignificandWidth = AFractionWidth + BFractionWidth + 2
) (
    input  logic [AExponentWidth+AFractionWidth:0] a_i,
    input  logic [BExponentWidth+BFractionWidth:0] b_i,
    output logic                                   sign_o,
    output logic [              ExponentWidth-1:0] exponent_o,
    output logic [           SignificandWidth-1:0] significand_o,
    output logic                                   zero_o,
    output logic                                   infinite_o,
    output logic                                   nan_o
);

  logic                          a_sign, b_sign;
  logic signed [AExponentWidth:0] a_exponent;
  logic signed [BExponentWidth:0] b_exponent;
  logic        [AFractionWidth:0] a_significand;
  logic        [BFractionWidth:0] b_significand;
  logic                           a_zero, a_infinite, a_nan;
  logic                           b_zero, b_infinite, b_nan;

  fp_decode #(
      .ExponentWidth(AExponentWidth),
      .FractionWidth(AFractionWidth),
      .Specials     (ASpecials),
      .Subnormals   (2)
  ) u_decode_a (
      .code_i       (a_i),
      .sign_o       (a_sign),
      .exponent_o   (a_exponent),
      .significand_o(a_significand),
      .zero_o       (a_zero),
      .infinite_o   (a_infinite),
      .nan_o        (a_nan)
  );

  fp_decode #(
      .ExponentWidth(BExponentWidth),
      .FractionWidth(BFractionWidth),
      .Specials     (BSpecials),
      .Subnormals   (2)
  ) u_decode_b (
      .code_i       (b_i),
      .sign_o       (b_sign),
      .exponent_o   (b_exponent),
      .significand_o(b_significand),
      .zero_o       (b_zero),
      .infinite_o   (b_infinite),
      .nan_o        (b_nan)
  );

  assign sign_o        = a_sign ^ b_sign;
  assign significand_o = SignificandWidth'(a_significand) * SignificandWidth'(b_significand);
  assign exponent_o    = ExponentWidth'(a_exponent) + ExponentWidth'(b_exponent);

  assign zero_o        = a_zero | b_zero;
  assign infinite_o    = a_infinite | b_infinite;
  assign nan_o         = a_nan | b_nan | (a_infinite & b_zero) | (a_zero & b_infinite);

endmodule
