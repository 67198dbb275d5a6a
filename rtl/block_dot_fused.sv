// Fused dot product of two blocks: result = c + (a1 b1 + ... + aN bN) * scale_a * scale_b, exact but for one rounding:
// a fixed-point sum of the elements' products, scaled once, and added to c. a_i and b_i hold Terms elements each, the
// first in the least significant bits. Elements without exponent bits are two's complement integers of
// FractionWidth + 1 bits, in units of 2^-ExponentBias (MXINT8: 7 and 6). Scales: see block_scale; the sign of a zero
// sum: fp_dot_fused; Specials: fp_decode; Rounding, Saturating and what becomes of overflow and NaN: fp_round.

module block_dot_fused #(
    parameter int unsigned Terms              = 32,
    parameter int unsigned AExponentWidth     = 4,
    parameter int unsigned AFractionWidth     = 3,
    parameter int          AExponentBias      = 7,
    parameter int unsigned ASpecials          = 1,
    parameter int unsigned BExponentWidth     = 4,
    parameter int unsigned BFractionWidth     = 3,
    parameter int          BExponentBias      = 7,
    parameter int unsigned BSpecials          = 1,
    parameter int unsigned ScaleExponentWidth = 8,
    parameter int unsigned ScaleFractionWidth = 0,
    parameter int          ScaleExponentBias  = 127,
    parameter int unsigned ScaleSpecials      = 1,
    parameter int unsigned AccExponentWidth   = 8,
    parameter int unsigned AccFractionWidth   = 23,
    parameter int          AccExponentBias    = (1 << (AccExponentWidth - 1)) - 1,
    parameter int unsigned AccSpecials        = 0,
    parameter int unsigned Rounding           = 0,
    parameter int unsigned Saturating         = 0,

    localparam int unsigned ScaleWidth =
        ScaleExponentWidth + ScaleFractionWidth + ((ScaleFractionWidth == 0) ? 0 : 1)
) (
    input  logic [Terms*(1+AExponentWidth+AFractionWidth)-1:0] a_i,
    input  logic [Terms*(1+BExponentWidth+BFractionWidth)-1:0] b_i,
    input  logic [                               ScaleWidth-1:0] scale_a_i,
    input  logic [                               ScaleWidth-1:0] scale_b_i,
    input  logic [          AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [          AccExponentWidth+AccFractionWidth:0] result_o
);

  localparam bit Integers = AExponentWidth == 0;

  // Of fp_exact_sum or int_exact_sum.
  localparam int unsigned AShift = (1 << AExponentWidth) - ((ASpecials == 0) ? 3 : 2);
  localparam int unsigned BShift = (1 << BExponentWidth) - ((BSpecials == 0) ? 3 : 2);
  localparam int unsigned SumWidth =
      AFractionWidth + BFractionWidth + $clog2(Terms) + (Integers ? 2 : 3 + AShift + BShift);
  localparam int SumUnit =
      (Integers ? 0 : 2 - $signed(AFractionWidth) - $signed(BFractionWidth)) - AExponentBias - BExponentBias;

  localparam int unsigned ScaleSignificandWidth = (ScaleFractionWidth == 0) ? 1 : 2 * ScaleFractionWidth + 2;
  localparam int unsigned ScaledWidth =
      SumWidth + ((ScaleFractionWidth == 0) ? 0 : ScaleSignificandWidth);

  // The exponent of the scaled sum's unit in the bias of the accumulator, and the signed width that holds it.
  localparam int LowestExponent =
      AccExponentBias + SumUnit - 2 * ScaleExponentBias - 2 * $signed(ScaleFractionWidth);
  localparam int HighestExponent = LowestExponent + (2 << ScaleExponentWidth);
  localparam int unsigned ExponentWidth =
      $clog2((-LowestExponent > HighestExponent + 1) ? -LowestExponent : HighestExponent + 1) + 1;

  logic [             SumWidth-1:0] sum;
  logic                             any_positive;
  logic                             any_negative;
  logic                             infinite;
  logic                             negative_infinity;
  logic                             nan;
  logic                             scale_sign;
  logic [     ScaleExponentWidth:0] scale_exponent;
  logic [ScaleSignificandWidth-1:0] scale_significand;
  logic                             scale_zero;
  logic                             scale_nan;

  if (Integers) begin : gen_integers
    (* keep_hierarchy *)
    int_exact_sum #(
        .Terms (Terms),
        .AWidth(AFractionWidth + 1),
        .BWidth(BFractionWidth + 1)
    ) u_product (
        .a_i           (a_i),
        .b_i           (b_i),
        .sum_o         (sum),
        .any_positive_o(any_positive),
        .any_negative_o(any_negative)
    );
    assign infinite          = 1'b0;
    assign negative_infinity = 1'b0;
    assign nan               = 1'b0;
  end else begin : gen_floats
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
  end

  block_scale #(
      .ExponentWidth(ScaleExponentWidth),
      .FractionWidth(ScaleFractionWidth),
      .Specials     (ScaleSpecials)
  ) u_scale (
      .a_i          (scale_a_i),
      .b_i          (scale_b_i),
      .sign_o       (scale_sign),
      .exponent_o   (scale_exponent),
      .significand_o(scale_significand),
      .zero_o       (scale_zero),
      .nan_o        (scale_nan)
  );

  // -- The scaled sum
  logic signed [ExponentWidth-1:0] exponent;
  logic        [  ScaledWidth-1:0] scaled;
  logic                            sign;

  assign exponent = ExponentWidth'(LowestExponent) + ExponentWidth'(scale_exponent);

  if (ScaleFractionWidth == 0) begin : gen_power
    assign scaled = sum;

    logic unused_significand;
    assign unused_significand = scale_significand[0];
  end else begin : gen_product
    logic                   sum_sign;
    logic                   negative;
    logic [   SumWidth-1:0] magnitude;
    logic [ScaledWidth-1:0] product;

    assign sum_sign  = sum[SumWidth-1];
    assign negative  = sum_sign ^ scale_sign;
    assign magnitude = (sum ^ {SumWidth{sum_sign}}) + SumWidth'(sum_sign);
    assign product   = ScaledWidth'(magnitude) * ScaledWidth'(scale_significand);
    assign scaled    = (product ^ {ScaledWidth{negative}}) + ScaledWidth'(negative);
  end

  always_comb begin
    if (infinite) sign = negative_infinity ^ scale_sign;
    else if (Rounding == 4) sign = scale_sign ? any_positive : any_negative;
    else sign = scale_sign ? ~any_negative : ~any_positive;
  end

  (* keep_hierarchy *)
  fp_fixed_accumulate #(
      .SumWidth        (ScaledWidth),
      .SumExponentWidth(ExponentWidth),
      .AccExponentWidth(AccExponentWidth),
      .AccFractionWidth(AccFractionWidth),
      .AccExponentBias (AccExponentBias),
      .AccSpecials     (AccSpecials),
      .Rounding        (Rounding),
      .Saturating      (Saturating)
  ) u_accumulate (
      .sum_i     (scaled),
      .exponent_i(exponent),
      .sign_i    (sign),
      .infinite_i(infinite),
      .nan_i     (nan | scale_nan | (infinite & scale_zero)),
      .c_i       (c_i),
      .result_o  (result_o)
  );

endmodule
