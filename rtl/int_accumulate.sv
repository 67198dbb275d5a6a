// result = product + c of integers, modulo 2^AccWidth or, if Saturating, the nearest number of AccWidth bits.
// c and result are both signed (two's complement) or both unsigned.

module int_accumulate #(
    parameter int unsigned ProductWidth  = 16,  // at most AccWidth
    parameter int unsigned AccWidth      = 32,
    parameter int unsigned ProductSigned = 1,
    parameter int unsigned AccSigned     = 1,
    parameter int unsigned Saturating    = 0
) (
    input  logic [ProductWidth-1:0] product_i,
    input  logic [    AccWidth-1:0] c_i,
    output logic [    AccWidth-1:0] result_o
);

  // The exact sum has one bit more than its addends and one for the sign, if only one of them can be
  // negative.
  logic product_negative;
  logic c_negative;
  logic [AccWidth+1:0] sum;

  assign product_negative = (ProductSigned != 0) & product_i[ProductWidth-1];
  assign c_negative       = (AccSigned != 0) & c_i[AccWidth-1];
  assign sum = {{(AccWidth + 2 - ProductWidth) {product_negative}}, product_i} + {{2{c_negative}}, c_i};

  if (Saturating == 0) begin : gen_modulo
    assign result_o = sum[AccWidth-1:0];

    logic [1:0] unused_overflow;
    assign unused_overflow = sum[AccWidth+1:AccWidth];
  end else if (AccSigned != 0) begin : gen_saturating_signed
    assign result_o = (sum[AccWidth+1:AccWidth-1] == {3{sum[AccWidth+1]}})
                      ? sum[AccWidth-1:0] : {sum[AccWidth+1], {(AccWidth - 1) {~sum[AccWidth+1]}}};
  end else begin : gen_saturating_unsigned
    assign result_o = (sum[AccWidth-1:0] | {AccWidth{sum[AccWidth]}}) & {AccWidth{~sum[AccWidth+1]}};
  end

endmodule
