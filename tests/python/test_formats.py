"""decode and encode against numpy and ml_dtypes, code by code."""

import numpy as np
import pytest

import assay

ml_dtypes = pytest.importorskip("ml_dtypes")

NARROW = [
    "float8_e3m4",
    "float8_e4m3",
    "float8_e4m3b11fnuz",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float8_e8m0fnu",
    "float6_e2m3fn",
    "float6_e3m2fn",
    "float4_e2m1fn",
]
WIDE = {"fp16": np.float16, "bf16": ml_dtypes.bfloat16}


def any_floats(count, seed):
    """float32 numbers with uniform bits: every exponent, subnormals, infinities and NaNs."""
    return np.random.default_rng(seed).integers(0, 2**32, count, dtype=np.uint32).view(np.float32)


def near_range(format, count, seed):
    """float32 numbers around the range of a format, below its least and above its largest number."""
    generator = np.random.default_rng(seed)
    low = -format.exponent_bias - format.fraction_width - 2
    exponents = generator.uniform(low, np.log2(format.max) + 1.5, count)
    with np.errstate(over="ignore"):  # infinity is welcome
        return (generator.choice([-1.0, 1.0], count) * 2.0**exponents).astype(np.float32)


def midpoints(format):
    """Exact midpoints of neighbouring numbers and the floats just beside them."""
    codes = np.arange(1 << (format.width - (1 if format.is_signed else 0)))
    values = np.unique(assay.decode(format, codes))
    values = values[np.isfinite(values)]
    middle = ((values[1:] + values[:-1]) / 2).astype(np.float32)
    beside = [np.nextafter(middle, np.float32(side)) for side in (0, np.inf)]
    return np.concatenate([values.astype(np.float32), middle, *beside])


def same_codes(format, ours, theirs):
    """Equal codes, except that one NaN is as good as another."""
    both_nan = np.isnan(assay.decode(format, ours)) & np.isnan(assay.decode(format, theirs))
    return np.array_equal(ours[~both_nan], theirs[~both_nan])


@pytest.mark.parametrize("name", NARROW)
def test_every_code_has_the_value_of_ml_dtypes(name):
    format = assay.Format(name)
    codes = np.arange(1 << format.width, dtype=np.uint8)
    theirs = codes.view(getattr(ml_dtypes, name)).astype(np.float64)
    ours = assay.decode(format, codes)
    np.testing.assert_array_equal(ours, theirs)
    finite = np.isfinite(theirs)
    np.testing.assert_array_equal(np.signbit(ours[finite]), np.signbit(theirs[finite]))


@pytest.mark.parametrize("name", WIDE)
def test_every_16_bit_code_has_the_value_of_the_host(name):
    codes = np.arange(1 << 16, dtype=np.uint16)
    with np.errstate(invalid="ignore"):  # signalling NaNs
        theirs = codes.view(WIDE[name]).astype(np.float64)
    np.testing.assert_array_equal(assay.decode(name, codes), theirs)


def test_fp32_and_fp64_are_the_host_s():
    values = any_floats(20000, 1)
    values = values[~np.isnan(values)]
    np.testing.assert_array_equal(assay.decode("fp32", values.view(np.uint32)), values.astype(np.float64))
    np.testing.assert_array_equal(assay.encode("fp32", values), values.view(np.uint32))
    wide = np.random.default_rng(2).integers(0, 2**64, 20000, dtype=np.uint64).view(np.float64)
    wide = wide[~np.isnan(wide)]
    np.testing.assert_array_equal(assay.encode("fp64", wide), wide.view(np.uint64))
    with np.errstate(over="ignore", under="ignore"):
        np.testing.assert_array_equal(assay.encode("fp32", wide), wide.astype(np.float32).view(np.uint32))


