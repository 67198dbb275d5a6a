// Reference of ../shift_mac.sv: a * 2^(e-1) + c by the operators.

module shift_mac #(
    parameter int unsigned AWidth         = 8,
    parameter int unsigned BExponentWidth = 3,
    parameter int unsigned AccWidth       = 32  // at least AWidth + 2^BExponentWidth - 1
) (
    input  logic [       AWidth-1:0] a_i,
    input  logic [BExponentWidth:0] b_i,
    input  logic [    AccWidth-1:0] c_i,
    output logic [    AccWidth-1:0] result_o
);

  logic [AccWidth-1:0] a, b, product;
  logic [BExponentWidth-1:0] exponent;

  assign exponent = b_i[BExponentWidth-1:0];
  assign a        = {{(AccWidth - AWidth) {a_i[AWidth-1]}}, a_i};
  assign b        = (exponent == {BExponentWidth{1'b0}}) ? {AccWidth{1'b0}}
                                                         : AccWidth'(1) << (exponent - BExponentWidth'(1));
  assign product  = a * b;
  assign result_o = b_i[BExponentWidth] ? c_i - product : c_i + product;

endmodule
