// Half precision with subnormal numbers normalized, as floating-point units keep it inside: kind (zero, number,
// infinity, NaN), sign, exponent of 7 bits in two's complement, and the fraction below a leading one.

package recoded_half;

  typedef enum logic [1:0] {
    Zero,
    Number,
    Infinity,
    Nan
  } kind_e;

  typedef struct packed {
    kind_e             kind;
    logic              sign;
    logic signed [6:0] exponent;
    logic [9:0]        fraction;
  } recoded_t;

  function automatic recoded_t recode(input logic [15:0] half);
    recode.sign     = half[15];
    recode.fraction = half[9:0];
    recode.exponent = 7'(half[14:10]) - 7'sd15;
    recode.kind     = Number;
    if (half[14:10] == 5'd31) begin
      recode.kind = (half[9:0] == 10'd0) ? Infinity : Nan;
    end else if (half[14:10] == 5'd0) begin
      recode.kind = (half[9:0] == 10'd0) ? Zero : Number;
      for (int i = 0; i < 10; i++) begin
        if (half[i]) begin
          recode.exponent = 7'(i) - 7'sd24;
          recode.fraction = half[9:0] << (10 - i);
        end
      end
    end
  endfunction

  // Exponents below that of the least normal number need a fraction that ends early enough.
  function automatic logic [15:0] to_half(input recoded_t recoded);
    case (recoded.kind)
      Zero:     to_half = {recoded.sign, 15'd0};
      Infinity: to_half = {recoded.sign, 15'h7c00};
      Nan:      to_half = 16'h7e00;
      default: begin
        if (recoded.exponent < -7'sd14) begin
          to_half = {recoded.sign, 15'({1'b1, recoded.fraction} >> (-7'sd14 - recoded.exponent))};
        end else begin
          to_half = {recoded.sign, 5'(recoded.exponent + 7'sd15), recoded.fraction};
        end
      end
    endcase
  endfunction

endpackage

// The product of two numbers, rounded to nearest even; all within this encoding.
module recoded_half_multiply
  import recoded_half::*;
(
    input  recoded_t a_i,
    input  recoded_t b_i,
    output recoded_t product_o
);

  logic              carry, guard, sticky, up;
  logic        [21:0] product, lost;
  logic        [11:0] kept;      // the leading one and the fraction, and room for a carry
  logic signed [7:0]  exponent;
  logic        [4:0]  cut;       // places that are rounded away
  logic        [11:0] rounded;

  assign product  = 22'({1'b1, a_i.fraction}) * 22'({1'b1, b_i.fraction});
  assign carry    = product[21];
  assign exponent = 8'(a_i.exponent) + 8'(b_i.exponent) + 8'(carry);

  // Below 2^-14 the last place stays that of the subnormal numbers, 2^-24.
  always_comb begin
    cut = 5'd10 + 5'(carry);
    if (exponent < -8'sd26) cut = 5'd23;
    else if (exponent < -8'sd14) cut = cut + 5'(-8'sd14 - exponent);
  end

  assign kept    = 12'(product >> cut);
  assign lost    = product << (5'd22 - cut);
  assign guard   = (cut == 5'd23) ? 1'b0 : lost[21];
  assign sticky  = (cut == 5'd23) ? 1'b1 : (lost[20:0] != 21'd0);
  assign up      = guard & (sticky | kept[0]);
  assign rounded = kept + 12'(up);

  always_comb begin
    product_o.sign     = a_i.sign ^ b_i.sign;
    product_o.kind     = Number;
    product_o.exponent = 7'(exponent);
    product_o.fraction = rounded[9:0];
    if (exponent < -8'sd14) begin
      // The rounded number is `rounded` times 2^-24.
      for (int i = 0; i < 11; i++) begin
        if (rounded[i]) begin
          product_o.exponent = 7'(i) - 7'sd24;
          product_o.fraction = 10'(rounded << (10 - i));
        end
      end
      if (rounded == 12'd0) product_o.kind = Zero;
    end else if (rounded[11]) begin
      product_o.exponent = 7'(exponent + 8'sd1);
      product_o.fraction = 10'd0;
    end
    if ((exponent > 8'sd15) | ((exponent == 8'sd15) & rounded[11])) product_o.kind = Infinity;
    if ((a_i.kind == Zero) | (b_i.kind == Zero)) product_o.kind = Zero;
    if ((a_i.kind == Infinity) | (b_i.kind == Infinity)) begin
      product_o.kind = ((a_i.kind == Zero) | (b_i.kind == Zero)) ? Nan : Infinity;
    end
    if ((a_i.kind == Nan) | (b_i.kind == Nan)) product_o.kind = Nan;
  end

endmodule
