// Piecewise-affine multiply and accumulate: result = pam(a, b) + c. The product is a code of the operands'
// format (see pam_mul); it is added to c, of an IEEE format, with one rounding to nearest, ties to even.
// Subnormal numbers c and results count, overflow gives infinity, NaN results are the canonical quiet NaN.

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

  logic [ExponentWidth+FractionWidth:0] product;

  (* keep_hierarchy *)
  pam_mul #(
      .ExponentWidth(ExponentWidth),
      .FractionWidth(FractionWidth),
      .Offset       (Offset)
  ) u_product (
      .a_i     (a_i),
      .b_i     (b_i),
      .result_o(product)
  );

  (* keep_hierarchy *)
  fp_code_accumulate #(
      .ProductExponentWidth(ExponentWidth),
      .ProductFractionWidth(FractionWidth),
      .ProductExponentBias ((1 << (ExponentWidth - 1)) - 1),
      .ProductSpecials     (0),
      .AccExponentWidth    (AccExponentWidth),
      .AccFractionWidth    (AccFractionWidth)
  ) u_accumulate (
      .product_i(product),
      .c_i      (c_i),
      .result_o (result_o)
  );

endmodule
