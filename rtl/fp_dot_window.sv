// Dot product of a tensor core: c + a1 b1 + ... + aN bN, aligned and cut as window_sum does. a_i and b_i hold Terms
// codes each, the first in the least significant bits; c and the result have the same IEEE format. Specials: see
// fp_decode; Rounding: see fp_round.

module fp_dot_window #(
    parameter int unsigned Terms            = 4,
    parameter int unsigned AExponentWidth   = 5,
    parameter int unsigned AFractionWidth   = 10,
    parameter int          AExponentBias    = 15,
    parameter int unsigned ASpecials        = 0,
    parameter int unsigned BExponentWidth   = 5,
    parameter int unsigned BFractionWidth   = 10,
    parameter int          BExponentBias    = 15,
    parameter int unsigned BSpecials        = 0,
    parameter int unsigned AccExponentWidth = 8,
    parameter int unsigned AccFractionWidth = 23,
    parameter int unsigned WindowWidth      = 24,                // fraction bits
    parameter int unsigned WindowFloor      = 0,
    parameter int unsigned SumFractionWidth = AccFractionWidth,
    parameter int unsigned Rounding         = 2
) (
    input  logic [Terms*(1+AExponentWidth+AFractionWidth)-1:0] a_i,
    input  logic [Terms*(1+BExponentWidth+BFractionWidth)-1:0] b_i,
    input  logic [          AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [          AccExponentWidth+AccFractionWidth:0] result_o
);

  localparam int unsigned AWidth = 1 + AExponentWidth + AFractionWidth;
  localparam int unsigned BWidth = 1 + BExponentWidth + BFractionWidth;
  localparam int unsigned RawExponentWidth =
      ((AExponentWidth > BExponentWidth) ? AExponentWidth : BExponentWidth) + 1;
  localparam int unsigned FractionWidth = AFractionWidth + BFractionWidth;

  // Integer digits of a product, and of c.
  localparam int unsigned IntegerWidth = 2;
  localparam int unsigned TermWidth = IntegerWidth + WindowWidth;

  // Exponents in the bias of the accumulator, from which the window counts from the lowest up.
  localparam int Rebias = (1 << (AccExponentWidth - 1)) - 1 - AExponentBias - BExponentBias;
  localparam int LowestExponent = (Rebias + 2 < 1) ? Rebias + 2 : 1;
  localparam int HighestProduct = Rebias + (1 << AExponentWidth) + (1 << BExponentWidth) - 2;
  localparam int HighestExponent =
      (HighestProduct > (1 << AccExponentWidth) - 1) ? HighestProduct : (1 << AccExponentWidth) - 1;
  localparam int unsigned ExponentWidth = $clog2(HighestExponent - LowestExponent + 1);

  logic [              Terms-1:0] signs;
  logic [Terms*ExponentWidth-1:0] exponents;
  logic [    Terms*TermWidth-1:0] significands;
  logic [              Terms-1:0] lost;
  logic [              Terms-1:0] zero;
  logic [              Terms-1:0] infinite;
  logic [              Terms-1:0] nan;

  for (genvar i = 0; i < Terms; i++) begin : gen_product
    logic [RawExponentWidth-1:0] exponent;
    logic [   FractionWidth+1:0] significand;

    fp_raw_product #(
        .AExponentWidth(AExponentWidth),
        .AFractionWidth(AFractionWidth),
        .ASpecials     (ASpecials),
        .BExponentWidth(BExponentWidth),
        .BFractionWidth(BFractionWidth),
        .BSpecials     (BSpecials)
    ) u_product (
        .a_i          (a_i[i*AWidth+:AWidth]),
        .b_i          (b_i[i*BWidth+:BWidth]),
        .sign_o       (signs[i]),
        .exponent_o   (exponent),
        .significand_o(significand),
        .zero_o       (zero[i]),
        .infinite_o   (infinite[i]),
        .nan_o        (nan[i])
    );

    window_cut #(
        .IntegerWidth    (IntegerWidth),
        .InFractionWidth (FractionWidth),
        .OutFractionWidth(WindowWidth)
    ) u_cut (
        .value_i(significand),
        .value_o(significands[i*TermWidth+:TermWidth]),
        .lost_o (lost[i])
    );

    assign exponents[i*ExponentWidth+:ExponentWidth] =
        ExponentWidth'(exponent) + ExponentWidth'(Rebias - LowestExponent);
  end

  window_accumulate #(
      .Terms           (Terms),
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
