// result = product + c of signed integers, modulo 2^AccWidth.

module int_accumulate #(
    parameter int unsigned ProductWidth = 16,  // at most AccWidth
    parameter int unsigned AccWidth     = 32
) (
    input  logic signed [ProductWidth-1:0] product_i,
    input  logic        [    AccWidth-1:0] c_i,
    output logic        [    AccWidth-1:0] result_o
);

  assign result_o = $unsigned(AccWidth'(product_i)) + c_i;

endmodule
