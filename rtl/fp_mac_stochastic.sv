// Fused multiply and add with stochastic rounding: result = a * b + c, rounded once by the random bits random_i
// (Rounding: see fp_round). c and the result have the same format, a and b any. Otherwise see fp_mac.

module fp_mac_stochastic #(
    parameter int unsigned AExponentWidth   = 4,
    parameter int unsigned AFractionWidth   = 3,
    parameter int          AExponentBias    = 7,
    parameter int unsigned ASpecials        = 1,
    parameter int unsigned BExponentWidth   = 4,
    parameter int unsigned BFractionWidth   = 3,
    parameter int          BExponentBias    = 7,
    parameter int unsigned BSpecials        = 1,
    parameter int unsigned AccExponentWidth = 8,
    parameter int unsigned AccFractionWidth = 7,
    parameter int          AccExponentBias  = (1 << (AccExponentWidth - 1)) - 1,
    parameter int unsigned AccSpecials      = 0,
    parameter int unsigned Rounding         = 6,
    parameter int unsigned Saturating       = 0,
    parameter int unsigned RandomWidth      = 8
) (
    input  logic [    AExponentWidth+AFractionWidth:0] a_i,
    input  logic [    BExponentWidth+BFractionWidth:0] b_i,
    input  logic [AccExponentWidth+AccFractionWidth:0] c_i,
    input  logic [                    RandomWidth-1:0] random_i,
    output logic [AccExponentWidth+AccFractionWidth:0] result_o
);

  // Range of the product's exponent in the accumulator's bias, and the signed width that holds it.
  localparam int Rebias = AccExponentBias - AExponentBias - BExponentBias + 1;
  localparam int LowestExponent = Rebias - $signed(AFractionWidth) - $signed(BFractionWidth);
  localparam int HighestExponent = Rebias + (1 << AExponentWidth) + (1 << BExponentWidth) - 2;
  localparam int unsigned ProductExponentWidth =
      $clog2((-LowestExponent > HighestExponent + 1) ? -LowestExponent : HighestExponent + 1) + 1;
  localparam int unsigned ProductWidth = AFractionWidth + BFractionWidth + 2;

  logic                                   product_sign;
  logic signed [ProductExponentWidth-1:0] product_exponent;
  logic        [        ProductWidth-1:0] product_significand;
  logic                                   product_zero;
  logic                                   product_infinite;
  logic                                   product_nan;

  (* keep_hierarchy *)
  fp_multiply #(
      .AExponentWidth    (AExponentWidth),
      .AFractionWidth    (AFractionWidth),
      .AExponentBias     (AExponentBias),
      .ASpecials         (ASpecials),
      .BExponentWidth    (BExponentWidth),
      .BFractionWidth    (BFractionWidth),
      .BExponentBias     (BExponentBias),
      .BSpecials         (BSpecials),
      .ResultExponentBias(AccExponentBias),
      .OutExponentWidth  (ProductExponentWidth)
  ) u_product (
      .a_i          (a_i),
      .b_i          (b_i),
      .sign_o       (product_sign),
      .exponent_o   (product_exponent),
      .significand_o(product_significand),
      .zero_o       (product_zero),
      .infinite_o   (product_infinite),
      .nan_o        (product_nan)
  );

  (* keep_hierarchy *)
  fp_accumulate #(
      .ProductExponentWidth (ProductExponentWidth),
      .ProductWidth         (ProductWidth),
      .ProductLowestExponent(LowestExponent),
      .CExponentWidth       (AccExponentWidth),
      .CFractionWidth       (AccFractionWidth),
      .CExponentBias        (AccExponentBias),
      .CSpecials            (AccSpecials),
      .ResultExponentWidth  (AccExponentWidth),
      .ResultFractionWidth  (AccFractionWidth),
      .ResultExponentBias   (AccExponentBias),
      .ResultSpecials       (AccSpecials),
      .Rounding             (Rounding),
      .Saturating           (Saturating),
      .RandomWidth          (RandomWidth)
  ) u_accumulate (
      .product_sign_i       (product_sign),
      .product_exponent_i   (product_exponent),
      .product_significand_i(product_significand),
      .product_zero_i       (product_zero),
      .product_infinite_i   (product_infinite),
      .product_nan_i        (product_nan),
      .c_i                  (c_i),
      .random_i             (random_i),
      .result_o             (result_o)
  );

endmodule
