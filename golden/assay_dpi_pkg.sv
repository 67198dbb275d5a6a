// The golden models of Assay in SystemVerilog. Needs libassay_golden.so (docs/golden.md).
//
//   chandle unit = assay_dpi_pkg::assay_unit("mac-e4m3-e4m3-fp32");
//   expected = 32'(assay_dpi_pkg::assay_evaluate3(unit, 64'(a), 64'(b), 64'(c)));
//
// Works for every unit of docs/units.md. Codes are in the low bits of a longint unsigned; bits above a format's
// width are ignored. A mistake (an unknown name, too few operands, no random bits for a stochastic unit) ends
// the simulation with $fatal and the reason: no test passes because nothing was compared.

package assay_dpi_pkg;

  /* verilator lint_off UNUSEDPARAM */
  // Exception flags, in the bits that RISC-V's fflags have.
  localparam int AssayInexact = 1;
  localparam int AssayUnderflow = 2;
  localparam int AssayOverflow = 4;
  localparam int AssayDivideByZero = 8;
  localparam int AssayInvalid = 16;

  // In place of an operand's number: the result.
  localparam int AssayResult = -1;
  /* verilator lint_on UNUSEDPARAM */

  // What the functions below are made of. An int result is 0 for success, -1 for failure.
  import "DPI-C" function chandle assay_dpi_unit(input string name);
  import "DPI-C" function string assay_dpi_error();
  import "DPI-C" function string assay_dpi_name(input chandle unit);
  import "DPI-C" function int assay_dpi_operand_count(input chandle unit);
  import "DPI-C" function int assay_dpi_width(
    input chandle unit,
    input int     i
  );
  import "DPI-C" function string assay_dpi_text(
    input chandle          unit,
    input int              i,
    input longint unsigned code
  );
  import "DPI-C" function int assay_dpi_evaluate(
    input  chandle          unit,
    input  int              count,
    input  longint unsigned a,
    input  longint unsigned b,
    input  longint unsigned c,
    input  longint unsigned d,
    input  int              random_bits,
    input  int unsigned     random,
    output longint unsigned result
  );
  import "DPI-C" function int assay_dpi_flags(
    input  chandle          unit,
    input  int              count,
    input  longint unsigned a,
    input  longint unsigned b,
    input  longint unsigned c,
    input  longint unsigned d,
    input  int              random_bits,
    input  int unsigned     random,
    input  int              tininess,
    output int              flags
  );
  // The operands of a dot product, a1 b1 a2 b2 ... c, from the left bound of the array to the right one. The
  // only function whose status is left to its caller: an open array must be passed to the import itself.
  //
  //   longint unsigned operands[17], sum;
  //   if (assay_dpi_evaluate_array(dot8, operands, 0, 0, sum) != 0) $fatal(1, "%s", assay_dpi_error());
  import "DPI-C" function int assay_dpi_evaluate_array(
    input  chandle          unit,
    input  longint unsigned operands   [],
    input  int              random_bits,
    input  int unsigned     random,
    output longint unsigned result
  );

  // The unit of a name or of a TOML file whose path ends in .toml. It stays until the simulation ends.
  function automatic chandle assay_unit(input string name);
    chandle unit;
    unit = assay_dpi_unit(name);
    if (unit == null) $fatal(1, "%s", assay_dpi_error());
    return unit;
  endfunction

  // The canonical name of a unit.
  function automatic string assay_name(input chandle unit);
    return assay_dpi_name(unit);
  endfunction

  function automatic int assay_operand_count(input chandle unit);
    int count;
    count = assay_dpi_operand_count(unit);
    if (count < 0) $fatal(1, "%s", assay_dpi_error());
    return count;
  endfunction

  // Bits of the i-th operand, counted from 0, or of the result (AssayResult).
  function automatic int assay_width(input chandle unit, input int i);
    int width;
    width = assay_dpi_width(unit, i);
    if (width < 0) $fatal(1, "%s", assay_dpi_error());
    return width;
  endfunction

  // The value of a code of the i-th operand, or of the result, as a C hexadecimal float.
  function automatic string assay_text(input chandle unit, input int i, input longint unsigned code);
    return assay_dpi_text(unit, i, code);
  endfunction

  // The result of a unit of 1, 2, 3 or 4 operands. A stochastic unit needs `random`, a number of `random_bits`
  // (1 to 32) random bits; others ignore it.
  function automatic longint unsigned assay_evaluate1(
      input chandle unit, input longint unsigned a, input int random_bits = 0,
      input int unsigned random = 0);
    longint unsigned result;
    if (assay_dpi_evaluate(unit, 1, a, 0, 0, 0, random_bits, random, result) != 0)
      $fatal(1, "%s", assay_dpi_error());
    return result;
  endfunction

  function automatic longint unsigned assay_evaluate2(
      input chandle unit, input longint unsigned a, input longint unsigned b,
      input int random_bits = 0, input int unsigned random = 0);
    longint unsigned result;
    if (assay_dpi_evaluate(unit, 2, a, b, 0, 0, random_bits, random, result) != 0)
      $fatal(1, "%s", assay_dpi_error());
    return result;
  endfunction

  function automatic longint unsigned assay_evaluate3(
      input chandle unit, input longint unsigned a, input longint unsigned b,
      input longint unsigned c, input int random_bits = 0, input int unsigned random = 0);
    longint unsigned result;
    if (assay_dpi_evaluate(unit, 3, a, b, c, 0, random_bits, random, result) != 0)
      $fatal(1, "%s", assay_dpi_error());
    return result;
  endfunction

  function automatic longint unsigned assay_evaluate4(
      input chandle unit, input longint unsigned a, input longint unsigned b,
      input longint unsigned c, input longint unsigned d, input int random_bits = 0,
      input int unsigned random = 0);
    longint unsigned result;
    if (assay_dpi_evaluate(unit, 4, a, b, c, d, random_bits, random, result) != 0)
      $fatal(1, "%s", assay_dpi_error());
    return result;
  endfunction

  // The exception flags of the same operation. Units that accumulate (mac, dot) have none: fma is the mac with
  // flags. tininess_before: underflow looks at the exact result (Arm, Power), not at the rounded one (RISC-V).
  function automatic int assay_flags1(
      input chandle unit, input longint unsigned a, input bit tininess_before = 0,
      input int random_bits = 0, input int unsigned random = 0);
    int flags;
    if (assay_dpi_flags(unit, 1, a, 0, 0, 0, random_bits, random, int'(tininess_before), flags) != 0)
      $fatal(1, "%s", assay_dpi_error());
    return flags;
  endfunction

  function automatic int assay_flags2(
      input chandle unit, input longint unsigned a, input longint unsigned b,
      input bit tininess_before = 0, input int random_bits = 0, input int unsigned random = 0);
    int flags;
    if (assay_dpi_flags(unit, 2, a, b, 0, 0, random_bits, random, int'(tininess_before), flags) != 0)
      $fatal(1, "%s", assay_dpi_error());
    return flags;
  endfunction

  function automatic int assay_flags3(
      input chandle unit, input longint unsigned a, input longint unsigned b,
      input longint unsigned c, input bit tininess_before = 0, input int random_bits = 0,
      input int unsigned random = 0);
    int flags;
    if (assay_dpi_flags(unit, 3, a, b, c, 0, random_bits, random, int'(tininess_before), flags) != 0)
      $fatal(1, "%s", assay_dpi_error());
    return flags;
  endfunction

  function automatic int assay_flags4(
      input chandle unit, input longint unsigned a, input longint unsigned b,
      input longint unsigned c, input longint unsigned d, input bit tininess_before = 0,
      input int random_bits = 0, input int unsigned random = 0);
    int flags;
    if (assay_dpi_flags(unit, 4, a, b, c, d, random_bits, random, int'(tininess_before), flags) != 0)
      $fatal(1, "%s", assay_dpi_error());
    return flags;
  endfunction

endpackage
