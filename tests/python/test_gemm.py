"""Matrix products against one evaluation after another, integers and float64."""

import tracemalloc

import numpy as np
import pytest

import assay

UNITS = [
    "mac-e4m3-e5m2-fp32",
    "mac-bf16-bf16-fp32-pam",
    "mac-int8-int8-int32",
    "mac-fp16-fp16-fp16",
    "mac-e4m3-e4m3-fp16-rna",
    "mac-smint4-e3m0-fp32-mfbprop",
    "mac-e2m1-e2m1-e4m3-sat_finite",
    "mac-fp64-fp64-fp64",
]


def formats(unit):
    return unit.split("-")[1:4]


def codes(format, shape, seed):
    generator = np.random.default_rng(seed)
    values = generator.integers(-7, 8, shape) if "int" in format else generator.normal(size=shape)
    return assay.encode(values, format, saturation="sat_finite")


def one_by_one(unit, a, b, c, **random):
    """By `evaluate`: the accumulator after all products."""
    c = np.broadcast_to(c, a.shape[:-1] + b.shape[-1:])
    for k in range(a.shape[-1]):
        c = assay.evaluate(unit, a[..., k, None], b[..., None, k, :], c)
    return c


@pytest.mark.parametrize("unit", UNITS)
def test_a_product_is_one_mac_after_another(unit):
    of_a, of_b, of_c = formats(unit)
    for (m, k, n), threads in [((5, 9, 7), 1), ((1, 40, 33), 2), ((20, 3, 1), 3)]:
        a, b, c = codes(of_a, (m, k), 1), codes(of_b, (k, n), 2), codes(of_c, (m, n), 3)
        result = assay.gemm(unit, a, b, c, threads=threads)
        assert result.dtype == c.dtype
        np.testing.assert_array_equal(result, one_by_one(unit, a, b, c))
        zero = assay.encode(0.0, of_c)
        np.testing.assert_array_equal(assay.gemm(unit, a, b), one_by_one(unit, a, b, zero))


@pytest.mark.parametrize("unit", UNITS)
def test_strided_and_batched_views(unit):
    of_a, of_b, of_c = formats(unit)
    a, b = codes(of_a, (3, 8, 12), 1), codes(of_b, (24, 3, 5), 2)
    left = a.transpose(0, 2, 1)[:, ::2, ::-1]  # 3 x 6 x 8
    right = b.transpose(1, 0, 2)[:, 1::3]  # 3 x 8 x 5
    bias = codes(of_c, 5, 3)
    expected = one_by_one(unit, left, right, bias)
    np.testing.assert_array_equal(assay.gemm(unit, left, right, bias, threads=2), expected)
    np.testing.assert_array_equal(assay.gemm(unit, left, right[0], bias)[2], assay.gemm(unit, left[2], right[0], bias))
    np.testing.assert_array_equal(assay.gemm(unit, left[1], right, bias)[1], expected[1])
    out = np.zeros((5, 6, 3), expected.dtype).T[:, :, :]
    assert assay.gemm(unit, left, right, bias, out=out) is out
    np.testing.assert_array_equal(out, expected)


def test_a_dot_unit_takes_its_terms_at_a_time():
    unit = "dot4-e4m3-e4m3-fp16-fused"
    a, b = codes("e4m3", (6, 12), 1), codes("e4m3", (12, 5), 2)
    c = np.zeros((6, 5), np.uint16)
    for k in range(0, 12, 4):
        pairs = [x for i in range(k, k + 4) for x in (a[:, i, None], b[None, i, :])]
        c = assay.evaluate(unit, *pairs, c)
    np.testing.assert_array_equal(assay.gemm(unit, a, b), c)