@pytest.mark.parametrize("name", [name for name in NARROW if name not in ("float8_e8m0fnu",)])
def test_float32_is_rounded_as_by_ml_dtypes(name):
    format = assay.Format(name)
    values = np.concatenate([any_floats(20000, 3), near_range(format, 20000, 4), midpoints(format)])
    if format.nan == "none":  # ml_dtypes has its own idea of NaN in a format without one
        values = values[~np.isnan(values)]
    with np.errstate(over="ignore", invalid="ignore"):
        theirs = values.astype(getattr(ml_dtypes, name)).view(np.uint8)
    assert same_codes(format, assay.encode(format, values), theirs)


@pytest.mark.parametrize("name", WIDE)
def test_float32_is_rounded_as_by_the_host(name):
    format = assay.Format(name)
    values = np.concatenate([any_floats(20000, 5), near_range(format, 20000, 6), midpoints(format)])
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        theirs = values.astype(WIDE[name]).view(np.uint16)
    assert same_codes(format, assay.encode(format, values), theirs)


def test_float64_is_rounded_once():
    # 1 + 2^-11 is a tie of fp16; a little more must go up, though float32 would lose the little more.
    value = 1.0 + 2.0**-11 + 2.0**-40
    assert assay.encode("fp16", value) == 0x3C01
    values = np.random.default_rng(7).normal(size=20000)
    np.testing.assert_array_equal(assay.encode("fp16", values), values.astype(np.float16).view(np.uint16))


def test_e8m0_of_powers_of_two():
    values = np.ldexp(1.0, np.arange(-127, 128))
    np.testing.assert_array_equal(assay.encode("e8m0", values), np.arange(255))


@pytest.mark.parametrize("name, dtype", [("int8", np.int8), ("int16", np.int16), ("uint8", np.uint8)])
def test_integers_are_numpy_s(name, dtype):
    limits = np.iinfo(dtype)
    values = np.arange(limits.min, limits.max + 1)
    codes = values.astype(dtype).view(np.dtype(f"u{np.dtype(dtype).itemsize}"))
    np.testing.assert_array_equal(assay.encode(name, values), codes)
    np.testing.assert_array_equal(assay.decode(name, codes), values)
    ties = values[:-1] + 0.5
    expected = np.rint(ties).astype(dtype).view(codes.dtype)
    np.testing.assert_array_equal(assay.encode(name, ties), expected)
    beyond = np.array([limits.min - 5, limits.max + 5])
    np.testing.assert_array_equal(assay.encode(name, beyond, saturation="sat_finite"), codes[[0, -1]])
    wrapped = beyond.astype(dtype).view(codes.dtype)
    np.testing.assert_array_equal(assay.encode(name, beyond, saturation="wrap"), wrapped)


def test_directed_roundings_bracket_the_value():
    values = near_range(assay.Format("e4m3"), 5000, 8).astype(np.float64)
    values = values[np.abs(values) <= 448]
    down = assay.decode("e4m3", assay.encode("e4m3", values, "rdn"))
    up = assay.decode("e4m3", assay.encode("e4m3", values, "rup"))
    zero = assay.decode("e4m3", assay.encode("e4m3", values, "rtz"))
    assert np.all(down <= values) and np.all(values <= up)
    np.testing.assert_array_equal(zero, np.where(values > 0, down, up))
    inexact = down != up
    codes = assay.encode("e4m3", values, "odd")
    assert np.all(codes[inexact] % 2 == 1)


@pytest.mark.parametrize("rounding", ["sr_a", "sr_b", "sr_c"])
def test_stochastic_rounding_counts(rounding):
    # 1.8125 lies at 1/2 of the way from 1.75 to 1.875 (e4m3: steps of 1/8).
    codes = assay.encode("e4m3", np.full(256, 1.8125), rounding, random_bits=(8, np.arange(256)))
    assert np.count_nonzero(codes == assay.encode("e4m3", 1.875)) == 128
    assert np.count_nonzero(codes == assay.encode("e4m3", 1.75)) == 128
    assert assay.encode("e4m3", 1.8125, rounding, random_bits=(8, 255)) == assay.encode("e4m3", 1.875)


