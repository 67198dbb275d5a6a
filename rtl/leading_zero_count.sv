// Number of zeros above the most significant one of value_i; Width when value_i is zero.
// One halving step a count bit: keep the upper half if it holds a one, otherwise the lower half.

module leading_zero_count #(
    parameter  int unsigned Width      = 8,
    localparam int unsigned CountWidth = $clog2(Width + 1)
) (
    input  logic [     Width-1:0] value_i,
    output logic [CountWidth-1:0] count_o
);

  // A one is appended below value_i, so that a value of zero counts exactly Width.
  localparam int unsigned PaddedWidth = 1 << CountWidth;

  logic [PaddedWidth-1:0] rest;

  always_comb begin
    rest    = {value_i, 1'b1, {(PaddedWidth - Width - 1) {1'b0}}};
    count_o = {CountWidth{1'b0}};
    for (int unsigned k = CountWidth; k > 0; k--) begin
      if ((rest >> (PaddedWidth - (1 << (k - 1)))) == {PaddedWidth{1'b0}}) begin
        count_o[k-1] = 1'b1;
        rest         = rest << (1 << (k - 1));
      end
    end
  end

endmodule
