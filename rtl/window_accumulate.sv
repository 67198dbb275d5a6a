// The accumulator of a tensor core: c + the terms, aligned and cut as window_sum does. Exponents are in the bias of the
// accumulator, an IEEE format, less ExponentOffset, which is at most 1. Rounding: see fp_round.

module window_accumulate #(
    parameter int unsigned Terms            = 4,
    parameter int unsigned ExponentWidth    = 9,                 // unsigned; holds c's exponents, too
    parameter int          ExponentOffset   = 0,
    parameter int unsigned IntegerWidth     = 2,
    parameter int unsigned FractionWidth    = 24,
    parameter int unsigned Floor            = 0,
    parameter int unsigned AccExponentWidth = 8,
    parameter int unsigned AccFractionWidth = 23,
    parameter int unsigned SumFractionWidth = AccFractionWidth,
    parameter int unsigned Rounding         = 2
) (
    input  logic [                              Terms-1:0] signs_i,
    input  logic [                Terms*ExponentWidth-1:0] exponents_i,
    input  logic [Terms*(IntegerWidth+FractionWidth)-1:0] significands_i,
    input  logic [                              Terms-1:0] lost_i,
    input  logic [                              Terms-1:0] zero_i,
    input  logic [                              Terms-1:0] infinite_i,
    input  logic                                           nan_i,
    input  logic [    AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [    AccExponentWidth+AccFractionWidth:0] result_o
);

  logic                                        sign;
  logic signed [           AccExponentWidth:0] decoded_exponent;
  logic        [            ExponentWidth-1:0] exponent;
  logic        [           AccFractionWidth:0] significand;
  logic        [IntegerWidth+FractionWidth-1:0] cut;
  logic                                        lost;
  logic                                        zero;
  logic                                        infinite;
  logic                                        nan;

  fp_decode #(
      .ExponentWidth(AccExponentWidth),
      .FractionWidth(AccFractionWidth),
      .Subnormals   (2)
  ) u_decode (
      .code_i       (c_i),
      .sign_o       (sign),
      .exponent_o   (decoded_exponent),
      .significand_o(significand),
      .zero_o       (zero),
      .infinite_o   (infinite),
      .nan_o        (nan)
  );

  window_cut #(
      .IntegerWidth    (IntegerWidth),
      .InFractionWidth (AccFractionWidth),
      .OutFractionWidth(FractionWidth)
  ) u_cut (
      .value_i((IntegerWidth + AccFractionWidth)'(significand)),
      .value_o(cut),
      .lost_o (lost)
  );

  assign exponent = ExponentWidth'(decoded_exponent) + ExponentWidth'(-ExponentOffset);

  logic unused_exponent_sign;
  assign unused_exponent_sign = decoded_exponent[AccExponentWidth];

  window_sum #(
      .Terms              (Terms + 1),
      .ExponentWidth      (ExponentWidth),
      .ExponentOffset     (ExponentOffset),
      .IntegerWidth       (IntegerWidth),
      .FractionWidth      (FractionWidth),
      .Floor              (Floor),
      .ResultExponentWidth(AccExponentWidth),
      .ResultFractionWidth(AccFractionWidth),
      .SumFractionWidth   (SumFractionWidth),
      .Rounding           (Rounding)
  ) u_sum (
      .signs_i       ({sign, signs_i}),
      .exponents_i   ({exponent, exponents_i}),
      .significands_i({cut, significands_i}),
      .lost_i        ({lost, lost_i}),
      .zero_i        ({zero, zero_i}),
      .infinite_i    ({infinite, infinite_i}),
      .nan_i         (nan_i | nan),
      .result_o      (result_o)
  );

endmodule
