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

  logic           sign;
  logic [Width:0] logarithm;
  logic           zero;
  logic           nan;
  logic           positive;
  logic           overflow;

  lns_product #(
      .IntegerWidth (IntegerWidth),
      .FractionWidth(FractionWidth)
  ) u_product (
      .a_i        (a_i),
      .b_i        (b_i),
      .sign_o     (sign),
      .logarithm_o(logarithm),
      .zero_o     (zero),
      .nan_o      (nan)
  );

  // Minus the bias turns the two top bits 01 and 10 into 0 and 1; 00 is negative and 11 is too large.
  assign overflow = logarithm[Width:Width-1] == 2'b11;
  assign positive = logarithm > {2'b01, {(Width - 1) {1'b0}}};

  always_comb begin
    if (nan | (~zero & overflow)) result_o = {1'b1, {Width{1'b0}}};
    else if (~zero & positive) result_o = {sign, logarithm[Width], logarithm[Width-2:0]};
    else result_o = {(Width + 1) {1'b0}};
  end

endmodule
