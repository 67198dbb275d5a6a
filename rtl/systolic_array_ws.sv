// Weight-stationary systolic array of Rows x Columns processing elements (Kung and Leiserson's, 1978, as in
// the TPU of Jouppi et al., 2017). Row r holds one row of B, column c one column: a tile of weights is
// shifted in from the top, then rows of A enter from the left, row r of the array one cycle after row r - 1,
// and partial sums fall through the columns, column c one cycle after column c - 1. The skews are the
// feeder's.
//
// Loading: in each cycle with weight_load_i the weights move down one row and the top row takes weight_i. In
// the first cycle of a tile weight_first_i is set, too: what the array held before becomes invalid, so that a
// tile with fewer rows than the array is loaded in as many cycles as it has rows.
//
// Lane i of a port is bits [i * Width +: Width].

module systolic_array_ws #(
    parameter int unsigned Rows     = 4,
    parameter int unsigned Columns  = 4,
    parameter int unsigned AWidth   = 8,
    parameter int unsigned BWidth   = 8,
    parameter int unsigned AccWidth = 32
) (
    input  logic                        clk_i,
    input  logic                        rst_ni,
    input  logic                        weight_load_i,
    input  logic                        weight_first_i,
    input  logic [  Columns*BWidth-1:0] weight_i,
    input  logic [         Columns-1:0] weight_valid_i,
    input  logic [     Rows*AWidth-1:0] a_i,
    input  logic [Columns*AccWidth-1:0] partial_sum_i,
    input  logic [         Columns-1:0] partial_sum_valid_i,
    output logic [Columns*AccWidth-1:0] result_o,
    output logic [         Columns-1:0] result_valid_o
);

  for (genvar r = 0; r < Rows; r++) begin : g_row
    for (genvar c = 0; c < Columns; c++) begin : g_column
      logic [  BWidth-1:0] weight_in;
      logic                weight_valid_in;
      logic [  AWidth-1:0] a_in;
      logic [AccWidth-1:0] partial_sum_in;
      logic                partial_sum_valid_in;
      // What leaves at the right and at the bottom edge goes nowhere.
      // verilator lint_off UNUSEDSIGNAL
      logic [  BWidth-1:0] weight_out;
      logic                weight_valid_out;
      logic [  AWidth-1:0] a_out;
      // verilator lint_on UNUSEDSIGNAL
      logic [AccWidth-1:0] partial_sum_out;
      logic                partial_sum_valid_out;

      if (r == 0) begin : g_from_top
        assign weight_in            = weight_i[c*BWidth+:BWidth];
        assign weight_valid_in      = weight_valid_i[c];
        assign partial_sum_in       = partial_sum_i[c*AccWidth+:AccWidth];
        assign partial_sum_valid_in = partial_sum_valid_i[c];
      end else begin : g_from_above
        assign weight_in            = g_row[r-1].g_column[c].weight_out;
        assign weight_valid_in      = g_row[r-1].g_column[c].weight_valid_out & ~weight_first_i;
        assign partial_sum_in       = g_row[r-1].g_column[c].partial_sum_out;
        assign partial_sum_valid_in = g_row[r-1].g_column[c].partial_sum_valid_out;
      end

      if (c == 0) begin : g_from_edge
        assign a_in = a_i[r*AWidth+:AWidth];
      end else begin : g_from_left
        assign a_in = g_row[r].g_column[c-1].a_out;
      end

      pe_ws #(
          .AWidth  (AWidth),
          .BWidth  (BWidth),
          .AccWidth(AccWidth)
      ) u_pe (
          .clk_i              (clk_i),
          .rst_ni             (rst_ni),
          .weight_load_i      (weight_load_i),
          .weight_i           (weight_in),
          .weight_valid_i     (weight_valid_in),
          .weight_o           (weight_out),
          .weight_valid_o     (weight_valid_out),
          .a_i                (a_in),
          .a_o                (a_out),
          .partial_sum_i      (partial_sum_in),
          .partial_sum_valid_i(partial_sum_valid_in),
          .partial_sum_o      (partial_sum_out),
          .partial_sum_valid_o(partial_sum_valid_out)
      );

      if (r == Rows - 1) begin : g_to_bottom
        assign result_o[c*AccWidth+:AccWidth] = partial_sum_out;
        assign result_valid_o[c]              = partial_sum_valid_out;
      end
    end
  end

endmodule
