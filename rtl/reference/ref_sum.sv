// The sum of two exact numbers, both in units of 2^LowestExponent, rounded once (see ref_round).

module ref_sum #(
    parameter int unsigned Width          = 32,
    parameter int          LowestExponent = -16,
    parameter int unsigned ExponentWidth  = 8,
    parameter int unsigned FractionWidth  = 7,
    parameter int          ExponentBias   = 127,
    parameter int unsigned Specials       = 0,
    parameter int unsigned Rounding       = 0,
    parameter int unsigned Saturating     = 0
) (
    input  logic                                 x_negative_i,
    input  logic [                    Width-1:0] x_magnitude_i,
    input  logic                                 x_infinite_i,
    input  logic                                 x_nan_i,
    input  logic                                 y_negative_i,
    input  logic [                    Width-1:0] y_magnitude_i,
    input  logic                                 y_infinite_i,
    input  logic                                 y_nan_i,
    output logic [ExponentWidth+FractionWidth:0] result_o
);

  logic [Width+1:0] x, y, sum, magnitude;
  logic             negative;

  assign x         = x_negative_i ? -((Width + 2)'(x_magnitude_i)) : (Width + 2)'(x_magnitude_i);
  assign y         = y_negative_i ? -((Width + 2)'(y_magnitude_i)) : (Width + 2)'(y_magnitude_i);
  assign sum       = x + y;
  assign magnitude = sum[Width+1] ? -sum : sum;

  always_comb begin
    if (x_infinite_i) negative = x_negative_i;
    else if (y_infinite_i) negative = y_negative_i;
    else if (sum != {(Width + 2) {1'b0}}) negative = sum[Width+1];
    else if (x_negative_i == y_negative_i) negative = x_negative_i;
    else negative = Rounding == 4;
  end

  ref_round #(
      .Width         (Width + 2),
      .LowestExponent(LowestExponent),
      .ExponentWidth (ExponentWidth),
      .FractionWidth (FractionWidth),
      .ExponentBias  (ExponentBias),
      .Specials      (Specials),
      .Rounding      (Rounding),
      .Saturating    (Saturating)
  ) u_round (
      .negative_i (negative),
      .magnitude_i(magnitude),
      .infinite_i (x_infinite_i | y_infinite_i),
      .nan_i      (x_nan_i | y_nan_i | (x_infinite_i & y_infinite_i & (x_negative_i != y_negative_i))),
      .result_o   (result_o)
  );

endmodule
