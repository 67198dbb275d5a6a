// Reference of ../fp_convert.sv: the number as one long integer, rounded.

module fp_convert #(
    parameter int unsigned AExponentWidth      = 8,
    parameter int unsigned AFractionWidth      = 23,
    parameter int          AExponentBias       = 127,
    parameter int unsigned ASpecials           = 0,
    parameter int unsigned ResultExponentWidth = 4,
    parameter int unsigned ResultFractionWidth = 3,
    parameter int          ResultExponentBias  = 7,
    parameter int unsigned ResultSpecials      = 1,
    parameter int unsigned Rounding            = 0,
    parameter int unsigned Saturating          = 0
) (
    input  logic [          AExponentWidth+AFractionWidth:0] a_i,
    output logic [ResultExponentWidth+ResultFractionWidth:0] result_o
);

  localparam int LowestExponent = 1 - AExponentBias - $signed(AFractionWidth);
  localparam int unsigned Width = AFractionWidth + (1 << AExponentWidth);

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
      .negative_i (a_negative),
      .magnitude_i(Width'(a_significand) << a_shift),
      .infinite_i (a_infinite),
      .nan_i      (a_nan),
      .result_o   (result_o)
  );

endmodule
