// Reference of ../int_mul.sv: the operator.

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

  localparam int unsigned Width = AWidth + BWidth;

  logic [Width-1:0] a, b;

  assign a        = {{(Width - AWidth) {(ASigned != 0) & a_i[AWidth-1]}}, a_i};
  assign b        = {{(Width - BWidth) {(BSigned != 0) & b_i[BWidth-1]}}, b_i};
  assign result_o = a * b;

endmodule
