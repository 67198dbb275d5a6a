// Reference of ../int_mac.sv: a * b + c in wide integers, then brought into range.

module int_mac #(
    parameter int unsigned AWidth     = 8,
    parameter int unsigned BWidth     = 8,
    parameter int unsigned AccWidth   = 32,  // at least AWidth + BWidth
    parameter int unsigned ASigned    = 1,
    parameter int unsigned BSigned    = 1,
    parameter int unsigned AccSigned  = 1,
    parameter int unsigned Saturating = 0
) (
    input  logic [  AWidth-1:0] a_i,
    input  logic [  BWidth-1:0] b_i,
    input  logic [AccWidth-1:0] c_i,
    output logic [AccWidth-1:0] result_o
);

  // Wide enough for every sum, whatever is signed.
  localparam int unsigned Width = ((AWidth + BWidth > AccWidth) ? AWidth + BWidth : AccWidth) + 2;
  localparam logic [Width-1:0] One = {{(Width - 1) {1'b0}}, 1'b1};
  localparam logic [Width-1:0] Largest = (One << (AccWidth - AccSigned)) - One;
  localparam logic [Width-1:0] Least = (AccSigned != 0) ? ~Largest : {Width{1'b0}};

  logic signed [Width-1:0] a, b, c, sum;

  assign a   = {{(Width - AWidth) {(ASigned != 0) & a_i[AWidth-1]}}, a_i};
  assign b   = {{(Width - BWidth) {(BSigned != 0) & b_i[BWidth-1]}}, b_i};
  assign c   = {{(Width - AccWidth) {(AccSigned != 0) & c_i[AccWidth-1]}}, c_i};
  assign sum = a * b + c;

  always_comb begin
    result_o = sum[AccWidth-1:0];
    if ((Saturating != 0) & (sum > $signed(Largest))) result_o = Largest[AccWidth-1:0];
    if ((Saturating != 0) & (sum < $signed(Least))) result_o = Least[AccWidth-1:0];
  end

endmodule
