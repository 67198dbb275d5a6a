// Sum of two unpacked numbers, not normalized: |x| = significand * 2^(exponent - XWidth + 1), likewise y, and
// |x + y| = magnitude_o * 2^(exponent_o - DataWidth), but for the last bit, which is a sticky one. The top or
// second bit of x is set and the top bit of y, unless zero; or, if what is below the last bit that y has at
// the least exponent there is does not count, not so at that exponent.
//
// The addend with the larger exponent leads, the other one is shifted right against it. DataWidth bits and a
// sticky bit hold all that rounding to ResultWidth bits can see: the exact sum if the exponents differ by at
// most one, when much may cancel; otherwise at most two leading bits vanish, and a guard bit is left.

module aligned_sum #(
    parameter  int unsigned XExponentWidth = 9,   // signed
    parameter  int unsigned XWidth         = 8,
    parameter  int unsigned YExponentWidth = 9,   // signed
    parameter  int unsigned YWidth         = 24,
    parameter  int unsigned ResultWidth    = 24,  // bits of the longest significand the caller rounds to
    localparam int unsigned YRoom          = ((YWidth > ResultWidth) ? YWidth : ResultWidth) + 3,
    localparam int unsigned DataWidth      = (XWidth + 1 > YRoom) ? XWidth + 1 : YRoom,
    // Holds both exponents with a sign, and one more bit their difference.
    localparam int unsigned SignedWidth    =
        (XExponentWidth > YExponentWidth) ? XExponentWidth : YExponentWidth,
    localparam int unsigned CountWidth     = $clog2(DataWidth + 2)
) (
    input  logic                             x_sign_i,
    input  logic signed [XExponentWidth-1:0] x_exponent_i,
    input  logic        [        XWidth-1:0] x_significand_i,
    input  logic                             x_zero_i,         // x does not lead
    input  logic                             y_sign_i,
    input  logic signed [YExponentWidth-1:0] y_exponent_i,
    input  logic        [        YWidth-1:0] y_significand_i,
    input  logic                             y_zero_i,         // y does not lead, unless x is zero
    output logic                             sign_o,           // does not count for a sum of zero
    output logic signed [   SignedWidth-1:0] exponent_o,
    output logic        [     DataWidth+1:0] magnitude_o,
    output logic        [    CountWidth-1:0] leading_zeros_o   // of magnitude_o but for the sticky bit
);

  // If y leads, the distance is -difference = ~difference + 1; the wiring shifts by the one.
  logic signed [  SignedWidth:0] difference;
  logic                          y_leads;
  logic        [SignedWidth-1:0] distance;
  logic        [  DataWidth-1:0] leader;
  logic        [  DataWidth-1:0] follower;
  logic        [  DataWidth-1:0] aligned;
  logic                          sticky;
  logic                          negative;

  assign difference = (SignedWidth + 1)'(x_exponent_i) - (SignedWidth + 1)'(y_exponent_i);
  assign y_leads    = (difference[SignedWidth] & ~y_zero_i) | x_zero_i;
  assign distance   = difference[SignedWidth-1:0] ^ {SignedWidth{y_leads}};

  always_comb begin
    if (y_leads) begin
      exponent_o = SignedWidth'(y_exponent_i);
      leader     = {y_significand_i, {(DataWidth - YWidth) {1'b0}}};
      follower   = {1'b0, x_significand_i, {(DataWidth - XWidth - 1) {1'b0}}};
    end else begin
      exponent_o = SignedWidth'(x_exponent_i);
      leader     = {x_significand_i, {(DataWidth - XWidth) {1'b0}}};
      follower   = {y_significand_i, {(DataWidth - YWidth) {1'b0}}};
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

  add_or_absolute_difference #(
      .Width(DataWidth + 1)
  ) u_add (
      .subtract_i (x_sign_i ^ y_sign_i),
      .x_i        ({leader, 1'b0}),
      .y_i        ({aligned, sticky}),
      .magnitude_o(magnitude_o),
      .negative_o (negative)
  );

  assign sign_o = (y_leads ? y_sign_i : x_sign_i) ^ negative;

  // The sticky bit is never the leading one where it would matter.
  leading_zero_count #(
      .Width(DataWidth + 1)
  ) u_leading_zero_count (
      .value_i(magnitude_o[DataWidth+1:1]),
      .count_o(leading_zeros_o)
  );

endmodule
