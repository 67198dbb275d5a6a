// result = a in another floating-point format, rounded once: stochastically by the random bits random_i, or,
// with another Rounding (see fp_round), without regard to them. Specials: see fp_decode.

module fp_convert_stochastic #(
    parameter int unsigned AExponentWidth      = 8,
    parameter int unsigned AFractionWidth      = 23,
    parameter int          AExponentBias       = 127,
    parameter int unsigned ASpecials           = 0,
    parameter int unsigned ResultExponentWidth = 4,
    parameter int unsigned ResultFractionWidth = 3,
    parameter int          ResultExponentBias  = 7,
    parameter int unsigned ResultSpecials      = 1,
    parameter int unsigned Rounding            = 6,
    parameter int unsigned Saturating          = 0,
    parameter int unsigned RandomWidth         = 8
) (
    input  logic [          AExponentWidth+AFractionWidth:0] a_i,
    input  logic [                          RandomWidth-1:0] random_i,
    output logic [ResultExponentWidth+ResultFractionWidth:0] result_o
);

  localparam int unsigned DecodedWidth = $clog2((1 << AExponentWidth) + AFractionWidth) + 1;

  // Range of a's exponent in the bias of the result, and the signed width that holds it.
  localparam int Rebias = ResultExponentBias - AExponentBias;
  localparam int LowestExponent = Rebias + 1 - $signed(AFractionWidth);
  localparam int HighestExponent = Rebias + (1 << AExponentWidth) - 1;
  localparam int unsigned ExponentWidth =
      $clog2((-LowestExponent > HighestExponent + 1) ? -LowestExponent : HighestExponent + 1) + 1;

  logic                            sign;
  logic signed [ DecodedWidth-1:0] decoded_exponent;
  logic signed [ExponentWidth-1:0] exponent;
  logic        [ AFractionWidth:0] significand;
  logic                            unused_zero;  // the significand says so
  logic                            infinite;
  logic                            nan;

  fp_decode #(
      .ExponentWidth(AExponentWidth),
      .FractionWidth(AFractionWidth),
      .Specials     (ASpecials)
  ) u_decode (
      .code_i       (a_i),
      .sign_o       (sign),
      .exponent_o   (decoded_exponent),
      .significand_o(significand),
      .zero_o       (unused_zero),
      .infinite_o   (infinite),
      .nan_o        (nan)
  );

  assign exponent = ExponentWidth'(decoded_exponent) + ExponentWidth'(Rebias);

  // The sum may need fewer bits.
  logic unused_exponent_bits;
  assign unused_exponent_bits = ^decoded_exponent;

  fp_pack #(
      .ExponentWidth   (ResultExponentWidth),
      .FractionWidth   (ResultFractionWidth),
      .Specials        (ResultSpecials),
      .Rounding        (Rounding),
      .Saturating      (Saturating),
      .RandomWidth     (RandomWidth),
      .InExponentWidth (ExponentWidth),
      .LowestExponent  (LowestExponent),
      .SignificandWidth(AFractionWidth + 1)
  ) u_pack (
      .sign_i       (sign),
      .exponent_i   (exponent),
      .significand_i(significand),
      .infinite_i   (infinite),
      .nan_i        (nan),
      .random_i     (random_i),
      .result_o     (result_o)
  );

endmodule
