// The alignment window of a tensor core: Terms numbers are aligned to the largest of their exponents, each is cut to
// FractionWidth bits below it, the sum of what remains is exact and is rounded once.
// Term i is (-1)^sign * significand * 2^(exponent + ExponentOffset - bias - FractionWidth), of IntegerWidth +
// FractionWidth bits, in the bias of the result; lost_i: what it stands for is a little more (for Floor). Terms that
// are zero have no exponent. A zero sum is +0. A sum beyond the result's largest finite number is an infinity
// whatever the rounding.
// The result has SumFractionWidth bits of fraction, and zeros below; its format is an IEEE one. Rounding: see
// fp_round.

module window_sum #(
    parameter int unsigned Terms               = 5,
    parameter int unsigned ExponentWidth       = 9,   // unsigned
    parameter int          ExponentOffset      = 0,
    parameter int unsigned IntegerWidth        = 2,
    parameter int unsigned FractionWidth       = 24,
    parameter int unsigned Floor               = 0,   // cut toward -infinity, else toward zero
    parameter int unsigned ResultExponentWidth = 8,
    parameter int unsigned ResultFractionWidth = 23,
    parameter int unsigned SumFractionWidth    = 23,
    parameter int unsigned Rounding            = 2
) (
    input  logic [                              Terms-1:0] signs_i,
    input  logic [                Terms*ExponentWidth-1:0] exponents_i,
    input  logic [Terms*(IntegerWidth+FractionWidth)-1:0] significands_i,
    input  logic [                              Terms-1:0] lost_i,
    input  logic [                              Terms-1:0] zero_i,
    input  logic [                              Terms-1:0] infinite_i,
    input  logic                                           nan_i,
    output logic [ResultExponentWidth+ResultFractionWidth:0] result_o
);

  localparam int unsigned TermWidth = IntegerWidth + FractionWidth;
  localparam int unsigned SumWidth = TermWidth + $clog2(Terms) + 1;
  localparam int unsigned Width = SumWidth - 1;
  localparam int unsigned CountWidth = $clog2(Width + 1);

  // -- Alignment
  logic [    ExponentWidth-1:0] greatest;
  logic [Terms*ExponentWidth-1:0] counting;
  logic [Terms*SumWidth-1:0] addends;  // one's complement where negative
  logic [         Terms-1:0] carries;

  greatest_of #(
      .Count(Terms),
      .Width(ExponentWidth)
  ) u_greatest (
      .values_i  (counting),
      .greatest_o(greatest)
  );

  for (genvar i = 0; i < Terms; i++) begin : gen_term
    logic [ExponentWidth-1:0] distance;
    logic [    TermWidth-1:0] aligned;
    logic                     lost;

    assign counting[i*ExponentWidth+:ExponentWidth] =
        exponents_i[i*ExponentWidth+:ExponentWidth] & {ExponentWidth{~zero_i[i]}};
    assign distance = greatest - exponents_i[i*ExponentWidth+:ExponentWidth];

    shift_right_sticky #(
        .Width      (TermWidth),
        .AmountWidth(ExponentWidth)
    ) u_align (
        .value_i (significands_i[i*TermWidth+:TermWidth] & {TermWidth{~zero_i[i]}}),
        .amount_i(distance),
        .value_o (aligned),
        .sticky_o(lost)
    );

    // Of a negative number the complement is less by one unit, as the floor is where bits are lost.
    assign addends[i*SumWidth+:SumWidth] = SumWidth'(aligned) ^ {SumWidth{signs_i[i]}};
    assign carries[i] = signs_i[i] & ~((Floor != 0) & (lost | lost_i[i]));
  end

  // -- Sum
  logic        [           SumWidth-1:0] sum;
  logic                                  negative;
  logic        [              Width-1:0] magnitude;
  logic        [         CountWidth-1:0] leading_zeros;

  always_comb begin
    sum = {SumWidth{1'b0}};
    for (int unsigned i = 0; i < Terms; i++) begin
      sum = sum + addends[i*SumWidth+:SumWidth] + SumWidth'(carries[i]);
    end
  end

  assign negative  = sum[Width];
  assign magnitude = (sum[Width-1:0] ^ {Width{negative}}) + Width'(negative);

  leading_zero_count #(
      .Width(Width)
  ) u_leading_zero_count (
      .value_i(magnitude),
      .count_o(leading_zeros)
  );

  // -- Rounding. The exponent of the magnitude's top bit, from LowestExponent up, and the signed width that holds it.
  localparam int TopExponent = ExponentOffset + $signed(Width) - 1 - $signed(FractionWidth);
  localparam int LowestExponent = TopExponent - $signed(Width);
  localparam int HighestExponent = TopExponent + (1 << ExponentWidth);
  localparam int unsigned PackWidth =
      $clog2((-LowestExponent > HighestExponent) ? -LowestExponent : HighestExponent + 1) + 1;

  logic        [            Width-1:0] normalized;
  logic signed [        PackWidth-1:0] exponent;
  logic                                beyond;
  logic                                positive_infinity;
  logic                                negative_infinity;
  logic [ResultExponentWidth+SumFractionWidth:0] rounded;

  assign normalized = magnitude << leading_zeros;
  assign exponent   = PackWidth'(greatest) + PackWidth'(TopExponent) - PackWidth'(leading_zeros);
  assign beyond     = normalized[Width-1] & (exponent >= $signed(PackWidth'((1 << ResultExponentWidth) - 1)));

  assign positive_infinity = |(infinite_i & ~signs_i);
  assign negative_infinity = |(infinite_i & signs_i);

  fp_pack #(
      .ExponentWidth   (ResultExponentWidth),
      .FractionWidth   (SumFractionWidth),
      .Rounding        (Rounding),
      .InExponentWidth (PackWidth),
      .LowestExponent  (LowestExponent),
      .SignificandWidth(Width)
  ) u_pack (
      .sign_i       ((positive_infinity | negative_infinity) ? negative_infinity : negative),
      .exponent_i   (exponent),
      .significand_i(normalized),
      .infinite_i   (beyond | positive_infinity | negative_infinity),
      .nan_i        (nan_i | (positive_infinity & negative_infinity)),
      .random_i     (1'b0),
      .result_o     (rounded)
  );

  if (ResultFractionWidth > SumFractionWidth) begin : gen_wider
    assign result_o = {rounded, {(ResultFractionWidth - SumFractionWidth) {1'b0}}};
  end else begin : gen_same
    assign result_o = rounded;
  end

endmodule
