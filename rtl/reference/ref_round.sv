// An exact number magnitude_i * 2^LowestExponent, rounded to a floating-point code. Codes of one sign are in
// the order of the numbers and, between two powers of two, evenly spaced: the code is an integer quotient and
// what the powers below take up, and rounding adds one. Specials as in ../fp_decode.sv; Rounding, Saturating
// and NaN as in ../fp_round.sv.

module ref_round #(
    parameter int unsigned Width          = 32,
    parameter int          LowestExponent = -16,
    parameter int unsigned ExponentWidth  = 8,
    parameter int unsigned FractionWidth  = 7,
    parameter int          ExponentBias   = 127,
    parameter int unsigned Specials       = 0,
    parameter int unsigned Rounding       = 0,
    parameter int unsigned Saturating     = 0
) (
    input  logic                                 negative_i,
    input  logic [                    Width-1:0] magnitude_i,
    input  logic                                 infinite_i,
    input  logic                                 nan_i,
    output logic [ExponentWidth+FractionWidth:0] result_o
);

  // The least subnormal number is the unit; two bits below it at least.
  localparam int UnitExponent = 1 - ExponentBias - $signed(FractionWidth);
  localparam int Missing = LowestExponent - UnitExponent + 2;
  localparam int unsigned Padding = (Missing > 0) ? Missing : 0;
  localparam int unsigned BelowUnit = UnitExponent - LowestExponent + Padding;
  localparam int unsigned LeastWidth = BelowUnit + FractionWidth + 1;
  localparam int unsigned DataWidth = (Width + Padding > LeastWidth) ? Width + Padding : LeastWidth;

  // Binade 1 has the subnormal numbers and the least normal ones, binade b numbers from 2^(b - 1) times the
  // least normal one on.
  localparam int unsigned Binades = DataWidth - BelowUnit - FractionWidth;
  localparam int unsigned BinadeWidth = $clog2(Binades + 1);
  localparam int unsigned IndexWidth =
      ((BinadeWidth > ExponentWidth) ? BinadeWidth : ExponentWidth) + FractionWidth + 2;
  localparam int unsigned MagnitudeWidth = ExponentWidth + FractionWidth;

  localparam bit HasNegativeZero = Specials < 3;
  localparam logic [MagnitudeWidth-1:0] AllOnes = {MagnitudeWidth{1'b1}};
  localparam logic [MagnitudeWidth-1:0] Infinity =
      (Specials == 0) ? {{ExponentWidth{1'b1}}, {FractionWidth{1'b0}}} : AllOnes;
  localparam logic [MagnitudeWidth-1:0] Largest =
      (Specials == 0) ? {{(ExponentWidth - 1) {1'b1}}, 1'b0, {FractionWidth{1'b1}}} :
      ((Specials == 1) | (Specials == 4)) ? {{(MagnitudeWidth - 1) {1'b1}}, 1'b0} : AllOnes;
  localparam logic [MagnitudeWidth-1:0] Quiet = {{(MagnitudeWidth - 1) {1'b0}}, 1'b1} << (FractionWidth - 1);
  localparam logic [MagnitudeWidth:0] Nan =
      (Specials == 0) ? {1'b0, Infinity | Quiet} :
      (Specials < 3) ? {1'b0, AllOnes} : {1'b1, {MagnitudeWidth{1'b0}}};

  logic [  DataWidth-1:0] data;
  logic [BinadeWidth-1:0] binade;
  logic [  DataWidth-1:0] aligned;
  logic [FractionWidth:0] quotient;
  logic                   half;
  logic                   rest;
  logic                   up;
  logic [ IndexWidth-1:0] index;
  logic                   to_zero;

  assign data = DataWidth'(magnitude_i) << Padding;

  always_comb begin
    binade = BinadeWidth'(1);
    for (int unsigned b = 2; b <= Binades; b++) begin
      if (data[BelowUnit+FractionWidth+b-1]) binade = BinadeWidth'(b);
    end
  end

  assign aligned  = data << (BinadeWidth'(Binades) - binade);
  assign quotient = aligned[DataWidth-1-:FractionWidth+1];
  assign half     = aligned[DataWidth-FractionWidth-2];
  assign rest     = |aligned[DataWidth-FractionWidth-3:0];

  always_comb begin
    case (Rounding)
      0: up = half & (rest | quotient[0]);
      1: up = half;
      2: up = 1'b0;
      3: up = (half | rest) & ~negative_i;
      4: up = (half | rest) & negative_i;
      5: up = (half | rest) & ~quotient[0];
      7: up = half & rest;
      8: up = half & (rest | ~negative_i);
      9: up = half & (rest | negative_i);
      default: up = half & (rest | ~quotient[0]);
    endcase
  end

  assign index = ((IndexWidth'(binade) - IndexWidth'(1)) << FractionWidth) + IndexWidth'(quotient)
                 + IndexWidth'(up);

  assign to_zero = (Rounding == 2) | ((Rounding == 3) & negative_i) | ((Rounding == 4) & ~negative_i);

  always_comb begin
    if (nan_i) begin
      result_o = Nan;
    end else if (infinite_i | (index > IndexWidth'(Largest))) begin
      if ((Saturating != 0) | (Specials == 2) | (to_zero & ~infinite_i)) result_o = {negative_i, Largest};
      else if ((Specials == 0) | (Specials == 4)) result_o = {negative_i, Infinity};
      else result_o = Nan;
    end else if (index == {IndexWidth{1'b0}}) begin
      result_o = {negative_i & HasNegativeZero, {MagnitudeWidth{1'b0}}};
    end else begin
      result_o = {negative_i, index[MagnitudeWidth-1:0]};
    end
  end

endmodule
