// Addition: result = a + b, or a - b if Subtract, rounded once. a, b and result are codes of any
// floating-point formats (Specials: see fp_decode; Rounding, Saturating and what becomes of overflow and NaN:
// see fp_round). Subnormal numbers count on every side.

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

  // An addend in the result's format needs no normalization.
  localparam bit ASame = (AExponentWidth == ResultExponentWidth) & (AFractionWidth == ResultFractionWidth)
                         & (AExponentBias == ResultExponentBias);
  localparam bit BSame = (BExponentWidth == ResultExponentWidth) & (BFractionWidth == ResultFractionWidth)
                         & (BExponentBias == ResultExponentBias);
  localparam bit SameFormat = ASame & BSame;

  // Range of the exponents in the bias of the result, and the signed width that holds it.
  localparam int ARebias = ResultExponentBias - AExponentBias;
  localparam int BRebias = ResultExponentBias - BExponentBias;
  localparam int ALowest = ARebias + 1 - (SameFormat ? 0 : $signed(AFractionWidth));
  localparam int BLowest = BRebias + 1 - (SameFormat ? 0 : $signed(BFractionWidth));
  localparam int AHighest = ARebias + (1 << AExponentWidth) - 1;
  localparam int BHighest = BRebias + (1 << BExponentWidth) - 1;
  localparam int LowestExponent = (ALowest < BLowest) ? ALowest : BLowest;
  localparam int HighestExponent = (AHighest > BHighest) ? AHighest : BHighest;
  localparam int unsigned ExponentWidth =
      $clog2((-LowestExponent > HighestExponent + 1) ? -LowestExponent : HighestExponent + 1) + 1;

  localparam int unsigned ADecodedWidth =
      $clog2((1 << AExponentWidth) + (SameFormat ? 0 : AFractionWidth)) + 1;
  localparam int unsigned BDecodedWidth =
      $clog2((1 << BExponentWidth) + (SameFormat ? 0 : BFractionWidth)) + 1;

  logic                            a_sign, b_sign;
  logic signed [ADecodedWidth-1:0] a_decoded_exponent;
  logic signed [BDecodedWidth-1:0] b_decoded_exponent;
  logic signed [ExponentWidth-1:0] a_exponent, b_exponent;
  logic        [ AFractionWidth:0] a_significand;
  logic        [ BFractionWidth:0] b_significand;
  logic                            a_zero, a_infinite, a_nan;
  logic                            b_zero, b_infinite, b_nan;

  fp_decode #(
      .ExponentWidth(AExponentWidth),
      .FractionWidth(AFractionWidth),
      .Specials     (ASpecials),
      .Subnormals   (SameFormat ? 2 : 1)
  ) u_decode_a (
      .code_i       (a_i),
      .sign_o       (a_sign),
      .exponent_o   (a_decoded_exponent),
      .significand_o(a_significand),
      .zero_o       (a_zero),
      .infinite_o   (a_infinite),
      .nan_o        (a_nan)
  );

  fp_decode #(
      .ExponentWidth(BExponentWidth),
      .FractionWidth(BFractionWidth),
      .Specials     (BSpecials),
      .Subnormals   (SameFormat ? 2 : 1)
  ) u_decode_b (
      .code_i       (b_i),
      .sign_o       (b_sign),
      .exponent_o   (b_decoded_exponent),
      .significand_o(b_significand),
      .zero_o       (b_zero),
      .infinite_o   (b_infinite),
      .nan_o        (b_nan)
  );

  assign a_exponent = ExponentWidth'(a_decoded_exponent) + ExponentWidth'(ARebias);
  assign b_exponent = ExponentWidth'(b_decoded_exponent) + ExponentWidth'(BRebias);

  // The sums may need fewer bits.
  logic unused_exponent_bits;
  assign unused_exponent_bits = ^a_decoded_exponent ^ ^b_decoded_exponent;

  fp_sum #(
      .XExponentWidth(ExponentWidth),
      .XWidth        (AFractionWidth + 1),
      .YExponentWidth(ExponentWidth),
      .YWidth        (BFractionWidth + 1),
      .LeastExponent (LowestExponent),
      .ExponentWidth (ResultExponentWidth),
      .FractionWidth (ResultFractionWidth),
      .Specials      (ResultSpecials),
      .Rounding      (Rounding),
      .Saturating    (Saturating)
  ) u_sum (
      .x_sign_i       (a_sign),
      .x_exponent_i   (a_exponent),
      .x_significand_i(a_significand),
      .x_zero_i       (a_zero & ~SameFormat),
      .x_infinite_i   (a_infinite),
      .x_nan_i        (a_nan),
      .y_sign_i       (b_sign ^ (Subtract != 0)),
      .y_exponent_i   (b_exponent),
      .y_significand_i(b_significand),
      .y_zero_i       (b_zero & ~SameFormat),
      .y_infinite_i   (b_infinite),
      .y_nan_i        (b_nan),
      .random_i       (1'b0),
      .result_o       (result_o)
  );

endmodule
