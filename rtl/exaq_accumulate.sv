// The 2-bit softmax accumulator of EXAQ (Shkolnik et al., arXiv 2410.03185): the sum of the exponentials of Count scores
// quantized to four levels, whose exponentials are a table.
// A score is given as scores_i = (largest score of the row) - score, unsigned, and the clip -C in the same units. It is
// clipped to C and rounded to the nearest of C, 2C/3, C/3 and 0, ties to even: code 0, 1, 2 or 3. Masked scores count as
// -infinity: nothing is added. The first is in the least significant bits of scores_i, mask_i, codes_o, and in table_i
// the exponential of code 0. Each cycle with valid_i the exponentials are added to sum_o; with clear_i what was there
// before is forgotten.

module exaq_accumulate #(
    parameter int unsigned Count      = 4,
    parameter int unsigned ScoreWidth = 8,
    parameter int unsigned TableWidth = 16,
    parameter int unsigned SumWidth   = 32
) (
    input  logic                        clk_i,
    input  logic                        rst_ni,
    input  logic                        clear_i,
    input  logic                        valid_i,
    input  logic [Count*ScoreWidth-1:0] scores_i,
    input  logic [           Count-1:0] mask_i,
    input  logic [      ScoreWidth-1:0] clip_i,
    input  logic [    4*TableWidth-1:0] table_i,
    output logic [         2*Count-1:0] codes_o,
    output logic [        SumWidth-1:0] sum_o
);

  localparam int unsigned ProductWidth = ScoreWidth + 3;

  logic [ProductWidth-1:0] clip;
  logic [ProductWidth-1:0] clip_times_three;
  logic [ProductWidth-1:0] clip_times_five;
  logic [    SumWidth-1:0] added;
  logic [    SumWidth-1:0] sum_d, sum_q;

  assign clip             = ProductWidth'(clip_i);
  assign clip_times_three = clip + (clip << 1);
  assign clip_times_five  = clip + (clip << 2);

  // The levels' midpoints are 5/6, 3/6 and 1/6 of the clip; a tie is between an odd and an even code.
  for (genvar i = 0; i < Count; i++) begin : gen_code
    logic [ProductWidth-1:0] six_times;
    logic [             2:0] above;  // the midpoints

    assign six_times = (ProductWidth'(scores_i[i*ScoreWidth+:ScoreWidth]) << 2)
                       + (ProductWidth'(scores_i[i*ScoreWidth+:ScoreWidth]) << 1);
    assign above     = {six_times < clip, six_times <= clip_times_three, six_times < clip_times_five};
    assign codes_o[2*i+:2] = {above[1], above[2] | (above[0] & ~above[1])};
  end

  always_comb begin
    added = {SumWidth{1'b0}};
    for (int unsigned i = 0; i < Count; i++) begin
      added = added + (SumWidth'(table_i[codes_o[2*i+:2]*TableWidth+:TableWidth]) & {SumWidth{~mask_i[i]}});
    end
  end

  assign sum_d = (clear_i ? {SumWidth{1'b0}} : sum_q) + (valid_i ? added : {SumWidth{1'b0}});
  assign sum_o = sum_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sum_q <= {SumWidth{1'b0}};
    else sum_q <= sum_d;
  end

endmodule
