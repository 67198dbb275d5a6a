// Reference of ../pam_mul.sv: the definition, in integers wide enough for every sum and with a sign.

module pam_mul #(
    parameter int unsigned ExponentWidth = 8,
    parameter int unsigned FractionWidth = 7,  // at least 2
    parameter int unsigned Offset        = 0   // less than 2^FractionWidth
) (
    input  logic [ExponentWidth+FractionWidth:0] a_i,
    input  logic [ExponentWidth+FractionWidth:0] b_i,
    output logic [ExponentWidth+FractionWidth:0] result_o
);

  localparam int unsigned MagnitudeWidth = ExponentWidth + FractionWidth;
  localparam int unsigned Width = MagnitudeWidth + 3;
  localparam logic signed [Width-1:0] LeastNormal = 1 << FractionWidth;
  localparam logic signed [Width-1:0] Infinity = ((1 << ExponentWidth) - 1) << FractionWidth;
  localparam logic signed [Width-1:0] CodeOfOne = ((1 << (ExponentWidth - 1)) - 1) << FractionWidth;
  localparam logic signed [Width-1:0] Correction = Width'(Offset);

  logic signed [Width-1:0] a, b, sum;

  assign a   = Width'(a_i[MagnitudeWidth-1:0]);
  assign b   = Width'(b_i[MagnitudeWidth-1:0]);
  assign sum = a + b - CodeOfOne + Correction;

  always_comb begin
    result_o = {a_i[MagnitudeWidth] ^ b_i[MagnitudeWidth], sum[MagnitudeWidth-1:0]};
    if (sum >= Infinity) result_o[MagnitudeWidth-1:0] = Infinity[MagnitudeWidth-1:0];
    if ((a < LeastNormal) | (b < LeastNormal) | (sum < LeastNormal)) result_o = {(MagnitudeWidth + 1) {1'b0}};
    if ((a >= Infinity) | (b >= Infinity)) begin
      result_o = {1'b0, Infinity[MagnitudeWidth-1:0] | LeastNormal[MagnitudeWidth:1]};
    end
  end

endmodule
