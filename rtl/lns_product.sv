// Product of two logarithmic numbers of one format (see lns_mul), not brought back to its range: the sum of the
// logarithms, whose bias is twice the format's.

module lns_product #(
    parameter int unsigned IntegerWidth  = 4,
    parameter int unsigned FractionWidth = 3
) (
    input  logic [IntegerWidth+FractionWidth:0] a_i,
    input  logic [IntegerWidth+FractionWidth:0] b_i,
    output logic                                sign_o,
    output logic [IntegerWidth+FractionWidth:0] logarithm_o,
    output logic                                zero_o,
    output logic                                nan_o
);

  localparam int unsigned Width = IntegerWidth + FractionWidth;

  logic a_zero, b_zero;

  assign a_zero      = a_i[Width-1:0] == {Width{1'b0}};
  assign b_zero      = b_i[Width-1:0] == {Width{1'b0}};
  assign sign_o      = a_i[Width] ^ b_i[Width];
  assign logarithm_o = {1'b0, a_i[Width-1:0]} + {1'b0, b_i[Width-1:0]};
  assign zero_o      = a_zero | b_zero;
  assign nan_o       = (a_i[Width] & a_zero) | (b_i[Width] & b_zero);

endmodule