def test_stochastic_products_draw_the_bits_of_their_rounding():
    unit, m, n, k = "mac-e4m3-e4m3-bf16-sr_b", 4, 5, 6
    a, b = codes("e4m3", (2, m, k), 1), codes("e4m3", (2, k, n), 2)
    c = np.zeros((2, m, n), np.uint16)
    for i in range(k):
        c = assay.evaluate(
            unit, a[..., i, None], b[..., None, i, :], c, random_bits=10, seed=3, stream=4, first_index=i * 2 * m * n
        )
    result = assay.gemm(unit, a, b, random_bits=10, seed=3, stream=4, threads=2)
    np.testing.assert_array_equal(result, c)
    assert (assay.gemm(unit, a, b, random_bits=10, seed=5) != c).any()


def test_integers_are_those_of_numpy():
    generator = np.random.default_rng(1)
    a, b = generator.integers(-128, 128, (64, 300)).astype(np.int8), generator.integers(-128, 128, (300, 33)).astype(np.int8)
    exact = a.astype(np.int64) @ b.astype(np.int64)
    result = assay.gemm("mac-int8-int8-int32", a.view(np.uint8), b.view(np.uint8), threads=2)
    np.testing.assert_array_equal(result.view(np.int32), exact)
    as_floats = assay.gemm("mac-int8-int8-int32", a.astype(np.float32), b.astype(np.float32), dtype=np.float32)
    np.testing.assert_array_equal(as_floats, exact)
    wrapped = assay.gemm("mac-int8-int8-int16", a.view(np.uint8), b.view(np.uint8))
    np.testing.assert_array_equal(wrapped.view(np.int16), exact.astype(np.int16))


def test_sums_without_rounding_are_those_of_float64():
    # Multiples of 1/4 up to 3.5: sums of 50 products have at most 24 bits.
    generator = np.random.default_rng(2)
    x, y = (generator.integers(-14, 15, shape).astype(np.float32) / 4 for shape in ((20, 50), (50, 30)))
    exact = x.astype(np.float64) @ y.astype(np.float64)
    for unit in ["mac-e4m3-e4m3-fp32", "mac-bf16-bf16-fp32", "mac-fp32-fp32-fp32", "dot8-e4m3-e4m3-fp32-fused"]:
        np.testing.assert_array_equal(assay.gemm(unit, x, y, dtype=np.float32, threads=2), exact)


def test_values_are_those_of_codes():
    unit = "mac-e4m3-e5m2-fp16"
    a, b, c = codes("e4m3", (7, 11), 1), codes("e5m2", (11, 9), 2), codes("fp16", (7, 9), 3)
    values = [assay.decode(x, f, np.float32) for x, f in ((a, "e4m3"), (b, "e5m2"), (c, "fp16"))]
    result = assay.gemm(unit, *values, dtype=np.float32)
    np.testing.assert_array_equal(result, assay.decode(assay.gemm(unit, a, b, c), "fp16", np.float32))
    np.testing.assert_array_equal(assay.gemm(unit, *values), assay.gemm(unit, a, b, c))


def test_a_minus_zero_the_format_has_not_is_zero():
    a, b = np.array([[-0.0]], np.float32), np.array([[1.0]], np.float32)
    minus_zero = assay.encode([[-0.0]], "fp32")
    assert assay.gemm("mac-int8-fp32-fp32", a, b, minus_zero) == [[0]]
    assert assay.gemm("mac-fp32-fp32-fp32", a, b, minus_zero) == minus_zero


def test_scales_are_factors_of_float32():
    unit = "mac-e4m3-e4m3-fp32"
    a, b = codes("e4m3", (4, 8), 1), codes("e4m3", (8, 5), 2)
    rows, columns = np.float32([0.1, 2, 3, 7]), np.float32([1, 0.3, 5, 1e-3, 9])
    result = assay.gemm(unit, a, b, scale=0.7, row_scales=rows, column_scales=columns, dtype=np.float32)
    plain = assay.gemm(unit, a, b, dtype=np.float32)
    np.testing.assert_array_equal(result, plain * np.float32(0.7) * rows[:, None] * columns)


