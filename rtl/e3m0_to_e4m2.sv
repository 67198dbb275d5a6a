// FP4 e3m0 {sign, e[2:0]}, 2^(e-1) and 0 for e = 0, as FP7 e4m2 {sign, E[3:0], man[1:0]}, 2^(E-1) (1 +
// man/4).

module e3m0_to_e4m2 (
    input  logic [3:0] value_i,
    output logic [6:0] code_o
);

  assign code_o = {value_i[3], 1'b0, value_i[2:0], 2'b00};

endmodule
