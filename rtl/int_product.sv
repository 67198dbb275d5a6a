// Exact product of two integers, each signed (two's complement) or unsigned.
// Baugh and Wooley's array (IEEE Transactions on Computers, 1973): the partial products with one sign bit
// count negatively; they are complemented and added, and constant ones put right what that changes.

module int_product #(
    parameter int unsigned AWidth  = 8,  // at least 2
    parameter int unsigned BWidth  = 8,  // at least 2
    parameter int unsigned ASigned = 1,
    parameter int unsigned BSigned = 1
) (
    input  logic [       AWidth-1:0] a_i,
    input  logic [       BWidth-1:0] b_i,
    output logic [AWidth+BWidth-1:0] result_o
);

  localparam int unsigned Width = AWidth + BWidth;
  localparam logic [Width-1:0] None = {Width{1'b0}};
  localparam logic [Width-1:0] One = {{(Width - 1) {1'b0}}, 1'b1};
  localparam logic [Width-1:0] Correction = (((ASigned | BSigned) != 0) ? (One << (Width - 1)) : None)
                                            + ((ASigned != 0) ? (One << (AWidth - 1)) : None)
                                            + ((BSigned != 0) ? (One << (BWidth - 1)) : None);

  // Which bits of a row are complemented: a's sign bit, but in the row of b's sign bit all the others.
  localparam logic [AWidth-1:0] SignBit = {ASigned != 0, {(AWidth - 1) {1'b0}}};

  logic [ Width-1:0] sum;
  logic [AWidth-1:0] row;

  always_comb begin
    sum = Correction;
    row = {AWidth{1'b0}};
    for (int unsigned j = 0; j < BWidth; j++) begin
      row = (a_i & {AWidth{b_i[j]}}) ^ ((BSigned != 0 && j == BWidth - 1) ? ~SignBit : SignBit);
      sum = sum + (Width'(row) << j);
    end
  end

  assign result_o = sum;

endmodule
