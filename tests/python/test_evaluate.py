"""Units against numpy's float32 and float64 arithmetic."""

from fractions import Fraction

import numpy as np
import pytest

import assay


def floats(count, seed):
    generator = np.random.default_rng(seed)
    return (generator.normal(size=count) * 2.0 ** generator.integers(-30, 30, count)).astype(np.float32)


def test_float32_addition_and_multiplication_are_the_host_s():
    a, b = floats(5000, 1), floats(5000, 2)
    for unit, expected in [("add-fp32-fp32-fp32", a + b), ("mul-fp32-fp32-fp32", a * b)]:
        codes = assay.evaluate(unit, a.view(np.uint32), b.view(np.uint32))
        np.testing.assert_array_equal(codes, expected.view(np.uint32))


def test_fp16_multiplication_of_every_code_by_one_and_a_half():
    codes = np.arange(0x7C00, dtype=np.uint16)
    with np.errstate(over="ignore"):
        expected = codes.view(np.float16) * np.float16(1.5)
    np.testing.assert_array_equal(assay.evaluate("mul-fp16-fp16-fp16", codes, 0x3E00), expected.view(np.uint16))


def test_all_fp8_products_are_exact_in_float32():
    codes = np.arange(256)
    with np.errstate(invalid="ignore"):
        expected = (assay.decode(codes, "e4m3")[:, None] * assay.decode(codes, "e5m2")).astype(np.float32)
    result = assay.decode(assay.evaluate("mul-e4m3-e5m2-fp32", codes[:, None], codes), "fp32")
    np.testing.assert_array_equal(result, expected)


def test_mac_rounds_once():
    # The exact sum of a product and the accumulator, rounded to float32 by way of rationals.
    a, b = np.random.default_rng(3).integers(0, 0x7F, (2, 500), dtype=np.uint8)
    c = floats(500, 4)
    codes = assay.evaluate("mac-e4m3-e4m3-fp32", a, b, c.view(np.uint32))
    values = assay.decode(codes, "fp32")
    for i in range(500):
        x = Fraction(float(assay.decode(a[i], "e4m3"))) * Fraction(float(assay.decode(b[i], "e4m3")))
        exact = x + Fraction(float(c[i]))
        below, above = (np.nextafter(np.float32(values[i]), np.float32(side)) for side in (-np.inf, np.inf))
        error = abs(Fraction(float(values[i])) - exact)
        assert error <= abs(Fraction(float(below)) - exact)
        assert error <= abs(Fraction(float(above)) - exact)


def test_int8_mac_wraps_as_int32():
    generator = np.random.default_rng(5)
    a, b = generator.integers(-128, 128, (2, 1000)).astype(np.int8)
    c = generator.integers(-(2**31), 2**31, 1000).astype(np.int32)
    with np.errstate(over="ignore"):
        expected = a.astype(np.int32) * b.astype(np.int32) + c
    codes = assay.evaluate("mac-int8-int8-int32", a.view(np.uint8), b.view(np.uint8), c.view(np.uint32))
    np.testing.assert_array_equal(codes.view(np.int32), expected)


def test_convert_and_dot():
    values = floats(1000, 6)
    codes = assay.evaluate("convert-fp32-fp16", values.view(np.uint32))
    with np.errstate(over="ignore", under="ignore"):
        np.testing.assert_array_equal(codes, values.astype(np.float16).view(np.uint16))
    one, two = 0x38, 0x40
    result = assay.evaluate("dot2-e4m3-e4m3-fp32", one, two, two, two, 0)
    assert assay.decode(result, "fp32") == 6.0


def test_stochastic_unit_reads_its_random_bits():
    # 1 + 2^-8 in bf16 lies halfway to the next number.
    a, b = assay.encode([1.0, 2.0**-8], "fp32")
    codes = assay.evaluate("add-fp32-fp32-bf16-sr_a", a, np.full(16, b), random_bits=(4, np.arange(16)))
    assert np.count_nonzero(codes == 0x3F81) == 8
    assert np.count_nonzero(codes == 0x3F80) == 8


def test_unit_from_a_file(tmp_path):
    path = tmp_path / "unit.toml"
    path.write_text('op = "add"\na = "fp32"\nb = "fp32"\nresult = "fp32"\n')
    one = assay.encode(1.0, "fp32")
    assert assay.decode(assay.evaluate(path, one, one), "fp32") == 2.0


def test_broadcasting_keeps_the_shape():
    result = assay.evaluate("add-e4m3-e4m3-fp16", np.zeros((4, 1), np.uint8), np.zeros(3, np.uint8))
    assert result.shape == (4, 3) and result.dtype == np.uint16


def test_out_and_threads():
    a, b = floats(20000, 7), floats(20000, 8)
    operands = a.view(np.uint32), b.view(np.uint32)
    expected = assay.evaluate("mul-fp32-fp32-bf16-sr_b", *operands, random_bits=12, seed=3)
    out = np.empty(20000, np.uint16)
    result = assay.evaluate("mul-fp32-fp32-bf16-sr_b", *operands, random_bits=12, seed=3, threads=3, out=out)
    assert result is out
    np.testing.assert_array_equal(out, expected)
    words = assay.random_words(20000, 12, seed=3)
    mine = assay.evaluate("mul-fp32-fp32-bf16-sr_b", *operands, random_bits=(12, words))
    np.testing.assert_array_equal(mine, expected)


@pytest.mark.parametrize(
    "error, call, part",
    [
        (ValueError, lambda: assay.evaluate("mac-e4m3-fp32", 0, 0, 0), "expected 3 formats"),
        (ValueError, lambda: assay.evaluate("add-e4m3-e4m3-fp32", 0), "expected 2 operands, found 1"),
        (ValueError, lambda: assay.evaluate("add-e4m3-e4m3-fp32"), "expected 2 operands, found 0"),
        (ValueError, lambda: assay.evaluate("add-e4m3-e4m3-fp32", 0, 256), "0x100 has more than the 8 bits of e4m3"),
        (TypeError, lambda: assay.evaluate("add-e4m3-e4m3-fp32", 0.5, 1), "operand 1: expected codes as integers"),
        (ValueError, lambda: assay.evaluate("add-e4m3-e4m3-fp32", [1, 2], [1, 2, 3]), "broadcast"),
        (ValueError, lambda: assay.evaluate("add-fp32-fp32-bf16-sr_a", 0, 0, random_bits=40), "expected 0..32"),
        (ValueError, lambda: assay.evaluate("absent.toml", 0, 0), "absent.toml"),
        (TypeError, lambda: assay.evaluate("add-e4m3-e4m3-bf16", 0, 0, out=np.zeros((), np.uint8)), "expected dtype uint16"),
    ],
)
def test_errors(error, call, part):
    with pytest.raises(error, match=part):
        call()
