// 2^(fraction_i / 2^FractionWidth), rounded to the nearest number of SignificandWidth bits, of which the first is the
// one before the point: a table.

module lns_power #(
    parameter int unsigned FractionWidth    = 3,  // at least 1
    parameter int unsigned SignificandWidth = 53
) (
    input  logic [   FractionWidth-1:0] fraction_i,
    output logic [SignificandWidth-1:0] significand_o
);

  localparam int unsigned Entries = 1 << FractionWidth;
  localparam int unsigned TableWidth = Entries * SignificandWidth;

  // Fixed point: GuardWidth bits more than wanted, and twice as many for products.
  localparam int unsigned GuardWidth = 16;
  localparam int unsigned FixedWidth = SignificandWidth - 1 + GuardWidth;
  localparam int unsigned WideWidth = 2 * FixedWidth + 2;
  localparam logic [WideWidth-1:0] One = {{(WideWidth - 1) {1'b0}}, 1'b1} << FixedWidth;

  function automatic logic [WideWidth-1:0] square_root(input logic [WideWidth-1:0] number);
    logic [WideWidth-1:0] trial;
    integer i;
    square_root = {WideWidth{1'b0}};
    for (i = FixedWidth; i >= 0; i = i - 1) begin
      trial = square_root | ({{(WideWidth - 1) {1'b0}}, 1'b1} << i);
      if (trial * trial <= (number << FixedWidth)) square_root = trial;
    end
  endfunction

  // Each the one before times the same root of two.
  function automatic logic [TableWidth-1:0] powers(input logic [WideWidth-1:0] two);
    logic [WideWidth-1:0] root;
    logic [WideWidth-1:0] power;
    integer i;
    root = two;
    for (i = 0; i < FractionWidth; i = i + 1) root = square_root(root);
    power  = One;
    powers = {TableWidth{1'b0}};
    for (i = 0; i < Entries; i = i + 1) begin
      powers[i*SignificandWidth+:SignificandWidth] =
          SignificandWidth'((power + (One >> SignificandWidth)) >> GuardWidth);
      power = (power * root) >> FixedWidth;
    end
  endfunction

  localparam logic [TableWidth-1:0] Powers = powers(One << 1);

  assign significand_o = Powers[fraction_i*SignificandWidth+:SignificandWidth];

endmodule
