// magnitude_o = subtract_i ? |x_i - y_i| : x_i + y_i; negative_o tells that it is y_i - x_i, not x_i - y_i.
// One carry network serves both signs of the difference: x + ~y = x - y - 1 carries out exactly if x > y, and
// that carry is fed back in ("end-around"); without it the complement of the sum is y - x. The prefix network
// is Brent and Kung's (IEEE Transactions on Computers, 1982), its generate and propagate signals kept as
// whole vectors.

module add_or_absolute_difference #(
    parameter int unsigned Width = 28
) (
    input  logic             subtract_i,
    input  logic [Width-1:0] x_i,
    input  logic [Width-1:0] y_i,
    output logic [  Width:0] magnitude_o,
    output logic             negative_o
);

  localparam int unsigned Levels = $clog2(Width);

  logic [Width-1:0] addend;
  logic [Width-1:0] half_sum;
  logic [Width-1:0] generated;   // bits 0 to i carry out by themselves
  logic [Width-1:0] propagated;  // bits 0 to i would pass a carry-in on
  logic [Width-1:0] combined;    // bits that take in a lower group at this level
  logic             carry_out;
  logic             carry_in;
  logic [Width-1:0] carries;

  assign addend   = y_i ^ {Width{subtract_i}};
  assign half_sum = x_i ^ addend;

  always_comb begin
    generated  = x_i & addend;
    propagated = half_sum;
    combined   = {Width{1'b0}};
    for (int unsigned k = 0; k < Levels; k++) begin
      for (int unsigned i = 0; i < Width; i++) combined[i] = (i + 1) % (2 << k) == 0;
      generated  = generated | (combined & propagated & (generated << (1 << k)));
      propagated = propagated & (~combined | (propagated << (1 << k)));
    end
    for (int unsigned k = Levels; k > 0; k--) begin
      for (int unsigned i = 0; i < Width; i++)
        combined[i] = (i + 1) % (1 << k) == (1 << (k - 1)) && (i + 1) > (1 << k);
      generated  = generated | (combined & propagated & (generated << (1 << (k - 1))));
      propagated = propagated & (~combined | (propagated << (1 << (k - 1))));
    end
  end

  assign carry_out   = generated[Width-1];
  assign carry_in    = subtract_i & carry_out;
  assign negative_o  = subtract_i & ~carry_out;
  assign carries     = generated | (propagated & {Width{carry_in}});
  assign magnitude_o = {
    carries[Width-1] & ~subtract_i, half_sum ^ {carries[Width-2:0], carry_in} ^ {Width{negative_o}}
  };

endmodule
