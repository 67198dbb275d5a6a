// Piecewise-affine logarithm (Kosson and Jaggi, NeurIPS 2023): Ea + Ma, that is a's code less the code of one
// as a fixed-point number of FractionWidth fraction bits, rounded to a floating-point number, to nearest,
// ties to even. a and result are in one IEEE-like format. Infinity, NaN, zero, subnormal and negative numbers
// give the canonical NaN.

module pa_log2 #(
    parameter int unsigned ExponentWidth = 8,  // at least 4
    parameter int unsigned FractionWidth = 7   // less than the exponent bias: no result is subnormal
) (
    input  logic [ExponentWidth+FractionWidth:0] a_i,
    output logic [ExponentWidth+FractionWidth:0] result_o
);

  // The code of one is that of two less one in the exponent, and the code of two is a power of two: taking it
  // off turns the top bit, which then is one if the difference is negative.
  localparam int unsigned DifferenceWidth = ExponentWidth + FractionWidth - 1;
  localparam int unsigned CountWidth = $clog2(DifferenceWidth + 1);
  localparam logic [DifferenceWidth:0] ExponentOne =
      {{(ExponentWidth - 1) {1'b0}}, 1'b1, {FractionWidth{1'b0}}};
  // The exponent of a number with the top bit of the difference.
  localparam int HighestExponent = (1 << (ExponentWidth - 1)) + $signed(ExponentWidth) - 3;

  logic [    DifferenceWidth:0] shifted;
  logic                         negative;
  logic [  DifferenceWidth-1:0] magnitude;
  logic [       CountWidth-1:0] leading_zeros;
  logic [    ExponentWidth-1:0] exponent;
  logic [    ExponentWidth-1:0] field;
  logic                         nan;

  assign field     = a_i[ExponentWidth+FractionWidth-1:FractionWidth];
  assign nan       = a_i[ExponentWidth+FractionWidth] | (field == {ExponentWidth{1'b0}})
                     | (field == {ExponentWidth{1'b1}});
  assign shifted   = a_i[ExponentWidth+FractionWidth-1:0] + ExponentOne;
  assign negative  = ~shifted[DifferenceWidth];
  assign magnitude = (shifted[DifferenceWidth-1:0] ^ {DifferenceWidth{negative}})
                     + DifferenceWidth'(negative);

  leading_zero_count #(
      .Width(DifferenceWidth)
  ) u_leading_zero_count (
      .value_i(magnitude),
      .count_o(leading_zeros)
  );

  assign exponent = ExponentWidth'(HighestExponent) - ExponentWidth'(leading_zeros);

  fp_round #(
      .ExponentWidth   (ExponentWidth),
      .FractionWidth   (FractionWidth),
      .InExponentWidth (ExponentWidth),
      .SignificandWidth(DifferenceWidth)
  ) u_round (
      .sign_i       (negative),
      .exponent_i   (exponent),
      .significand_i(magnitude << leading_zeros),
      .infinite_i   (1'b0),
      .nan_i        (nan),
      .random_i     (1'b0),
      .result_o     (result_o)
  );

endmodule
