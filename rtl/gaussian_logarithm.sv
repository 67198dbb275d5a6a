// What adding to or subtracting from a number another one that is 2^distance_i times smaller does to its logarithm,
// distance_i and results in units of 2^-FractionWidth and rounded to nearest (ties do not occur):
//   increase_o = log2(1 + 2^-distance_i)
//   decrease_o = -log2(1 - 2^-distance_i)   anything for distance 0
// The table ends where both round to zero.

module gaussian_logarithm #(
    parameter int unsigned FractionWidth = 3,   // at least 1
    parameter int unsigned DistanceWidth = 8,
    parameter int unsigned ResultWidth   = FractionWidth + $clog2(FractionWidth + 2)
) (
    input  logic [DistanceWidth-1:0] distance_i,
    output logic [  ResultWidth-1:0] increase_o,
    output logic [  ResultWidth-1:0] decrease_o
);

  localparam int unsigned Steps = 1 << FractionWidth;  // in a binade
  localparam int unsigned Entries = Steps * (FractionWidth + 2);
  localparam int unsigned TableWidth = Entries * ResultWidth;
  localparam int unsigned IndexWidth = $clog2(Entries);

  // Fixed point: FixedWidth fraction bits, and twice as many for products.
  localparam int unsigned FixedWidth = 32 + 2 * FractionWidth;
  localparam int unsigned WideWidth = 2 * FixedWidth + 2;
  localparam logic [WideWidth-1:0] One = {{(WideWidth - 1) {1'b0}}, 1'b1} << FixedWidth;

  function automatic logic [WideWidth-1:0] square_root(input logic [WideWidth-1:0] number);
    logic [WideWidth-1:0] root;
    logic [WideWidth-1:0] trial;
    integer i;
    root = {WideWidth{1'b0}};
    for (i = FixedWidth; i >= 0; i = i - 1) begin
      trial = root | ({{(WideWidth - 1) {1'b0}}, 1'b1} << i);
      if (trial * trial <= (number << FixedWidth)) root = trial;
    end
    square_root = root;
  endfunction

  // 2^(-1 / 2^halvings)
  function automatic logic [WideWidth-1:0] root_of_half(input integer halvings);
    integer i;
    root_of_half = One >> 1;
    for (i = 0; i < halvings; i = i + 1) root_of_half = square_root(root_of_half);
  endfunction

  localparam logic [WideWidth-1:0] Step = root_of_half(FractionWidth);
  localparam logic [WideWidth-1:0] HalfStep = root_of_half(FractionWidth + 1);

  // From the greatest distance to the least. x is 2^-distance, and the boundary, which both logarithms grow across,
  // 2^-(logarithm + 1/2).
  function automatic logic [TableWidth-1:0] logarithms(input logic subtract);
    logic [WideWidth-1:0] x;
    logic [WideWidth-1:0] boundary;
    integer logarithm;
    integer distance;
    x          = One >> (FractionWidth + 2);
    boundary   = HalfStep;
    logarithm  = 0;
    logarithms = {TableWidth{1'b0}};
    for (distance = Entries - 1; distance >= (subtract ? 1 : 0); distance = distance - 1) begin
      x = (x << FixedWidth) / Step;
      while (subtract ? (One - x <= boundary) : ((One + x) * boundary >= (One << FixedWidth))) begin
        boundary  = (boundary * Step) >> FixedWidth;
        logarithm = logarithm + 1;
      end
      logarithms[distance*ResultWidth+:ResultWidth] = logarithm[ResultWidth-1:0];
    end
  endfunction

  localparam logic [TableWidth-1:0] Increases = logarithms(1'b0);
  localparam logic [TableWidth-1:0] Decreases = logarithms(1'b1);

  logic                  far;
  logic [IndexWidth-1:0] index;

  assign far        = distance_i >= DistanceWidth'(Entries);
  assign index      = distance_i[IndexWidth-1:0];
  assign increase_o = Increases[index*ResultWidth+:ResultWidth] & {ResultWidth{~far}};
  assign decrease_o = Decreases[index*ResultWidth+:ResultWidth] & {ResultWidth{~far}};

endmodule
