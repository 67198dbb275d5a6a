// result = product + c, rounded once, to nearest, ties to even; c and result are codes of an IEEE format.
// The product is unpacked (see fp_multiply): |product| = significand * 2^(exponent - bias - ProductWidth +
// 1), exponent in the bias of the accumulator format, the significand's top or second bit set unless zero.
// Exact zero sums are +0, unless both addends are -0; infinity - infinity is NaN.
//
// The addend with the larger exponent leads, the other one is shifted right against it. DataWidth bits and a
// sticky bit hold all that rounding can see: the exact sum if the exponents differ by at most one, when much
// may cancel; otherwise at most two leading bits vanish, and a guard bit is left below the FractionWidth + 1
// that stay.

module fp_accumulate #(
    parameter int unsigned ProductExponentWidth = 9,  // signed
    parameter int unsigned ProductWidth         = 8,
    parameter int unsigned ExponentWidth        = 8,
    parameter int unsigned FractionWidth        = 23
) (
    input  logic                                        product_sign_i,
    input  logic signed [     ProductExponentWidth-1:0] product_exponent_i,
    input  logic        [             ProductWidth-1:0] product_significand_i,
    input  logic                                        product_zero_i,
    input  logic                                        product_infinite_i,
    input  logic                                        product_nan_i,
    input  logic        [ExponentWidth+FractionWidth:0] c_i,
    output logic        [ExponentWidth+FractionWidth:0] result_o
);

  localparam int unsigned CWidth      = FractionWidth + 1;
  localparam int unsigned DataWidth   = (ProductWidth + 1 > CWidth + 3) ? ProductWidth + 1 : CWidth + 3;
  // Holds both exponents with a sign, and one more bit their difference.
  localparam int unsigned SignedWidth =
      (ProductExponentWidth > ExponentWidth + 1) ? ProductExponentWidth : ExponentWidth + 1;
  localparam int unsigned CountWidth  = $clog2(DataWidth + 2);

  logic                     c_sign;
  logic [ExponentWidth-1:0] c_field;
  logic [FractionWidth-1:0] c_fraction;
  logic                     c_normal;
  logic                     c_top;
  logic [       CWidth-1:0] c_significand;
  logic [ExponentWidth-1:0] c_exponent;

  assign {c_sign, c_field, c_fraction} = c_i;
  assign c_normal      = c_field != {ExponentWidth{1'b0}};
  assign c_top         = c_field == {ExponentWidth{1'b1}};
  assign c_significand = {c_normal, c_fraction};
  assign c_exponent    = {c_field[ExponentWidth-1:1], c_field[0] | ~c_normal};

  // -- Alignment. If c leads, the distance is -difference = ~difference + 1; the wiring shifts by the one.
  logic signed [  SignedWidth:0] difference;
  logic                          c_leads;
  logic        [SignedWidth-1:0] distance;
  logic        [SignedWidth-2:0] leading_exponent;  // c_exponent is at least 1, hence this is positive
  logic        [  DataWidth-1:0] leader;
  logic        [  DataWidth-1:0] follower;
  logic        [  DataWidth-1:0] aligned;
  logic                          sticky;

  assign difference = (SignedWidth + 1)'(product_exponent_i) - $signed((SignedWidth + 1)'(c_exponent));
  assign c_leads    = difference[SignedWidth] | product_zero_i;
  assign distance   = difference[SignedWidth-1:0] ^ {SignedWidth{c_leads}};

  always_comb begin
    if (c_leads) begin
      leading_exponent = (SignedWidth - 1)'(c_exponent);
      leader           = {c_significand, {(DataWidth - CWidth) {1'b0}}};
      follower         = {1'b0, product_significand_i, {(DataWidth - ProductWidth - 1) {1'b0}}};
    end else begin
      leading_exponent = (SignedWidth - 1)'(product_exponent_i);
      leader           = {product_significand_i, {(DataWidth - ProductWidth) {1'b0}}};
      follower         = {c_significand, {(DataWidth - CWidth) {1'b0}}};
    end
  end

  shift_right_sticky #(
      .Width      (DataWidth),
      .AmountWidth(SignedWidth)
  ) u_align (
      .value_i (follower),
      .amount_i(distance),
      .value_o (aligned),
      .sticky_o(sticky)
  );

  // -- Addition
  logic                 subtract;
  logic                 negative;
  logic [DataWidth+1:0] magnitude;

  assign subtract = product_sign_i ^ c_sign;

  add_or_absolute_difference #(
      .Width(DataWidth + 1)
  ) u_add (
      .subtract_i (subtract),
      .x_i        ({leader, 1'b0}),
      .y_i        ({aligned, sticky}),
      .magnitude_o(magnitude),
      .negative_o (negative)
  );

  // -- Normalization, by at most leading_exponent: the exponent must not fall below that of subnormal
  // numbers. The sticky bit is never the leading one where it would matter.
  logic [ CountWidth-1:0] leading_zeros;
  logic [ CountWidth-1:0] limit;
  logic [ CountWidth-1:0] shift;
  logic [  DataWidth+1:0] normalized;
  logic [SignedWidth-1:0] exponent;

  leading_zero_count #(
      .Width(DataWidth + 1)
  ) u_leading_zero_count (
      .value_i(magnitude[DataWidth+1:1]),
      .count_o(leading_zeros)
  );

  if (SignedWidth - 1 > CountWidth) begin : gen_clamped_limit
    assign limit = (leading_exponent[SignedWidth-2:CountWidth] != {(SignedWidth - 1 - CountWidth) {1'b0}})
                   ? {CountWidth{1'b1}} : leading_exponent[CountWidth-1:0];
  end else begin : gen_limit
    assign limit = CountWidth'(leading_exponent);
  end

  assign shift      = (leading_zeros < limit) ? leading_zeros : limit;
  assign normalized = magnitude << shift;
  assign exponent   = SignedWidth'(leading_exponent) + SignedWidth'(1) - SignedWidth'(shift);

  // -- Sign, specials and rounding
  logic zero;
  logic sign;
  logic infinite;
  logic nan;

  assign infinite = product_infinite_i | (c_top & (c_fraction == {FractionWidth{1'b0}}));
  assign nan      = product_nan_i | (c_top & (c_fraction != {FractionWidth{1'b0}}))
                    | (product_infinite_i & c_top & subtract);
  assign zero     = magnitude == {(DataWidth + 2) {1'b0}};

  always_comb begin
    if (product_infinite_i) sign = product_sign_i;
    else if (c_top) sign = c_sign;
    else if (zero) sign = product_sign_i & c_sign;
    else sign = (c_leads ? c_sign : product_sign_i) ^ negative;
  end

  fp_round #(
      .ExponentWidth   (ExponentWidth),
      .FractionWidth   (FractionWidth),
      .InExponentWidth (SignedWidth),
      .SignificandWidth(DataWidth + 2)
  ) u_round (
      .sign_i       (sign),
      .exponent_i   (exponent),
      .significand_i(normalized),
      .infinite_i   (infinite),
      .nan_i        (nan),
      .result_o     (result_o)
  );

endmodule