def test_c_may_be_out():
    unit = "mac-fp32-fp32-fp32"
    a, b = np.float32([[1, 2], [3, 4]]), np.float32([[1, -1], [0.5, 2]])
    c = np.float32([[10, 20], [30, 40]])
    assert assay.gemm(unit, a, b, c, out=c) is c
    np.testing.assert_array_equal(c, [[12, 23], [35, 45]])


def test_views_are_not_copied():
    a, b = np.zeros((2000, 1500), np.uint8), np.zeros((2000, 4), np.uint8)
    x = np.zeros((900, 900), np.float32)
    tracemalloc.start()  # numpy reports its arrays there
    assay.gemm("mac-e4m3-e4m3-fp32", a.T[::-1], b, threads=2)
    assay.gemm("mac-fp32-fp32-fp32", x.T, np.broadcast_to(np.float32(1), (900, 3)))
    assay.convolve("mac-e4m3-e4m3-fp32", a.reshape(1, 1, *a.shape), b[:1, :1, None, None])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    results = 4 * a.size  # of the convolution
    assert peak < results + 1e6


def test_empty_products():
    unit = "mac-e4m3-e4m3-fp32"
    assert assay.gemm(unit, np.zeros((0, 3), np.uint8), np.zeros((3, 2), np.uint8)).shape == (0, 2)
    assert assay.gemm(unit, np.zeros((2, 0), np.uint8), np.zeros((0, 2), np.uint8)).tolist() == [[0, 0], [0, 0]]
    assert assay.gemm(unit, np.zeros((0, 2, 3), np.uint8), np.zeros((3, 2), np.uint8)).shape == (0, 2, 2)


def test_names_of_kernels():
    assert assay.gemm_kernel("mac-bf16-bf16-fp32") == "fma"
    assert assay.gemm_kernel("mac-e4m3-e4m3-lns20f12") == "golden"


A, B, F = np.zeros((2, 3), np.uint8), np.zeros((3, 4), np.uint8), np.zeros((2, 3), np.float32)
UNIT = "mac-e4m3-e4m3-fp32"


@pytest.mark.parametrize(
    "error, call, part",
    [
        (ValueError, lambda: assay.gemm("add-e4m3-e4m3-fp32", A, B), "expected a mac, dot or block_dot unit"),
        (ValueError, lambda: assay.gemm("convert-fp32-fp16", A, B), "expected a mac, dot or block_dot unit"),
        (ValueError, lambda: assay.gemm(UNIT, A, A), "b: expected 3 rows"),
        (ValueError, lambda: assay.gemm(UNIT, A[0], B), r"a: expected shape \(M, K\) or \(batch, M, K\), found \(3,\)"),
        (ValueError, lambda: assay.gemm(UNIT, np.zeros((2, 2, 3), np.uint8), np.zeros((5, 3, 4), np.uint8)), "batch of 2"),
        (ValueError, lambda: assay.gemm(UNIT, A, B, np.zeros(3, np.uint32)), "c: expected a shape that broadcasts"),
        (ValueError, lambda: assay.gemm(UNIT, A.astype(int) + 0x100, B), "0x100 has more than the 8 bits of e4m3"),
        (ValueError, lambda: assay.gemm(UNIT, F + np.float32(0.3), B), "a: expected numbers of e4m3, found 0.3"),
        (ValueError, lambda: assay.gemm(UNIT, F + np.inf, B), "a: expected numbers of e4m3, found inf"),
        (ValueError, lambda: assay.gemm("mac-int8-int8-int32", F + np.nan, B), "a: expected numbers of int8, found nan"),
        (TypeError, lambda: assay.gemm(UNIT, F.astype(float), B), "a: expected codes as integers, or float32"),
        (TypeError, lambda: assay.gemm(UNIT, A, B, dtype=np.float64), "expected None, for codes, or float32"),
        (ValueError, lambda: assay.gemm("mac-fp64-fp64-fp64", A, B, dtype=np.float32), "does not hold"),
        (ValueError, lambda: assay.gemm("mac-fp64-fp64-fp64", F, B), "a: expected codes"),
        (ValueError, lambda: assay.gemm(UNIT, A, B, threads=0), "threads: expected 1..1024, found 0"),
        (ValueError, lambda: assay.gemm(UNIT, A, B, random_bits=33), "random_bits: expected 0..32"),
        (ValueError, lambda: assay.gemm(UNIT, A, B, scale=2.0), "expected dtype=np.float32"),
        (ValueError, lambda: assay.gemm(UNIT, A, B, row_scales=[1.0], dtype=np.float32), r"row_scales: expected shape \(2,\)"),
        (ValueError, lambda: assay.gemm(UNIT, A, B, out=np.zeros((2, 3), np.uint32)), r"out: expected shape \(2, 4\)"),
        (TypeError, lambda: assay.gemm(UNIT, A, B, out=np.zeros((2, 4), np.uint8)), "out: expected dtype uint32"),
        (ValueError, lambda: assay.gemm_kernel("mul-fp32-fp32-fp32"), "expected a mac, dot or block_dot unit"),
    ],
)
def test_errors(error, call, part):
    with pytest.raises(error, match=part):
        call()


