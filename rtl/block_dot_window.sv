// Dot product of scaled blocks in a tensor core: the Terms products are summed exactly in groups of ExactTerms, each
// group's sum times its blocks' scales is a term whose exponent is that of the scales, and these terms and c are
// aligned and cut as window_sum does (the mxf4 and nvfp4 instructions of NVIDIA Blackwell). A pair of scales belongs
// to BlockTerms products; a_i, b_i and the scales hold the first in the least significant bits. c and the result have
// the same IEEE format. Scales: see block_scale; Specials: fp_decode; Rounding: fp_round.

module block_dot_window #(
    parameter int unsigned Terms              = 64,
    parameter int unsigned BlockTerms         = Terms,
    parameter int unsigned ExactTerms         = 16,
    parameter int unsigned AExponentWidth     = 2,
    parameter int unsigned AFractionWidth     = 1,
    parameter int          AExponentBias      = 1,
    parameter int unsigned ASpecials          = 2,
    parameter int unsigned BExponentWidth     = 2,
    parameter int unsigned BFractionWidth     = 1,
    parameter int          BExponentBias      = 1,
    parameter int unsigned BSpecials          = 2,
    parameter int unsigned ScaleExponentWidth = 4,
    parameter int unsigned ScaleFractionWidth = 3,
    parameter int          ScaleExponentBias  = 7,
    parameter int unsigned ScaleSpecials      = 1,
    parameter int unsigned AccExponentWidth   = 8,
    parameter int unsigned AccFractionWidth   = 23,
    parameter int unsigned WindowWidth        = 35,                // fraction bits
    parameter int unsigned WindowFloor        = 0,
    parameter int unsigned SumFractionWidth   = AccFractionWidth,
    parameter int unsigned Rounding           = 2,

    localparam int unsigned Blocks     = Terms / BlockTerms,
    localparam int unsigned ScaleWidth =
        ScaleExponentWidth + ScaleFractionWidth + ((ScaleFractionWidth == 0) ? 0 : 1)
) (
    input  logic [Terms*(1+AExponentWidth+AFractionWidth)-1:0] a_i,
    input  logic [Terms*(1+BExponentWidth+BFractionWidth)-1:0] b_i,
    input  logic [                        Blocks*ScaleWidth-1:0] scale_a_i,
    input  logic [                        Blocks*ScaleWidth-1:0] scale_b_i,
    input  logic [          AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [          AccExponentWidth+AccFractionWidth:0] result_o
);

  localparam int unsigned AWidth = ExactTerms * (1 + AExponentWidth + AFractionWidth);
  localparam int unsigned BWidth = ExactTerms * (1 + BExponentWidth + BFractionWidth);
  localparam int unsigned Groups = Terms / ExactTerms;

  // Of fp_exact_sum: the sum's magnitude, and its fraction bits.
  localparam int unsigned AShift = (1 << AExponentWidth) - ((ASpecials == 0) ? 3 : 2);
  localparam int unsigned BShift = (1 << BExponentWidth) - ((BSpecials == 0) ? 3 : 2);
  localparam int unsigned SumWidth =
      AFractionWidth + BFractionWidth + 3 + AShift + BShift + $clog2(ExactTerms);
  localparam int unsigned SumFraction =
      AFractionWidth + BFractionWidth + AExponentBias + BExponentBias - 2;

  localparam int unsigned ScaleSignificandWidth = (ScaleFractionWidth == 0) ? 1 : 2 * ScaleFractionWidth + 2;
  localparam int unsigned FractionWidth = SumFraction + 2 * ScaleFractionWidth;
  localparam int unsigned IntegerWidth = SumWidth - 1 + ScaleSignificandWidth - FractionWidth;
  localparam int unsigned TermWidth = IntegerWidth + WindowWidth;

  // Exponents in the bias of the accumulator, from which the window counts from the lowest up.
  localparam int Rebias = (1 << (AccExponentWidth - 1)) - 1 - 2 * ScaleExponentBias;
  localparam int LowestExponent = (Rebias < 1) ? Rebias : 1;
  localparam int HighestProduct = Rebias + (2 << ScaleExponentWidth) - 2;
  localparam int HighestExponent =
      (HighestProduct > (1 << AccExponentWidth) - 1) ? HighestProduct : (1 << AccExponentWidth) - 1;
  localparam int unsigned ExponentWidth = $clog2(HighestExponent - LowestExponent + 1);

  logic [              Groups-1:0] signs;
  logic [Groups*ExponentWidth-1:0] exponents;
  logic [    Groups*TermWidth-1:0] significands;
  logic [              Groups-1:0] lost;
  logic [              Groups-1:0] zero;
  logic [              Groups-1:0] infinite;
  logic [              Groups-1:0] nan;

  for (genvar i = 0; i < Groups; i++) begin : gen_group
    localparam int unsigned Block = i * ExactTerms / BlockTerms;

    logic [                        SumWidth-1:0] sum;
    logic                                        negative;
    logic                                        sum_infinite;
    logic                                        negative_infinity;
    logic                                        sum_nan;
    logic                                        any_positive;
    logic                                        any_negative;
    logic                                        scale_sign;
    logic [                ScaleExponentWidth:0] scale_exponent;
    logic [           ScaleSignificandWidth-1:0] scale_significand;
    logic                                        scale_zero;
    logic                                        scale_nan;
    logic [                        SumWidth-2:0] magnitude;
    logic [SumWidth+ScaleSignificandWidth-2:0] scaled;

    fp_exact_sum #(
        .Terms         (ExactTerms),
        .AExponentWidth(AExponentWidth),
        .AFractionWidth(AFractionWidth),
        .ASpecials     (ASpecials),
        .BExponentWidth(BExponentWidth),
        .BFractionWidth(BFractionWidth),
        .BSpecials     (BSpecials)
    ) u_product (
        .a_i                (a_i[i*AWidth+:AWidth]),
        .b_i                (b_i[i*BWidth+:BWidth]),
        .sum_o              (sum),
        .any_positive_o     (any_positive),
        .any_negative_o     (any_negative),
        .infinite_o         (sum_infinite),
        .negative_infinity_o(negative_infinity),
        .nan_o              (sum_nan)
    );

    // A window has no negative zero.
    logic unused_zero_sign;
    assign unused_zero_sign = any_positive ^ any_negative;

    block_scale #(
        .ExponentWidth(ScaleExponentWidth),
        .FractionWidth(ScaleFractionWidth),
        .Specials     (ScaleSpecials)
    ) u_scale (
        .a_i          (scale_a_i[Block*ScaleWidth+:ScaleWidth]),
        .b_i          (scale_b_i[Block*ScaleWidth+:ScaleWidth]),
        .sign_o       (scale_sign),
        .exponent_o   (scale_exponent),
        .significand_o(scale_significand),
        .zero_o       (scale_zero),
        .nan_o        (scale_nan)
    );

    assign negative  = sum[SumWidth-1];
    assign magnitude = (sum[SumWidth-2:0] ^ {(SumWidth - 1) {negative}}) + (SumWidth - 1)'(negative);
    assign scaled    = (SumWidth + ScaleSignificandWidth - 1)'(magnitude)
                       * (SumWidth + ScaleSignificandWidth - 1)'(scale_significand);

    window_cut #(
        .IntegerWidth    (IntegerWidth),
        .InFractionWidth (FractionWidth),
        .OutFractionWidth(WindowWidth)
    ) u_cut (
        .value_i(scaled),
        .value_o(significands[i*TermWidth+:TermWidth]),
        .lost_o (lost[i])
    );

    assign signs[i]    = (sum_infinite ? negative_infinity : negative) ^ scale_sign;
    assign zero[i]     = scale_zero | (sum == {SumWidth{1'b0}});
    assign infinite[i] = sum_infinite;
    assign nan[i]      = sum_nan | scale_nan | (sum_infinite & scale_zero);
    assign exponents[i*ExponentWidth+:ExponentWidth] =
        ExponentWidth'(scale_exponent) + ExponentWidth'(Rebias - LowestExponent);
  end

  window_accumulate #(
      .Terms           (Groups),
      .ExponentWidth   (ExponentWidth),
      .ExponentOffset  (LowestExponent),
      .IntegerWidth    (IntegerWidth),
      .FractionWidth   (WindowWidth),
      .Floor           (WindowFloor),
      .AccExponentWidth(AccExponentWidth),
      .AccFractionWidth(AccFractionWidth),
      .SumFractionWidth(SumFractionWidth),
      .Rounding        (Rounding)
  ) u_accumulate (
      .signs_i       (signs),
      .exponents_i   (exponents),
      .significands_i(significands),
      .lost_i        (lost),
      .zero_i        (zero),
      .infinite_i    (infinite),
      .nan_i         (|nan),
      .c_i           (c_i),
      .result_o      (result_o)
  );

endmodule
