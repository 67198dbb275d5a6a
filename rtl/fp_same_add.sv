// Addition, or subtraction, of two numbers of one format, to the same (see fp_add).

module fp_same_add #(
    parameter int unsigned Subtract      = 0,
    parameter int unsigned ExponentWidth = 8,
    parameter int unsigned FractionWidth = 23,
    parameter int          ExponentBias  = (1 << (ExponentWidth - 1)) - 1,
    parameter int unsigned Specials      = 0,
    parameter int unsigned Rounding      = 0,
    parameter int unsigned Saturating    = 0
) (
    input  logic [ExponentWidth+FractionWidth:0] a_i,
    input  logic [ExponentWidth+FractionWidth:0] b_i,
    output logic [ExponentWidth+FractionWidth:0] result_o
);

  fp_add #(
      .Subtract           (Subtract),
      .AExponentWidth     (ExponentWidth),
      .AFractionWidth     (FractionWidth),
      .AExponentBias      (ExponentBias),
      .ASpecials          (Specials),
      .BExponentWidth     (ExponentWidth),
      .BFractionWidth     (FractionWidth),
      .BExponentBias      (ExponentBias),
      .BSpecials          (Specials),
      .ResultExponentWidth(ExponentWidth),
      .ResultFractionWidth(FractionWidth),
      .ResultExponentBias (ExponentBias),
      .ResultSpecials     (Specials),
      .Rounding           (Rounding),
      .Saturating         (Saturating)
  ) u_add (
      .a_i     (a_i),
      .b_i     (b_i),
      .result_o(result_o)
  );

endmodule
