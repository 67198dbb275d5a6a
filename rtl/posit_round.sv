// Rounds a number to a posit of ExponentWidth exponent bits (the 2022 standard: two) and packs it: to nearest on the
// unending string of regime, exponent and fraction, ties to the even code; beyond the largest posit to the
// largest, below the least to the least, never to zero.
// |number| = significand_i * 2^(scale_i - SignificandWidth + 1); the top bit of the significand is one and
// the last may stand for "some one below" (sticky). zero_i and nar_i overrule it.

module posit_round #(
    parameter int unsigned Width            = 16,  // at least ExponentWidth + 4
    parameter int unsigned ExponentWidth    = 2,
    parameter int unsigned ScaleWidth       = 9,   // signed; at least what holds (Width - 2) 2^ExponentWidth
    parameter int unsigned SignificandWidth = 24
) (
    input  logic                               sign_i,
    input  logic signed [      ScaleWidth-1:0] scale_i,
    input  logic        [SignificandWidth-1:0] significand_i,
    input  logic                               zero_i,
    input  logic                               nar_i,
    output logic        [           Width-1:0] result_o
);

  // Two bits of the regime, the exponent, the fraction, and room for the longest regime to shift into. The
  // code is cut off after Width - 1 bits.
  localparam int unsigned PayloadWidth = ExponentWidth + SignificandWidth - 1;
  localparam int unsigned StringWidth  = 2 + PayloadWidth + Width - 3;
  localparam int unsigned TailWidth    = StringWidth - Width;
  localparam int unsigned RegimeWidth  = ScaleWidth - ExponentWidth;
  localparam int          Longest      = $signed(Width) - 2;

  logic signed [RegimeWidth-1:0] regime;
  logic       [PayloadWidth-1:0] payload;  // exponent and fraction
  logic                          negative;
  logic        [RegimeWidth-1:0] amount;
  logic                          too_large;
  logic                          too_small;
  logic signed [StringWidth-1:0] string_of_two;  // of regime 0 or -1
  logic        [StringWidth-1:0] unending;
  logic        [      Width-2:0] cut;
  logic                          guard;
  logic        [  TailWidth-1:0] tail;
  logic                          round_up;
  logic        [      Width-2:0] magnitude;

  assign {regime, payload} = {scale_i, significand_i[SignificandWidth-2:0]};
  assign negative  = regime[RegimeWidth-1];
  assign too_large = ~negative & (regime >= RegimeWidth'(Longest));
  assign too_small = negative & (regime < -(RegimeWidth'(Longest)));

  // Regime r is r + 1 ones and a zero, or -r zeros and a one: 10 or 01, shifted with its first bit repeated.
  assign amount        = regime ^ {RegimeWidth{negative}};
  assign string_of_two = {~negative, negative, payload, {(Width - 3) {1'b0}}};
  assign unending      = string_of_two >>> amount;

  assign {cut, guard, tail} = unending;
  assign round_up  = guard & (cut[0] | (tail != {TailWidth{1'b0}}));

  always_comb begin
    if (too_large) magnitude = {(Width - 1) {1'b1}};
    else if (too_small) magnitude = {{(Width - 2) {1'b0}}, 1'b1};
    else magnitude = cut + (Width - 1)'(round_up);

    if (nar_i) result_o = {1'b1, {(Width - 1) {1'b0}}};
    else if (zero_i) result_o = {Width{1'b0}};
    else result_o = ({1'b0, magnitude} ^ {Width{sign_i}}) + Width'(sign_i);
  end

  logic unused_hidden_bit;
  assign unused_hidden_bit = significand_i[SignificandWidth-1];

endmodule
