// Exact accumulation of products (Kulisch): a fixed-point register that takes the sum of Terms products a cycle without
// rounding, and is rounded only where it is read. Each cycle with valid_i the products of a_i and b_i (the first in
// the least significant bits) are added; with clear_i what was there before is forgotten. result_o is the sum of
// all products up to the cycle before, rounded once. The register holds at least 2^GuardWidth cycles' sums.
// Specials: see fp_decode; Rounding, Saturating and what becomes of overflow and NaN: see fp_round.

module kulisch_accumulator #(
    parameter int unsigned Terms               = 1,
    parameter int unsigned AExponentWidth      = 4,
    parameter int unsigned AFractionWidth      = 3,
    parameter int          AExponentBias       = 7,
    parameter int unsigned ASpecials           = 1,
    parameter int unsigned BExponentWidth      = 4,
    parameter int unsigned BFractionWidth      = 3,
    parameter int          BExponentBias       = 7,
    parameter int unsigned BSpecials           = 1,
    parameter int unsigned GuardWidth          = 24,
    parameter int unsigned ResultExponentWidth = 8,
    parameter int unsigned ResultFractionWidth = 23,
    parameter int          ResultExponentBias  = (1 << (ResultExponentWidth - 1)) - 1,
    parameter int unsigned ResultSpecials      = 0,
    parameter int unsigned Rounding            = 0,
    parameter int unsigned Saturating          = 0
) (
    input  logic                                                    clk_i,
    input  logic                                                    rst_ni,
    input  logic                                                    clear_i,
    input  logic                                                    valid_i,
    input  logic [      Terms*(1+AExponentWidth+AFractionWidth)-1:0] a_i,
    input  logic [      Terms*(1+BExponentWidth+BFractionWidth)-1:0] b_i,
    output logic [        ResultExponentWidth+ResultFractionWidth:0] result_o
);

  // Of fp_exact_sum.
  localparam int unsigned AShift = (1 << AExponentWidth) - ((ASpecials == 0) ? 3 : 2);
  localparam int unsigned BShift = (1 << BExponentWidth) - ((BSpecials == 0) ? 3 : 2);
  localparam int unsigned SumWidth = AFractionWidth + BFractionWidth + 3 + AShift + BShift + $clog2(Terms);
  localparam int unsigned Width = SumWidth + GuardWidth;

  // The exponent of the sum's unit in the bias of the result, and the signed width that holds it.
  localparam int UnitExponent = ResultExponentBias + 2 - AExponentBias - BExponentBias
                                - $signed(AFractionWidth) - $signed(BFractionWidth);
  localparam int unsigned UnitWidth = $clog2((UnitExponent < 0) ? -UnitExponent : UnitExponent + 1) + 1;

  logic [SumWidth-1:0] sum;
  logic                any_positive;
  logic                any_negative;
  logic                infinite;
  logic                negative_infinity;
  logic                nan;

  logic [   Width-1:0] sum_d, sum_q;
  logic                any_negative_d, any_negative_q;
  logic                positive_infinity_d, positive_infinity_q;
  logic                negative_infinity_d, negative_infinity_q;
  logic                nan_d, nan_q;

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

  // The register starts from +0, so that the sum is never -0 for want of another sign.
  logic unused_any_positive;
  assign unused_any_positive = any_positive;

  always_comb begin
    sum_d               = clear_i ? {Width{1'b0}} : sum_q;
    any_negative_d      = any_negative_q & ~clear_i;
    positive_infinity_d = positive_infinity_q & ~clear_i;
    negative_infinity_d = negative_infinity_q & ~clear_i;
    nan_d               = nan_q & ~clear_i;
    if (valid_i) begin
      sum_d               = sum_d + {{GuardWidth{sum[SumWidth-1]}}, sum};
      any_negative_d      = any_negative_d | any_negative;
      positive_infinity_d = positive_infinity_d | (infinite & ~negative_infinity);
      negative_infinity_d = negative_infinity_d | negative_infinity;
      nan_d               = nan_d | nan;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sum_q               <= {Width{1'b0}};
      any_negative_q      <= 1'b0;
      positive_infinity_q <= 1'b0;
      negative_infinity_q <= 1'b0;
      nan_q               <= 1'b0;
    end else begin
      sum_q               <= sum_d;
      any_negative_q      <= any_negative_d;
      positive_infinity_q <= positive_infinity_d;
      negative_infinity_q <= negative_infinity_d;
      nan_q               <= nan_d;
    end
  end

  fp_fixed_accumulate #(
      .SumWidth        (Width),
      .SumExponentWidth(UnitWidth),
      .AccExponentWidth(ResultExponentWidth),
      .AccFractionWidth(ResultFractionWidth),
      .AccExponentBias (ResultExponentBias),
      .AccSpecials     (ResultSpecials),
      .Rounding        (Rounding),
      .Saturating      (Saturating)
  ) u_round (
      .sum_i     (sum_q),
      .exponent_i(UnitWidth'(UnitExponent)),
      .sign_i    ((positive_infinity_q | negative_infinity_q) ? negative_infinity_q : any_negative_q),
      .infinite_i(positive_infinity_q | negative_infinity_q),
      .nan_i     (nan_q | (positive_infinity_q & negative_infinity_q)),
      .c_i       ({(1 + ResultExponentWidth + ResultFractionWidth) {1'b0}}),
      .result_o  (result_o)
  );

endmodule
