// result = a in another floating-point format, rounded once. Specials: see fp_decode; Rounding (but the
// stochastic one) and Saturating: see fp_round.

module fp_convert #(
    parameter int unsigned AExponentWidth      = 8,
    parameter int unsigned AFractionWidth      = 23,
    parameter int          AExponentBias       = 127,
    parameter int unsigned ASpecials           = 0,
    parameter int unsigned ResultExponentWidth = 4,
    parameter int unsigned ResultFractionWidth = 3,
    parameter int          ResultExponentBias  = 7,
    parameter int unsigned ResultSpecials      = 1,
    parameter int unsigned Rounding            = 0,
    parameter int unsigned Saturating          = 0
) (
    input  logic [          AExponentWidth+AFractionWidth:0] a_i,
    output logic [ResultExponentWidth+ResultFractionWidth:0] result_o
);

  fp_convert_stochastic #(
      .AExponentWidth     (AExponentWidth),
      .AFractionWidth     (AFractionWidth),
      .AExponentBias      (AExponentBias),
      .ASpecials          (ASpecials),
      .ResultExponentWidth(ResultExponentWidth),
      .ResultFractionWidth(ResultFractionWidth),
      .ResultExponentBias (ResultExponentBias),
      .ResultSpecials     (ResultSpecials),
      .Rounding           (Rounding),
      .Saturating         (Saturating),
      .RandomWidth        (1)
  ) u_convert (
      .a_i     (a_i),
      .random_i(1'b0),
      .result_o(result_o)
  );

endmodule
