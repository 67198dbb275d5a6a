// Takes a floating-point code apart: value = (-1)^sign_o * significand_o * 2^(exponent_o - bias -
// FractionWidth).
// By default subnormal numbers are normalized, so that the top bit of significand_o is one unless the number
// is zero.
// For zero, infinity and NaN only the sign and the flags count, of NaN not infinite_o; significand_o is zero for zero.

module fp_decode #(
    parameter  int unsigned ExponentWidth = 4,
    parameter  int unsigned FractionWidth = 3,  // at least 1
    // 0 "ieee":  infinities and NaNs at the top exponent
    // 1 "fn":    no infinity, NaN only where exponent and fraction are all ones (OCP E4M3)
    // 2 "finite": every code is a number (OCP E2M1, E3M2, E2M3)
    // 3 "fnuz":  no infinity, no negative zero, whose code is the only NaN
    // 4 "extended": infinity at all ones, the code of negative zero is the only NaN (IEEE P3109 binaryKpPse)
    parameter  int unsigned Specials      = 0,
    // 0 where no code can be subnormal, 1 normalizes, 2 leaves the top bit zero and the exponent at 1
    parameter  int unsigned Subnormals    = 1,
    // signed; to 2^ExponentWidth - 1, from 0 or, with normalized subnormal numbers, from -FractionWidth
    localparam int unsigned DecodedWidth =
        $clog2((1 << ExponentWidth) + ((Subnormals == 1) ? FractionWidth : 0)) + 1
) (
    input  logic        [ExponentWidth+FractionWidth:0] code_i,
    output logic                                        sign_o,
    output logic signed [             DecodedWidth-1:0] exponent_o,
    output logic        [              FractionWidth:0] significand_o,
    output logic                                        zero_o,
    output logic                                        infinite_o,
    output logic                                        nan_o
);

  logic [ExponentWidth-1:0] field;
  logic [FractionWidth-1:0] fraction;
  logic                     normal;

  assign {sign_o, field, fraction} = code_i;
  assign normal = field != {ExponentWidth{1'b0}};
  assign zero_o = ~normal & (fraction == {FractionWidth{1'b0}});

  if (Subnormals == 1) begin : gen_normalize
    localparam int unsigned CountWidth = $clog2(FractionWidth + 2);
    logic [CountWidth-1:0] leading_zeros;

    leading_zero_count #(
        .Width(FractionWidth + 1)
    ) u_leading_zero_count (
        .value_i({normal, fraction}),
        .count_o(leading_zeros)
    );

    logic [FractionWidth:0] normalized;
    logic                   unused_top_bit;  // ~zero_o

    assign normalized     = {normal, fraction} << leading_zeros;
    assign unused_top_bit = normalized[FractionWidth];
    assign significand_o  = {~zero_o, normalized[FractionWidth-1:0]};
    assign exponent_o = normal ? DecodedWidth'(field) : DecodedWidth'(1) - DecodedWidth'(leading_zeros);
  end else begin : gen_as_they_are
    assign significand_o = {normal, fraction};
    assign exponent_o    =
        DecodedWidth'({field[ExponentWidth-1:1], field[0] | ((Subnormals == 2) & ~normal)});
  end

  if (Specials == 0) begin : gen_ieee
    assign infinite_o = field == {ExponentWidth{1'b1}};
    assign nan_o      = (field == {ExponentWidth{1'b1}}) & (fraction != {FractionWidth{1'b0}});
  end else if (Specials == 1) begin : gen_fn
    assign infinite_o = 1'b0;
    assign nan_o      = (field == {ExponentWidth{1'b1}}) & (fraction == {FractionWidth{1'b1}});
  end else if (Specials == 2) begin : gen_finite
    assign infinite_o = 1'b0;
    assign nan_o      = 1'b0;
  end else begin : gen_fnuz_or_extended
    assign infinite_o = (Specials == 4) & (field == {ExponentWidth{1'b1}})
                        & (fraction == {FractionWidth{1'b1}});
    assign nan_o      = sign_o & zero_o;
  end

endmodule
