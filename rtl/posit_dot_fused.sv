// Fused dot product of posits (see posit_decode): result = c + a1 b1 + ... + aN bN, exact but for one rounding (see
// posit_round), in a quire of fixed point, in units of the least product and with 31 bits above the greatest (with two
// exponent bits the 2022 standard's, of 16 Width bits). a_i and b_i hold Terms posits each, the first in the least
// significant bits. NaR makes NaR.

module posit_dot_fused #(
    parameter int unsigned Terms         = 4,
    parameter int unsigned Width         = 8,  // at least ExponentWidth + 4
    parameter int unsigned ExponentWidth = 2
) (
    input  logic [Terms*Width-1:0] a_i,
    input  logic [Terms*Width-1:0] b_i,
    input  logic [      Width-1:0] c_i,
    output logic [      Width-1:0] result_o
);

  localparam int unsigned UnitScale = (2 * (Width - 2)) << ExponentWidth;  // negated
  localparam int unsigned QuireWidth = 2 * UnitScale + 32;

  localparam int unsigned ProductWidth = 2 * (Width - 2 - ExponentWidth);
  localparam int unsigned ProductScaleWidth = $clog2(Width - 1) + 2 + ExponentWidth;
  localparam int unsigned CFractionWidth = Width - 3 - ExponentWidth;

  logic [Terms*QuireWidth-1:0] addends;  // of negative products the complement: one too little
  logic [           Terms-1:0] negative;
  logic [           Terms-1:0] nar;

  for (genvar i = 0; i < Terms; i++) begin : gen_term
    logic signed [        ProductScaleWidth-1:0] scale;
    logic        [             ProductWidth-1:0] significand;
    logic        [QuireWidth+ProductWidth-2:0] shifted;
    logic                                        zero;

    posit_product #(
        .Width        (Width),
        .ExponentWidth(ExponentWidth)
    ) u_product (
        .a_i          (a_i[i*Width+:Width]),
        .b_i          (b_i[i*Width+:Width]),
        .sign_o       (negative[i]),
        .scale_o      (scale),
        .significand_o(significand),
        .zero_o       (zero),
        .nar_o        (nar[i])
    );

    // The bits below the unit are zeros.
    assign shifted = (QuireWidth + ProductWidth - 1)'(significand)
                     << (ProductScaleWidth'(UnitScale) + $unsigned(scale));
    assign addends[i*QuireWidth+:QuireWidth] = shifted[QuireWidth+ProductWidth-2:ProductWidth-1]
                                               ^ {QuireWidth{negative[i]}};

    logic unused;
    assign unused = zero ^ (^shifted[ProductWidth-2:0]);
  end

  // -- The accumulator
  logic                                c_sign;
  logic signed [ProductScaleWidth-2:0] c_scale;
  logic        [     CFractionWidth:0] c_significand;
  logic                                c_zero;
  logic                                c_nar;
  logic        [       QuireWidth-1:0] c;

  posit_decode #(
      .Width        (Width),
      .ExponentWidth(ExponentWidth)
  ) u_decode_c (
      .code_i       (c_i),
      .sign_o       (c_sign),
      .scale_o      (c_scale),
      .significand_o(c_significand),
      .zero_o       (c_zero),
      .nar_o        (c_nar)
  );

  assign c = (QuireWidth'(c_significand)
              << (ProductScaleWidth'(UnitScale - CFractionWidth) + ProductScaleWidth'(c_scale)))
             ^ {QuireWidth{c_sign}};

  logic unused_c_zero;
  assign unused_c_zero = c_zero;

  // -- The quire
  localparam int unsigned CountWidth = $clog2(QuireWidth);
  localparam int unsigned ScaleWidth = CountWidth + 2;

  logic        [QuireWidth-1:0] quire;
  logic        [QuireWidth-2:0] magnitude;
  logic        [CountWidth-1:0] leading_zeros;
  logic signed [ScaleWidth-1:0] scale;

  always_comb begin
    quire = c + QuireWidth'(c_sign);
    for (int unsigned i = 0; i < Terms; i++) begin
      quire = quire + addends[i*QuireWidth+:QuireWidth] + QuireWidth'(negative[i]);
    end
  end

  assign magnitude = (quire[QuireWidth-2:0] ^ {(QuireWidth - 1) {quire[QuireWidth-1]}})
                     + (QuireWidth - 1)'(quire[QuireWidth-1]);

  leading_zero_count #(
      .Width(QuireWidth - 1)
  ) u_leading_zero_count (
      .value_i(magnitude),
      .count_o(leading_zeros)
  );

  assign scale = ScaleWidth'(QuireWidth - 2 - UnitScale) - ScaleWidth'(leading_zeros);

  posit_round #(
      .Width           (Width),
      .ExponentWidth   (ExponentWidth),
      .ScaleWidth      (ScaleWidth),
      .SignificandWidth(QuireWidth - 1)
  ) u_round (
      .sign_i       (quire[QuireWidth-1]),
      .scale_i      (scale),
      .significand_i(magnitude << leading_zeros),
      .zero_i       (magnitude == {(QuireWidth - 1) {1'b0}}),
      .nar_i        (c_nar | (|nar)),
      .result_o     (result_o)
  );

endmodule
