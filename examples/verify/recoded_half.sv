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
          to_half = {recoded.sign, {5'd1, recoded.fraction} >> (-7'sd14 - recoded.exponent)};
        end else begin
          to_half = {recoded.sign, 5'(recoded.exponent + 7'sd15), recoded.fraction};
        end
      end
    endcase
  endfunction

endpackage
