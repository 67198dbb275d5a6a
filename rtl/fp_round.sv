// Rounds an unpacked magnitude to an IEEE format, to nearest, ties to even, and packs it.
// exponent_i is the biased exponent of the top bit of significand_i, at least 1. That bit is the hidden bit;
// it may be zero only if exponent_i is 1 (subnormal result) or the whole significand is zero (zero result).
// The last bit may stand for "some one below" (sticky). Overflow and infinite_i give infinity; nan_i gives
// the canonical quiet NaN: positive, only the top fraction bit set.

module fp_round #(
    parameter int unsigned ExponentWidth    = 8,
    parameter int unsigned FractionWidth    = 23,  // at least 2
    parameter int unsigned InExponentWidth  = 9,   // unsigned; at least ExponentWidth
    parameter int unsigned SignificandWidth = 29   // at least FractionWidth + 3
) (
    input  logic                                 sign_i,
    input  logic [          InExponentWidth-1:0] exponent_i,
    input  logic [         SignificandWidth-1:0] significand_i,
    input  logic                                 infinite_i,
    input  logic                                 nan_i,
    output logic [ExponentWidth+FractionWidth:0] result_o
);

  localparam int unsigned TailWidth = SignificandWidth - FractionWidth - 2;

  logic                                   hidden;
  logic [              FractionWidth-1:0] fraction;
  logic                                   guard;
  logic [                  TailWidth-1:0] tail;
  logic                                   round_up;
  logic [              ExponentWidth-1:0] field;
  logic [ExponentWidth+FractionWidth-1:0] rounded;
  logic                                   overflow;

  assign {hidden, fraction, guard, tail} = significand_i;

  assign round_up = guard & (fraction[0] | (tail != {TailWidth{1'b0}}));
  assign field    = exponent_i[ExponentWidth-1:0] & {ExponentWidth{hidden}};

  // A carry out of the fraction raises the exponent: from subnormal to normal, and from the largest number to
  // infinity.
  assign rounded  = {field, fraction} + (ExponentWidth + FractionWidth)'(round_up);

  if (InExponentWidth > ExponentWidth) begin : gen_wide_exponent
    assign overflow = hidden
                      & ((exponent_i[InExponentWidth-1:ExponentWidth] != {(InExponentWidth - ExponentWidth) {1'b0}})
                         | (exponent_i[ExponentWidth-1:0] == {ExponentWidth{1'b1}}));
  end else begin : gen_narrow_exponent
    assign overflow = hidden & (exponent_i == {ExponentWidth{1'b1}});
  end

  always_comb begin
    if (nan_i) begin
      result_o = {1'b0, {ExponentWidth{1'b1}}, 1'b1, {(FractionWidth - 1) {1'b0}}};
    end else if (infinite_i | overflow) begin
      result_o = {sign_i, {ExponentWidth{1'b1}}, {FractionWidth{1'b0}}};
    end else begin
      result_o = {sign_i, rounded};
    end
  end

endmodule
