// MF-BPROP multiply and accumulate: result = a * b + c with a signed-magnitude INT4, b FP4 e3m0 and c of an
// IEEE format (see mfbprop_mul). One rounding, to nearest, ties to even; the product is exact.

module mfbprop_mac #(
    parameter int unsigned AccExponentWidth = 8,
    parameter int unsigned AccFractionWidth = 23
) (
    input  logic [                                3:0] a_i,
    input  logic [                                3:0] b_i,
    input  logic [AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [AccExponentWidth+AccFractionWidth:0] result_o
);

  logic [6:0] product;

  (* keep_hierarchy *)
  mfbprop_mul u_product (
      .a_i     (a_i),
      .b_i     (b_i),
      .result_o(product)
  );

  // No product of these operands is subnormal: the smallest magnitude is 1.
  (* keep_hierarchy *)
  fp_code_accumulate #(
      .ProductExponentWidth(4),
      .ProductFractionWidth(2),
      .ProductExponentBias (1),
      .ProductSpecials     (2),
      .AccExponentWidth    (AccExponentWidth),
      .AccFractionWidth    (AccFractionWidth)
  ) u_accumulate (
      .product_i(product),
      .c_i      (c_i),
      .result_o (result_o)
  );

endmodule
