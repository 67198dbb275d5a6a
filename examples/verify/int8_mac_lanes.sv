// Multiply-accumulate of 8-bit integers in several lanes at a time, with three pipeline stages: operands, products,
// sums. Pins choose for all lanes whether a is signed, and whether sums saturate.

module int8_mac_lanes #(
    parameter int unsigned Lanes = 4
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic                enable_i,
    input  logic                unsigned_i,
    input  logic                saturate_i,
    input  logic [ 8*Lanes-1:0] a_i,
    input  logic [ 8*Lanes-1:0] b_i,
    input  logic [32*Lanes-1:0] c_i,
    output logic [32*Lanes-1:0] sum_o
);

  logic [ 8*Lanes-1:0] a_q, b_q;
  logic [32*Lanes-1:0] c1_q, c2_q;
  logic                unsigned_q, saturate1_q, saturate2_q;

  always_ff @(posedge clk_i) begin
    if (enable_i) begin
      a_q         <= a_i;
      b_q         <= b_i;
      c1_q        <= c_i;
      c2_q        <= c1_q;
      unsigned_q  <= unsigned_i;
      saturate1_q <= saturate_i;
      saturate2_q <= saturate1_q;
    end
  end

  for (genvar i = 0; i < Lanes; i++) begin : g_lane
    logic signed [ 8:0] a, b;
    logic signed [17:0] product, product_q;
    logic signed [32:0] sum;
    logic               overflow;

    assign a = {a_q[8*i+7] & ~unsigned_q, a_q[8*i+:8]};
    assign b = {b_q[8*i+7], b_q[8*i+:8]};

    booth_multiply u_multiply (
        .a_i      (a),
        .b_i      (b),
        .product_o(product)
    );

    assign sum      = 33'(product_q) + $signed({c2_q[32*i+31], c2_q[32*i+:32]});
    assign overflow = sum[32] != sum[31];

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        product_q       <= '0;
        sum_o[32*i+:32] <= '0;
      end else if (enable_i) begin
        product_q       <= product;
        sum_o[32*i+:32] <= (overflow & saturate2_q) ? {sum[32], {31{~sum[32]}}} : sum[31:0];
      end
    end
  end

endmodule
