// Multiply and accumulate of logarithmic numbers of one format (see lns_mul): result = a * b + c, rounded once, to the
// nearest logarithm (see lns_accumulate).

module lns_mac #(
    parameter int unsigned IntegerWidth  = 4,
    parameter int unsigned FractionWidth = 3
) (
    input  logic [IntegerWidth+FractionWidth:0] a_i,
    input  logic [IntegerWidth+FractionWidth:0] b_i,
    input  logic [IntegerWidth+FractionWidth:0] c_i,
    output logic [IntegerWidth+FractionWidth:0] result_o
);

  logic                                product_sign;
  logic [IntegerWidth+FractionWidth:0] product_logarithm;
  logic                                product_zero;
  logic                                product_nan;

  (* keep_hierarchy *)
  lns_product #(
      .IntegerWidth (IntegerWidth),
      .FractionWidth(FractionWidth)
  ) u_product (
      .a_i        (a_i),
      .b_i        (b_i),
      .sign_o     (product_sign),
      .logarithm_o(product_logarithm),
      .zero_o     (product_zero),
      .nan_o      (product_nan)
  );

  (* keep_hierarchy *)
  lns_accumulate #(
      .IntegerWidth (IntegerWidth),
      .FractionWidth(FractionWidth)
  ) u_accumulate (
      .product_sign_i     (product_sign),
      .product_logarithm_i(product_logarithm),
      .product_zero_i     (product_zero),
      .product_nan_i      (product_nan),
      .c_i                (c_i),
      .result_o           (result_o)
  );

endmodule
