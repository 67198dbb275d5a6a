// result = x + y, rounded once (Specials: see fp_decode; Rounding, Saturating and what becomes of overflow
// and NaN: see fp_round). Both are unpacked: |x| = significand * 2^(exponent - bias - XWidth + 1) in the bias
// of the result's format, likewise y.
// The top or second bit of x is set and the top bit of y, unless zero; or, if LeastExponent is 1, not so at
// the exponent 1 of the result's subnormal numbers. Exact zero sums of different signs are +0, or -0 where
// the rounding is toward -infinity; infinity - infinity is NaN.

module fp_sum #(
    parameter int unsigned XExponentWidth = 9,   // signed
    parameter int unsigned XWidth         = 8,
    parameter int unsigned YExponentWidth = 9,   // signed
    parameter int unsigned YWidth         = 24,
    parameter int          LeastExponent  = 1,   // the larger exponent of x and y is at least this
    parameter int unsigned ExponentWidth  = 8,
    parameter int unsigned FractionWidth  = 23,
    parameter int unsigned Specials       = 0,
    parameter int unsigned Rounding       = 0,
    parameter int unsigned Saturating     = 0,
    parameter int unsigned RandomWidth    = 1
) (
    input  logic                                     x_sign_i,
    input  logic signed [        XExponentWidth-1:0] x_exponent_i,
    input  logic        [                XWidth-1:0] x_significand_i,
    input  logic                                     x_zero_i,        // x does not lead
    input  logic                                     x_infinite_i,
    input  logic                                     x_nan_i,
    input  logic                                     y_sign_i,
    input  logic signed [        YExponentWidth-1:0] y_exponent_i,
    input  logic        [                YWidth-1:0] y_significand_i,
    input  logic                                     y_zero_i,        // y does not lead, unless x is zero
    input  logic                                     y_infinite_i,
    input  logic                                     y_nan_i,
    input  logic        [           RandomWidth-1:0] random_i,        // for 6, 11, 12
    output logic        [ExponentWidth+FractionWidth:0] result_o
);

  localparam int unsigned RoundingBits = (Rounding > 10) ? RandomWidth + 1 : (Rounding == 6) ? RandomWidth : 0;
  localparam int unsigned ResultWidth = FractionWidth + 1 + RoundingBits;  // what random bits are added to, too

  // As in aligned_sum.
  localparam int unsigned YRoom       = ((YWidth > ResultWidth) ? YWidth : ResultWidth) + 3;
  localparam int unsigned DataWidth   = (XWidth + 1 > YRoom) ? XWidth + 1 : YRoom;
  localparam int unsigned SignedWidth = (XExponentWidth > YExponentWidth) ? XExponentWidth : YExponentWidth;
  localparam int unsigned CountWidth  = $clog2(DataWidth + 2);

  logic                          sign_of_sum;
  logic signed [SignedWidth-1:0] leading_exponent;
  logic        [  DataWidth+1:0] magnitude;
  logic        [ CountWidth-1:0] leading_zeros;

  aligned_sum #(
      .XExponentWidth(XExponentWidth),
      .XWidth        (XWidth),
      .YExponentWidth(YExponentWidth),
      .YWidth        (YWidth),
      .ResultWidth   (ResultWidth)
  ) u_aligned_sum (
      .x_sign_i       (x_sign_i),
      .x_exponent_i   (x_exponent_i),
      .x_significand_i(x_significand_i),
      .x_zero_i       (x_zero_i),
      .y_sign_i       (y_sign_i),
      .y_exponent_i   (y_exponent_i),
      .y_significand_i(y_significand_i),
      .y_zero_i       (y_zero_i),
      .sign_o         (sign_of_sum),
      .exponent_o     (leading_exponent),
      .magnitude_o    (magnitude),
      .leading_zeros_o(leading_zeros)
  );

  // -- Sign and specials
  logic zero;
  logic sign;
  logic infinite;
  logic nan;

  assign infinite = x_infinite_i | y_infinite_i;
  assign nan      = x_nan_i | y_nan_i | (x_infinite_i & y_infinite_i & (x_sign_i ^ y_sign_i));
  assign zero     = magnitude == {(DataWidth + 2) {1'b0}};

  always_comb begin
    if (x_infinite_i) sign = x_sign_i;
    else if (y_infinite_i) sign = y_sign_i;
    else if (zero) sign = (Rounding == 4) ? (x_sign_i | y_sign_i) : (x_sign_i & y_sign_i);
    else sign = sign_of_sum;
  end

  // -- Normalization and rounding
  if (LeastExponent < 1) begin : gen_any_exponent
    logic        [DataWidth+1:0] normalized;
    logic signed [SignedWidth:0] exponent;

    assign normalized = magnitude << leading_zeros;
    assign exponent   = (SignedWidth + 1)'(leading_exponent) + (SignedWidth + 1)'(1)
                        - (SignedWidth + 1)'(leading_zeros);

    fp_pack #(
        .ExponentWidth   (ExponentWidth),
        .FractionWidth   (FractionWidth),
        .Specials        (Specials),
        .Rounding        (Rounding),
        .Saturating      (Saturating),
        .RandomWidth     (RandomWidth),
        .InExponentWidth (SignedWidth + 1),
        .LowestExponent  (LeastExponent - $signed(DataWidth)),
        .SignificandWidth(DataWidth + 2)
    ) u_pack (
        .sign_i       (sign),
        .exponent_i   (exponent),
        .significand_i(normalized),
        .infinite_i   (infinite),
        .nan_i        (nan),
        .random_i     (random_i),
        .result_o     (result_o)
    );
  end else begin : gen_positive_exponent
    // Normalization is by at most leading_exponent: the exponent must not fall below that of subnormal
    // numbers.
    logic [ CountWidth-1:0] limit;
    logic [ CountWidth-1:0] shift;
    logic [  DataWidth+1:0] normalized;
    logic [SignedWidth-1:0] exponent;

    if (SignedWidth - 1 > CountWidth) begin : gen_clamped_limit
      assign limit = (leading_exponent[SignedWidth-2:CountWidth] != {(SignedWidth - 1 - CountWidth) {1'b0}})
                     ? {CountWidth{1'b1}} : leading_exponent[CountWidth-1:0];
    end else begin : gen_limit
      assign limit = CountWidth'(leading_exponent[SignedWidth-2:0]);
    end

    logic unused_exponent_sign;
    assign unused_exponent_sign = leading_exponent[SignedWidth-1];

    assign shift      = (leading_zeros < limit) ? leading_zeros : limit;
    assign normalized = magnitude << shift;
    assign exponent   = {1'b0, leading_exponent[SignedWidth-2:0]} + SignedWidth'(1) - SignedWidth'(shift);

    fp_round #(
        .ExponentWidth   (ExponentWidth),
        .FractionWidth   (FractionWidth),
        .Specials        (Specials),
        .Rounding        (Rounding),
        .Saturating      (Saturating),
        .RandomWidth     (RandomWidth),
        .InExponentWidth (SignedWidth),
        .SignificandWidth(DataWidth + 2)
    ) u_round (
        .sign_i       (sign),
        .exponent_i   (exponent),
        .significand_i(normalized),
        .infinite_i   (infinite),
        .nan_i        (nan),
        .random_i     (random_i),
        .result_o     (result_o)
    );
  end

endmodule
