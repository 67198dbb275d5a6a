// Dot product as a tree of adders: the products are rounded to the accumulator's format and added in pairs, 1 + 2,
// 3 + 4, ..., with a rounding for each addition, and the root is added to c. Of an odd number the last is passed on to
// the next level. a_i and b_i hold Terms codes each, the first in the least significant bits. See fp_mul and fp_add.

module fp_dot_tree #(
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
  localparam int unsigned Levels = $clog2(Terms);

  // Level 0 are the products; the level after the root's adds c.
  for (genvar level = 0; level <= Levels + 1; level++) begin : gen_level
    localparam int unsigned Nodes = (level > Levels) ? 1 : (Terms + (1 << level) - 1) >> level;

    for (genvar i = 0; i < Nodes; i++) begin : gen_node
      logic [AccWidth-1:0] value;

      if (level == 0) begin : gen_product
        fp_mul #(
            .AExponentWidth     (AExponentWidth),
            .AFractionWidth     (AFractionWidth),
            .AExponentBias      (AExponentBias),
            .ASpecials          (ASpecials),
            .BExponentWidth     (BExponentWidth),
            .BFractionWidth     (BFractionWidth),
            .BExponentBias      (BExponentBias),
            .BSpecials          (BSpecials),
            .ResultExponentWidth(AccExponentWidth),
            .ResultFractionWidth(AccFractionWidth),
            .ResultExponentBias (AccExponentBias),
            .ResultSpecials     (AccSpecials),
            .Rounding           (Rounding),
            .Saturating         (Saturating)
        ) u_mul (
            .a_i     (a_i[i*AWidth+:AWidth]),
            .b_i     (b_i[i*BWidth+:BWidth]),
            .result_o(value)
        );
      end else if (level <= Levels && 2 * i + 1 == (Terms + (1 << (level - 1)) - 1) >> (level - 1))
      begin : gen_pass
        assign value = gen_level[level-1].gen_node[2*i].value;
      end else begin : gen_sum
        logic [AccWidth-1:0] addend;

        if (level > Levels) begin : gen_c
          assign addend = c_i;
        end else begin : gen_neighbour
          assign addend = gen_level[level-1].gen_node[2*i+1].value;
        end

        fp_same_add #(
            .ExponentWidth(AccExponentWidth),
            .FractionWidth(AccFractionWidth),
            .ExponentBias (AccExponentBias),
            .Specials     (AccSpecials),
            .Rounding     (Rounding),
            .Saturating   (Saturating)
        ) u_add (
            .a_i     (gen_level[level-1].gen_node[2*i].value),
            .b_i     (addend),
            .result_o(value)
        );
      end
    end
  end

  assign result_o = gen_level[Levels+1].gen_node[0].value;

endmodule
