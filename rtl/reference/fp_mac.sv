// Reference of ../fp_mac.sv: exact product and addend as long integers, added as such, rounded.

module fp_mac #(
    parameter int unsigned AExponentWidth      = 4,
    parameter int unsigned AFractionWidth      = 3,
    parameter int          AExponentBias       = 7,
    parameter int unsigned ASpecials           = 1,
    parameter int unsigned BExponentWidth      = 4,
    parameter int unsigned BFractionWidth      = 3,
    parameter int          BExponentBias       = 7,
    parameter int unsigned BSpecials           = 1,
    parameter int unsigned AccExponentWidth    = 8,
    parameter int unsigned AccFractionWidth    = 23,
    parameter int          AccExponentBias     = (1 << (AccExponentWidth - 1)) - 1,
    parameter int unsigned AccSpecials         = 0,
    parameter int unsigned ResultExponentWidth = AccExponentWidth,
    parameter int unsigned ResultFractionWidth = AccFractionWidth,
    parameter int          ResultExponentBias  = AccExponentBias,
    parameter int unsigned ResultSpecials      = AccSpecials,
    parameter int unsigned Rounding            = 0,
    parameter int unsigned Saturating          = 0
) (
    input  logic [          AExponentWidth+AFractionWidth:0] a_i,
    input  logic [          BExponentWidth+BFractionWidth:0] b_i,
    input  logic [      AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [ResultExponentWidth+ResultFractionWidth:0] result_o
);

  // In units of the product of the least subnormal numbers.
  localparam int ProductExponent =
      2 - AExponentBias - BExponentBias - $signed(AFractionWidth) - $signed(BFractionWidth);
  localparam int unsigned ProductWidth =
      AFractionWidth + BFractionWidth + (1 << AExponentWidth) + (1 << BExponentWidth);
  localparam int CExponent = 1 - AccExponentBias - $signed(AccFractionWidth);
  localparam int unsigned CWidth = AccFractionWidth + (1 << AccExponentWidth);
  // Both in units of the less of the two.
  localparam int LowestExponent = (ProductExponent < CExponent) ? ProductExponent : CExponent;
  localparam int unsigned ProductUp = ProductExponent - LowestExponent;
  localparam int unsigned CUp = CExponent - LowestExponent;
  localparam int unsigned Width =
      (ProductWidth + ProductUp > CWidth + CUp) ? ProductWidth + ProductUp : CWidth + CUp;

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

  logic c_negative, c_infinite, c_nan;
  logic [AccFractionWidth:0] c_significand;
  logic [AccExponentWidth-1:0] c_shift;

  ref_value #(
      .ExponentWidth(AccExponentWidth),
      .FractionWidth(AccFractionWidth),
      .Specials     (AccSpecials)
  ) u_c (
      .code_i       (c_i),
      .negative_o   (c_negative),
      .significand_o(c_significand),
      .shift_o      (c_shift),
      .infinite_o   (c_infinite),
      .nan_o        (c_nan)
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
      .x_negative_i (product_negative),
      .x_magnitude_i(((Width'(significand) << ProductUp) << a_shift) << b_shift),
      .x_infinite_i (product_infinite),
      .x_nan_i      (product_nan),
      .y_negative_i (c_negative),
      .y_magnitude_i((Width'(c_significand) << CUp) << c_shift),
      .y_infinite_i (c_infinite),
      .y_nan_i      (c_nan),
      .result_o     (result_o)
  );

endmodule