@pytest.mark.parametrize(
    ("name", "unit", "k"),
    [
        ("mxfp8_e4m3", "block_dot32-e4m3-e4m3-e8m0-fp32", 96),
        ("mxfp4", "block_dot32-e2m1-e2m1-e8m0-fp32-fused", 80),
        ("nvfp4", "block_dot16-e2m1-e2m1-e4m3-fp32", 40),
    ],
)
def test_a_block_dot_is_one_evaluation_after_another(name, unit, k):
    generator = np.random.default_rng(1)
    x = assay.quantize_blocks(generator.normal(size=(5, k)).astype(np.float32), name)
    y = assay.quantize_blocks(generator.normal(size=(k, 7)).astype(np.float32), name, axis=-2)
    result = assay.gemm(unit, x.codes, y.codes, a_scales=x.scales, b_scales=y.scales, threads=2)
    terms = int(unit.split("-")[0].removeprefix("block_dot"))
    sums = np.zeros((5, 7), np.uint32)
    for block, first in enumerate(range(0, k, terms)):
        # Products that are not there are +0.
        a, b = np.zeros((terms, 5, 1), np.uint8), np.zeros((terms, 1, 7), np.uint8)
        count = min(terms, k - first)
        a[:count, :, 0], b[:count, 0] = x.codes[:, first : first + count].T, y.codes[first : first + count]
        pairs = [operand for i in range(terms) for operand in (a[i], b[i])]
        sums = assay.evaluate(unit, *pairs, x.scales[:, block, None], y.scales[None, block], sums)
    np.testing.assert_array_equal(result, sums)


def test_block_scales_that_do_not_fit():
    unit, a, b = "block_dot32-e4m3-e4m3-e8m0-fp32", np.zeros((2, 40), np.uint8), np.zeros((40, 3), np.uint8)
    good = {"a_scales": np.zeros((2, 2), np.uint8), "b_scales": np.zeros((2, 3), np.uint8)}
    with pytest.raises(ValueError, match="a_scales: expected the scales of block_dot32"):
        assay.gemm(unit, a, b)
    with pytest.raises(ValueError, match=r"b_scales: expected shape \(ceil\(K / B\), N\) = \(2, 3\), found \(3, 2\)"):
        assay.gemm(unit, a, b, **{**good, "b_scales": np.zeros((3, 2), np.uint8)})
    with pytest.raises(ValueError, match="a_scales: unit mac-e4m3-e4m3-fp32 has no scales"):
        assay.gemm("mac-e4m3-e4m3-fp32", a, b, **good)
    with pytest.raises(ValueError, match="expected a mac or dot unit"):
        assay.convolve(unit, np.zeros((1, 1, 4, 4), np.uint8), np.zeros((1, 1, 2, 2), np.uint8))
