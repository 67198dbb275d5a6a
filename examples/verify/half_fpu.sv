// A small pipelined unit for IEEE half precision: add, subtract, multiply and fused multiply-add, five roundings,
// exception flags, and a handshake on both sides. It is an example of a design under verification (half_fpu.toml): its
// sums are exact fixed-point numbers, which is simple and slow.

module half_fpu (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        in_valid_i,
    output logic        in_ready_o,
    input  logic [ 1:0] op_i,       // 0 a + b, 1 a - b, 2 a b, 3 a b + c
    input  logic [ 2:0] rm_i,       // 0 rne, 1 rtz, 2 rdn, 3 rup, 4 rna, as RISC-V has them
    input  logic [15:0] a_i,
    input  logic [15:0] b_i,
    input  logic [15:0] c_i,
    output logic        out_valid_o,
    input  logic        out_ready_i,
    output logic [15:0] result_o,
    output logic [ 4:0] flags_o     // invalid, divide by zero, overflow, underflow, inexact
);

  // A half without its sign as an integer times 2^-24.
  function automatic logic [39:0] fixed(input logic [14:0] half);
    fixed = (half[14:10] == 5'd0) ? {30'd0, half[9:0]} : 40'({1'b1, half[9:0]}) << (half[14:10] - 5'd1);
  endfunction

  function automatic logic is_nan(input logic [15:0] half);
    is_nan = (half[14:10] == 5'd31) && (half[9:0] != 10'd0);
  endfunction

  function automatic logic is_infinite(input logic [15:0] half);
    is_infinite = half[14:0] == 15'h7c00;
  endfunction

  // ---- Stage 1: operands.

  logic        valid1_q, valid2_q, move1, move2;
  logic [ 1:0] op1_q;
  logic [ 2:0] rm1_q, rm2_q;
  logic [15:0] a1_q, b1_q, c1_q;

  assign move2       = ~valid2_q | out_ready_i;
  assign move1       = ~valid1_q | move2;
  assign in_ready_o  = move1;
  assign out_valid_o = valid2_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
    end else begin
      if (move1) valid1_q <= in_valid_i;
      if (move2) valid2_q <= valid1_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (move1) begin
      op1_q <= op_i;
      rm1_q <= rm_i;
      a1_q  <= a_i;
      b1_q  <= b_i;
      c1_q  <= c_i;
    end
  end

  // ---- Stage 2: the exact result x y + z, in units of 2^-48, and what is special.

  logic [15:0] x, y, z;
  logic        product_sign, any_nan, any_signalling, invalid_product, invalid_sum;
  logic        product_infinite, z_infinite;
  logic signed [81:0] product, addend, sum;

  always_comb begin
    x = a1_q;
    y = op1_q[1] ? b1_q : 16'h3c00;
    case (op1_q)
      2'd0: z = b1_q;
      2'd1: z = {~b1_q[15], b1_q[14:0]};
      2'd2: z = {a1_q[15] ^ b1_q[15], 15'd0};
      default: z = c1_q;
    endcase
  end

  assign product_sign     = x[15] ^ y[15];
  assign any_nan          = is_nan(x) | is_nan(y) | is_nan(z);
  assign any_signalling   = (is_nan(x) & ~x[9]) | (is_nan(y) & ~y[9]) | (is_nan(z) & ~z[9]);
  assign product_infinite = is_infinite(x) | is_infinite(y);
  assign z_infinite       = is_infinite(z);
  assign invalid_product  = (is_infinite(x) & (y[14:0] == 15'd0)) | (is_infinite(y) & (x[14:0] == 15'd0));
  assign invalid_sum      = product_infinite & z_infinite & (product_sign != z[15]);

  assign product = product_sign ? -signed'({2'd0, 80'(fixed(x[14:0])) * 80'(fixed(y[14:0]))})
                                : signed'({2'd0, 80'(fixed(x[14:0])) * 80'(fixed(y[14:0]))});
  assign addend  = z[15] ? -signed'({18'd0, fixed(z[14:0]), 24'd0}) : signed'({18'd0, fixed(z[14:0]), 24'd0});
  assign sum     = product + addend;

  logic        nan2_q, infinite2_q, invalid2_q, sign2_q;
  logic [81:0] magnitude2_q;

  always_ff @(posedge clk_i) begin
    if (move2) begin
      rm2_q        <= rm1_q;
      nan2_q       <= any_nan | invalid_product | invalid_sum;
      invalid2_q   <= any_signalling | invalid_product | (~any_nan & invalid_sum);
      infinite2_q  <= product_infinite | z_infinite;
      magnitude2_q <= sum[81] ? 82'(-sum) : 82'(sum);
      if (product_infinite | z_infinite) begin
        sign2_q <= product_infinite ? product_sign : z[15];
      end else if (sum == 82'sd0) begin
        sign2_q <= (product_sign == z[15]) ? z[15] : (rm1_q == 3'd2);
      end else begin
        sign2_q <= sum[81];
      end
    end
  end

  // ---- Output: one rounding.

  logic [ 6:0] leading;
  logic [ 6:0] cut;
  logic [81:0] lost, wide_lost;
  logic [11:0] kept;
  logic        guard, sticky, round_up, inexact, overflow, to_infinity;
  logic [11:0] wide_kept;
  logic        wide_guard, wide_sticky, tiny;
  logic [15:0] magnitude;

  function automatic logic rounds_up(input logic [2:0] rm, input logic sign, input logic last, input logic guard_bit,
                                     input logic sticky_bit);
    case (rm)
      3'd0: rounds_up = guard_bit & (last | sticky_bit);
      3'd2: rounds_up = sign & (guard_bit | sticky_bit);
      3'd3: rounds_up = ~sign & (guard_bit | sticky_bit);
      3'd4: rounds_up = guard_bit;
      default: rounds_up = 1'b0;
    endcase
  endfunction

  always_comb begin
    leading = 7'd0;
    for (int i = 0; i < 82; i++) begin
      if (magnitude2_q[i]) leading = 7'(i);
    end
  end

  // Place 34 has the weight 2^-14 of the least normal number.
  assign cut       = ((leading < 7'd34) ? 7'd34 : leading) - 7'd10;
  assign kept      = 12'(magnitude2_q >> cut);
  assign lost      = magnitude2_q << (7'd82 - cut);
  assign guard     = lost[81];
  assign sticky    = lost[80:0] != 81'd0;
  assign round_up  = rounds_up(rm2_q, sign2_q, kept[0], guard, sticky);
  assign inexact   = guard | sticky;
  assign magnitude = ((leading < 7'd34) ? 16'd0 : {2'd0, leading - 7'd34, 7'd0} << 3) + {4'd0, kept} + 16'(round_up);
  assign overflow  = magnitude >= 16'h7c00;

  // Tiny after rounding: rounded with an unbounded exponent, the result lies below 2^-14.
  assign wide_kept   = 12'(magnitude2_q >> 7'd23);
  assign wide_lost   = magnitude2_q << 7'd59;
  assign wide_guard  = wide_lost[81];
  assign wide_sticky = wide_lost[80:0] != 81'd0;
  assign tiny        = (leading < 7'd33) |
                       ((leading == 7'd33) &
                        ~((wide_kept == 12'h7ff) &
                          rounds_up(rm2_q, sign2_q, wide_kept[0], wide_guard, wide_sticky)));

  assign to_infinity = (rm2_q == 3'd0) | (rm2_q == 3'd4) | ((rm2_q == 3'd2) & sign2_q) | ((rm2_q == 3'd3) & ~sign2_q);

  always_comb begin
    flags_o = 5'd0;
    if (nan2_q) begin
      result_o   = 16'h7e00;
      flags_o[4] = invalid2_q;
    end else if (infinite2_q) begin
      result_o = {sign2_q, 15'h7c00};
    end else if (overflow) begin
      result_o   = {sign2_q, to_infinity ? 15'h7c00 : 15'h7bff};
      flags_o[2] = 1'b1;
      flags_o[0] = 1'b1;
    end else begin
      result_o   = {sign2_q, magnitude[14:0]};
      flags_o[1] = tiny & inexact;
      flags_o[0] = inexact;
    end
  end

endmodule
