// The product of two half-precision numbers in the encoding of recoded_half.sv, rounded to nearest even.

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
