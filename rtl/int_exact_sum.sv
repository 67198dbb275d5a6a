// Exact sum of Terms products of signed (two's complement) integers. any_positive_o and any_negative_o tell the signs
// of the products, where that of zero is what its factors' signs make it.

module int_exact_sum #(
    parameter  int unsigned Terms    = 4,
    parameter  int unsigned AWidth   = 8,
    parameter  int unsigned BWidth   = 8,
    localparam int unsigned SumWidth = AWidth + BWidth + $clog2(Terms)
) (
    input  logic [Terms*AWidth-1:0] a_i,
    input  logic [Terms*BWidth-1:0] b_i,
    output logic [    SumWidth-1:0] sum_o,
    output logic                    any_positive_o,
    output logic                    any_negative_o
);

  localparam int unsigned ProductWidth = AWidth + BWidth;

  logic [Terms*ProductWidth-1:0] products;
  logic [             Terms-1:0] negative;

  for (genvar i = 0; i < Terms; i++) begin : gen_term
    int_product #(
        .AWidth(AWidth),
        .BWidth(BWidth)
    ) u_product (
        .a_i     (a_i[i*AWidth+:AWidth]),
        .b_i     (b_i[i*BWidth+:BWidth]),
        .result_o(products[i*ProductWidth+:ProductWidth])
    );

    assign negative[i] = a_i[i*AWidth+AWidth-1] ^ b_i[i*BWidth+BWidth-1];
  end

  always_comb begin
    sum_o = {SumWidth{1'b0}};
    for (int unsigned i = 0; i < Terms; i++) begin
      sum_o = sum_o + {{(SumWidth - ProductWidth) {products[i*ProductWidth+ProductWidth-1]}},
                       products[i*ProductWidth+:ProductWidth]};
    end
  end

  assign any_positive_o = ~(&negative);
  assign any_negative_o = |negative;

endmodule
