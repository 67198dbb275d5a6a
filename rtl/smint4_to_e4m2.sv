// Sign-magnitude INT4 {sign, m[2:0]} as FP7 e4m2 {sign, E[3:0], man[1:0]}, 2^(E-1) (1 + man/4), 0 for E = man
// = 0.

module smint4_to_e4m2 (
    input  logic [3:0] value_i,
    output logic [6:0] code_o
);

  always_comb begin
    unique case (value_i[2:0])
      3'd0: code_o = {value_i[3], 4'd0, 2'b00};
      3'd1: code_o = {value_i[3], 4'd1, 2'b00};
      3'd2: code_o = {value_i[3], 4'd2, 2'b00};
      3'd3: code_o = {value_i[3], 4'd2, 2'b10};
      default: code_o = {value_i[3], 4'd3, value_i[1:0]};
    endcase
  end

endmodule
