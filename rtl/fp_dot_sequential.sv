// Dot product with a rounding a step: result = fma(aN, bN, ... fma(a2, b2, fma(a1, b1, c))). a_i and b_i hold
// Terms codes each, the first in the least significant bits. See fp_mac.

module fp_dot_sequential #(
    parameter int unsigned Terms            = 4,
    parameter int unsigned AExponentWidth   = 4,
    parameter int unsigned AFractionWidth   = 3,
    parameter int          AExponentBias    = 7,
    parameter int unsigned ASpecials        = 1,
    parameter int unsigned BExponentWidth   = 4,
    parameter int unsigned BFractionWidth   = 3,
    parameter int          BExponentBias    = 7,
    parameter int unsigned BSpecials        = 1,
    parameter int unsigned AccExponentWidth = 8,
    parameter int unsigned AccFractionWidth = 23,
    parameter int          AccExponentBias  = (1 << (AccExponentWidth - 1)) - 1,
    parameter int unsigned AccSpecials      = 0,
    parameter int unsigned Rounding         = 0,
    parameter int unsigned Saturating       = 0
) (
    input  logic [Terms*(1+AExponentWidth+AFractionWidth)-1:0] a_i,
    input  logic [Terms*(1+BExponentWidth+BFractionWidth)-1:0] b_i,
    input  logic [          AccExponentWidth+AccFractionWidth:0] c_i,
    output logic [          AccExponentWidth+AccFractionWidth:0] result_o
);

  localparam int unsigned AWidth = 1 + AExponentWidth + AFractionWidth;
  localparam int unsigned BWidth = 1 + BExponentWidth + BFractionWidth;
  localparam int unsigned AccWidth = 1 + AccExponentWidth + AccFractionWidth;

  for (genvar i = 0; i < Terms; i++) begin : gen_step
    logic [AccWidth-1:0] addend;
    logic [AccWidth-1:0] sum;

    if (i == 0) begin : gen_first
      assign addend = c_i;
    end else begin : gen_next
      assign addend = gen_step[i-1].sum;
    end

    fp_mac #(
        .AExponentWidth  (AExponentWidth),
        .AFractionWidth  (AFractionWidth),
        .AExponentBias   (AExponentBias),
        .ASpecials       (ASpecials),
        .BExponentWidth  (BExponentWidth),
        .BFractionWidth  (BFractionWidth),
        .BExponentBias   (BExponentBias),
        .BSpecials       (BSpecials),
        .AccExponentWidth(AccExponentWidth),
        .AccFractionWidth(AccFractionWidth),
        .AccExponentBias (AccExponentBias),
        .AccSpecials     (AccSpecials),
        .Rounding        (Rounding),
        .Saturating      (Saturating)
    ) u_mac (
        .a_i     (a_i[i*AWidth+:AWidth]),
        .b_i     (b_i[i*BWidth+:BWidth]),
        .c_i     (addend),
        .result_o(sum)
    );
  end

  assign result_o = gen_step[Terms-1].sum;

endmodule
