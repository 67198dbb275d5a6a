// Product of two signed numbers of 9 bits, by Booth's digits of two bits. Verilog 2005.

module booth_multiply (
    input  wire signed [ 8:0] a_i,
    input  wire signed [ 8:0] b_i,
    output reg  signed [17:0] product_o
);

  wire        [10:0] digits = {b_i[8], b_i, 1'b0};
  wire signed [17:0] a = {{9{a_i[8]}}, a_i};

  reg signed [17:0] term;
  integer i;

  always @* begin
    product_o = 18'sd0;
    for (i = 0; i < 5; i = i + 1) begin
      case (digits[2*i+:3])
        3'b001, 3'b010: term = a;
        3'b011:         term = a <<< 1;
        3'b100:         term = -(a <<< 1);
        3'b101, 3'b110: term = -a;
        default:        term = 18'sd0;
      endcase
      product_o = product_o + (term <<< (2 * i));
    end
  end

endmodule
