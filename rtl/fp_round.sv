// Rounds an unpacked magnitude to a floating-point format (Specials: see fp_decode) and packs it.
// exponent_i is the biased exponent of the top bit of significand_i, at least 1. That bit is the hidden bit;
// it may be zero only if exponent_i is 1 (subnormal result) or the whole significand is zero (zero result).
// The last bit may stand for "some one below" (sticky).
// A number beyond the largest finite one becomes that one if Saturating or if the rounding points to zero;
// otherwise infinity or, in a format without, NaN; in one without both the largest. infinite_i gives the same
// but for the direction of the rounding. NaN is the canonical one: positive, of the fraction only the top bit
// set (ieee); all ones (fn); the code of negative zero (fnuz, extended); the largest number (finite).

module fp_round #(
    parameter int unsigned ExponentWidth    = 8,
    parameter int unsigned FractionWidth    = 23,  // at least 1
    parameter int unsigned Specials         = 0,
    // 0 to nearest, ties to even; 1 to nearest, ties away from zero; 2 toward zero; 3 toward +infinity;
    // 4 toward -infinity; 5 inexact numbers to the odd neighbour; 6 away from zero if the first RandomWidth
    // discarded bits plus random_i carry (IEEE P3109's StochasticA); 7 to 12: see below
    parameter int unsigned Rounding         = 0,
    parameter int unsigned Saturating       = 0,
    parameter int unsigned RandomWidth      = 1,
    parameter int unsigned InExponentWidth  = 9,   // unsigned; at least ExponentWidth
    // at least FractionWidth + 3 and FractionWidth + 1 + RandomWidth, or 2 more of roundings 11 and 12
    parameter int unsigned SignificandWidth = 29
) (
    input  logic                                 sign_i,
    input  logic [          InExponentWidth-1:0] exponent_i,
    input  logic [         SignificandWidth-1:0] significand_i,
    input  logic                                 infinite_i,
    input  logic                                 nan_i,
    input  logic [              RandomWidth-1:0] random_i,  // for 6, 11, 12
    output logic [ExponentWidth+FractionWidth:0] result_o
);

  localparam int unsigned TailWidth = SignificandWidth - FractionWidth - 2;
  localparam int unsigned MagnitudeWidth = ExponentWidth + FractionWidth;

  localparam bit HasInfinity = (Specials == 0) | (Specials == 4);
  localparam bit HasNegativeZero = Specials < 3;
  localparam logic [MagnitudeWidth-1:0] One = {{(MagnitudeWidth - 1) {1'b0}}, 1'b1};
  localparam logic [MagnitudeWidth-1:0] AllOnes = {MagnitudeWidth{1'b1}};
  localparam logic [MagnitudeWidth-1:0] Infinity =
      (Specials == 0) ? {{ExponentWidth{1'b1}}, {FractionWidth{1'b0}}} : AllOnes;
  localparam logic [MagnitudeWidth-1:0] Largest =
      ((Specials == 2) | (Specials == 3)) ? AllOnes : Infinity - One;
  localparam logic [MagnitudeWidth-1:0] PositiveNan =
      (Specials == 0) ? (Infinity | (One << (FractionWidth - 1))) : AllOnes;
  localparam logic [MagnitudeWidth:0] Nan =
      HasNegativeZero ? {1'b0, PositiveNan} : {1'b1, {MagnitudeWidth{1'b0}}};

  logic                      hidden;
  logic [ FractionWidth-1:0] fraction;
  logic                      guard;
  logic [     TailWidth-1:0] tail;
  logic                      inexact;
  logic [     RandomWidth:0] random_sum;
  logic                      round_up;
  logic                      inward;
  logic [ ExponentWidth-1:0] field;
  logic [  MagnitudeWidth:0] rounded;
  logic                      beyond;
  logic                      overflow;

  assign {hidden, fraction, guard, tail} = significand_i;
  assign inexact    = guard | (tail != {TailWidth{1'b0}});
  if (Rounding <= 6) assign random_sum = {1'b0, significand_i[TailWidth-:RandomWidth]} + {1'b0, random_i};

  always_comb begin
    case (Rounding)
      0: round_up = guard & (fraction[0] | (tail != {TailWidth{1'b0}}));
      1: round_up = guard;
      2: round_up = 1'b0;
      3: round_up = ~sign_i & inexact;
      4: round_up = sign_i & inexact;
      5: round_up = ~fraction[0] & inexact;
      default: round_up = random_sum[RandomWidth];
    endcase
  end

  assign inward = (Rounding == 2) | ((Rounding == 3) & sign_i) | ((Rounding == 4) & ~sign_i);

  // A carry out of the fraction raises the exponent: from subnormal to normal, and from the largest number of
  // an IEEE format to infinity.
  assign field   = exponent_i[ExponentWidth-1:0] & {ExponentWidth{hidden}};
  assign rounded = {1'b0, field, fraction} + (MagnitudeWidth + 1)'(round_up);

  if (InExponentWidth > ExponentWidth) begin : gen_wide_exponent
    localparam int unsigned HighWidth = InExponentWidth - ExponentWidth;
    assign beyond = hidden
                    & ((exponent_i[InExponentWidth-1:ExponentWidth] != {HighWidth{1'b0}})
                       | ((Specials == 0) & (exponent_i[ExponentWidth-1:0] == {ExponentWidth{1'b1}})));
  end else begin : gen_narrow_exponent
    assign beyond = (Specials == 0) & hidden & (exponent_i == {ExponentWidth{1'b1}});
  end

  // In an IEEE format only a carry leads from the largest number to the code after it, which is infinity's.
  assign overflow = beyond | (((Specials != 0) | (Saturating != 0)) & (rounded > {1'b0, Largest}));

  always_comb begin
    if (nan_i) begin
      result_o = Nan;
    end else if (infinite_i | overflow) begin
      if ((Saturating != 0) | (Specials == 2) | (inward & ~infinite_i)) result_o = {sign_i, Largest};
      else if (HasInfinity) result_o = {sign_i, Infinity};
      else result_o = Nan;
    end else begin
      result_o = {sign_i & (HasNegativeZero | (rounded != {(MagnitudeWidth + 1) {1'b0}})),
                  rounded[MagnitudeWidth-1:0]};
    end
  end

  // Roundings that other units need: to nearest with ties 7 toward zero, 8 toward +infinity, 9 toward -infinity, 10 to odd;
  // IEEE P3109's stochastic modes 11 B, away from zero if one discarded bit more than there are random bits plus
  // {random_i, 1} carry, and 12 C, if the discarded bits rounded to as many as there are random bits, ties to even, plus
  // random_i carry (or are rounded to a carry).
  if (Rounding == 11) begin : gen_stochastic_b
    logic [RandomWidth:0] unused_sum;
    assign {random_sum[RandomWidth], unused_sum} =
        {1'b0, significand_i[TailWidth-:RandomWidth+1]} + {1'b0, random_i, 1'b1};
    assign random_sum[RandomWidth-1:0] = {RandomWidth{1'b0}};
  end else if (Rounding == 12) begin : gen_stochastic_c
    localparam int unsigned RestWidth = TailWidth - RandomWidth;
    logic carry_in;
    assign carry_in   = significand_i[RestWidth]
                        & (significand_i[RestWidth+1] | (significand_i[RestWidth-1:0] != {RestWidth{1'b0}}));
    assign random_sum = {1'b0, significand_i[TailWidth-:RandomWidth]} + {1'b0, random_i}
                        + {{RandomWidth{1'b0}}, carry_in};
  end else if (Rounding > 6) begin : gen_other_ties
    logic up_at_tie;
    logic unused_random;
    always_comb begin
      case (Rounding)
        8: up_at_tie = ~sign_i;
        9: up_at_tie = sign_i;
        10: up_at_tie = ~fraction[0];
        default: up_at_tie = 1'b0;
      endcase
    end
    assign random_sum = {guard & (up_at_tie | (tail != {TailWidth{1'b0}})), {RandomWidth{1'b0}}};
    assign unused_random = ^random_i;
  end

endmodule
