// A floating-point code as an integer: |value| = significand_o * 2^shift_o in units of the format's least
// subnormal number. Specials as in ../fp_decode.sv.

module ref_value #(
    parameter int unsigned ExponentWidth = 8,
    parameter int unsigned FractionWidth = 7,
    parameter int unsigned Specials      = 0
) (
    input  logic [ExponentWidth+FractionWidth:0] code_i,
    output logic                                 negative_o,
    output logic [              FractionWidth:0] significand_o,
    output logic [            ExponentWidth-1:0] shift_o,
    output logic                                 infinite_o,
    output logic                                 nan_o
);

  localparam int unsigned MagnitudeWidth = ExponentWidth + FractionWidth;
  localparam logic [MagnitudeWidth-1:0] IeeeInfinity = {{ExponentWidth{1'b1}}, {FractionWidth{1'b0}}};
  localparam logic [MagnitudeWidth-1:0] AllOnes = {MagnitudeWidth{1'b1}};
  localparam logic [MagnitudeWidth-1:0] Zero = {MagnitudeWidth{1'b0}};

  logic [MagnitudeWidth-1:0] magnitude;
  logic [ ExponentWidth-1:0] field;

  assign {negative_o, magnitude} = code_i;
  assign field = magnitude[MagnitudeWidth-1:FractionWidth];

  always_comb begin
    significand_o = {1'b1, magnitude[FractionWidth-1:0]};
    shift_o       = field - ExponentWidth'(1);
    if (field == {ExponentWidth{1'b0}}) begin
      significand_o[FractionWidth] = 1'b0;
      shift_o                      = {ExponentWidth{1'b0}};
    end
  end

  always_comb begin
    infinite_o = 1'b0;
    nan_o      = 1'b0;
    case (Specials)
      0: begin
        infinite_o = magnitude == IeeeInfinity;
        nan_o      = magnitude > IeeeInfinity;
      end
      1: nan_o = magnitude == AllOnes;
      2: nan_o = 1'b0;
      3: nan_o = negative_o & (magnitude == Zero);
      default: begin
        infinite_o = magnitude == AllOnes;
        nan_o      = negative_o & (magnitude == Zero);
      end
    endcase
  end

endmodule
