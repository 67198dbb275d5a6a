// Exact product of the scales of two blocks: (-1)^sign_o * significand_o * 2^(exponent_o - 2 Bias - 2 FractionWidth).
// A scale without fraction bits is a power of two without a sign, whose code of all ones is NaN (OCP E8M0); others
// are floating-point numbers of a format without infinities (Specials: see fp_decode).

module block_scale #(
    parameter  int unsigned ExponentWidth    = 8,
    parameter  int unsigned FractionWidth    = 0,
    parameter  int unsigned Specials         = 1,
    localparam int unsigned Width            = ExponentWidth + FractionWidth + ((FractionWidth == 0) ? 0 : 1),
    localparam int unsigned SignificandWidth = (FractionWidth == 0) ? 1 : 2 * FractionWidth + 2
) (
    input  logic [           Width-1:0] a_i,
    input  logic [           Width-1:0] b_i,
    output logic                        sign_o,
    output logic [     ExponentWidth:0] exponent_o,
    output logic [SignificandWidth-1:0] significand_o,
    output logic                        zero_o,
    output logic                        nan_o
);

  if (FractionWidth == 0) begin : gen_powers
    assign sign_o        = 1'b0;
    assign exponent_o    = {1'b0, a_i} + {1'b0, b_i};
    assign significand_o = 1'b1;
    assign zero_o        = 1'b0;
    assign nan_o         = (&a_i) | (&b_i);
  end else begin : gen_floats
    logic infinite;

    fp_raw_product #(
        .AExponentWidth(ExponentWidth),
        .AFractionWidth(FractionWidth),
        .ASpecials     (Specials),
        .BExponentWidth(ExponentWidth),
        .BFractionWidth(FractionWidth),
        .BSpecials     (Specials)
    ) u_product (
        .a_i          (a_i),
        .b_i          (b_i),
        .sign_o       (sign_o),
        .exponent_o   (exponent_o),
        .significand_o(significand_o),
        .zero_o       (zero_o),
        .infinite_o   (infinite),
        .nan_o        (nan_o)
    );

    logic unused_infinite;
    assign unused_infinite = infinite;
  end

endmodule
