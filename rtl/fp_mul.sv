// Multiplication: result = a * b, rounded once. a, b and result are codes of any floating-point formats
// (Specials: see fp_decode; Rounding, Saturating and what becomes of overflow and NaN: see fp_round).
// Subnormal numbers count on every side.

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

  // Range of the product's exponent in the result's bias, less one where its top bit is zero, and the signed
  // width that holds it.
  localparam int Rebias = ResultExponentBias - AExponentBias - BExponentBias + 1;
  localparam int LowestExponent = Rebias + 1 - $signed(AFractionWidth) - $signed(BFractionWidth);
  localparam int HighestExponent = Rebias + (1 << AExponentWidth) + (1 << BExponentWidth) - 2;
  localparam int unsigned ExponentWidth =
      $clog2((-LowestExponent > HighestExponent + 1) ? -LowestExponent : HighestExponent + 1) + 1;
  localparam int unsigned ProductWidth = AFractionWidth + BFractionWidth + 2;

  logic                            sign;
  logic signed [ExponentWidth-1:0] product_exponent;
  logic        [ ProductWidth-1:0] product_significand;
  logic                            unused_zero;  // the significand says so
  logic                            infinite;
  logic                            nan;

  fp_multiply #(
      .AExponentWidth    (AExponentWidth),
      .AFractionWidth    (AFractionWidth),
      .AExponentBias     (AExponentBias),
      .ASpecials         (ASpecials),
      .BExponentWidth    (BExponentWidth),
      .BFractionWidth    (BFractionWidth),
      .BExponentBias     (BExponentBias),
      .BSpecials         (BSpecials),
      .ResultExponentBias(ResultExponentBias),
      .OutExponentWidth  (ExponentWidth)
  ) u_product (
      .a_i          (a_i),
      .b_i          (b_i),
      .sign_o       (sign),
      .exponent_o   (product_exponent),
      .significand_o(product_significand),
      .zero_o       (unused_zero),
      .infinite_o   (infinite),
      .nan_o        (nan)
  );

  // [1, 4) to [1, 2)
  logic                            carry;
  logic signed [ExponentWidth-1:0] exponent;
  logic        [ ProductWidth-1:0] significand;

  assign carry       = product_significand[ProductWidth-1];
  assign exponent    = product_exponent - ExponentWidth'(!carry);
  assign significand = product_significand << !carry;

  fp_pack #(
      .ExponentWidth   (ResultExponentWidth),
      .FractionWidth   (ResultFractionWidth),
      .Specials        (ResultSpecials),
      .Rounding        (Rounding),
      .Saturating      (Saturating),
      .InExponentWidth (ExponentWidth),
      .LowestExponent  (LowestExponent),
      .SignificandWidth(ProductWidth)
  ) u_pack (
      .sign_i       (sign),
      .exponent_i   (exponent),
      .significand_i(significand),
      .infinite_i   (infinite),
      .nan_i        (nan),
      .random_i     (1'b0),
      .result_o     (result_o)
  );

endmodule
