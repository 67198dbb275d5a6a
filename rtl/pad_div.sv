// Piecewise-affine division (Kosson and Jaggi, NeurIPS 2023), the exact inverse of pam_mul: the magnitudes
// are subtracted as integers and the bias is put on, 2^(Ea - Eb) (1 + Ma - Mb) or, where the fractions
// borrow, 2^(Ea - Eb - 1) (2 + Ma - Mb). Offset: that of the product it inverts. Operands and result are in
// one IEEE-like format. An operand with all exponent bits set (infinity, NaN) and a zero or subnormal divisor
// give the canonical NaN; a zero or subnormal dividend and underflow give +0; overflow gives infinity with
// the quotient's sign.

module pad_div #(
    parameter int unsigned ExponentWidth = 8,
    parameter int unsigned FractionWidth = 7,  // at least 2
    parameter int unsigned Offset        = 0   // less than 2^FractionWidth
) (
    input  logic [ExponentWidth+FractionWidth:0] a_i,
    input  logic [ExponentWidth+FractionWidth:0] b_i,
    output logic [ExponentWidth+FractionWidth:0] result_o
);

  localparam int unsigned MagnitudeWidth = ExponentWidth + FractionWidth;

  // The bias, less the offset and less the one that makes a - b of a + ~b.
  localparam logic [MagnitudeWidth+1:0] Rebias =
      {3'b000, {(ExponentWidth - 1) {1'b1}}, {FractionWidth{1'b0}}} - (MagnitudeWidth + 2)'(Offset)
      + {{(MagnitudeWidth + 1) {1'b0}}, 1'b1};
  localparam logic [ExponentWidth-1:0] TopExponent = {ExponentWidth{1'b1}};
  localparam logic [ExponentWidth-1:0] ZeroExponent = {ExponentWidth{1'b0}};

  logic [ExponentWidth-1:0] a_exponent;
  logic [ExponentWidth-1:0] b_exponent;
  logic                     sign;
  logic [MagnitudeWidth+1:0] difference;  // signed
  logic [ExponentWidth-1:0] exponent;
  logic                     special;
  logic                     zero;
  logic                     overflow;

  assign a_exponent = a_i[MagnitudeWidth-1:FractionWidth];
  assign b_exponent = b_i[MagnitudeWidth-1:FractionWidth];
  assign sign       = a_i[MagnitudeWidth] ^ b_i[MagnitudeWidth];

  assign difference = {2'b00, a_i[MagnitudeWidth-1:0]} + {2'b11, ~b_i[MagnitudeWidth-1:0]} + Rebias;
  assign exponent   = difference[MagnitudeWidth-1:FractionWidth];

  assign special  = (a_exponent == TopExponent) | (b_exponent == TopExponent) | (b_exponent == ZeroExponent);
  assign zero     = (a_exponent == ZeroExponent) | difference[MagnitudeWidth+1]
                    | (~difference[MagnitudeWidth] & (exponent == ZeroExponent));
  assign overflow = difference[MagnitudeWidth] | (exponent == TopExponent);

  always_comb begin
    if (special) result_o = {1'b0, TopExponent, 1'b1, {(FractionWidth - 1) {1'b0}}};
    else if (zero) result_o = {1'b0, ZeroExponent, {FractionWidth{1'b0}}};
    else if (overflow) result_o = {sign, TopExponent, {FractionWidth{1'b0}}};
    else result_o = {sign, exponent, difference[FractionWidth-1:0]};
  end

endmodule
