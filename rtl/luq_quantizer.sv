// Quantizes Count float32 numbers, and 32 random bits for each, by logarithmic unbiased quantization (LUQ, Chmiel et
// al., arXiv 2112.10769) with a power of two for the scale: see luq_scale and luq_quantize. All ports hold the first in
// the least significant bits.

module luq_quantizer #(
    parameter int unsigned Count = 8  // at least 2
) (
    input  logic [Count*32-1:0] x_i,
    input  logic [Count*32-1:0] random_i,
    output logic [         7:0] scale_exponent_o,
    output logic [ Count*4-1:0] codes_o
);

  luq_scale #(
      .Count(Count)
  ) u_scale (
      .x_i       (x_i),
      .exponent_o(scale_exponent_o)
  );

  for (genvar i = 0; i < Count; i++) begin : gen_element
    luq_quantize u_quantize (
        .x_i             (x_i[i*32+:32]),
        .scale_exponent_i(scale_exponent_o),
        .random_i        (random_i[i*32+:32]),
        .code_o          (codes_o[i*4+:4])
    );
  end

endmodule
