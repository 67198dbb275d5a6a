// Multiply and accumulate of logarithmic numbers a and b of one format (see lns_mul) and an IEEE format's c:
// result = product + c, rounded once to nearest, ties to even. The product is exact as a logarithm; its significand is
// the nearest one of SignificandWidth bits. Subnormal numbers c and results count, overflow gives infinity.

module lns_fp_mac #(
    parameter int unsigned IntegerWidth     = 4,
    parameter int unsigned FractionWidth    = 3,
    parameter int unsigned SignificandWidth = 53,
    parameter int unsigned AccExponentWidth = 8,
    parameter int unsigned AccFractionWidth = 23
) (
    input  logic [      IntegerWidth+FractionWidth:0] a_i,
    input  logic [      IntegerWidth+FractionWidth:0] b_i,
    input  logic [AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [AccExponentWidth+AccFractionWidth:0] result_o
);

  localparam int AccExponentBias = (1 << (AccExponentWidth - 1)) - 1;

  // From the bias of products, 2^IntegerWidth, to the accumulator's.
  localparam int Rebias = AccExponentBias - (1 << IntegerWidth);
  localparam int HighestExponent = Rebias + (2 << IntegerWidth) - 1;
  localparam int unsigned ExponentWidth =
      $clog2((-Rebias > HighestExponent + 1) ? -Rebias : HighestExponent + 1) + 1;

  logic                               product_sign;
  logic        [      IntegerWidth:0] product_exponent;
  logic signed [   ExponentWidth-1:0] rebiased;
  logic        [SignificandWidth-1:0] product_significand;
  logic                               product_zero;
  logic                               product_nan;

  (* keep_hierarchy *)
  lns_linear_product #(
      .IntegerWidth    (IntegerWidth),
      .FractionWidth   (FractionWidth),
      .SignificandWidth(SignificandWidth)
  ) u_product (
      .a_i          (a_i),
      .b_i          (b_i),
      .sign_o       (product_sign),
      .exponent_o   (product_exponent),
      .significand_o(product_significand),
      .zero_o       (product_zero),
      .nan_o        (product_nan)
  );

  assign rebiased = ExponentWidth'(product_exponent) + ExponentWidth'(Rebias);

  (* keep_hierarchy *)
  fp_accumulate #(
      .ProductExponentWidth (ExponentWidth),
      .ProductWidth         (SignificandWidth),
      .ProductLowestExponent(Rebias),
      .CExponentWidth       (AccExponentWidth),
      .CFractionWidth       (AccFractionWidth),
      .CExponentBias        (AccExponentBias),
      .ResultExponentWidth  (AccExponentWidth),
      .ResultFractionWidth  (AccFractionWidth),
      .ResultExponentBias   (AccExponentBias)
  ) u_accumulate (
      .product_sign_i       (product_sign),
      .product_exponent_i   (rebiased),
      .product_significand_i(product_significand),
      .product_zero_i       (product_zero),
      .product_infinite_i   (1'b0),
      .product_nan_i        (product_nan),
      .c_i                  (c_i),
      .random_i             (1'b0),
      .result_o             (result_o)
  );

endmodule
