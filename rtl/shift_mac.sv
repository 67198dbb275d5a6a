// Multiply and accumulate with a signed power of two: result = a * b + c modulo 2^AccWidth (wrap-around).
// a, c and result: signed integers; b: see shift_mul.

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

  localparam int unsigned ProductWidth = AWidth + (1 << BExponentWidth) - 1;

  logic [ProductWidth-1:0] product;

  (* keep_hierarchy *)
  shift_mul #(
      .AWidth        (AWidth),
      .BExponentWidth(BExponentWidth),
      .ResultWidth   (ProductWidth)
  ) u_product (
      .a_i     (a_i),
      .b_i     (b_i),
      .result_o(product)
  );

  (* keep_hierarchy *)
  int_accumulate #(
      .ProductWidth(ProductWidth),
      .AccWidth    (AccWidth)
  ) u_accumulate (
      .product_i(product),
      .c_i      (c_i),
      .result_o (result_o)
  );

endmodule
