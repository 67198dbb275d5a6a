// Exact product of two signed (two's complement) integers.
// Baugh and Wooley's array (IEEE Transactions on Computers, 1973): the partial products with one sign bit
// count negatively; they are complemented and added, and three constant ones put right what that changes.

module int_product #(
    parameter int unsigned AWidth = 8,  // at least 2
    parameter int unsigned BWidth = 8   // at least 2
) (
    input  logic [       AWidth-1:0] a_i,
    input  logic [       BWidth-1:0] b_i,
    output logic [AWidth+BWidth-1:0] result_o
);

  localparam int unsigned Width = AWidth + BWidth;
  localparam logic [Width-1:0] One = {{(Width - 1) {1'b0}}, 1'b1};
  localparam logic [Width-1:0] Correction = (One << (Width - 1)) + (One << (AWidth - 1)) + (One << (BWidth - 1));

  // Which bits of a row are complemented: its top bit, but in the row of b's sign bit all the others.
  localparam logic [AWidth-1:0] SignBit = {1'b1, {(AWidth - 1) {1'b0}}};

  logic [ Width-1:0] sum;
  logic [AWidth-1:0] row;

  always_comb begin
    sum = Correction;
    row = {AWidth{1'b0}};
    for (int unsigned j = 0; j < BWidth; j++) begin
      row = (a_i & {AWidth{b_i[j]}}) ^ ((j == BWidth - 1) ? ~SignBit : SignBit);
      sum = sum + (Width'(row) << j);
    end
  end

  assign result_o = sum;

endmodule
