// The product block that MF-BPROP is compared with (Chmiel et al., ICLR 2023, appendix A.8): both operands
// are cast to FP7 e4m2 and go through a general FP7 multiplier. a: sign and 3-bit magnitude. b: sign and
// 3-bit exponent e, 0 for zero, otherwise 2^(e-1). result: e4m2, always exact for these operands.
// The casts and the multiplier stay apart in synthesis: in a processing element the multiplier serves other
// operands, too, and must not shrink to the few that these casts reach.

module luq_standard_mul (
    input  logic [3:0] a_i,
    input  logic [3:0] b_i,
    output logic [6:0] result_o
);

  logic [6:0] a_code;
  logic [6:0] b_code;

  (* keep_hierarchy *)
  smint4_to_e4m2 u_cast_a (
      .value_i(a_i),
      .code_o (a_code)
  );

  (* keep_hierarchy *)
  e3m0_to_e4m2 u_cast_b (
      .value_i(b_i),
      .code_o (b_code)
  );

  (* keep_hierarchy *)
  e4m2_multiply u_multiply (
      .a_i     (a_code),
      .b_i     (b_code),
      .result_o(result_o)
  );

endmodule
