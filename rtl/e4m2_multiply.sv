// Product of any two FP7 e4m2 numbers {sign, E[3:0], man[1:0]} as an e4m2 number: 2^(E-1) (1 + man/4), or
// man/4 where E = 0 (bias 1, every code a number). Rounded to nearest, ties to even; saturates at the largest
// magnitude.

module e4m2_multiply (
    input  logic [6:0] a_i,
    input  logic [6:0] b_i,
    output logic [6:0] result_o
);

  logic       a_normal;
  logic       b_normal;
  logic [3:0] a_exponent;
  logic [3:0] b_exponent;
  logic [5:0] product;
  logic [4:0] exponent;

  assign a_normal   = a_i[5:2] != 4'd0;
  assign b_normal   = b_i[5:2] != 4'd0;
  assign a_exponent = {a_i[5:3], a_i[2] | ~a_normal};
  assign b_exponent = {b_i[5:3], b_i[2] | ~b_normal};
  assign product    = 6'({a_normal, a_i[1:0]}) * 6'({b_normal, b_i[1:0]});

  // Exponent of the product's top bit, at least 2; to that of subnormal numbers, 1, the shift is at most
  // exponent - 1.
  assign exponent   = {1'b0, a_exponent} + {1'b0, b_exponent};

  logic [2:0] leading_zeros;
  logic [4:0] limit;
  logic [2:0] shift;
  logic [5:0] normalized;
  logic [4:0] field;
  logic       round_up;
  logic [6:0] rounded;

  leading_zero_count #(
      .Width(6)
  ) u_leading_zero_count (
      .value_i(product),
      .count_o(leading_zeros)
  );

  assign limit      = exponent - 5'd1;
  assign shift      = ({2'b00, leading_zeros} < limit) ? leading_zeros : limit[2:0];
  assign normalized = product << shift;
  assign field      = (exponent - {2'b00, shift}) & {5{normalized[5]}};
  assign round_up   = normalized[2] & (normalized[3] | (normalized[1:0] != 2'b00));
  assign rounded    = {field, normalized[4:3]} + {6'd0, round_up};
  assign result_o   = {a_i[6] ^ b_i[6], rounded[5:0] | {6{rounded[6]}}};

endmodule
