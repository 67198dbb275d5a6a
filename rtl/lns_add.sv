// Sum of two logarithmic numbers of one format (see lns_mul), rounded once, to the nearest logarithm (see
// lns_accumulate).

module lns_add #(
    parameter int unsigned IntegerWidth  = 4,
    parameter int unsigned FractionWidth = 3
) (
    input  logic [IntegerWidth+FractionWidth:0] a_i,
    input  logic [IntegerWidth+FractionWidth:0] b_i,
    output logic [IntegerWidth+FractionWidth:0] result_o
);

  localparam int unsigned Width = IntegerWidth + FractionWidth;

  // 1, whose product with a has a's logarithm and the bias of products.
  localparam logic [Width:0] One = {2'b01, {(Width - 1) {1'b0}}};

  logic           sign;
  logic [Width:0] logarithm;
  logic           zero;
  logic           nan;

  lns_product #(
      .IntegerWidth (IntegerWidth),
      .FractionWidth(FractionWidth)
  ) u_product (
      .a_i        (a_i),
      .b_i        (One),
      .sign_o     (sign),
      .logarithm_o(logarithm),
      .zero_o     (zero),
      .nan_o      (nan)
  );

  lns_accumulate #(
      .IntegerWidth (IntegerWidth),
      .FractionWidth(FractionWidth)
  ) u_accumulate (
      .product_sign_i     (sign),
      .product_logarithm_i(logarithm),
      .product_zero_i     (zero),
      .product_nan_i      (nan),
      .c_i                (b_i),
      .result_o           (result_o)
  );

endmodule
