// The scale of logarithmic unbiased quantization (LUQ) for Count float32 numbers: their largest magnitude / 64,
// rounded up to a power of two, and at least 2^-126. exponent_o is its biased exponent. Infinities and NaN do not take
// part; without a number other than zero the scale is 1.

module luq_scale #(
    parameter int unsigned Count = 8  // at least 2
) (
    input  logic [Count*32-1:0] x_i,
    output logic [         7:0] exponent_o
);

  logic [Count*31-1:0] magnitudes;
  logic [        30:0] greatest;
  logic [         7:0] field;
  logic [         7:0] rounded;

  for (genvar i = 0; i < Count; i++) begin : gen_magnitude
    assign magnitudes[i*31+:31] = x_i[i*32+:31] & {31{x_i[i*32+23+:8] != 8'hff}};

    logic unused_sign;
    assign unused_sign = x_i[i*32+31];
  end

  greatest_of #(
      .Count(Count),
      .Width(31)
  ) u_greatest (
      .values_i  (magnitudes),
      .greatest_o(greatest)
  );

  assign field   = greatest[30:23];
  assign rounded = field + 8'(greatest[22:0] != 23'd0);

  always_comb begin
    if (greatest == 31'd0) exponent_o = 8'd127;
    else if (rounded < 8'd7) exponent_o = 8'd1;
    else exponent_o = rounded - 8'd6;
  end

endmodule
