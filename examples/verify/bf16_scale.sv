// Two BF16 numbers times a third, all given as sign, exponent and fraction. Rounds to nearest even; subnormal numbers
// count as zeros, and products below the least normal number become zeros, of their sign.

module bf16_scale (
    input  logic [ 1:0] a_sign_i,
    input  logic [15:0] a_exponent_i,
    input  logic [13:0] a_fraction_i,
    input  logic        b_sign_i,
    input  logic [ 7:0] b_exponent_i,
    input  logic [ 6:0] b_fraction_i,
    output logic [ 1:0] sign_o,
    output logic [15:0] exponent_o,
    output logic [13:0] fraction_o
);

  logic b_zero, b_infinite, b_nan;

  assign b_zero     = b_exponent_i == 8'd0;
  assign b_infinite = (b_exponent_i == 8'd255) & (b_fraction_i == 7'd0);
  assign b_nan      = (b_exponent_i == 8'd255) & (b_fraction_i != 7'd0);

  for (genvar i = 0; i < 2; i++) begin : g_lane
    logic [ 7:0] exponent;
    logic [ 6:0] fraction;
    logic        zero, infinite, nan, sign, guard, sticky, up, tiny;
    logic [15:0] product;
    logic [ 9:0] biased;   // the product's exponent plus 127, in two's complement
    logic [16:0] rounded;  // exponent and fraction

    assign exponent = a_exponent_i[8*i+:8];
    assign fraction = a_fraction_i[7*i+:7];
    assign zero     = (exponent == 8'd0) | b_zero;
    assign infinite = ((exponent == 8'd255) & (fraction == 7'd0)) | b_infinite;
    assign nan      = ((exponent == 8'd255) & (fraction != 7'd0)) | b_nan | (infinite & zero);
    assign sign     = a_sign_i[i] ^ b_sign_i;

    assign product  = 16'({1'b1, fraction}) * 16'({1'b1, b_fraction_i});
    assign biased   = 10'(exponent) + 10'(b_exponent_i) - 10'd127 + 10'(product[15]);
    assign guard    = product[15] ? product[7] : product[6];
    assign sticky   = product[15] ? (product[6:0] != 7'd0) : (product[5:0] != 6'd0);
    assign tiny     = biased[9] | (biased == 10'd0);
    assign up       = guard & (sticky | (product[15] ? product[8] : product[7]));
    assign rounded  = {biased, product[15] ? product[14:8] : product[13:7]} + 17'(up);

    always_comb begin
      if (nan) begin
        {sign_o[i], exponent_o[8*i+:8], fraction_o[7*i+:7]} = {1'b0, 8'd255, 7'h40};
      end else if (infinite) begin
        {sign_o[i], exponent_o[8*i+:8], fraction_o[7*i+:7]} = {sign, 8'd255, 7'd0};
      end else if (zero | tiny) begin
        {sign_o[i], exponent_o[8*i+:8], fraction_o[7*i+:7]} = {sign, 15'd0};
      end else if (rounded[16:7] >= 10'd255) begin
        {sign_o[i], exponent_o[8*i+:8], fraction_o[7*i+:7]} = {sign, 8'd255, 7'd0};
      end else begin
        {sign_o[i], exponent_o[8*i+:8], fraction_o[7*i+:7]} = {sign, rounded[14:0]};
      end
    end
  end

endmodule
