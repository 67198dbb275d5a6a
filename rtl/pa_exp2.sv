// Piecewise-affine exponential (Kosson and Jaggi, NeurIPS 2023): 2^floor(a) (1 + a - floor(a)), whose code is
// a as a fixed-point number of FractionWidth fraction bits, rounded to nearest, ties to even, plus the code
// of one. a and result are in one IEEE-like format. Infinity and NaN give the canonical NaN, zero and
// subnormal numbers one; underflow gives +0, overflow infinity.

module pa_exp2 #(
    parameter int unsigned ExponentWidth = 8,  // at least 3
    parameter int unsigned FractionWidth = 7   // at least 2
) (
    input  logic [ExponentWidth+FractionWidth:0] a_i,
    output logic [ExponentWidth+FractionWidth:0] result_o
);

  localparam int unsigned MagnitudeWidth = ExponentWidth + FractionWidth;
  localparam int ExponentBias = (1 << (ExponentWidth - 1)) - 1;
  // The exponent field of numbers of which ExponentWidth bits are before the point. Larger ones are out of
  // range.
  localparam int HighestExponent = ExponentBias + $signed(ExponentWidth) - 1;
  localparam logic [ExponentWidth-1:0] TopExponent = {ExponentWidth{1'b1}};
  localparam logic [ExponentWidth-1:0] ZeroExponent = {ExponentWidth{1'b0}};
  // The code of one.
  localparam logic [MagnitudeWidth+1:0] One =
      (MagnitudeWidth + 2)'(ExponentBias) << FractionWidth;

  logic                     sign;
  logic [ExponentWidth-1:0] field;
  logic [FractionWidth-1:0] fraction;
  logic                     huge;
  logic [ExponentWidth-1:0] amount;

  assign {sign, field, fraction} = a_i;
  assign huge   = field > ExponentWidth'(HighestExponent);
  assign amount = ExponentWidth'(HighestExponent) - field;

  // |a| as a fixed-point number, below it a guard bit.
  logic [MagnitudeWidth:0] aligned;
  logic                    sticky;
  logic                    round_up;

  shift_right_sticky #(
      .Width      (MagnitudeWidth + 1),
      .AmountWidth(ExponentWidth)
  ) u_align (
      .value_i ({1'b1, fraction, {ExponentWidth{1'b0}}}),
      .amount_i(amount),
      .value_o (aligned),
      .sticky_o(sticky)
  );

  assign round_up = aligned[0] & (aligned[1] | sticky);

  logic [  MagnitudeWidth:0] fixed_point;
  logic [MagnitudeWidth+1:0] code;  // signed
  logic [ ExponentWidth-1:0] exponent;
  logic                      underflow;
  logic                      overflow;

  assign fixed_point = {1'b0, aligned[MagnitudeWidth:1]} + (MagnitudeWidth + 1)'(round_up);
  assign code        = ({1'b0, fixed_point} ^ {(MagnitudeWidth + 2) {sign}})
                       + (MagnitudeWidth + 2)'(sign) + One;
  assign exponent    = code[MagnitudeWidth-1:FractionWidth];
  assign underflow   = sign & (huge | code[MagnitudeWidth+1] | (exponent == ZeroExponent));
  assign overflow    = ~sign & (huge | code[MagnitudeWidth+1] | code[MagnitudeWidth]
                                | (exponent == TopExponent));

  always_comb begin
    if (field == TopExponent) result_o = {1'b0, TopExponent, 1'b1, {(FractionWidth - 1) {1'b0}}};
    else if (field == ZeroExponent) result_o = {1'b0, One[MagnitudeWidth-1:0]};
    else if (underflow) result_o = {(MagnitudeWidth + 1) {1'b0}};
    else if (overflow) result_o = {1'b0, TopExponent, {FractionWidth{1'b0}}};
    else result_o = {1'b0, code[MagnitudeWidth-1:0]};
  end

endmodule
