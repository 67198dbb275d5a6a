// The exact product of two E4M3 numbers in BF16, in two pipeline stages with a valid/ready handshake.
module fp8_mul (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        in_valid_i,
    output logic        in_ready_o,
    input  logic [ 7:0] a_i,
    input  logic [ 7:0] b_i,
    output logic        out_valid_o,
    input  logic        out_ready_i,
    output logic [15:0] result_o
);

  logic       valid1_q, valid2_q, ready1, ready2;
  logic [7:0] a_q, b_q;
  logic       sign_q, nan_q;
  logic [4:0] exponent_q;
  logic [7:0] product_q;

  assign ready2     = ~valid2_q | out_ready_i;
  assign ready1     = ~valid1_q | ready2;
  assign in_ready_o = ready1;
  assign out_valid_o = valid2_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
    end else begin
      if (ready1) valid1_q <= in_valid_i;
      if (ready2) valid2_q <= valid1_q;
    end
  end

  // A subnormal number has the exponent of the least normal ones, without their leading one.
  always_ff @(posedge clk_i) begin
    if (ready1) begin
      a_q <= a_i;
      b_q <= b_i;
    end
    if (ready2) begin
      sign_q     <= a_q[7] ^ b_q[7];
      nan_q      <= (&a_q[6:0]) | (&b_q[6:0]);
      exponent_q <= {1'b0, a_q[6:3]} + {4'd0, ~|a_q[6:3]} + {1'b0, b_q[6:3]} + {4'd0, ~|b_q[6:3]};
      product_q  <= {4'd0, |a_q[6:3], a_q[2:0]} * {4'd0, |b_q[6:3], b_q[2:0]};
    end
  end

  // product * 2^(exponent - 20): normalize, rebias.
  logic [7:0] normalized;
  logic [2:0] leading_zeros;
  always_comb begin
    normalized    = product_q;
    leading_zeros = 3'd0;
    if (normalized[7:4] == 4'd0) begin
      normalized       = normalized << 4;
      leading_zeros[2] = 1'b1;
    end
    if (normalized[7:6] == 2'd0) begin
      normalized       = normalized << 2;
      leading_zeros[1] = 1'b1;
    end
    if (!normalized[7]) begin
      normalized       = normalized << 1;
      leading_zeros[0] = 1'b1;
    end
  end

  assign result_o = nan_q ? 16'h7fc0 : product_q == 8'd0 ? {sign_q, 15'd0} :
                    {sign_q, {3'd0, exponent_q} + 8'd114 - {5'd0, leading_zeros}, normalized[6:0]};

endmodule
