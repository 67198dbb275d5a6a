// Unbiased pruning of four numbers to two with the least variance (exact 2:4 MVUE of Chmiel et al., arXiv 2203.10991),
// by systematic sampling with one random number.
// Magnitudes a1..a4 with the sum S (the first in the least significant bits of magnitudes_i):
//   no a above S / 2   ai stays with probability 2 ai / S and becomes S / 2
//   a above S / 2      it stays as it is; of the others one stays, ai with probability ai / T, and becomes T, their
//                      sum
// The probabilities, laid end to end, make intervals; those stay that hold the sample or the sample plus one. The sample
// is random_i, a fraction, times S (or T), cut to an integer. values_o are twice the results, 0 where not keep_o.

module prune_2_of_4 #(
    parameter  int unsigned Width       = 7,
    parameter  int unsigned RandomWidth = 16,
    localparam int unsigned SumWidth    = Width + 2
) (
    input  logic [       4*Width-1:0] magnitudes_i,
    input  logic [   RandomWidth-1:0] random_i,
    output logic [               3:0] keep_o,
    output logic [4*(SumWidth+1)-1:0] values_o
);

  localparam int unsigned EndWidth = SumWidth + 1;

  logic [                  3:0] largest;  // the first of the largest magnitudes
  logic [            Width-1:0] greatest;
  logic [         SumWidth-1:0] sum;
  logic [         SumWidth-1:0] range;
  logic                         heavy;
  logic [SumWidth+RandomWidth-1:0] product;
  logic [         EndWidth-1:0] sample;
  logic [         EndWidth-1:0] second;

  greatest_of #(
      .Count(4),
      .Width(Width)
  ) u_greatest (
      .values_i  (magnitudes_i),
      .greatest_o(greatest)
  );

  always_comb begin
    sum     = {SumWidth{1'b0}};
    largest = 4'd0;
    for (int unsigned i = 0; i < 4; i++) begin
      sum        = sum + SumWidth'(magnitudes_i[i*Width+:Width]);
      largest[i] = (magnitudes_i[i*Width+:Width] == greatest) & (largest == 4'd0);
    end
  end

  assign heavy   = {1'b0, greatest, 1'b0} > sum;
  assign range   = heavy ? sum - SumWidth'(greatest) : sum;
  assign product = (SumWidth + RandomWidth)'(random_i) * (SumWidth + RandomWidth)'(range);
  assign sample  = {1'b0, product[SumWidth+RandomWidth-1:RandomWidth]};
  assign second  = sample + EndWidth'(range);

  logic unused_product;
  assign unused_product = ^product[RandomWidth-1:0];

  // Where the interval of one begins and ends.
  logic [EndWidth-1:0] low;
  logic [EndWidth-1:0] high;
  logic [EndWidth-1:0] value;

  always_comb begin
    low  = {EndWidth{1'b0}};
    high = {EndWidth{1'b0}};
    for (int unsigned i = 0; i < 4; i++) begin
      low = high;
      if (~heavy) high = low + {2'b00, magnitudes_i[i*Width+:Width], 1'b0};
      else if (~largest[i]) high = low + EndWidth'(magnitudes_i[i*Width+:Width]);

      keep_o[i] = (heavy & largest[i]) | ((low <= sample) & (sample < high))
                  | (~heavy & (low <= second) & (second < high));
      if (~heavy) value = EndWidth'(sum);
      else value = largest[i] ? EndWidth'(greatest) << 1 : EndWidth'(range) << 1;
      values_o[i*EndWidth+:EndWidth] = value & {EndWidth{keep_o[i]}};
    end
  end

endmodule
