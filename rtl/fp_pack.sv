// Rounds a normalized number of any exponent to a floating-point format (see fp_round): below the format's
// smallest normal number it is first shifted to the exponent of subnormal numbers.
// |number| = significand_i * 2^(exponent_i - bias - SignificandWidth + 1). The top bit of significand_i is
// one, unless the number is zero: then the exponent does not count.

module fp_pack #(
    parameter int unsigned ExponentWidth    = 8,
    parameter int unsigned FractionWidth    = 7,
    parameter int unsigned Specials         = 0,
    parameter int unsigned Rounding         = 0,
    parameter int unsigned Saturating       = 0,
    parameter int unsigned RandomWidth      = 1,
    parameter int unsigned InExponentWidth  = 9,  // signed
    parameter int          LowestExponent   = 1,  // exponent_i is not less
    parameter int unsigned SignificandWidth = 16
) (
    input  logic                                       sign_i,
    input  logic signed [         InExponentWidth-1:0] exponent_i,
    input  logic        [        SignificandWidth-1:0] significand_i,
    input  logic                                       infinite_i,
    input  logic                                       nan_i,
    input  logic        [             RandomWidth-1:0] random_i,
    output logic        [ExponentWidth+FractionWidth:0] result_o
);

  // The hidden bit, the fraction, and what rounding looks at but a sticky bit: guard bit and one below it, or random bits.
  localparam int unsigned LookedAt = RandomWidth + ((Rounding > 10) ? 1 : 0);
  localparam int unsigned RoundingWidth = FractionWidth + 1 + ((LookedAt > 2) ? LookedAt : 2);
  localparam int unsigned DataWidth = (SignificandWidth > RoundingWidth) ? SignificandWidth : RoundingWidth;
  localparam int unsigned SignedWidth =
      (InExponentWidth > ExponentWidth + 1) ? InExponentWidth : ExponentWidth + 1;

  logic        [  DataWidth-1:0] significand;
  logic signed [SignedWidth-1:0] exponent;
  logic        [  DataWidth-1:0] denormalized;
  logic                          sticky;
  logic        [SignedWidth-2:0] rounding_exponent;

  if (DataWidth > SignificandWidth) begin : gen_padding
    assign significand = {significand_i, {(DataWidth - SignificandWidth) {1'b0}}};
  end else begin : gen_no_padding
    assign significand = significand_i;
  end
  assign exponent = SignedWidth'(exponent_i);

  if (LowestExponent < 1) begin : gen_underflow
    logic                   tiny;
    logic [SignedWidth-1:0] shift;

    assign tiny  = (exponent < 1);
    assign shift = (SignedWidth'(1) - exponent) & {SignedWidth{tiny}};

    shift_right_sticky #(
        .Width      (DataWidth),
        .AmountWidth(SignedWidth)
    ) u_denormalize (
        .value_i (significand),
        .amount_i(shift),
        .value_o (denormalized),
        .sticky_o(sticky)
    );

    assign rounding_exponent = tiny ? (SignedWidth - 1)'(1) : exponent[SignedWidth-2:0];
  end else begin : gen_no_underflow
    assign denormalized      = significand;
    assign sticky            = 1'b0;
    assign rounding_exponent = exponent[SignedWidth-2:0];

    logic unused_exponent_sign;
    assign unused_exponent_sign = exponent[SignedWidth-1];
  end

  fp_round #(
      .ExponentWidth   (ExponentWidth),
      .FractionWidth   (FractionWidth),
      .Specials        (Specials),
      .Rounding        (Rounding),
      .Saturating      (Saturating),
      .RandomWidth     (RandomWidth),
      .InExponentWidth (SignedWidth - 1),
      .SignificandWidth(DataWidth + 1)
  ) u_round (
      .sign_i       (sign_i),
      .exponent_i   (rounding_exponent),
      .significand_i({denormalized, sticky}),
      .infinite_i   (infinite_i),
      .nan_i        (nan_i),
      .random_i     (random_i),
      .result_o     (result_o)
  );

endmodule
