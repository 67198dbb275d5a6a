// result = product + c, rounded once to a posit (see posit_decode). The product is unpacked (see
// posit_product), c and result are posits.

module posit_accumulate #(
    parameter  int unsigned Width             = 16,
    parameter  int unsigned ExponentWidth     = 2,
    localparam int unsigned ProductWidth      = 2 * (Width - 2 - ExponentWidth),
    localparam int unsigned ProductScaleWidth = $clog2(Width - 1) + 2 + ExponentWidth  // signed
) (
    input  logic                                product_sign_i,
    input  logic signed [ProductScaleWidth-1:0] product_scale_i,
    input  logic        [     ProductWidth-1:0] product_significand_i,
    input  logic                                product_zero_i,
    input  logic                                product_nar_i,
    input  logic        [            Width-1:0] c_i,
    output logic        [            Width-1:0] result_o
);

  // That of aligned_sum: the exact product and a bit.
  localparam int unsigned DataWidth  = ProductWidth + 1;
  localparam int unsigned CountWidth = $clog2(DataWidth + 2);
  localparam int unsigned ScaleWidth = ProductScaleWidth + 1;

  logic                                c_sign;
  logic signed [ProductScaleWidth-2:0] c_scale;
  logic        [   ProductWidth/2-1:0] c_significand;
  logic                                c_zero;
  logic                                c_nar;

  posit_decode #(
      .Width        (Width),
      .ExponentWidth(ExponentWidth)
  ) u_decode (
      .code_i       (c_i),
      .sign_o       (c_sign),
      .scale_o      (c_scale),
      .significand_o(c_significand),
      .zero_o       (c_zero),
      .nar_o        (c_nar)
  );

  logic                                sign;
  logic signed [ProductScaleWidth-1:0] leading_scale;
  logic        [        DataWidth+1:0] magnitude;
  logic        [       CountWidth-1:0] leading_zeros;
  logic signed [       ScaleWidth-1:0] scale;

  aligned_sum #(
      .XExponentWidth(ProductScaleWidth),
      .XWidth        (ProductWidth),
      .YExponentWidth(ProductScaleWidth - 1),
      .YWidth        (ProductWidth / 2),
      .ResultWidth   (ProductWidth / 2)
  ) u_sum (
      .x_sign_i       (product_sign_i),
      .x_exponent_i   (product_scale_i),
      .x_significand_i(product_significand_i),
      .x_zero_i       (product_zero_i),
      .y_sign_i       (c_sign),
      .y_exponent_i   (c_scale),
      .y_significand_i(c_significand),
      .y_zero_i       (c_zero),
      .sign_o         (sign),
      .exponent_o     (leading_scale),
      .magnitude_o    (magnitude),
      .leading_zeros_o(leading_zeros)
  );

  assign scale = ScaleWidth'(leading_scale) + ScaleWidth'(1) - ScaleWidth'(leading_zeros);

  posit_round #(
      .Width           (Width),
      .ExponentWidth   (ExponentWidth),
      .ScaleWidth      (ScaleWidth),
      .SignificandWidth(DataWidth + 2)
  ) u_round (
      .sign_i       (sign),
      .scale_i      (scale),
      .significand_i(magnitude << leading_zeros),
      .zero_i       (magnitude == {(DataWidth + 2) {1'b0}}),
      .nar_i        (product_nar_i | c_nar),
      .result_o     (result_o)
  );

endmodule
