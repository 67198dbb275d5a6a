"""Arrays of any shape and layout: memory, dtypes, threads, and agreement with the scalar model."""

import numpy as np
import pytest

import assay

FORMATS = ["e4m3", "e2m1", "e3m2", "bf16", "fp16", "int8", "fix8.6", "posit16", "nf4", "lns8f3", "tf32", "binary8p3ue"]
ROUNDINGS = ["rne", "rna", "rtz", "rup", "rdn", "odd", "sr_a", "sr_b", "sr_c"]


def any_floats(count, seed):
    """Uniform bits, and numbers around 1."""
    generator = np.random.default_rng(seed)
    bits = generator.integers(0, 2**32, count // 2, dtype=np.uint32).view(np.float32)
    return np.concatenate([bits, generator.standard_normal(count - count // 2, np.float32) * 4])


def address(array):
    return array.__array_interface__["data"][0]


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("name", FORMATS)
def test_arrays_agree_with_units(name, rounding):
    # Units are evaluated by the scalar model, one element after another.
    values = any_floats(2000, 1)
    options = {"random_bits": 11, "seed": 5, "stream": 6, "first_index": 7}
    suffix = "-sat_finite" if rounding == "rne" else f"-{rounding}-sat_finite"
    expected = assay.evaluate(f"convert-fp32-{name}{suffix}", values.view(np.uint32), **options)
    with np.errstate(invalid="ignore"):  # signalling NaNs
        wide = values.astype(np.float64)
    for array in (values, wide):
        codes = assay.encode(array, name, rounding, "sat_finite", **options)
        np.testing.assert_array_equal(codes, expected)
        rounded = assay.round(array, name, rounding, "sat_finite", **options)
        assert rounded.dtype == array.dtype
        np.testing.assert_array_equal(rounded, assay.decode(expected, name, array.dtype))


@pytest.mark.parametrize("name", ["e4m3", "bf16", "fp32"])
def test_random_words_are_those_that_are_drawn(name):
    values = np.random.default_rng(2).standard_normal(3000)
    words = assay.random_words(3000, 20, seed=9, stream=2**40, first_index=3)
    assert words.dtype == np.uint32 and words.max() < 2**20
    drawn = assay.encode(values, name, "sr_a", random_bits=20, seed=9, stream=2**40, first_index=3)
    np.testing.assert_array_equal(assay.encode(values, name, "sr_a", random_bits=(20, words)), drawn)
    rounded = assay.round(values, name, "sr_a", random_bits=(20, words))
    np.testing.assert_array_equal(rounded, assay.decode(drawn, name))
    pieces = [
        assay.encode(values[start : start + 700], name, "sr_a", random_bits=20, seed=9, stream=2**40, first_index=3 + start)
        for start in range(0, 3000, 700)
    ]
    np.testing.assert_array_equal(np.concatenate(pieces), drawn)


def test_random_words_are_uniform_and_differ():
    words = assay.random_words(1 << 16, 8, seed=1)
    counts = np.bincount(words, minlength=256)
    # Chi-squared with 255 degrees of freedom: beyond 390 once in ten million.
    assert np.sum((counts - 256.0) ** 2 / 256.0) < 390
    for other in ({"seed": 2}, {"stream": 1}, {"first_index": 1 << 16}):
        assert np.count_nonzero(assay.random_words(1 << 16, 8, **({"seed": 1} | other)) == words) < 1000
    np.testing.assert_array_equal(assay.random_words(100, 8, seed=1, first_index=50), words[50:150])
    assert not assay.random_words(10, 0).any()


def layouts(array):
    """The same numbers laid out in other ways."""
    padded = np.empty(tuple(2 * size + 1 for size in array.shape), array.dtype)
    strided = padded[tuple(slice(1, None, 2) for _ in array.shape)]
    strided[...] = array
    unaligned = np.frombuffer(b"x" + array.tobytes(), array.dtype, offset=1).reshape(array.shape)
    backward = array[::-1].copy()[::-1]
    return {"fortran": np.asfortranarray(array), "strided": strided, "unaligned": unaligned, "backward": backward}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_layout_does_not_matter(dtype):
    values = np.random.default_rng(3).standard_normal((5, 7, 3)).astype(dtype)
    codes, rounded = assay.encode(values, "e4m3"), assay.round(values, "e4m3")
    for layout in layouts(values).values():
        np.testing.assert_array_equal(assay.encode(layout, "e4m3"), codes)
        np.testing.assert_array_equal(assay.round(layout, "e4m3"), rounded)
    for layout in layouts(codes).values():
        np.testing.assert_array_equal(assay.decode(layout, "e4m3"), rounded)
    for layout in layouts(np.zeros_like(codes)).values():
        if layout.flags.writeable:
            assert assay.encode(values, "e4m3", out=layout) is layout
            np.testing.assert_array_equal(layout, codes)
    for layout in layouts(values).values():
        if layout.flags.writeable:
            assert assay.round(layout, "e4m3", out=layout) is layout
            np.testing.assert_array_equal(layout, rounded)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int32, np.uint64, np.int64])
def test_dtypes_of_codes(dtype):
    codes = np.arange(0x7F)
    np.testing.assert_array_equal(assay.decode(codes.astype(dtype), "e4m3"), assay.Format("e4m3").values()[:0x7F])


def test_float16_and_ml_dtypes_are_exact():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    halves = halves[~np.isnan(halves)]
    np.testing.assert_array_equal(assay.encode(halves, "fp16"), halves.view(np.uint16))
    np.testing.assert_array_equal(assay.encode(halves, "e5m2", "rtz"), halves.view(np.uint16) >> 8)
    rounded = assay.round(halves, "fp16")
    assert rounded.dtype == np.float16
    np.testing.assert_array_equal(rounded, halves)
    for dtype in (ml_dtypes.bfloat16, ml_dtypes.float8_e5m2):
        size = np.dtype(dtype).itemsize
        values = np.arange(1 << 8 * size, dtype=f"u{size}").view(dtype)
        values = values[~np.isnan(values.astype(np.float32))]
        np.testing.assert_array_equal(assay.encode(values, np.dtype(dtype).name), values.view(f"u{size}"))
        assert assay.round(values, "e2m1").dtype == dtype


def test_integers_and_lists():
    np.testing.assert_array_equal(assay.encode([True, False], "int8"), [1, 0])
    np.testing.assert_array_equal(assay.encode([2**53, -(2**53)], "fp64"), np.array([2.0**53, -(2.0**53)]).view(np.uint64))
    assert assay.round([1, 5, 300], "e4m3").dtype == np.float64
    np.testing.assert_array_equal(assay.round([1, 5, 17], "e4m3"), [1, 5, 16])
    assert assay.encode(np.float32(1.5), "e4m3").shape == ()


def test_shapes_without_elements_or_axes():
    for shape in [(), (0,), (3, 0, 2), (1, 1, 1, 1)]:
        for dtype in (np.float16, np.float32, np.float64):
            values = np.ones(shape, dtype)
            codes = assay.encode(values, "e4m3")
            assert isinstance(codes, np.ndarray) and codes.shape == shape and codes.dtype == np.uint8
            assert assay.decode(codes, "e4m3").shape == shape
            assert assay.round(values, "e4m3", out=values) is values and np.all(values == 1)
    assert assay.pack([], "e2m1").shape == (0,)
    assert assay.random_words(0).shape == (0,)


def test_nothing_is_copied():
    import assay._arguments as arguments

    for dtype in (np.float32, np.float64):
        values = np.ones((3, 4), dtype)
        kept = arguments.contiguous(arguments.real_array("values", values), arguments.float_dtype(values))
        assert address(kept) == address(values) and np.shares_memory(kept, values)
    for name, dtype in [("e4m3", np.uint8), ("e4m3", np.int8), ("bf16", np.uint16), ("fp32", np.uint32), ("fp64", np.int64)]:
        codes = np.ones((3, 4), dtype)
        assert address(arguments.format_codes("codes", codes, assay.Format(name))) == address(codes)
    out = np.empty((3, 4), np.uint8)
    assert arguments.workspace(out) is out
    assert assay.encode(values, "e4m3", out=out) is out
    halves = np.empty((3, 4), np.float32)
    assert assay.decode(out, "e4m3", out=halves) is halves and np.all(halves == 1)


def test_rounding_in_place_needs_no_second_array():
    import tracemalloc

    values = np.random.default_rng(4).standard_normal(1 << 20).astype(np.float32)
    expected, before = assay.round(values, "bf16"), address(values)
    tracemalloc.start()
    try:
        assert assay.round(values, "bf16", out=values) is values
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert address(values) == before
    assert peak < values.nbytes / 64
    np.testing.assert_array_equal(values, expected)


@pytest.mark.parametrize("rounding", ["rne", "sr_a"])
@pytest.mark.parametrize("name", ["e4m3", "fp16", "posit16", "tf32", "fp64"])
def test_threads_change_nothing(name, rounding):
    values = np.random.default_rng(5).standard_normal(200_003).astype(np.float32)
    codes = assay.encode(values, name, rounding, seed=1)
    rounded = assay.round(values, name, rounding, seed=1)
    decoded = assay.decode(codes, name)
    for threads in (2, 5):
        np.testing.assert_array_equal(assay.encode(values, name, rounding, seed=1, threads=threads), codes)
        np.testing.assert_array_equal(assay.round(values, name, rounding, seed=1, threads=threads), rounded)
        np.testing.assert_array_equal(assay.decode(codes, name, threads=threads), decoded)


def test_python_threads_run_at_once():
    # Work of one thread goes on while others call: results are right under many calls at a time.
    from concurrent.futures import ThreadPoolExecutor

    values = np.random.default_rng(6).standard_normal(50_000).astype(np.float32)
    names = ["e4m3", "e5m2", "bf16", "posit16"] * 4
    expected = {name: assay.encode(values, name) for name in set(names)}
    with ThreadPoolExecutor(8) as pool:
        for name, codes in zip(names, pool.map(lambda name: assay.encode(values, name), names)):
            np.testing.assert_array_equal(codes, expected[name])


def test_decoded_float32_is_the_nearest():
    codes = np.random.default_rng(7).integers(0, 2**64, 5000, dtype=np.uint64)
    with np.errstate(over="ignore", invalid="ignore"):
        expected = codes.view(np.float64).astype(np.float32)
    np.testing.assert_array_equal(assay.decode(codes, "fp64", np.float32), expected)
    # 2^61 + 2^37 + 1 lies just above a tie of float32: rounded to float64 first it would fall to the even side.
    assert assay.decode(2**61 + 2**37 + 1, "fix63.0", np.float32) == np.float32(2.0**61 + 2.0**38)
    out = np.empty(2, np.float32)
    assert assay.decode([0x38, 0x39], "e4m3", out=out) is out and out.tolist() == [1, 1.125]


@pytest.mark.parametrize("width", range(1, 9))
def test_packed_codes(width):
    codes = np.random.default_rng(8).integers(0, 1 << width, (5, 11), dtype=np.uint8)
    bits = (codes.reshape(-1, 1) >> np.arange(width)) & 1
    expected = np.packbits(bits.reshape(-1).astype(np.uint8), bitorder="little")
    packed = assay.pack(codes, width)
    np.testing.assert_array_equal(packed, expected)
    np.testing.assert_array_equal(assay.pack(codes.astype(np.int64), width), expected)
    np.testing.assert_array_equal(assay.unpack(packed, width, (5, 11)), codes)
    out = np.empty(5 * 11, np.uint8)
    assert assay.unpack(packed, width, 55, out=out) is out
    np.testing.assert_array_equal(out, codes.reshape(-1))


def read_only():
    array = np.zeros(2, np.uint8)
    array.flags.writeable = False
    return array


SHARED = np.ones(8, np.float32)
VALUES = np.ones(2, np.float32)


@pytest.mark.parametrize(
    "error, call, part",
    [
        (ValueError, lambda: assay.Format("e4q3"), "e4q3"),
        (ValueError, lambda: assay.Format("e12m3"), "e12m3"),
        (ValueError, lambda: assay.Format("int64"), "int64"),
        (ValueError, lambda: assay.Format("e4m3fnz"), "e4m3fnz"),
        (TypeError, lambda: assay.encode(VALUES, 8), "expected an assay.Format or the name of one, found int"),
        (ValueError, lambda: assay.decode([0x10], "e2m1"), "codes: 0x10 has more than the 4 bits of e2m1"),
        (ValueError, lambda: assay.decode(np.array([0x10], np.uint8), "e2m1"), "0x10 has more than the 4 bits of e2m1"),
        (ValueError, lambda: assay.decode([-1], "e2m1"), "at least 0, found -1"),
        (TypeError, lambda: assay.decode([1.0], "e2m1"), "integers, found dtype float64"),
        (TypeError, lambda: assay.decode([1], "e2m1", np.float16), "expected float32 or float64"),
        (TypeError, lambda: assay.decode([1], "e2m1", out=np.zeros(1, np.float16)), "expected float32 or float64"),
        (TypeError, lambda: assay.encode(["x"], "e2m1"), "real numbers, found dtype <U1"),
        (TypeError, lambda: assay.encode([1j], "e2m1"), "real numbers, found dtype complex128"),
        (TypeError, lambda: assay.encode([None], "e2m1"), "real numbers, found dtype object"),
        (TypeError, lambda: assay.encode(np.ones(1, np.longdouble), "e2m1"), "does not convert to float64 exactly"),
        (TypeError, lambda: assay.encode(np.ones(1, ">f4"), "e2m1"), "values: expected native byte order, found dtype '>f4'"),
        (TypeError, lambda: assay.decode(np.ones(1, ">u2"), "bf16"), "codes: expected native byte order"),
        (TypeError, lambda: assay.decode([0], "bf16", ">f4"), "expected float32 or float64, found >f4"),
        (ValueError, lambda: assay.encode([2**53 + 1], "fp64"), "2\\*\\*53"),
        (ValueError, lambda: assay.encode(1.0, "e2m1", "up"), "unknown rounding 'up'"),
        (ValueError, lambda: assay.encode(1.0, "e2m1", saturation="clip"), "unknown saturation 'clip'"),
        (ValueError, lambda: assay.encode(1.0, "e2m1", saturation="wrap"), "wrap expects"),
        (ValueError, lambda: assay.encode(1.0, "e2m1", "sr_a", random_bits=33), "random_bits: expected 0..32, found 33"),
        (ValueError, lambda: assay.encode(1.0, "e2m1", "sr_a", random_bits=-1), "random_bits: expected 0..32, found -1"),
        (TypeError, lambda: assay.encode(1.0, "e2m1", "sr_a", random_bits=[1]), "random_bits: expected an integer"),
        (ValueError, lambda: assay.encode(1.0, "e2m1", "sr_a", random_bits=(3, 8)), "more than 3 bits"),
        (ValueError, lambda: assay.encode(1.0, "e2m1", "sr_a", random_bits=(33, 0)), "expected 0..32"),
        (ValueError, lambda: assay.encode(1.0, "e2m1", "sr_a", random_bits=(3, 0, 0)), "pair"),
        (ValueError, lambda: assay.encode([1.0, 2.0], "e2m1", "sr_a", random_bits=(8, [1, 2, 3])), "broadcast"),
        (ValueError, lambda: assay.encode(1.0, "e2m1", "sr_a", seed=-1), "seed: expected 0..18446744073709551615"),
        (ValueError, lambda: assay.encode(1.0, "e2m1", threads=0), "threads: expected 1..1024, found 0"),
        (TypeError, lambda: assay.encode(1.0, "e2m1", threads=1.5), "threads: expected an integer, found float"),
        (TypeError, lambda: assay.encode(VALUES, "e2m1", out=[0, 0]), "expected a numpy array, found list"),
        (TypeError, lambda: assay.encode(VALUES, "e2m1", out=np.zeros(2, np.uint16)), "expected dtype uint8, found uint16"),
        (TypeError, lambda: assay.encode(VALUES, "bf16", out=np.zeros(2, ">u2")), "expected dtype uint16, found >u2"),
        (ValueError, lambda: assay.encode(VALUES, "e2m1", out=np.zeros(3, np.uint8)), r"expected shape \(2,\), found \(3,\)"),
        (ValueError, lambda: assay.encode(VALUES, "e2m1", out=read_only()), "can be written"),
        (ValueError, lambda: assay.encode(VALUES, "e2m1", out=VALUES.view(np.uint8)[:2]), "shares no memory"),
        (ValueError, lambda: assay.decode(SHARED.view(np.uint8)[:4], "e2m1", out=SHARED[:4]), "has more than|shares no"),
        (ValueError, lambda: assay.round(SHARED[:6], "e2m1", out=SHARED[2:]), "shares no memory"),
        (ValueError, lambda: assay.round(SHARED, "e2m1", out=SHARED[::-1]), "shares no memory"),
        (TypeError, lambda: assay.round(SHARED, "e2m1", out=np.empty(8)), "expected dtype float32, found float64"),
        (ValueError, lambda: assay.pack([16], "e2m1"), "more than the 4 bits of e2m1"),
        (ValueError, lambda: assay.pack([1], "bf16"), "at most 8 bits, found bf16 of 16"),
        (ValueError, lambda: assay.pack([1], 9), "expected 1..8, found 9"),
        (ValueError, lambda: assay.unpack([1, 2], 4, 5), "expected 3 bytes for 5 codes of 4 bits, found 2"),
        (ValueError, lambda: assay.unpack([1, 2], 4, -4), "shape: expected 0.."),
        (ValueError, lambda: assay.random_words(-1), "count: expected 0.."),
    ],
)
def test_errors(error, call, part):
    with pytest.raises(error, match=part):
        call()
