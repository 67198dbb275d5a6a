// Integer multiplication: the exact product of AWidth + BWidth bits. Each operand is signed (two's
// complement) or unsigned.

module int_mul #(
    parameter int unsigned AWidth  = 8,
    parameter int unsigned BWidth  = 8,
    parameter int unsigned ASigned = 1,
    parameter int unsigned BSigned = 1
) (
    input  logic [       AWidth-1:0] a_i,
    input  logic [       BWidth-1:0] b_i,
    output logic [AWidth+BWidth-1:0] result_o
);

  int_product #(
      .AWidth (AWidth),
      .BWidth (BWidth),
      .ASigned(ASigned),
      .BSigned(BSigned)
  ) u_product (
      .a_i     (a_i),
      .b_i     (b_i),
      .result_o(result_o)
  );

endmodule
