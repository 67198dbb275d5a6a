// Exact sum of Terms products of floating-point numbers, in fixed point: every product has its place in a word
// that reaches from the least product to the largest, as in Kulisch's accumulator.
// sum_o is in units of 2^(2 - AExponentBias - BExponentBias - AFractionWidth - BFractionWidth), two's complement;
// it counts unless infinite_o or nan_o. Signs of products that are zero count in any_positive_o and
// any_negative_o. infinite_o: there are infinities, all of the sign negative_infinity_o. nan_o: an operand is NaN,
// infinity times zero, or infinities of both signs. Specials: see fp_decode.

module fp_exact_sum #(
    parameter  int unsigned Terms          = 4,
    parameter  int unsigned AExponentWidth = 4,
    parameter  int unsigned AFractionWidth = 3,
    parameter  int unsigned ASpecials      = 1,
    parameter  int unsigned BExponentWidth = 4,
    parameter  int unsigned BFractionWidth = 3,
    parameter  int unsigned BSpecials      = 1,
    // A product's significand, shifted by up to the two largest exponents of finite numbers less one each.
    localparam int unsigned AShift         = (1 << AExponentWidth) - ((ASpecials == 0) ? 3 : 2),
    localparam int unsigned BShift         = (1 << BExponentWidth) - ((BSpecials == 0) ? 3 : 2),
    localparam int unsigned TermWidth      = AFractionWidth + BFractionWidth + 2 + AShift + BShift,
    localparam int unsigned SumWidth       = TermWidth + $clog2(Terms) + 1
) (
    input  logic [Terms*(1+AExponentWidth+AFractionWidth)-1:0] a_i,
    input  logic [Terms*(1+BExponentWidth+BFractionWidth)-1:0] b_i,
    output logic [                                 SumWidth-1:0] sum_o,
    output logic                                                 any_positive_o,
    output logic                                                 any_negative_o,
    output logic                                                 infinite_o,
    output logic                                                 negative_infinity_o,
    output logic                                                 nan_o
);

  localparam int unsigned AWidth = 1 + AExponentWidth + AFractionWidth;
  localparam int unsigned BWidth = 1 + BExponentWidth + BFractionWidth;
  localparam int unsigned ExponentWidth =
      ((AExponentWidth > BExponentWidth) ? AExponentWidth : BExponentWidth) + 1;
  localparam int unsigned SignificandWidth = AFractionWidth + BFractionWidth + 2;

  logic [Terms*SumWidth-1:0] addends;  // of negative products the complement: one too little
  logic [         Terms-1:0] negative;
  logic [         Terms-1:0] infinite;
  logic [         Terms-1:0] nan;

  for (genvar i = 0; i < Terms; i++) begin : gen_term
    logic [   ExponentWidth-1:0] exponent;
    logic [SignificandWidth-1:0] significand;
    logic [       TermWidth-1:0] magnitude;
    logic                        zero;

    fp_raw_product #(
        .AExponentWidth(AExponentWidth),
        .AFractionWidth(AFractionWidth),
        .ASpecials     (ASpecials),
        .BExponentWidth(BExponentWidth),
        .BFractionWidth(BFractionWidth),
        .BSpecials     (BSpecials)
    ) u_product (
        .a_i          (a_i[i*AWidth+:AWidth]),
        .b_i          (b_i[i*BWidth+:BWidth]),
        .sign_o       (negative[i]),
        .exponent_o   (exponent),
        .significand_o(significand),
        .zero_o       (zero),
        .infinite_o   (infinite[i]),
        .nan_o        (nan[i])
    );

    assign magnitude = TermWidth'(significand) << (exponent - ExponentWidth'(2));
    assign addends[i*SumWidth+:SumWidth] = SumWidth'(magnitude) ^ {SumWidth{negative[i]}};

    logic unused_zero;
    assign unused_zero = zero;
  end

  always_comb begin
    sum_o = {SumWidth{1'b0}};
    for (int unsigned i = 0; i < Terms; i++) begin
      sum_o = sum_o + addends[i*SumWidth+:SumWidth] + SumWidth'(negative[i]);
    end
  end

  assign any_positive_o      = ~(&negative);
  assign any_negative_o      = |negative;
  assign infinite_o          = |infinite;
  assign negative_infinity_o = |(infinite & negative);
  assign nan_o               = (|nan) | (negative_infinity_o & (|(infinite & ~negative)));

endmodule
