// Reference of ../fp_add.sv: both as long integers, added as such, rounded.

module fp_add #(
    parameter int unsigned Subtract            = 0,
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

  localparam int AExponent = 1 - AExponentBias - $signed(AFractionWidth);
  localparam int BExponent = 1 - BExponentBias - $signed(BFractionWidth);
  localparam int unsigned AWidth = AFractionWidth + (1 << AExponentWidth);
  localparam int unsigned BWidth = BFractionWidth + (1 << BExponentWidth);
  // Both in units of the less of the two.
  localparam int LowestExponent = (AExponent < BExponent) ? AExponent : BExponent;
  localparam int unsigned AUp = AExponent - LowestExponent;
  localparam int unsigned BUp = BExponent - LowestExponent;
  localparam int unsigned Width = (AWidth + AUp > BWidth + BUp) ? AWidth + AUp : BWidth + BUp;

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

  ref_sum #(
      .Width         (Width),
      .LowestExponent(LowestExponent),
      .ExponentWidth (ResultExponentWidth),
      .FractionWidth (ResultFractionWidth),
      .ExponentBias  (ResultExponentBias),
      .Specials      (ResultSpecials),
      .Rounding      (Rounding),
      .Saturating    (Saturating)
  ) u_sum (
      .x_negative_i (a_negative),
      .x_magnitude_i((Width'(a_significand) << AUp) << a_shift),
      .x_infinite_i (a_infinite),
      .x_nan_i      (a_nan),
      .y_negative_i (b_negative != (Subtract != 0)),
      .y_magnitude_i((Width'(b_significand) << BUp) << b_shift),
      .y_infinite_i (b_infinite),
      .y_nan_i      (b_nan),
      .result_o     (result_o)
  );

endmodule
