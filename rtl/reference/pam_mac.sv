// Reference of ../pam_mac.sv: product by its definition; it and the addend as long integers, added
// as such, rounded.

module pam_mac #(
    parameter int unsigned ExponentWidth    = 8,
    parameter int unsigned FractionWidth    = 7,
    parameter int unsigned Offset           = 0,  // see pam_mul
    parameter int unsigned AccExponentWidth = 8,
    parameter int unsigned AccFractionWidth = 23
) (
    input  logic [      ExponentWidth+FractionWidth:0] a_i,
    input  logic [      ExponentWidth+FractionWidth:0] b_i,
    input  logic [AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [AccExponentWidth+AccFractionWidth:0] result_o
);

  localparam int AccExponentBias = (1 << (AccExponentWidth - 1)) - 1;
  localparam int ProductExponent = 2 - (1 << (ExponentWidth - 1)) - $signed(FractionWidth);
  localparam int CExponent = 1 - AccExponentBias - $signed(AccFractionWidth);
  localparam int LowestExponent = (ProductExponent < CExponent) ? ProductExponent : CExponent;
  localparam int unsigned ProductUp = ProductExponent - LowestExponent;
  localparam int unsigned CUp = CExponent - LowestExponent;
  localparam int unsigned ProductWidth = FractionWidth + (1 << ExponentWidth) + ProductUp;
  localparam int unsigned CWidth = AccFractionWidth + (1 << AccExponentWidth) + CUp;
  localparam int unsigned Width = (ProductWidth > CWidth) ? ProductWidth : CWidth;

  logic [ExponentWidth+FractionWidth:0] product;
  logic                                 p_negative, p_infinite, p_nan;
  logic [              FractionWidth:0] p_significand;
  logic [            ExponentWidth-1:0] p_shift;
  logic                        c_negative, c_infinite, c_nan;
  logic [  AccFractionWidth:0] c_significand;
  logic [AccExponentWidth-1:0] c_shift;

  pam_mul #(
      .ExponentWidth(ExponentWidth),
      .FractionWidth(FractionWidth),
      .Offset       (Offset)
  ) u_product (
      .a_i     (a_i),
      .b_i     (b_i),
      .result_o(product)
  );

  ref_value #(
      .ExponentWidth(ExponentWidth),
      .FractionWidth(FractionWidth)
  ) u_p (
      .code_i       (product),
      .negative_o   (p_negative),
      .significand_o(p_significand),
      .shift_o      (p_shift),
      .infinite_o   (p_infinite),
      .nan_o        (p_nan)
  );

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
      .x_negative_i (p_negative),
      .x_magnitude_i((Width'(p_significand) << ProductUp) << p_shift),
      .x_infinite_i (p_infinite),
      .x_nan_i      (p_nan),
      .y_negative_i (c_negative),
      .y_magnitude_i((Width'(c_significand) << CUp) << c_shift),
      .y_infinite_i (c_infinite),
      .y_nan_i      (c_nan),
      .result_o     (result_o)
  );

endmodule
