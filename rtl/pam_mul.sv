// Piecewise-affine multiplication (Kosson and Jaggi, NeurIPS 2023): the magnitudes are added as integers and
// the bias is taken off, 2^(Ea + Eb) (1 + Ma + Mb) or, where the fractions carry, 2^(Ea + Eb + 1) (Ma + Mb).
// An Offset in units of the last fraction bit compensates the mean error: L-Mul (Luo and Sun, arXiv
// 2410.00907) is Offset = 2^(FractionWidth - 4) for five fraction bits or more. Operands and result are in
// one IEEE-like format. An operand with all exponent bits set (infinity, NaN) gives the canonical NaN; a zero
// or subnormal operand and underflow give +0; overflow gives infinity with the product's sign.

module pam_mul #(
    parameter int unsigned ExponentWidth = 8,
    parameter int unsigned FractionWidth = 7,  // at least 2
    parameter int unsigned Offset        = 0   // less than 2^FractionWidth
) (
    input  logic [ExponentWidth+FractionWidth:0] a_i,
    input  logic [ExponentWidth+FractionWidth:0] b_i,
    output logic [ExponentWidth+FractionWidth:0] result_o
);

  localparam int unsigned MagnitudeWidth = ExponentWidth + FractionWidth;

  // Minus the bias 2^(ExponentWidth - 1) - 1 is plus one in the exponent, added here, and minus a power of
  // two, which only turns the two top bits 01 and 10 of the sum into the top bit 0 and 1 of the exponent; 00
  // is negative and 11 is too large.
  localparam logic [MagnitudeWidth:0] Rebias = {{ExponentWidth{1'b0}}, 1'b1, FractionWidth'(Offset)};
  localparam logic [ExponentWidth-1:0] TopExponent = {ExponentWidth{1'b1}};
  localparam logic [ExponentWidth-1:0] ZeroExponent = {ExponentWidth{1'b0}};

  logic [ExponentWidth-1:0] a_exponent;
  logic [ExponentWidth-1:0] b_exponent;
  logic                     sign;
  logic [ MagnitudeWidth:0] sum;
  logic [              1:0] range;
  logic [ExponentWidth-1:0] exponent;
  logic                     special;
  logic                     zero;
  logic                     overflow;

  assign a_exponent = a_i[MagnitudeWidth-1:FractionWidth];
  assign b_exponent = b_i[MagnitudeWidth-1:FractionWidth];
  assign sign       = a_i[MagnitudeWidth] ^ b_i[MagnitudeWidth];

  assign sum      = {1'b0, a_i[MagnitudeWidth-1:0]} + {1'b0, b_i[MagnitudeWidth-1:0]} + Rebias;
  assign range    = sum[MagnitudeWidth:MagnitudeWidth-1];
  assign exponent = {range[1], sum[MagnitudeWidth-2:FractionWidth]};

  assign special  = (a_exponent == TopExponent) | (b_exponent == TopExponent);
  assign zero     = (a_exponent == ZeroExponent) | (b_exponent == ZeroExponent)
                    | (range == 2'b00) | ((range == 2'b01) & (exponent == ZeroExponent));
  assign overflow = (range == 2'b11) | (exponent == TopExponent);

  always_comb begin
    if (special) result_o = {1'b0, TopExponent, 1'b1, {(FractionWidth - 1) {1'b0}}};
    else if (zero) result_o = {1'b0, ZeroExponent, {FractionWidth{1'b0}}};
    else if (overflow) result_o = {sign, TopExponent, {FractionWidth{1'b0}}};
    else result_o = {sign, exponent, sum[FractionWidth-1:0]};
  end

endmodule
