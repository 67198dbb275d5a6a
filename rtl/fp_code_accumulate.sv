// result = product + c, rounded once, to nearest, ties to even. The product is a floating-point code that is
// never subnormal (Specials: see fp_decode), c and result are codes of an IEEE format. See fp_accumulate.

module fp_code_accumulate #(
    parameter int unsigned ProductExponentWidth = 8,
    parameter int unsigned ProductFractionWidth = 7,
    parameter int          ProductExponentBias  = 127,
    parameter int unsigned ProductSpecials      = 0,
    parameter int unsigned AccExponentWidth     = 8,
    parameter int unsigned AccFractionWidth     = 23
) (
    input  logic [ProductExponentWidth+ProductFractionWidth:0] product_i,
    input  logic [        AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [        AccExponentWidth+AccFractionWidth:0] result_o
);

  localparam int AccExponentBias = (1 << (AccExponentWidth - 1)) - 1;
  localparam int Rebias = AccExponentBias - ProductExponentBias;
  localparam int HighestExponent = Rebias + (1 << ProductExponentWidth) - 1;
  localparam int unsigned ExponentWidth =
      $clog2((-Rebias > HighestExponent + 1) ? -Rebias : HighestExponent + 1) + 1;

  logic                                 sign;
  logic signed [ProductExponentWidth:0] decoded_exponent;
  logic signed [     ExponentWidth-1:0] exponent;
  logic        [ProductFractionWidth:0] significand;
  logic                                 zero;
  logic                                 infinite;
  logic                                 nan;

  fp_decode #(
      .ExponentWidth(ProductExponentWidth),
      .FractionWidth(ProductFractionWidth),
      .Specials     (ProductSpecials),
      .Subnormals   (0)
  ) u_decode (
      .code_i       (product_i),
      .sign_o       (sign),
      .exponent_o   (decoded_exponent),
      .significand_o(significand),
      .zero_o       (zero),
      .infinite_o   (infinite),
      .nan_o        (nan)
  );

  assign exponent = ExponentWidth'(decoded_exponent) + ExponentWidth'(Rebias);

  // The sum may need fewer bits.
  logic unused_exponent_bits;
  assign unused_exponent_bits = ^decoded_exponent;

  fp_accumulate #(
      .ProductExponentWidth (ExponentWidth),
      .ProductWidth         (ProductFractionWidth + 1),
      .ProductLowestExponent(Rebias),
      .CExponentWidth       (AccExponentWidth),
      .CFractionWidth       (AccFractionWidth),
      .CExponentBias        (AccExponentBias),
      .ResultExponentWidth  (AccExponentWidth),
      .ResultFractionWidth  (AccFractionWidth),
      .ResultExponentBias   (AccExponentBias)
  ) u_add (
      .product_sign_i       (sign),
      .product_exponent_i   (exponent),
      .product_significand_i(significand),
      .product_zero_i       (zero),
      .product_infinite_i   (infinite),
      .product_nan_i        (nan),
      .c_i                  (c_i),
      .random_i             (1'b0),
      .result_o             (result_o)
  );

endmodule
