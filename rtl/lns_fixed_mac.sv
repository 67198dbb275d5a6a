// Multiply and accumulate of logarithmic numbers a and b of one format (see lns_mul) and a fixed-point number c:
// result = product + c modulo 2^AccWidth, with c and result signed and in units of 2^-(2 bias), the product rounded to
// the nearest of these (see lns_fixed_accumulate). NaN gives zero.

module lns_fixed_mac #(
    parameter int unsigned IntegerWidth     = 4,
    parameter int unsigned FractionWidth    = 3,
    // of the product; enough that rounding them again is rounding the product
    parameter int unsigned SignificandWidth = 40,
    parameter int unsigned AccWidth         = 40
) (
    input  logic [IntegerWidth+FractionWidth:0] a_i,
    input  logic [IntegerWidth+FractionWidth:0] b_i,
    input  logic [                AccWidth-1:0] c_i,
    output logic [                AccWidth-1:0] result_o
);

  logic                        product_sign;
  logic [      IntegerWidth:0] product_exponent;
  logic [SignificandWidth-1:0] product_significand;
  logic                        unused_zero;  // the significand says so
  logic                        product_nan;

  (* keep_hierarchy *)
  lns_linear_product #(
      .IntegerWidth    (IntegerWidth),
      .FractionWidth   (FractionWidth),
      .SignificandWidth(SignificandWidth)
  ) u_product (
      .a_i          (a_i),
      .b_i          (b_i),
      .sign_o       (product_sign),
      .exponent_o   (product_exponent),
      .significand_o(product_significand),
      .zero_o       (unused_zero),
      .nan_o        (product_nan)
  );

  (* keep_hierarchy *)
  lns_fixed_accumulate #(
      .IntegerWidth    (IntegerWidth),
      .SignificandWidth(SignificandWidth),
      .AccWidth        (AccWidth)
  ) u_accumulate (
      .product_sign_i       (product_sign),
      .product_exponent_i   (product_exponent),
      .product_significand_i(product_significand),
      .product_nan_i        (product_nan),
      .c_i                  (c_i),
      .result_o             (result_o)
  );

endmodule
