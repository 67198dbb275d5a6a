// MF-BPROP product block (Chmiel et al., "Accurate neural training with 4-bit matrix multiplications at
// standard formats", ICLR 2023, appendix A.8): no multiplier, because only one operand has a significand and
// only the other one an exponent.
// a: sign and 3-bit magnitude. b: sign and 3-bit exponent e, 0 for zero, otherwise 2^(e-1).
// result: FP7 e4m2, {sign, E, man}: 2^(E-1) (1 + man/4), bias 1, always exact. A zero product keeps the
// product's sign.

module mfbprop_mul (
    input  logic [3:0] a_i,
    input  logic [3:0] b_i,
    output logic [6:0] result_o
);

  logic [2:0] magnitude;
  logic [2:0] exponent;
  logic [1:0] shift;     // magnitude = 2^shift (1 + fraction / 4)
  logic [1:0] fraction;
  logic       nonzero;

  assign magnitude = a_i[2:0];
  assign exponent  = b_i[2:0];

  always_comb begin
    if (magnitude[2]) begin
      shift    = 2'd2;
      fraction = magnitude[1:0];
    end else begin
      shift    = {1'b0, magnitude[1]};
      fraction = {magnitude[1] & magnitude[0], 1'b0};
    end
  end

  assign nonzero  = (magnitude != 3'd0) & (exponent != 3'd0);
  assign result_o = {a_i[3] ^ b_i[3], {{1'b0, exponent} + {2'b00, shift}, fraction} & {6{nonzero}}};

endmodule
