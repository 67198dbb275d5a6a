// Minimum and maximum of IEEE half precision in registers of 32 bits, as the RISC-V instructions fmin.h and fmax.h
// compute them: of a NaN and a number the number, -0 below +0, invalid for signalling NaNs. Halves are NaN-boxed: a
// register with a zero among its upper 16 bits counts as the canonical NaN.

module half_min_max (
    input  logic        max_i,
    input  logic [31:0] a_i,
    input  logic [31:0] b_i,
    output logic [31:0] result_o,
    output logic        invalid_o
);

  logic [15:0] a, b;
  logic        a_boxed, b_boxed, a_nan, b_nan, a_signalling, b_signalling, less;

  assign a_boxed = &a_i[31:16];
  assign b_boxed = &b_i[31:16];
  assign a       = a_boxed ? a_i[15:0] : 16'h7e00;
  assign b       = b_boxed ? b_i[15:0] : 16'h7e00;

  assign a_nan        = (a[14:10] == 5'd31) & (a[9:0] != 10'd0);
  assign b_nan        = (b[14:10] == 5'd31) & (b[9:0] != 10'd0);
  assign a_signalling = a_nan & ~a[9];
  assign b_signalling = b_nan & ~b[9];
  assign invalid_o    = a_signalling | b_signalling;

  // Codes are in the order of their magnitudes; so ordered, -0 lies below +0.
  assign less = (a[15] & ~b[15]) | (~a[15] & ~b[15] & (a[14:0] < b[14:0])) |
                (a[15] & b[15] & (a[14:0] > b[14:0]));

  always_comb begin
    result_o[31:16] = 16'hffff;
    if (a_nan & b_nan) begin
      result_o[15:0] = 16'h7e00;
    end else if (a_nan) begin
      result_o[15:0] = b;
    end else if (b_nan) begin
      result_o[15:0] = a;
    end else begin
      result_o[15:0] = (less ^ max_i) ? a : b;
    end
  end

endmodule
