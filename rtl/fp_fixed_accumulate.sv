// result = sum + c, rounded once; c and result are codes of one floating-point format, in whose bias the sum's unit
// is 2^(exponent_i - bias). sum_i is two's complement, and not the most negative number. sign_i is the sign of a sum
// that is zero or infinite. See fp_sum.

module fp_fixed_accumulate #(
    parameter int unsigned SumWidth         = 40,
    parameter int unsigned SumExponentWidth = 10,   // signed
    parameter int unsigned AccExponentWidth = 8,
    parameter int unsigned AccFractionWidth = 23,
    parameter int          AccExponentBias  = 127,
    parameter int unsigned AccSpecials      = 0,
    parameter int unsigned Rounding         = 0,
    parameter int unsigned Saturating       = 0
) (
    input  logic        [                    SumWidth-1:0] sum_i,
    input  logic signed [            SumExponentWidth-1:0] exponent_i,
    input  logic                                           sign_i,
    input  logic                                           infinite_i,
    input  logic                                           nan_i,
    input  logic        [AccExponentWidth+AccFractionWidth:0] c_i,
    output logic        [AccExponentWidth+AccFractionWidth:0] result_o
);

  localparam int unsigned Width = SumWidth - 1;
  localparam int unsigned CountWidth = $clog2(Width + 1);
  localparam int unsigned ExponentWidth =
      ((SumExponentWidth > CountWidth + 1) ? SumExponentWidth : CountWidth + 1) + 1;

  logic                            zero;
  logic        [        Width-1:0] magnitude;
  logic        [   CountWidth-1:0] leading_zeros;
  logic        [        Width-1:0] normalized;
  logic signed [ExponentWidth-1:0] exponent;

  assign zero      = sum_i == {SumWidth{1'b0}};
  assign magnitude = (sum_i[Width-1:0] ^ {Width{sum_i[Width]}}) + Width'(sum_i[Width]);

  leading_zero_count #(
      .Width(Width)
  ) u_leading_zero_count (
      .value_i(magnitude),
      .count_o(leading_zeros)
  );

  assign normalized = magnitude << leading_zeros;
  assign exponent   = ExponentWidth'(exponent_i) + ExponentWidth'(Width - 1) - ExponentWidth'(leading_zeros);

  logic unused_top_bit;  // ~zero
  assign unused_top_bit = normalized[Width-1];

  fp_accumulate #(
      .ProductExponentWidth (ExponentWidth),
      .ProductWidth         (Width),
      .ProductLowestExponent(-(1 << (ExponentWidth - 1))),
      .CExponentWidth       (AccExponentWidth),
      .CFractionWidth       (AccFractionWidth),
      .CExponentBias        (AccExponentBias),
      .CSpecials            (AccSpecials),
      .ResultExponentWidth  (AccExponentWidth),
      .ResultFractionWidth  (AccFractionWidth),
      .ResultExponentBias   (AccExponentBias),
      .ResultSpecials       (AccSpecials),
      .Rounding             (Rounding),
      .Saturating           (Saturating)
  ) u_accumulate (
      .product_sign_i       ((zero | infinite_i) ? sign_i : sum_i[Width]),
      .product_exponent_i   (exponent),
      .product_significand_i({~zero, normalized[Width-2:0]}),
      .product_zero_i       (zero),
      .product_infinite_i   (infinite_i),
      .product_nan_i        (nan_i),
      .c_i                  (c_i),
      .random_i             (1'b0),
      .result_o             (result_o)
  );

endmodule
