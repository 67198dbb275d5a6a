// Piecewise-affine multiplication with a weight from which the bias was taken off (see pam_prebias): one
// addition. The result is that of pam_mul.

module pam_prebiased_mul #(
    parameter int unsigned ExponentWidth = 8,
    parameter int unsigned FractionWidth = 7  // at least 2
) (
    input  logic [  ExponentWidth+FractionWidth:0] a_i,
    input  logic [ExponentWidth+FractionWidth+3:0] weight_i,
    output logic [  ExponentWidth+FractionWidth:0] result_o
);

  localparam int unsigned MagnitudeWidth = ExponentWidth + FractionWidth;
  localparam logic [ExponentWidth-1:0] TopExponent = {ExponentWidth{1'b1}};
  localparam logic [ExponentWidth-1:0] ZeroExponent = {ExponentWidth{1'b0}};

  logic                      weight_special;
  logic                      weight_zero;
  logic                      weight_sign;
  logic [  MagnitudeWidth:0] logarithm;
  logic [MagnitudeWidth+1:0] sum;  // signed
  logic [ ExponentWidth-1:0] a_exponent;
  logic [ ExponentWidth-1:0] exponent;
  logic                      sign;
  logic                      special;
  logic                      zero;
  logic                      overflow;

  assign {weight_special, weight_zero, weight_sign, logarithm} = weight_i;
  assign sum        = {2'b00, a_i[MagnitudeWidth-1:0]} + {logarithm[MagnitudeWidth], logarithm};
  assign a_exponent = a_i[MagnitudeWidth-1:FractionWidth];
  assign exponent   = sum[MagnitudeWidth-1:FractionWidth];
  assign sign       = a_i[MagnitudeWidth] ^ weight_sign;

  assign special  = (a_exponent == TopExponent) | weight_special;
  assign zero     = (a_exponent == ZeroExponent) | weight_zero | sum[MagnitudeWidth+1]
                    | (~sum[MagnitudeWidth] & (exponent == ZeroExponent));
  assign overflow = sum[MagnitudeWidth] | (exponent == TopExponent);

  always_comb begin
    if (special) result_o = {1'b0, TopExponent, 1'b1, {(FractionWidth - 1) {1'b0}}};
    else if (zero) result_o = {1'b0, ZeroExponent, {FractionWidth{1'b0}}};
    else if (overflow) result_o = {sign, TopExponent, {FractionWidth{1'b0}}};
    else result_o = {sign, exponent, sum[FractionWidth-1:0]};
  end

endmodule
