// Fused multiply and accumulate of posits (see posit_decode): result = a * b + c, rounded once (see
// posit_round).

module posit_mac #(
    parameter int unsigned Width         = 16,  // at least ExponentWidth + 4
    parameter int unsigned ExponentWidth = 2
) (
    input  logic [Width-1:0] a_i,
    input  logic [Width-1:0] b_i,
    input  logic [Width-1:0] c_i,
    output logic [Width-1:0] result_o
);

  localparam int unsigned ProductWidth      = 2 * (Width - 2 - ExponentWidth);
  localparam int unsigned ProductScaleWidth = $clog2(Width - 1) + 2 + ExponentWidth;

  logic                                product_sign;
  logic signed [ProductScaleWidth-1:0] product_scale;
  logic        [     ProductWidth-1:0] product_significand;
  logic                                product_zero;
  logic                                product_nar;

  (* keep_hierarchy *)
  posit_product #(
      .Width        (Width),
      .ExponentWidth(ExponentWidth)
  ) u_product (
      .a_i          (a_i),
      .b_i          (b_i),
      .sign_o       (product_sign),
      .scale_o      (product_scale),
      .significand_o(product_significand),
      .zero_o       (product_zero),
      .nar_o        (product_nar)
  );

  (* keep_hierarchy *)
  posit_accumulate #(
      .Width        (Width),
      .ExponentWidth(ExponentWidth)
  ) u_accumulate (
      .product_sign_i       (product_sign),
      .product_scale_i      (product_scale),
      .product_significand_i(product_significand),
      .product_zero_i       (product_zero),
      .product_nar_i        (product_nar),
      .c_i                  (c_i),
      .result_o             (result_o)
  );

endmodule
