// Logarithmic unbiased quantization (LUQ) of a float32 number x to FP4 [1,3,0]: x / scale, the scale a power of two of
// biased exponent scale_exponent_i (at least 1), and 32 random bits.
// From 1 on the random bits are added to the fraction, the carry moves the exponent up with a probability of exactly
// the fraction, and the fraction is dropped; below 1 the result is 1 with a probability of the quotient in 32
// bits, else 0. The largest result is 64, also of infinity; NaN gives +64. code_o: sign, and 0 for 0 or e for
// 2^(e - 1).

module luq_quantize (
    input  logic [31:0] x_i,
    input  logic [ 7:0] scale_exponent_i,
    input  logic [31:0] random_i,
    output logic [ 3:0] code_o
);

  logic        sign;
  logic [ 7:0] field;
  logic [22:0] fraction;
  logic        normal;
  logic [ 7:0] exponent;
  logic        at_least_one;
  logic        top;

  assign {sign, field, fraction} = x_i;
  assign normal       = field != 8'd0;
  assign exponent     = {field[7:1], field[0] | ~normal};
  assign at_least_one = normal & (exponent >= scale_exponent_i);
  assign top          = field == 8'hff;

  // -- From 1 on
  logic [ 7:0] above;
  logic [23:0] fraction_sum;
  logic [ 8:0] magnitude;

  assign above        = exponent - scale_exponent_i;
  assign fraction_sum = {1'b0, fraction} + {1'b0, random_i[31:9]};
  assign magnitude    = {1'b0, above} + 9'd1 + 9'(fraction_sum[23]);

  // -- Below 1
  logic [ 7:0] below;
  logic [32:0] quotient;
  logic [32:0] quotient_sum;

  assign below        = scale_exponent_i - exponent;
  assign quotient     = {normal, fraction, 9'd0} >> below;
  assign quotient_sum = quotient + {1'b0, random_i};

  logic unused_sums;
  assign unused_sums = (^fraction_sum[22:0]) ^ (^quotient_sum[31:0]);

  always_comb begin
    if (top) code_o = {sign & (fraction == 23'd0), 3'd7};
    else if (~at_least_one) code_o = {sign, 2'd0, quotient_sum[32]};
    else if (magnitude > 9'd7) code_o = {sign, 3'd7};
    else code_o = {sign, magnitude[2:0]};
  end

endmodule
