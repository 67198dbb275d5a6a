// Reference of ../luq_standard_mac.sv: the same exact product as that of mfbprop_mac.

module luq_standard_mac #(
    parameter int unsigned AccExponentWidth = 8,
    parameter int unsigned AccFractionWidth = 23
) (
    input  logic [                                3:0] a_i,
    input  logic [                                3:0] b_i,
    input  logic [AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [AccExponentWidth+AccFractionWidth:0] result_o
);

  mfbprop_mac #(
      .AccExponentWidth(AccExponentWidth),
      .AccFractionWidth(AccFractionWidth)
  ) u_same (
      .a_i     (a_i),
      .b_i     (b_i),
      .c_i     (c_i),
      .result_o(result_o)
  );

endmodule
