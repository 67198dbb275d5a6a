// result = product + c of logarithmic numbers (see lns_mul), rounded once, to the nearest logarithm: that of the
// greater one and what the distance to the other does to it. The product is that of lns_product. A result below the
// range is zero, one beyond it NaN.

module lns_accumulate #(
    parameter int unsigned IntegerWidth  = 4,
    parameter int unsigned FractionWidth = 3
) (
    input  logic                                product_sign_i,
    input  logic [IntegerWidth+FractionWidth:0] product_logarithm_i,
    input  logic                                product_zero_i,
    input  logic                                product_nan_i,
    input  logic [IntegerWidth+FractionWidth:0] c_i,
    output logic [IntegerWidth+FractionWidth:0] result_o
);

  localparam int unsigned Width = IntegerWidth + FractionWidth;
  localparam int unsigned ChangeWidth = FractionWidth + $clog2(FractionWidth + 2);
  localparam int unsigned SumWidth = ((Width + 1 > ChangeWidth) ? Width + 1 : ChangeWidth) + 2;  // signed
  localparam logic [Width:0] Bias = {2'b01, {(Width - 1) {1'b0}}};

  logic                   c_sign;
  logic                   c_zero;
  logic                   c_nan;
  logic [        Width:0] c_logarithm;  // with the product's bias
  logic                   product_leads;
  logic                   subtract;
  logic [        Width:0] greater;
  logic [        Width:0] distance;
  logic [ChangeWidth-1:0] increase;
  logic [ChangeWidth-1:0] decrease;
  logic                   one_is_zero;
  logic [   SumWidth-1:0] sum;
  logic [   SumWidth-1:0] logarithm;
  logic                   sign;
  logic                   zero;
  logic                   beyond;

  assign c_sign      = c_i[Width];
  assign c_zero      = c_i[Width-1:0] == {Width{1'b0}};
  assign c_nan       = c_sign & c_zero;
  assign c_logarithm = {1'b0, c_i[Width-1:0]} + Bias;

  assign product_leads = c_zero | (~product_zero_i & (product_logarithm_i > c_logarithm));
  assign sign          = product_leads ? product_sign_i : c_sign;
  assign greater       = product_leads ? product_logarithm_i : c_logarithm;
  assign distance      = product_leads ? product_logarithm_i - c_logarithm : c_logarithm - product_logarithm_i;
  assign subtract      = product_sign_i ^ c_sign;
  assign one_is_zero   = product_zero_i | c_zero;

  gaussian_logarithm #(
      .FractionWidth(FractionWidth),
      .DistanceWidth(Width + 1),
      .ResultWidth  (ChangeWidth)
  ) u_gaussian_logarithm (
      .distance_i(distance),
      .increase_o(increase),
      .decrease_o(decrease)
  );

  always_comb begin
    sum = SumWidth'(greater);
    if (~one_is_zero) sum = subtract ? sum - SumWidth'(decrease) : sum + SumWidth'(increase);
  end

  assign logarithm = sum - SumWidth'(Bias);
  assign zero      = (product_zero_i & c_zero) | (~one_is_zero & subtract & (distance == {(Width + 1) {1'b0}}))
                     | logarithm[SumWidth-1] | (logarithm == {SumWidth{1'b0}});
  assign beyond    = logarithm[SumWidth-2:Width] != {(SumWidth - 1 - Width) {1'b0}};

  always_comb begin
    if (product_nan_i | c_nan | (~zero & beyond)) result_o = {1'b1, {Width{1'b0}}};
    else if (zero) result_o = {(Width + 1) {1'b0}};
    else result_o = {sign, logarithm[Width-1:0]};
  end

endmodule
