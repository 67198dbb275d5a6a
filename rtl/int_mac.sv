// Integer multiply and accumulate: result = a * b + c modulo 2^AccWidth (wrap-around) or, if Saturating, the
// nearest number of AccWidth bits. Each operand is signed (two's complement) or unsigned, the result as c.

module int_mac #(
    parameter int unsigned AWidth     = 8,
    parameter int unsigned BWidth     = 8,
    parameter int unsigned AccWidth   = 32,  // at least AWidth + BWidth
    parameter int unsigned ASigned    = 1,
    parameter int unsigned BSigned    = 1,
    parameter int unsigned AccSigned  = 1,
    parameter int unsigned Saturating = 0
) (
    input  logic [  AWidth-1:0] a_i,
    input  logic [  BWidth-1:0] b_i,
    input  logic [AccWidth-1:0] c_i,
    output logic [AccWidth-1:0] result_o
);

  logic [AWidth+BWidth-1:0] product;

  (* keep_hierarchy *)
  int_product #(
      .AWidth (AWidth),
      .BWidth (BWidth),
      .ASigned(ASigned),
      .BSigned(BSigned)
  ) u_product (
      .a_i     (a_i),
      .b_i     (b_i),
      .result_o(product)
  );

  (* keep_hierarchy *)
  int_accumulate #(
      .ProductWidth (AWidth + BWidth),
      .AccWidth     (AccWidth),
      .ProductSigned(ASigned | BSigned),
      .AccSigned    (AccSigned),
      .Saturating   (Saturating)
  ) u_accumulate (
      .product_i(product),
      .c_i      (c_i),
      .result_o (result_o)
  );

endmodule
