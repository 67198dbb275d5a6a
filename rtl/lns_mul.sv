// Product of two logarithmic numbers of one format: the logarithms are added, which is exact. A code is sign
// | e, with e a fixed-point number of IntegerWidth integer bits: (-1)^sign 2^(e - bias), and zero where e =
// 0; the bias is 2^(IntegerWidth - 1). The sign alone is the only NaN. Underflow gives zero, overflow NaN.

module lns_mul #(
    parameter int unsigned IntegerWidth  = 4,
    parameter int unsigned FractionWidth = 3
) (
    input  logic [IntegerWidth+FractionWidth:0] a_i,
    input  logic [IntegerWidth+FractionWidth:0] b_i,
    output logic [IntegerWidth+FractionWidth:0] result_o
);

  localparam int unsigned Width = IntegerWidth + FractionWidth;

  logic             a_sign, b_sign;
  logic [Width-1:0] a_logarithm, b_logarithm;
  logic             a_nonzero, b_nonzero;
  logic [  Width:0] sum;
  logic             positive;
  logic             overflow;
  logic             nan;

  assign {a_sign, a_logarithm} = a_i;
  assign {b_sign, b_logarithm} = b_i;
  assign a_nonzero = a_logarithm != {Width{1'b0}};
  assign b_nonzero = b_logarithm != {Width{1'b0}};

  // Minus the bias turns the two top bits 01 and 10 into 0 and 1; 00 is negative and 11 is too large.
  assign sum       = {1'b0, a_logarithm} + {1'b0, b_logarithm};
  assign overflow  = sum[Width:Width-1] == 2'b11;
  assign positive  = sum > {2'b01, {(Width - 1) {1'b0}}};
  assign nan       = (a_sign & ~a_nonzero) | (b_sign & ~b_nonzero) | (a_nonzero & b_nonzero & overflow);

  always_comb begin
    if (nan) result_o = {1'b1, {Width{1'b0}}};
    else if (a_nonzero & b_nonzero & positive) result_o = {a_sign ^ b_sign, sum[Width], sum[Width-2:0]};
    else result_o = {(Width + 1) {1'b0}};
  end

endmodule
