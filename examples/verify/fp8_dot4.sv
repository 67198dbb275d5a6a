// Four products of OCP E4M3 numbers and a half-precision addend, summed exactly and rounded once to half precision, to
// nearest even, with exception flags. Sums are fixed-point numbers in units of 2^-24.

module fp8_dot4 (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        valid_i,
    input  logic [31:0] a_i,     // a1 in the least significant byte
    input  logic [31:0] b_i,
    input  logic [15:0] c_i,
    output logic        valid_o,
    output logic [15:0] result_o,
    output logic        invalid_o,
    output logic        overflow_o,
    output logic        underflow_o,
    output logic        inexact_o
);

  // An E4M3 number without its sign as an integer times 2^-9.
  function automatic logic [17:0] fixed8(input logic [6:0] code);
    fixed8 = (code[6:3] == 4'd0) ? {15'd0, code[2:0]} : 18'({1'b1, code[2:0]}) << (code[6:3] - 4'd1);
  endfunction

  // A half without its sign as an integer times 2^-24.
  function automatic logic [39:0] fixed16(input logic [14:0] code);
    fixed16 = (code[14:10] == 5'd0) ? {30'd0, code[9:0]} : 40'({1'b1, code[9:0]}) << (code[14:10] - 5'd1);
  endfunction

  // ---- Stage 1: products in units of 2^-18, their sum and the addend in units of 2^-24.

  logic signed [36:0] product[4];
  logic signed [46:0] addend, sum, sum_q;
  logic               nan, minus_zero, nan_q, signalling_q, infinite_q, c_sign_q, minus_zero_q, c_nan, c_infinite;

  always_comb begin
    nan        = 1'b0;
    minus_zero = c_i == 16'h8000;  // the sum of zeros is -0 if all of them are
    for (int i = 0; i < 4; i++) begin
      logic [35:0] magnitude;
      logic        sign;
      magnitude  = 36'(fixed8(a_i[8*i+:7])) * 36'(fixed8(b_i[8*i+:7]));
      sign       = a_i[8*i+7] ^ b_i[8*i+7];
      product[i] = sign ? -$signed({1'b0, magnitude}) : $signed({1'b0, magnitude});
      nan        = nan | (&a_i[8*i+:7]) | (&b_i[8*i+:7]);
      minus_zero = minus_zero & sign & (magnitude == 36'd0);
    end
  end

  assign c_nan      = (c_i[14:10] == 5'd31) & (c_i[9:0] != 10'd0);
  assign c_infinite = c_i[14:0] == 15'h7c00;
  assign addend     = c_i[15] ? -$signed({7'd0, fixed16(c_i[14:0])}) : $signed({7'd0, fixed16(c_i[14:0])});
  assign sum        = ((47'(product[0]) + 47'(product[1]) + 47'(product[2]) + 47'(product[3])) <<< 6) + addend;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_o <= 1'b0;
    else valid_o <= valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      sum_q        <= sum;
      nan_q        <= nan | c_nan;
      signalling_q <= c_nan & ~c_i[9];
      infinite_q   <= c_infinite;
      c_sign_q     <= c_i[15];
      minus_zero_q <= minus_zero;
    end
  end

  // ---- Output: one rounding. Every sum below the least normal number is a multiple of 2^-24 and exact.

  logic        sign, guard, sticky, up;
  logic [46:0] magnitude, lost;
  logic [ 5:0] leading, cut;
  logic [10:0] kept;
  logic [16:0] rounded;

  assign sign      = sum_q[46];
  assign magnitude = sign ? 47'(-sum_q) : 47'(sum_q);

  always_comb begin
    leading = 6'd10;  // the leading bit of the least normal number
    for (int i = 11; i < 47; i++) begin
      if (magnitude[i]) leading = 6'(i);
    end
  end

  assign cut     = leading - 6'd10;
  assign kept    = 11'(magnitude >> cut);
  assign lost    = magnitude << (6'd47 - cut);
  assign guard   = (cut != 6'd0) & lost[46];
  assign sticky  = (cut != 6'd0) & (lost[45:0] != 46'd0);
  assign up      = guard & (sticky | kept[0]);
  assign rounded = {1'b0, cut, 10'd0} + {6'd0, kept} + 17'(up);

  always_comb begin
    invalid_o   = signalling_q;
    overflow_o  = 1'b0;
    underflow_o = 1'b0;
    inexact_o   = 1'b0;
    if (nan_q) begin
      result_o = 16'h7e00;
    end else if (infinite_q) begin
      result_o = {c_sign_q, 15'h7c00};
    end else if (magnitude == 47'd0) begin
      result_o = {minus_zero_q, 15'd0};
    end else if (rounded >= 17'h7c00) begin
      result_o   = {sign, 15'h7c00};
      overflow_o = 1'b1;
      inexact_o  = 1'b1;
    end else begin
      result_o  = {sign, rounded[14:0]};
      inexact_o = guard | sticky;
    end
  end

endmodule
