// Fused dot product: result = c + a1 b1 + ... + aN bN, exact but for one rounding. a_i and b_i hold Terms codes each,
// the first in the least significant bits. A zero sum is -0 if all its terms are, or, where the rounding is toward
// -infinity, if not all are +0. Specials: see fp_decode; Rounding, Saturating and what becomes of overflow and NaN:
// see fp_round.

module fp_dot_fused #(
    parameter int unsigned Terms            = 4,
    parameter int unsigned AExponentWidth   = 4,
    parameter int unsigned AFractionWidth   = 3,
    parameter int          AExponentBias    = 7,
    parameter int unsigned ASpecials        = 1,
    parameter int unsigned BExponentWidth   = 4,
    parameter int unsigned BFractionWidth   = 3,
    parameter int          BExponentBias    = 7,
    parameter int unsigned BSpecials        = 1,
    parameter int unsigned AccExponentWidth = 8,
    parameter int unsigned AccFractionWidth = 23,
    parameter int          AccExponentBias  = (1 << (AccExponentWidth - 1)) - 1,
    parameter int unsigned AccSpecials      = 0,
    parameter int unsigned Rounding         = 0,
    parameter int unsigned Saturating       = 0
) (
    input  logic [Terms*(1+AExponentWidth+AFractionWidth)-1:0] a_i,
    input  logic [Terms*(1+BExponentWidth+BFractionWidth)-1:0] b_i,
    input  logic [          AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [          AccExponentWidth+AccFractionWidth:0] result_o
);

  // Of fp_exact_sum.
  localparam int unsigned AShift = (1 << AExponentWidth) - ((ASpecials == 0) ? 3 : 2);
  localparam int unsigned BShift = (1 << BExponentWidth) - ((BSpecials == 0) ? 3 : 2);
  localparam int unsigned SumWidth = AFractionWidth + BFractionWidth + 3 + AShift + BShift + $clog2(Terms);

  // The exponent of the sum's unit in the bias of the accumulator, and the signed width that holds it.
  localparam int UnitExponent = AccExponentBias + 2 - AExponentBias - BExponentBias
                                - $signed(AFractionWidth) - $signed(BFractionWidth);
  localparam int unsigned UnitWidth = $clog2((UnitExponent < 0) ? -UnitExponent : UnitExponent + 1) + 1;

  logic [SumWidth-1:0] sum;
  logic                any_positive;
  logic                any_negative;
  logic                infinite;
  logic                negative_infinity;
  logic                nan;
  logic                sign;

  (* keep_hierarchy *)
  fp_exact_sum #(
      .Terms         (Terms),
      .AExponentWidth(AExponentWidth),
      .AFractionWidth(AFractionWidth),
      .ASpecials     (ASpecials),
      .BExponentWidth(BExponentWidth),
      .BFractionWidth(BFractionWidth),
      .BSpecials     (BSpecials)
  ) u_product (
      .a_i                (a_i),
      .b_i                (b_i),
      .sum_o              (sum),
      .any_positive_o     (any_positive),
      .any_negative_o     (any_negative),
      .infinite_o         (infinite),
      .negative_infinity_o(negative_infinity),
      .nan_o              (nan)
  );

  always_comb begin
    if (infinite) sign = negative_infinity;
    else sign = (Rounding == 4) ? any_negative : ~any_positive;
  end

  (* keep_hierarchy *)
  fp_fixed_accumulate #(
      .SumWidth        (SumWidth),
      .SumExponentWidth(UnitWidth),
      .AccExponentWidth(AccExponentWidth),
      .AccFractionWidth(AccFractionWidth),
      .AccExponentBias (AccExponentBias),
      .AccSpecials     (AccSpecials),
      .Rounding        (Rounding),
      .Saturating      (Saturating)
  ) u_accumulate (
      .sum_i     (sum),
      .exponent_i(UnitWidth'(UnitExponent)),
      .sign_i    (sign),
      .infinite_i(infinite),
      .nan_i     (nan),
      .c_i       (c_i),
      .result_o  (result_o)
  );

endmodule
