// Multiplication: result = a * b, rounded once, to nearest, ties to even.
// a and b are codes of any two floating-point formats (Specials: see fp_decode), the result of an IEEE
// format.
// Subnormal numbers count on every side, overflow gives infinity, NaN results are the canonical quiet NaN.

module fp_mul #(
    parameter int unsigned AExponentWidth      = 8,
    parameter int unsigned AFractionWidth      = 7,
    parameter int          AExponentBias       = 127,
    parameter int unsigned ASpecials           = 0,
    parameter int unsigned BExponentWidth      = 8,
    parameter int unsigned BFractionWidth      = 7,
    parameter int          BExponentBias       = 127,
    parameter int unsigned BSpecials           = 0,
    parameter int unsigned ResultExponentWidth = 8,
    parameter int unsigned ResultFractionWidth = 7
) (
    input  logic [          AExponentWidth+AFractionWidth:0] a_i,
    input  logic [          BExponentWidth+BFractionWidth:0] b_i,
    output logic [ResultExponentWidth+ResultFractionWidth:0] result_o
);

  localparam int ResultExponentBias = (1 << (ResultExponentWidth - 1)) - 1;

  // Range of the product's exponent in the result's bias, and the signed width that holds it (and the
  // result's).
  localparam int Rebias = ResultExponentBias - AExponentBias - BExponentBias + 1;
  localparam int LowestExponent = Rebias - $signed(AFractionWidth) - $signed(BFractionWidth);
  localparam int HighestExponent = Rebias + (1 << AExponentWidth) + (1 << BExponentWidth) - 2;
  localparam int unsigned LowWidth = (LowestExponent < 0) ? $clog2(-LowestExponent) + 1 : 1;
  localparam int unsigned HighWidth = (HighestExponent > 0) ? $clog2(HighestExponent + 1) + 1 : 1;
  localparam int unsigned RangeWidth = (LowWidth > HighWidth) ? LowWidth : HighWidth;
  localparam int unsigned ExponentOutWidth =
      (RangeWidth > ResultExponentWidth + 1) ? RangeWidth : ResultExponentWidth + 1;
  localparam int unsigned ProductWidth = AFractionWidth + BFractionWidth + 2;

  // The hidden bit, the fraction, the guard bit and one bit below it, if the product is shorter.
  localparam int unsigned DataWidth =
      (ProductWidth > ResultFractionWidth + 3) ? ProductWidth : ResultFractionWidth + 3;

  logic                               sign;
  logic signed [ExponentOutWidth-1:0] product_exponent;
  logic        [    ProductWidth-1:0] product_significand;
  logic                               unused_zero;  // the significand says so
  logic                               infinite;
  logic                               nan;

  fp_multiply #(
      .AExponentWidth    (AExponentWidth),
      .AFractionWidth    (AFractionWidth),
      .AExponentBias     (AExponentBias),
      .ASpecials         (ASpecials),
      .BExponentWidth    (BExponentWidth),
      .BFractionWidth    (BFractionWidth),
      .BExponentBias     (BExponentBias),
      .BSpecials         (BSpecials),
      .ResultExponentBias(ResultExponentBias),
      .OutExponentWidth  (ExponentOutWidth)
  ) u_product (
      .a_i          (a_i),
      .b_i          (b_i),
      .sign_o       (sign),
      .exponent_o   (product_exponent),
      .significand_o(product_significand),
      .zero_o       (unused_zero),
      .infinite_o   (infinite),
      .nan_o        (nan)
  );

  // [1, 4) to [1, 2)
  logic                               carry;
  logic        [       DataWidth-1:0] significand;
  logic signed [ExponentOutWidth-1:0] exponent;

  assign carry = product_significand[ProductWidth-1];
  assign exponent = product_exponent - ExponentOutWidth'(!carry);
  if (DataWidth > ProductWidth) begin : gen_padding
    assign significand = {product_significand, {(DataWidth - ProductWidth) {1'b0}}} << !carry;
  end else begin : gen_no_padding
    assign significand = product_significand << !carry;
  end

  // Below the smallest normal number, right shift by 1 - exponent to the exponent of subnormal numbers.
  logic [       DataWidth-1:0] denormalized;
  logic                        sticky;
  logic [ExponentOutWidth-2:0] rounding_exponent;

  if (LowestExponent < 2) begin : gen_underflow
    logic                        tiny;
    logic [ExponentOutWidth-1:0] shift;

    assign tiny  = (exponent < 1);
    assign shift = (ExponentOutWidth'(1) - exponent) & {ExponentOutWidth{tiny}};

    shift_right_sticky #(
        .Width      (DataWidth),
        .AmountWidth(ExponentOutWidth)
    ) u_denormalize (
        .value_i (significand),
        .amount_i(shift),
        .value_o (denormalized),
        .sticky_o(sticky)
    );

    assign rounding_exponent = tiny ? (ExponentOutWidth - 1)'(1) : exponent[ExponentOutWidth-2:0];
  end else begin : gen_no_underflow
    assign denormalized      = significand;
    assign sticky            = 1'b0;
    assign rounding_exponent = exponent[ExponentOutWidth-2:0];

    logic unused_exponent_sign;
    assign unused_exponent_sign = exponent[ExponentOutWidth-1];
  end

  fp_round #(
      .ExponentWidth   (ResultExponentWidth),
      .FractionWidth   (ResultFractionWidth),
      .InExponentWidth (ExponentOutWidth - 1),
      .SignificandWidth(DataWidth + 1)
  ) u_round (
      .sign_i       (sign),
      .exponent_i   (rounding_exponent),
      .significand_i({denormalized, sticky}),
      .infinite_i   (infinite),
      .nan_i        (nan),
      .result_o     (result_o)
  );

endmodule
