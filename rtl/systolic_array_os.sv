// Output-stationary systolic array of Rows x Columns processing elements. Element (r, c) accumulates one
// element of C: row r of the tile of A enters row r from the left, column c of the tile of B column c from
// the top, each one cycle after its neighbour, so that a[k] and b[k] meet. The skews are the feeder's.
//
// Draining: in each cycle with drain_i the accumulators of the top row stand at result_o, and all
// accumulators move up one row. A tile with fewer rows than the array is drained in as many cycles as it has
// rows. No operands may be valid anywhere in the array while it drains.
//
// Lane i of a port is bits [i * Width +: Width].

module systolic_array_os #(
    parameter int unsigned Rows     = 4,
    parameter int unsigned Columns  = 4,
    parameter int unsigned AWidth   = 8,
    parameter int unsigned BWidth   = 8,
    parameter int unsigned AccWidth = 32
) (
    input  logic                        clk_i,
    input  logic                        rst_ni,
    input  logic [     Rows*AWidth-1:0] a_i,
    input  logic [            Rows-1:0] a_valid_i,
    input  logic [  Columns*BWidth-1:0] b_i,
    input  logic [         Columns-1:0] b_valid_i,
    input  logic                        drain_i,
    output logic [Columns*AccWidth-1:0] result_o,
    output logic [         Columns-1:0] result_valid_o
);

  for (genvar r = 0; r < Rows; r++) begin : g_row
    for (genvar c = 0; c < Columns; c++) begin : g_column
      logic [  AWidth-1:0] a_in;
      logic                a_valid_in;
      logic [  BWidth-1:0] b_in;
      logic                b_valid_in;
      logic [AccWidth-1:0] accumulator_in;
      logic                accumulator_valid_in;
      // What leaves at the right and at the bottom edge goes nowhere.
      // verilator lint_off UNUSEDSIGNAL
      logic [  AWidth-1:0] a_out;
      logic                a_valid_out;
      logic [  BWidth-1:0] b_out;
      logic                b_valid_out;
      // verilator lint_on UNUSEDSIGNAL
      logic [AccWidth-1:0] accumulator_out;
      logic                accumulator_valid_out;

      if (c == 0) begin : g_from_edge
        assign a_in       = a_i[r*AWidth+:AWidth];
        assign a_valid_in = a_valid_i[r];
      end else begin : g_from_left
        assign a_in       = g_row[r].g_column[c-1].a_out;
        assign a_valid_in = g_row[r].g_column[c-1].a_valid_out;
      end

      if (r == 0) begin : g_from_top
        assign b_in       = b_i[c*BWidth+:BWidth];
        assign b_valid_in = b_valid_i[c];
      end else begin : g_from_above
        assign b_in       = g_row[r-1].g_column[c].b_out;
        assign b_valid_in = g_row[r-1].g_column[c].b_valid_out;
      end

      if (r == Rows - 1) begin : g_lowest
        assign accumulator_in       = {AccWidth{1'b0}};
        assign accumulator_valid_in = 1'b0;
      end else begin : g_from_below
        assign accumulator_in       = g_row[r+1].g_column[c].accumulator_out;
        assign accumulator_valid_in = g_row[r+1].g_column[c].accumulator_valid_out;
      end

      pe_os #(
          .AWidth  (AWidth),
          .BWidth  (BWidth),
          .AccWidth(AccWidth)
      ) u_pe (
          .clk_i              (clk_i),
          .rst_ni             (rst_ni),
          .a_i                (a_in),
          .a_valid_i          (a_valid_in),
          .a_o                (a_out),
          .a_valid_o          (a_valid_out),
          .b_i                (b_in),
          .b_valid_i          (b_valid_in),
          .b_o                (b_out),
          .b_valid_o          (b_valid_out),
          .drain_i            (drain_i),
          .accumulator_i      (accumulator_in),
          .accumulator_valid_i(accumulator_valid_in),
          .accumulator_o      (accumulator_out),
          .accumulator_valid_o(accumulator_valid_out)
      );

      if (r == 0) begin : g_to_top
        assign result_o[c*AccWidth+:AccWidth] = accumulator_out;
        assign result_valid_o[c]              = accumulator_valid_out & drain_i;
      end
    end
  end

endmodule
