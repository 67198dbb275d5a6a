// Takes a posit of ExponentWidth exponent bits (the 2022 standard: two) apart: value = (-1)^sign_o * significand_o *
// 2^(scale_o - FractionWidth). The top bit of significand_o is one unless zero_o; nar_o: not a real. For both
// of these only the flags and a zero significand count.

module posit_decode #(
    parameter  int unsigned Width         = 16,  // at least ExponentWidth + 4
    parameter  int unsigned ExponentWidth = 2,
    localparam int unsigned FractionWidth = Width - 3 - ExponentWidth,
    localparam int unsigned ScaleWidth    = $clog2(Width - 1) + 1 + ExponentWidth  // signed
) (
    input  logic        [     Width-1:0] code_i,
    output logic                         sign_o,
    output logic signed [ScaleWidth-1:0] scale_o,
    output logic        [FractionWidth:0] significand_o,
    output logic                         zero_o,
    output logic                         nar_o
);

  localparam int unsigned CountWidth = $clog2(Width);
  localparam int unsigned RegimeWidth = ScaleWidth - ExponentWidth;  // signed

  logic [        Width-2:0] magnitude;
  logic                     none;
  logic                     at_least_one;  // the regime is a run of ones, not zeros
  logic [   CountWidth-1:0] run;
  logic [        Width-2:0] rest;
  logic [  RegimeWidth-1:0] regime;
  logic [FractionWidth-1:0] fraction;

  assign sign_o    = code_i[Width-1];
  assign none      = code_i[Width-2:0] == {(Width - 1) {1'b0}};
  assign zero_o    = ~sign_o & none;
  assign nar_o     = sign_o & none;
  assign magnitude = (code_i[Width-2:0] ^ {(Width - 1) {sign_o}}) + (Width - 1)'(sign_o);
  assign at_least_one = magnitude[Width-2];

  leading_zero_count #(
      .Width(Width - 1)
  ) u_run (
      .value_i(magnitude ^ {(Width - 1) {at_least_one}}),
      .count_o(run)
  );

  // The regime is run - 1 or -run. Behind it and the bit that ends it there are at most Width - 3 bits.
  assign rest     = (magnitude << 1) << run;
  assign regime   = at_least_one ? RegimeWidth'(run) - RegimeWidth'(1) : -(RegimeWidth'(run));

  assign {scale_o, fraction} = {regime, rest[Width-2:2]};
  assign significand_o       = {~none, fraction};

  logic [1:0] unused_rest;  // zeros
  assign unused_rest = rest[1:0];

endmodule
