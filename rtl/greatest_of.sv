// The greatest of Count unsigned numbers, by a tree of comparisons.

module greatest_of #(
    parameter int unsigned Count = 5,  // at least 2
    parameter int unsigned Width = 9
) (
    input  logic [Count*Width-1:0] values_i,
    output logic [      Width-1:0] greatest_o
);

  localparam int unsigned Levels = $clog2(Count);
  localparam int unsigned PaddedCount = 1 << Levels;

  logic [PaddedCount*Width-1:0] rest;

  always_comb begin
    rest = (PaddedCount*Width)'(values_i);
    for (int unsigned k = Levels; k > 0; k--) begin
      for (int unsigned i = 0; i < (1 << (k - 1)); i++) begin
        rest[i*Width+:Width] = (rest[2*i*Width+:Width] > rest[(2*i+1)*Width+:Width])
                               ? rest[2*i*Width+:Width] : rest[(2*i+1)*Width+:Width];
      end
    end
  end

  assign greatest_o = rest[Width-1:0];

endmodule
