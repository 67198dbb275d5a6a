// value_i shifted right by amount_i, however large; sticky_o tells whether any one was shifted out.

module shift_right_sticky #(
    parameter int unsigned Width       = 27,
    parameter int unsigned AmountWidth = 9
) (
    input  logic [      Width-1:0] value_i,
    input  logic [AmountWidth-1:0] amount_i,
    output logic [      Width-1:0] value_o,
    output logic                   sticky_o
);

  // Amount bits from StageCount up each move the whole value out.
  localparam int unsigned LogWidth   = $clog2(Width);
  localparam int unsigned StageCount = (AmountWidth < LogWidth) ? AmountWidth : LogWidth;

  logic [Width-1:0] shifted;
  logic             lost;
  logic             all_out;

  always_comb begin
    shifted = value_i;
    lost    = 1'b0;
    for (int unsigned k = 0; k < StageCount; k++) begin
      if (amount_i[k]) begin
        lost    = lost | ((shifted & ~({Width{1'b1}} << (1 << k))) != {Width{1'b0}});
        shifted = shifted >> (1 << k);
      end
    end
  end

  if (AmountWidth > StageCount) begin : gen_saturation
    assign all_out = |amount_i[AmountWidth-1:StageCount];
  end else begin : gen_no_saturation
    assign all_out = 1'b0;
  end

  assign value_o  = shifted & {Width{~all_out}};
  assign sticky_o = lost | (all_out & (shifted != {Width{1'b0}}));

endmodule
