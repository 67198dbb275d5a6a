// Weight-stationary systolic array of Rows x Columns processing elements (Kung and Leiserson's, 1978, as in
// the TPU of Jouppi et al., 2017). Row r holds one row of B, column c one column: a tile of B is
// shifted in from the top, then rows of A enter from the left, row r of the array one cycle after row r - 1,
// and partial sums fall through the columns. Whatever enters at the top enters column c one cycle after column c - 1.
// The skews are the feeder's.
// With HoldsA it is input-stationary: it computes C^T = B^T A^T, holds tiles of A^T, and columns of B enter.
//
// Loading: in each cycle with held_load_i a column's operands move down one row and the top row takes held_i. In
// the first cycle of a tile held_first_i is set, too: what the column held before becomes invalid, so that a
// tile with fewer rows than the array is loaded in as many cycles as it has rows. A column that a tile does not have
// need not be loaded: without valid partial sums it gives no results.
//
// DoubleBuffered: loading leaves the operands in use as they are. held_swap_i, one cycle ahead of the first partial sum
// of a tile, puts the loaded ones into use, row r after r cycles. A column may be loaded when that has passed its
// last row.
//
// Lane i of a port is bits [i * Width +: Width].

module systolic_array_ws #(
    parameter int unsigned Rows           = 4,
    parameter int unsigned Columns        = 4,
    parameter int unsigned AWidth         = 8,
    parameter int unsigned BWidth         = 8,
    parameter int unsigned AccWidth       = 32,
    parameter int unsigned HoldsA         = 0,
    parameter int unsigned DoubleBuffered = 0,
    parameter int unsigned HeldWidth      = (HoldsA != 0) ? AWidth : BWidth,
    parameter int unsigned StreamedWidth  = (HoldsA != 0) ? BWidth : AWidth
) (
    input  logic                          clk_i,
    input  logic                          rst_ni,
    input  logic [           Columns-1:0] held_load_i,
    input  logic [           Columns-1:0] held_first_i,
    input  logic [           Columns-1:0] held_swap_i,          // if DoubleBuffered
    input  logic [ Columns*HeldWidth-1:0] held_i,
    input  logic [Rows*StreamedWidth-1:0] streamed_i,
    input  logic [  Columns*AccWidth-1:0] partial_sum_i,
    input  logic [           Columns-1:0] partial_sum_valid_i,
    output logic [  Columns*AccWidth-1:0] result_o,
    output logic [           Columns-1:0] result_valid_o
);

  for (genvar r = 0; r < Rows; r++) begin : g_row
    for (genvar c = 0; c < Columns; c++) begin : g_column
      logic [    HeldWidth-1:0] held_in;
      logic                     held_valid_in;
      logic                     held_swap_in;
      logic [StreamedWidth-1:0] streamed_in;
      logic [     AccWidth-1:0] partial_sum_in;
      logic                     partial_sum_valid_in;
      // What leaves at the right and at the bottom edge goes nowhere.
      // verilator lint_off UNUSEDSIGNAL
      logic [    HeldWidth-1:0] held_out;
      logic                     held_valid_out;
      logic                     held_swap_out;
      logic [StreamedWidth-1:0] streamed_out;
      // verilator lint_on UNUSEDSIGNAL
      logic [     AccWidth-1:0] partial_sum_out;
      logic                     partial_sum_valid_out;

      if (r == 0) begin : g_from_top
        assign held_in              = held_i[c*HeldWidth+:HeldWidth];
        assign held_valid_in        = 1'b1;
        assign held_swap_in         = held_swap_i[c];
        assign partial_sum_in       = partial_sum_i[c*AccWidth+:AccWidth];
        assign partial_sum_valid_in = partial_sum_valid_i[c];
      end else begin : g_from_above
        assign held_in              = g_row[r-1].g_column[c].held_out;
        assign held_valid_in        = g_row[r-1].g_column[c].held_valid_out & ~held_first_i[c];
        assign held_swap_in         = g_row[r-1].g_column[c].held_swap_out;
        assign partial_sum_in       = g_row[r-1].g_column[c].partial_sum_out;
        assign partial_sum_valid_in = g_row[r-1].g_column[c].partial_sum_valid_out;
      end

      if (c == 0) begin : g_from_edge
        assign streamed_in = streamed_i[r*StreamedWidth+:StreamedWidth];
      end else begin : g_from_left
        assign streamed_in = g_row[r].g_column[c-1].streamed_out;
      end

      pe_ws #(
          .AWidth        (AWidth),
          .BWidth        (BWidth),
          .AccWidth      (AccWidth),
          .HoldsA        (HoldsA),
          .DoubleBuffered(DoubleBuffered)
      ) u_pe (
          .clk_i              (clk_i),
          .rst_ni             (rst_ni),
          .held_load_i        (held_load_i[c]),
          .held_i             (held_in),
          .held_valid_i       (held_valid_in),
          .held_o             (held_out),
          .held_valid_o       (held_valid_out),
          .held_swap_i        (held_swap_in),
          .held_swap_o        (held_swap_out),
          .streamed_i         (streamed_in),
          .streamed_o         (streamed_out),
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

  if (Rows == 1) begin : gen_nothing_below
    // The top row is always loaded with valid operands.
    logic unused_held_first;
    assign unused_held_first = ^held_first_i;
  end

endmodule
