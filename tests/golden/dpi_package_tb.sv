// Every function of assay_dpi_pkg against results worked out by hand. With +mistake=N one of the calls that
// must end the simulation.

module dpi_package_tb;

  import assay_dpi_pkg::*;

  int checks, failures;

  function automatic void expect_equal(input string what, input longint unsigned found,
                                       input longint unsigned expected);
    checks++;
    if (found != expected) begin
      failures++;
      $display("%s: expected %0h, found %0h", what, expected, found);
    end
  endfunction

  function automatic void expect_text(input string what, input string found, input string expected);
    checks++;
    if (found != expected) begin
      failures++;
      $display("%s: expected %s, found %s", what, expected, found);
    end
  endfunction

  task automatic check_facts();
    chandle mac;
    mac = assay_unit("mac-e4m3-e5m2-fp32");
    expect_text("name", assay_name(mac), "mac-e4m3-e5m2-fp32");
    expect_equal("operands", 64'(assay_operand_count(mac)), 3);
    expect_equal("width of b", 64'(assay_width(mac, 1)), 8);
    expect_equal("width of c", 64'(assay_width(mac, 2)), 32);
    expect_equal("width of the result", 64'(assay_width(mac, AssayResult)), 32);
    expect_text("a", assay_text(mac, 0, 64'h01), "0x1p-9");
    expect_text("b", assay_text(mac, 1, 64'hfc), "-inf");
    expect_text("result", assay_text(mac, AssayResult, 64'h40400000), "0x1.8p+1");
  endtask

  task automatic check_operands();
    chandle unit;
    unit = assay_unit("sqrt-fp16-fp16");
    expect_equal("sqrt 4", assay_evaluate1(unit, 64'h4400), 64'h4000);
    unit = assay_unit("mul-int8-int8-int16");
    expect_equal("-128 * -128", assay_evaluate2(unit, 64'h80, 64'h80), 64'h4000);
    expect_equal("sign extension is ignored", assay_evaluate2(unit, 64'hffffffffffffff80, 64'h02), 64'hff00);
    unit = assay_unit("mac-e4m3-e4m3-fp32");
    expect_equal("1 * 2 + 1", assay_evaluate3(unit, 64'h38, 64'h40, 64'h3f800000), 64'h40400000);
    unit = assay_unit("scaled_add-e4m3-e4m3-e8m0-fp32");
    expect_equal("2^2 1 + 2^-1 2", assay_evaluate4(unit, 64'h38, 64'h40, 64'd129, 64'd126), 64'h40a00000);
  endtask

  task automatic check_random_bits();
    chandle unit;
    unit = assay_unit("mul-fp32-fp32-e4m3-sr_a");  // 1.0625 lies half way: one random bit decides
    expect_equal("down", assay_evaluate2(unit, 64'h3f880000, 64'h3f800000, 1, 0), 64'h38);
    expect_equal("up", assay_evaluate2(unit, 64'h3f880000, 64'h3f800000, 1, 1), 64'h39);
    expect_equal("flags", 64'(assay_flags2(unit, 64'h3f880000, 64'h3f800000, 0, 1, 1)), 64'(AssayInexact));
  endtask

  task automatic check_flags();
    chandle unit;
    unit = assay_unit("sqrt-fp16-fp16");
    expect_equal("sqrt -1", 64'(assay_flags1(unit, 64'hbc00)), 64'(AssayInvalid));
    unit = assay_unit("div-fp16-fp16-fp16");
    expect_equal("1 / 0", 64'(assay_flags2(unit, 64'h3c00, 64'h0000)), 64'(AssayDivideByZero));
    // (1 - 2^-23) (1 + 2^-23) 2^-126 lies below the least normal number, and rounds to it with 24 bits.
    unit = assay_unit("mul-fp32-fp32-fp32");
    expect_equal("tiny after", 64'(assay_flags2(unit, 64'h3f7ffffe, 64'h00800001)), 64'(AssayInexact));
    expect_equal("tiny before", 64'(assay_flags2(unit, 64'h3f7ffffe, 64'h00800001, 1)),
                 64'(AssayUnderflow) | 64'(AssayInexact));
    unit = assay_unit("fma-fp16-fp16-fp16-fp16");
    expect_equal("65504 * 2 + 0", 64'(assay_flags3(unit, 64'h7bff, 64'h4000, 64'h0)),
                 64'(AssayOverflow) | 64'(AssayInexact));
    expect_equal("1 * 2 + 1", 64'(assay_flags3(unit, 64'h3c00, 64'h4000, 64'h3c00)), 0);
    unit = assay_unit("scaled_add-e4m3-e4m3-e8m0-fp32");
    expect_equal("exact", 64'(assay_flags4(unit, 64'h38, 64'h40, 64'd129, 64'd126)), 0);
  endtask

  // 1*2 + 3*4 - 0.5*2 + 2^-9 * 1 + 100, in order and from the right bound to the left one.
  task automatic check_arrays();
    chandle dot;
    longint unsigned up[9], down[8:0], result;
    dot = assay_unit("dot4-e4m3-e4m3-fp32");
    up = '{64'h38, 64'h40, 64'h44, 64'h48, 64'hb0, 64'h40, 64'h01, 64'h38, 64'h42c80000};
    down = '{64'h38, 64'h40, 64'h44, 64'h48, 64'hb0, 64'h40, 64'h01, 64'h38, 64'h42c80000};
    if (assay_dpi_evaluate_array(dot, up, 0, 0, result) != 0) $fatal(1, "%s", assay_dpi_error());
    expect_equal("dot4, [9]", result, 64'h42e20100);  // 113 + 2^-9
    if (assay_dpi_evaluate_array(dot, down, 0, 0, result) != 0) $fatal(1, "%s", assay_dpi_error());
    expect_equal("dot4, [8:0]", result, 64'h42e20100);
    dot = assay_unit("dot8-e4m3-e4m3-fp32");
    expect_equal("too few operands", 64'(assay_dpi_evaluate_array(dot, up, 0, 0, result)), ~64'd0);
    expect_text("error", assay_dpi_error(), "unit dot8-e4m3-e4m3-fp32: expected 17 operands, found 9");
  endtask

  task automatic make_mistake(input int mistake);
    longint unsigned result;
    case (mistake)
      1: result = 64'(assay_operand_count(assay_unit("mac-e4m3-e9999-fp32")));
      2: result = assay_evaluate2(assay_unit("mac-e4m3-e4m3-fp32"), 64'h38, 64'h38);
      3: result = assay_evaluate2(assay_unit("mul-fp32-fp32-e4m3-sr_a"), 64'h38, 64'h38);
      4: result = 64'(assay_flags2(assay_unit("mac-e4m3-e4m3-fp32"), 64'h38, 64'h38));
      default: result = 64'(assay_width(assay_unit("mul-int8-int8-int16"), 2));
    endcase
    $display("went on after mistake %0d: %0h", mistake, result);
  endtask

  initial begin
    int mistake;
    if ($value$plusargs("mistake=%d", mistake) != 0) begin
      make_mistake(mistake);
      $finish;
    end else begin
      check_facts();
      check_operands();
      check_random_bits();
      check_flags();
      check_arrays();
      $display("%0d checks, %0d failures", checks, failures);
      if (failures != 0) $fatal(1, "assay_dpi_pkg");
      $finish;
    end
  end

endmodule
