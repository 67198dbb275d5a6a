// result = product + c modulo 2^AccWidth; c and result are signed fixed-point numbers in units of 2^-(2 bias), the
// product is that of lns_linear_product, rounded to the nearest of them. Powers of two need no rounding then, so that
// there are no ties. A product that is NaN gives zero.

module lns_fixed_accumulate #(
    parameter int unsigned IntegerWidth     = 4,
    parameter int unsigned SignificandWidth = 40,
    parameter int unsigned AccWidth         = 40   // at least 2^(IntegerWidth + 1) + 1
) (
    input  logic                        product_sign_i,
    input  logic [      IntegerWidth:0] product_exponent_i,
    input  logic [SignificandWidth-1:0] product_significand_i,
    input  logic                        product_nan_i,
    input  logic [        AccWidth-1:0] c_i,
    output logic [        AccWidth-1:0] result_o
);

  localparam int unsigned WholeWidth = 2 << IntegerWidth;

  logic [WholeWidth+SignificandWidth-2:0] shifted;
  logic [                   AccWidth-1:0] magnitude;
  logic [                   AccWidth-1:0] sum;

  assign shifted   = {{(WholeWidth - 1) {1'b0}}, product_significand_i} << product_exponent_i;
  assign magnitude = AccWidth'(shifted[SignificandWidth-1+:WholeWidth]) + AccWidth'(shifted[SignificandWidth-2]);
  assign sum       = product_sign_i ? c_i - magnitude : c_i + magnitude;
  assign result_o  = sum & {AccWidth{~product_nan_i}};

  logic unused_below_half;
  assign unused_below_half = ^shifted[SignificandWidth-3:0];

endmodule