def test_saturation():
    values = [1e6, -1e6, np.inf]
    assert assay.encode("e4m3", values).tolist() == [0x7F, 0x7F, 0x7F]
    assert assay.encode("e4m3", values, saturation="sat_finite").tolist() == [0x7E, 0xFE, 0x7E]
    assert assay.encode("e5m2", values).tolist() == [0x7C, 0xFC, 0x7C]
    assert assay.encode("e5m2", values, saturation="sat_propagate").tolist() == [0x7B, 0xFB, 0x7C]


def test_shapes_and_dtypes():
    assert assay.decode("e4m3", 0x38).shape == ()
    assert assay.decode("e4m3", np.zeros((2, 3), np.int64)).shape == (2, 3)
    assert assay.decode("e4m3", []).shape == (0,)
    assert assay.encode("e4m3", []).shape == (0,)
    transposed = np.arange(6.0).reshape(2, 3).T
    np.testing.assert_array_equal(assay.decode("fp16", assay.encode("fp16", transposed)), transposed)
    for name, dtype in [("e2m1", "u1"), ("e4m3", "u1"), ("bf16", "u2"), ("tf32", "u4"), ("fp64", "u8")]:
        assert assay.encode(name, 1.0).dtype == np.dtype(dtype)


def test_format_properties():
    e4m3 = assay.Format("float8_e4m3fn")
    assert (e4m3.name, e4m3.kind, e4m3.width, e4m3.is_signed) == ("e4m3", "floating", 8, True)
    assert (e4m3.exponent_width, e4m3.fraction_width, e4m3.exponent_bias) == (4, 3, 7)
    assert (e4m3.has_infinity, e4m3.has_subnormals, e4m3.nan, e4m3.max) == (False, True, "all_ones", 448.0)
    assert e4m3 == assay.Format("e4m3fn") and hash(e4m3) == hash(assay.Format("e4m3fn"))
    assert e4m3 != assay.Format("e4m3fnuz") and e4m3 != "e4m3"
    assert repr(e4m3) == "assay.Format('e4m3')"
    assert assay.Format("smint4").kind == "sign_magnitude" and assay.Format("int8").max == 127
    for name in NARROW:
        info = ml_dtypes.finfo(getattr(ml_dtypes, name))
        assert assay.Format(name).max == float(info.max)
        assert assay.Format(name).width == info.bits


@pytest.mark.parametrize(
    "call, part",
    [
        (lambda: assay.Format("e4q3"), "e4q3"),
        (lambda: assay.decode("e2m1", [0x10]), "0x10 has more than the 4 bits of e2m1"),
        (lambda: assay.decode("e2m1", [-1]), "at least 0"),
        (lambda: assay.decode("e2m1", [1.0]), "integers"),
        (lambda: assay.encode("e2m1", ["x"]), "real numbers"),
        (lambda: assay.encode("e2m1", [1j]), "real numbers"),
        (lambda: assay.encode("fp64", [2**60 + 1]), "2\\*\\*53"),
        (lambda: assay.encode("e2m1", 1.0, "up"), "unknown rounding 'up'"),
        (lambda: assay.encode("e2m1", 1.0, saturation="clip"), "unknown saturation 'clip'"),
        (lambda: assay.encode("e2m1", 1.0, saturation="wrap"), "wrap expects"),
        (lambda: assay.encode("e2m1", 1.0, "sr_a"), "1..32 bits"),
        (lambda: assay.encode("e2m1", 1.0, "sr_a", random_bits=7), "pair"),
        (lambda: assay.encode("e2m1", 1.0, "sr_a", random_bits=(3, 8)), "more than 3 bits"),
        (lambda: assay.encode("e2m1", 1.0, "sr_a", random_bits=(33, 0)), "1..32 bits"),
        (lambda: assay.encode("e2m1", [1.0, 2.0], "sr_a", random_bits=(8, [1, 2, 3])), "broadcast"),
    ],
)
def test_errors_are_value_errors(call, part):
    with pytest.raises(ValueError, match=part):
        call()
