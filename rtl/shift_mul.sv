// Product of an integer and a signed power of two, by shifting: exact. a: signed (two's complement).
// b: sign and exponent e, 0 for zero, otherwise 2^(e-1) (LUQ's FP4 e3m0 with three exponent bits).

module shift_mul #(
    parameter int unsigned AWidth         = 8,
    parameter int unsigned BExponentWidth = 3,
    parameter int unsigned ResultWidth    = 16  // at least AWidth + 2^BExponentWidth - 1
) (
    input  logic [       AWidth-1:0] a_i,
    input  logic [BExponentWidth:0] b_i,
    output logic [ ResultWidth-1:0] result_o
);

  logic                       negative;
  logic [ BExponentWidth-1:0] exponent;
  logic                       nonzero;
  logic [    ResultWidth-1:0] extended;
  logic [    ResultWidth-1:0] shifted;

  assign {negative, exponent} = b_i;
  assign nonzero  = exponent != {BExponentWidth{1'b0}};
  assign extended = {{(ResultWidth - AWidth) {a_i[AWidth-1]}}, a_i} & {ResultWidth{nonzero}};
  assign shifted  = extended << (exponent - BExponentWidth'(nonzero));
  assign result_o = (shifted ^ {ResultWidth{negative}}) + ResultWidth'(negative);

endmodule
