// result = product + c, rounded once; see fp_sum. The product is unpacked (see fp_multiply), its exponent in
// the bias of the result's format; c and result are codes of any floating-point formats.

module fp_accumulate #(
    parameter int unsigned ProductExponentWidth  = 9,  // signed
    parameter int unsigned ProductWidth          = 8,
    parameter int          ProductLowestExponent = -10,
    parameter int unsigned CExponentWidth        = 8,
    parameter int unsigned CFractionWidth        = 23,
    parameter int          CExponentBias         = 127,
    parameter int unsigned CSpecials             = 0,
    parameter int unsigned ResultExponentWidth   = 8,
    parameter int unsigned ResultFractionWidth   = 23,
    parameter int          ResultExponentBias    = 127,
    parameter int unsigned ResultSpecials        = 0,
    parameter int unsigned Rounding              = 0,
    parameter int unsigned Saturating            = 0,
    parameter int unsigned RandomWidth           = 1
) (
    input  logic                                                    product_sign_i,
    input  logic signed [                 ProductExponentWidth-1:0] product_exponent_i,
    input  logic        [                         ProductWidth-1:0] product_significand_i,
    input  logic                                                    product_zero_i,
    input  logic                                                    product_infinite_i,
    input  logic                                                    product_nan_i,
    input  logic        [          CExponentWidth+CFractionWidth:0] c_i,
    input  logic        [                          RandomWidth-1:0] random_i,  // for rounding 6
    output logic        [ResultExponentWidth+ResultFractionWidth:0] result_o
);

  // With c in the result's format no sum is smaller than what both have, and c needs no normalization.
  localparam bit SameFormat = (CExponentWidth == ResultExponentWidth)
                              & (CFractionWidth == ResultFractionWidth)
                              & (CExponentBias == ResultExponentBias);
  localparam int unsigned Subnormals = SameFormat ? 2 : 1;
  localparam int unsigned DecodedWidth =
      $clog2((1 << CExponentWidth) + (SameFormat ? 0 : CFractionWidth)) + 1;

  // Range of c's exponent in the bias of the result, and the signed width that holds it.
  localparam int Rebias = ResultExponentBias - CExponentBias;
  localparam int CLowestExponent = Rebias + 1 - (SameFormat ? 0 : $signed(CFractionWidth));
  localparam int CHighestExponent = Rebias + (1 << CExponentWidth) - 1;
  localparam int unsigned ExponentWidth =
      $clog2((-CLowestExponent > CHighestExponent + 1) ? -CLowestExponent : CHighestExponent + 1) + 1;

  localparam int LeastExponent =
      (SameFormat | (CLowestExponent < ProductLowestExponent)) ? CLowestExponent : ProductLowestExponent;

  logic                            sign;
  logic signed [ DecodedWidth-1:0] decoded_exponent;
  logic signed [ExponentWidth-1:0] exponent;
  logic        [ CFractionWidth:0] significand;
  logic                            zero;
  logic                            infinite;
  logic                            nan;

  fp_decode #(
      .ExponentWidth(CExponentWidth),
      .FractionWidth(CFractionWidth),
      .Specials     (CSpecials),
      .Subnormals   (Subnormals)
  ) u_decode (
      .code_i       (c_i),
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

  fp_sum #(
      .XExponentWidth(ProductExponentWidth),
      .XWidth        (ProductWidth),
      .YExponentWidth(ExponentWidth),
      .YWidth        (CFractionWidth + 1),
      .LeastExponent (LeastExponent),
      .ExponentWidth (ResultExponentWidth),
      .FractionWidth (ResultFractionWidth),
      .Specials      (ResultSpecials),
      .Rounding      (Rounding),
      .Saturating    (Saturating),
      .RandomWidth   (RandomWidth)
  ) u_sum (
      .x_sign_i       (product_sign_i),
      .x_exponent_i   (product_exponent_i),
      .x_significand_i(product_significand_i),
      .x_zero_i       (product_zero_i),
      .x_infinite_i   (product_infinite_i),
      .x_nan_i        (product_nan_i),
      .y_sign_i       (sign),
      .y_exponent_i   (exponent),
      .y_significand_i(significand),
      .y_zero_i       (zero & ~SameFormat),
      .y_infinite_i   (infinite),
      .y_nan_i        (nan),
      .random_i       (random_i),
      .result_o       (result_o)
  );

endmodule
