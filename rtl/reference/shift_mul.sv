// Reference of ../shift_mul.sv: a product with the power of two as an integer.

module shift_mul #(
    parameter int unsigned AWidth         = 8,
    parameter int unsigned BExponentWidth = 3,
    parameter int unsigned ResultWidth    = 16  // at least AWidth + 2^BExponentWidth - 1
) (
    input  logic [       AWidth-1:0] a_i,
    input  logic [BExponentWidth:0] b_i,
    output logic [ ResultWidth-1:0] result_o
);

  logic [ResultWidth-1:0] a, b, product;
  logic [BExponentWidth-1:0] exponent;

  assign exponent = b_i[BExponentWidth-1:0];
  assign a        = {{(ResultWidth - AWidth) {a_i[AWidth-1]}}, a_i};
  assign b        = (exponent == {BExponentWidth{1'b0}}) ? {ResultWidth{1'b0}}
                                                         : ResultWidth'(1) << (exponent - BExponentWidth'(1));
  assign product  = a * b;
  assign result_o = b_i[BExponentWidth] ? -product : product;

endmodule
