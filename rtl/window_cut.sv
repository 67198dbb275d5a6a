// A significand of InFractionWidth fraction bits with OutFractionWidth of them: zeros are appended, or the last ones
// are cut off, and lost_o tells whether any of these was a one.

module window_cut #(
    parameter int unsigned IntegerWidth     = 2,
    parameter int unsigned InFractionWidth  = 6,
    parameter int unsigned OutFractionWidth = 24
) (
    input  logic [ IntegerWidth+InFractionWidth-1:0] value_i,
    output logic [IntegerWidth+OutFractionWidth-1:0] value_o,
    output logic                                     lost_o
);

  if (InFractionWidth > OutFractionWidth) begin : gen_cut
    localparam int unsigned CutWidth = InFractionWidth - OutFractionWidth;
    assign value_o = value_i[IntegerWidth+InFractionWidth-1:CutWidth];
    assign lost_o  = value_i[CutWidth-1:0] != {CutWidth{1'b0}};
  end else if (InFractionWidth < OutFractionWidth) begin : gen_append
    assign value_o = {value_i, {(OutFractionWidth - InFractionWidth) {1'b0}}};
    assign lost_o  = 1'b0;
  end else begin : gen_same
    assign value_o = value_i;
    assign lost_o  = 1'b0;
  end

endmodule
