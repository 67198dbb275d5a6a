// Reference of ../luq_standard_mul.sv: the same exact product as that of mfbprop_mul.

module luq_standard_mul (
    input  logic [3:0] a_i,
    input  logic [3:0] b_i,
    output logic [6:0] result_o
);

  mfbprop_mul u_same (
      .a_i     (a_i),
      .b_i     (b_i),
      .result_o(result_o)
  );

endmodule
