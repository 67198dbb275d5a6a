// Dot product with Kahan's compensated summation: for each product p, with a rounding for each operation,
//   y = p - compensation    sum' = sum + y    compensation' = (sum' - sum) - y
// from the sum c and the compensation 0. a_i and b_i hold Terms codes each, the first in the least significant bits;
// the accumulator's format has a negative zero. See fp_mac and fp_add.

module fp_dot_kahan #(
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
    logic [AccWidth-1:0] sum_before;
    logic [AccWidth-1:0] compensation;
    logic [AccWidth-1:0] y;
    logic [AccWidth-1:0] sum;

    if (i == 0) begin : gen_first
      assign sum_before   = c_i;
      assign compensation = {AccWidth{1'b0}};
    end else begin : gen_next
      logic [AccWidth-1:0] change;

      assign sum_before = gen_step[i-1].sum;

      fp_same_add #(
          .Subtract     (1),
          .ExponentWidth(AccExponentWidth),
          .FractionWidth(AccFractionWidth),
          .ExponentBias (AccExponentBias),
          .Specials     (AccSpecials),
          .Rounding     (Rounding),
          .Saturating   (Saturating)
      ) u_change (
          .a_i     (gen_step[i-1].sum),
          .b_i     (gen_step[i-1].sum_before),
          .result_o(change)
      );

      fp_same_add #(
          .Subtract     (1),
          .ExponentWidth(AccExponentWidth),
          .FractionWidth(AccFractionWidth),
          .ExponentBias (AccExponentBias),
          .Specials     (AccSpecials),
          .Rounding     (Rounding),
          .Saturating   (Saturating)
      ) u_compensation (
          .a_i     (change),
          .b_i     (gen_step[i-1].y),
          .result_o(compensation)
      );
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
    ) u_y (
        .a_i     (a_i[i*AWidth+:AWidth]),
        .b_i     (b_i[i*BWidth+:BWidth]),
        .c_i     ({~compensation[AccWidth-1], compensation[AccWidth-2:0]}),
        .result_o(y)
    );

    fp_same_add #(
        .ExponentWidth(AccExponentWidth),
        .FractionWidth(AccFractionWidth),
        .ExponentBias (AccExponentBias),
        .Specials     (AccSpecials),
        .Rounding     (Rounding),
        .Saturating   (Saturating)
    ) u_sum (
        .a_i     (sum_before),
        .b_i     (y),
        .result_o(sum)
    );
  end

  assign result_o = gen_step[Terms-1].sum;

endmodule
