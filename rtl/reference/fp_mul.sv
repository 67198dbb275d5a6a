// Reference of ../fp_mul.sv: the exact product as one long integer, rounded.

module fp_mul #(
    parameter int unsigned AExponentWidth      = 8,
    parameter int unsigned AFractionWidth      = 7,
    parameter int          AExponentBias       = 127,
    parameter int unsigned ASpecials           = 0,
    parameter int unsigned BExponentWidth      = 8,
    parameter int unsigned BFractionWidth      = 7,
    parameter int          BExponentBias       = 127,
    parameter int unsigned BSpecials           = 0,
    parameter int unsigned ResultExponentWidth = 8,
    parameter int unsigned ResultFractionWidth = 7,
    parameter int          ResultExponentBias  = (1 << (ResultExponentWidth - 1)) - 1,
    parameter int unsigned ResultSpecials      = 0,
    parameter int unsigned Rounding            = 0,
    parameter int unsigned Saturating          = 0
) (
    input  logic [          AExponentWidth+AFractionWidth:0] a_i,
    input  logic [          BExponentWidth+BFractionWidth:0] b_i,
    output logic [ResultExponentWidth+ResultFractionWidth:0] result_o
);

  // In units of the product of the least subnormal numbers.
  localparam int LowestExponent =
      2 - AExponentBias - BExponentBias - $signed(AFractionWidth) - $signed(BFractionWidth);
  localparam int unsigned Width =
      AFractionWidth + BFractionWidth + (1 << AExponentWidth) + (1 << BExponentWidth);

  logic a_negative, a_infinite, a_nan;
  logic [AFractionWidth:0] a_significand;
  logic [AExponentWidth-1:0] a_shift;

  ref_value #(
      .ExponentWidth(AExponentWidth),
      .FractionWidth(AFractionWidth),
      .Specials     (ASpecials)
  ) u_a (
      .code_i       (a_i),
      .negative_o   (a_negative),
      .significand_o(a_significand),
      .shift_o      (a_shift),
      .infinite_o   (a_infinite),
      .nan_o        (a_nan)
  );

  logic b_negative, b_infinite, b_nan;
  logic [BFractionWidth:0] b_significand;
  logic [BExponentWidth-1:0] b_shift;

  ref_value #(
      .ExponentWidth(BExponentWidth),
      .FractionWidth(BFractionWidth),
      .Specials     (BSpecials)
  ) u_b (
      .code_i       (b_i),
      .negative_o   (b_negative),
      .significand_o(b_significand),
      .shift_o      (b_shift),
      .infinite_o   (b_infinite),
      .nan_o        (b_nan)
  );

  logic [AFractionWidth+BFractionWidth+1:0] significand;
  logic product_negative, product_infinite, product_nan, a_zero, b_zero;

  assign a_zero           = a_significand == {(AFractionWidth + 1) {1'b0}};
  assign b_zero           = b_significand == {(BFractionWidth + 1) {1'b0}};
  assign product_negative = a_negative != b_negative;
  assign product_infinite = a_infinite | b_infinite;
  assign product_nan      = a_nan | b_nan | (a_infinite & b_zero) | (b_infinite & a_zero);
  assign significand      = (AFractionWidth + BFractionWidth + 2)'(a_significand)
                            * (AFractionWidth + BFractionWidth + 2)'(b_significand);

  ref_round #(
      .Width         (Width),
      .LowestExponent(LowestExponent),
      .ExponentWidth (ResultExponentWidth),
      .FractionWidth (ResultFractionWidth),
      .ExponentBias  (ResultExponentBias),
      .Specials      (ResultSpecials),
      .Rounding      (Rounding),
      .Saturating    (Saturating)
  ) u_round (
      .negative_i (product_negative),
      .magnitude_i((Width'(significand) << a_shift) << b_shift),
      .infinite_i (product_infinite),
      .nan_i      (product_nan),
      .result_o   (result_o)
  );

endmodule
