// Takes the bias off an operand of piecewise-affine multiplication beforehand, so that each product with it
// is a single addition (see pam_prebiased_mul). weight_o is special | zero | sign | logarithm: special if b
// has all exponent bits set, zero if it is zero or subnormal, the logarithm b's code less the code of one,
// signed.

module pam_prebias #(
    parameter int unsigned ExponentWidth = 8,
    parameter int unsigned FractionWidth = 7,
    parameter int unsigned Offset        = 0  // see pam_mul
) (
    input  logic [  ExponentWidth+FractionWidth:0] b_i,
    output logic [ExponentWidth+FractionWidth+3:0] weight_o
);

  localparam int unsigned MagnitudeWidth = ExponentWidth + FractionWidth;
  localparam logic [MagnitudeWidth:0] One = {2'b00, {(ExponentWidth - 1) {1'b1}}, {FractionWidth{1'b0}}};

  logic [ExponentWidth-1:0] exponent;
  logic [ MagnitudeWidth:0] logarithm;

  assign exponent  = b_i[MagnitudeWidth-1:FractionWidth];
  assign logarithm = {1'b0, b_i[MagnitudeWidth-1:0]} - One + (MagnitudeWidth + 1)'(Offset);
  assign weight_o  = {
    exponent == {ExponentWidth{1'b1}}, exponent == {ExponentWidth{1'b0}}, b_i[MagnitudeWidth], logarithm
  };

endmodule
