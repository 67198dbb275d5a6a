// Product of two logarithmic numbers of one format (see lns_mul) as a linear number:
// significand * 2^(exponent - SignificandWidth + 1 - 2 bias), with the top bit of the significand set unless the
// product is zero. The exponents of two add without error, and SignificandWidth bits of 2^fraction come from a table.

module lns_linear_product #(
    parameter int unsigned IntegerWidth     = 4,
    parameter int unsigned FractionWidth    = 3,  // at least 1
    parameter int unsigned SignificandWidth = 53
) (
    input  logic [IntegerWidth+FractionWidth:0] a_i,
    input  logic [IntegerWidth+FractionWidth:0] b_i,
    output logic                                sign_o,
    output logic [              IntegerWidth:0] exponent_o,
    output logic [        SignificandWidth-1:0] significand_o,
    output logic                                zero_o,
    output logic                                nan_o
);

  logic                        sign;
  logic [   FractionWidth-1:0] fraction;
  logic [SignificandWidth-1:0] power;

  lns_product #(
      .IntegerWidth (IntegerWidth),
      .FractionWidth(FractionWidth)
  ) u_product (
      .a_i        (a_i),
      .b_i        (b_i),
      .sign_o     (sign),
      .logarithm_o({exponent_o, fraction}),
      .zero_o     (zero_o),
      .nan_o      (nan_o)
  );

  lns_power #(
      .FractionWidth   (FractionWidth),
      .SignificandWidth(SignificandWidth)
  ) u_power (
      .fraction_i   (fraction),
      .significand_o(power)
  );

  // Zero has no sign.
  assign sign_o        = sign & ~zero_o;
  assign significand_o = power & {SignificandWidth{~zero_o}};

endmodule
