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
    values = np.unique(assay.decode(codes, format))
    values = values[np.isfinite(values)]
    middle = ((values[1:] + values[:-1]) / 2).astype(np.float32)
    beside = [np.nextafter(middle, np.float32(side)) for side in (0, np.inf)]
    return np.concatenate([values.astype(np.float32), middle, *beside])


def same_codes(format, ours, theirs):
    """Equal codes, except that one NaN is as good as another."""
    both_nan = np.isnan(assay.decode(ours, format)) & np.isnan(assay.decode(theirs, format))
    return np.array_equal(ours[~both_nan], theirs[~both_nan])


@pytest.mark.parametrize("name", NARROW)
def test_every_code_has_the_value_of_ml_dtypes(name):
    format = assay.Format(name)
    codes = np.arange(1 << format.width, dtype=np.uint8)
    theirs = codes.view(getattr(ml_dtypes, name)).astype(np.float64)
    ours = assay.decode(codes, format)
    np.testing.assert_array_equal(ours, theirs)
    finite = np.isfinite(theirs)
    np.testing.assert_array_equal(np.signbit(ours[finite]), np.signbit(theirs[finite]))


@pytest.mark.parametrize("name", WIDE)
def test_every_16_bit_code_has_the_value_of_the_host(name):
    codes = np.arange(1 << 16, dtype=np.uint16)
    with np.errstate(invalid="ignore"):  # signalling NaNs
        theirs = codes.view(WIDE[name]).astype(np.float64)
    np.testing.assert_array_equal(assay.decode(codes, name), theirs)


def test_fp32_and_fp64_are_the_host_s():
    values = any_floats(20000, 1)
    values = values[~np.isnan(values)]
    np.testing.assert_array_equal(assay.decode(values.view(np.uint32), "fp32"), values.astype(np.float64))
    np.testing.assert_array_equal(assay.encode(values, "fp32"), values.view(np.uint32))
    wide = np.random.default_rng(2).integers(0, 2**64, 20000, dtype=np.uint64).view(np.float64)
    wide = wide[~np.isnan(wide)]
    np.testing.assert_array_equal(assay.encode(wide, "fp64"), wide.view(np.uint64))
    with np.errstate(over="ignore", under="ignore"):
        np.testing.assert_array_equal(assay.encode(wide, "fp32"), wide.astype(np.float32).view(np.uint32))


@pytest.mark.parametrize("name", [name for name in NARROW if name not in ("float8_e8m0fnu",)])
def test_float32_is_rounded_as_by_ml_dtypes(name):
    format = assay.Format(name)
    values = np.concatenate([any_floats(20000, 3), near_range(format, 20000, 4), midpoints(format)])
    if format.nan == "none":  # ml_dtypes has its own idea of NaN in a format without one
        values = values[~np.isnan(values)]
    with np.errstate(over="ignore", invalid="ignore"):
        theirs = values.astype(getattr(ml_dtypes, name)).view(np.uint8)
    assert same_codes(format, assay.encode(values, format), theirs)


@pytest.mark.parametrize("name", WIDE)
def test_float32_is_rounded_as_by_the_host(name):
    format = assay.Format(name)
    values = np.concatenate([any_floats(20000, 5), near_range(format, 20000, 6), midpoints(format)])
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        theirs = values.astype(WIDE[name]).view(np.uint16)
    assert same_codes(format, assay.encode(values, format), theirs)


def test_float64_is_rounded_once():
    # 1 + 2^-11 is a tie of fp16; a little more must go up, though float32 would lose the little more.
    value = 1.0 + 2.0**-11 + 2.0**-40
    assert assay.encode(value, "fp16") == 0x3C01
    values = np.random.default_rng(7).normal(size=20000)
    np.testing.assert_array_equal(assay.encode(values, "fp16"), values.astype(np.float16).view(np.uint16))


def test_e8m0_of_powers_of_two():
    values = np.ldexp(1.0, np.arange(-127, 128))
    np.testing.assert_array_equal(assay.encode(values, "e8m0"), np.arange(255))


@pytest.mark.parametrize("name, dtype", [("int8", np.int8), ("int16", np.int16), ("uint8", np.uint8)])
def test_integers_are_numpy_s(name, dtype):
    limits = np.iinfo(dtype)
    values = np.arange(limits.min, limits.max + 1)
    codes = values.astype(dtype).view(np.dtype(f"u{np.dtype(dtype).itemsize}"))
    np.testing.assert_array_equal(assay.encode(values, name), codes)
    np.testing.assert_array_equal(assay.decode(codes, name), values)
    ties = values[:-1] + 0.5
    expected = np.rint(ties).astype(dtype).view(codes.dtype)
    np.testing.assert_array_equal(assay.encode(ties, name), expected)
    beyond = np.array([limits.min - 5, limits.max + 5])
    np.testing.assert_array_equal(assay.encode(beyond, name, saturation="sat_finite"), codes[[0, -1]])
    wrapped = beyond.astype(dtype).view(codes.dtype)
    np.testing.assert_array_equal(assay.encode(beyond, name, saturation="wrap"), wrapped)


def test_directed_roundings_bracket_the_value():
    values = near_range(assay.Format("e4m3"), 5000, 8).astype(np.float64)
    values = values[np.abs(values) <= 448]
    down = assay.decode(assay.encode(values, "e4m3", "rdn"), "e4m3")
    up = assay.decode(assay.encode(values, "e4m3", "rup"), "e4m3")
    zero = assay.decode(assay.encode(values, "e4m3", "rtz"), "e4m3")
    assert np.all(down <= values) and np.all(values <= up)
    np.testing.assert_array_equal(zero, np.where(values > 0, down, up))
    inexact = down != up
    codes = assay.encode(values, "e4m3", "odd")
    assert np.all(codes[inexact] % 2 == 1)


@pytest.mark.parametrize("rounding", ["sr_a", "sr_b", "sr_c"])
def test_stochastic_rounding_counts(rounding):
    # 1.8125 lies at 1/2 of the way from 1.75 to 1.875 (e4m3: steps of 1/8).
    codes = assay.encode(np.full(256, 1.8125), "e4m3", rounding, random_bits=(8, np.arange(256)))
    assert np.count_nonzero(codes == assay.encode(1.875, "e4m3")) == 128
    assert np.count_nonzero(codes == assay.encode(1.75, "e4m3")) == 128
    assert assay.encode(1.8125, "e4m3", rounding, random_bits=(8, 255)) == assay.encode(1.875, "e4m3")


def test_saturation():
    values = [1e6, -1e6, np.inf]
    assert assay.encode(values, "e4m3").tolist() == [0x7F, 0x7F, 0x7F]
    assert assay.encode(values, "e4m3", saturation="sat_finite").tolist() == [0x7E, 0xFE, 0x7E]
    assert assay.encode(values, "e5m2").tolist() == [0x7C, 0xFC, 0x7C]
    assert assay.encode(values, "e5m2", saturation="sat_propagate").tolist() == [0x7B, 0xFB, 0x7C]


def test_shapes_and_dtypes():
    assert assay.decode(0x38, "e4m3").shape == ()
    assert assay.decode(np.zeros((2, 3), np.int64), "e4m3").shape == (2, 3)
    assert assay.decode([], "e4m3").shape == (0,)
    assert assay.encode([], "e4m3").shape == (0,)
    transposed = np.arange(6.0).reshape(2, 3).T
    np.testing.assert_array_equal(assay.decode(assay.encode(transposed, "fp16"), "fp16"), transposed)
    for name, dtype in [("e2m1", "u1"), ("e4m3", "u1"), ("bf16", "u2"), ("tf32", "u4"), ("fp64", "u8")]:
        assert assay.encode(1.0, name).dtype == np.dtype(dtype)


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


def test_limits_are_those_of_ml_dtypes():
    for name in NARROW:
        info, format = ml_dtypes.finfo(getattr(ml_dtypes, name)), assay.Format(name)
        assert (format.max, format.min) == (float(info.max), float(info.min))
        assert format.min_normal == float(info.smallest_normal)
        has_subnormals = float(info.smallest_subnormal) < float(info.smallest_normal)
        assert format.min_subnormal == (float(info.smallest_subnormal) if has_subnormals else None)
        assert format.min_positive == float(info.smallest_subnormal)
    int8 = assay.Format("int8")
    assert (int8.min, int8.max, int8.min_positive) == (-128, 127, 1)
    assert (int8.min_normal, int8.min_subnormal, int8.has_nan, int8.has_negative_zero) == (None, None, False, False)
    assert assay.Format("e4m3").has_nan and assay.Format("e4m3").has_negative_zero
    assert not assay.Format("e4m3fnuz").has_negative_zero
    # The four smallest positive posit8 are powers of 16 apart; NormalFloat's least step is published.
    assert assay.Format("posit8").min_positive == 2.0**-24
    assert assay.Format("nf4").min_positive == np.float32(0.07958029955625534)


def test_tables():
    e2m1 = assay.Format("e2m1")
    np.testing.assert_array_equal(e2m1.codes(), np.arange(16, dtype=np.uint8))
    positive = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    np.testing.assert_array_equal(e2m1.values(), positive + [-x for x in positive])
    assert e2m1.codes().dtype == np.uint8 and assay.Format("bf16").codes().dtype == np.uint16
    with pytest.raises(ValueError, match="at most 16 bits, found 32"):
        assay.Format("fp32").values()


def test_formats_from_toml(tmp_path):
    path = tmp_path / "format.toml"
    path.write_text('name = "mine"\nkind = "floating"\nexponent_width = 3\nfraction_width = 2\nexponent_bias = 1\n')
    mine = assay.Format.from_toml(path)
    assert (mine.name, mine.width, mine.max) == ("mine", 6, 112.0)
    assert assay.decode(assay.encode(100.0, mine), mine) == 96.0
    assert assay.Format.from_toml(str(path)) == mine
    path.write_text('name = "steps"\nvalues = [0.0, 1.0, 2.0, 8.0]\n')
    steps = assay.Format.from_toml(path)
    np.testing.assert_array_equal(assay.round([0.4, 1.6, 4.9, 5.1], steps, "rne", "sat_finite"), [0, 2, 2, 8])
    for text, part in [
        ('name = "steps"\nvalues = [0.0, 1.0, 1.0, 8.0]\n', "format.toml:2: values: .*1"),
        ('name = "x"\nkind = "floating"\nexponent_width = 3\nfraction_width = 2\nwidth = 9\n', "width"),
        ('name = "x"\nkind = "floating"\nexponents = 3\n', "exponents"),
    ]:
        path.write_text(text)
        with pytest.raises(ValueError, match=part):
            assay.Format.from_toml(path)
    with pytest.raises(ValueError, match="ending in .toml"):
        assay.Format.from_toml("e4m3")
    with pytest.raises(ValueError, match="absent.toml"):
        assay.Format.from_toml(tmp_path / "absent.toml")


def test_conversion_of_ml_dtypes():
    # Its treatment of NaN where a format has none: minus zero, whatever the sign of NaN but that it gives away.
    for name in ["float6_e2m3fn", "float6_e3m2fn", "float4_e2m1fn"]:
        values = np.concatenate([any_floats(5000, 11), near_range(assay.Format(name), 5000, 12)])
        values = np.where(np.isnan(values), np.float32(np.nan), values)
        with np.errstate(over="ignore", invalid="ignore"):
            theirs = values.astype(getattr(ml_dtypes, name)).view(np.uint8)
        np.testing.assert_array_equal(assay.encode(values, name, conversion="ml_dtypes"), theirs)
        rounded = assay.decode(theirs, name, np.float32)
        np.testing.assert_array_equal(assay.round(values, name, conversion="ml_dtypes"), rounded)


def test_names_of_conversions():
    assert assay.conversions() == ["ocp_sat", "ocp_ovf", "nvidia_satfinite", "onnx", "ml_dtypes"]
    values = np.array([np.inf, np.nan, 500.0, 1.0], np.float32)
    # CUDA: saturated, NaN stays. ONNX: infinity is NaN in the FNUZ types, finite overflow is saturated.
    assert assay.encode(values, "e4m3", conversion="nvidia_satfinite").tolist() == [0x7E, 0x7F, 0x7E, 0x38]
    assert assay.encode(values, "e4m3fnuz", conversion="onnx").tolist() == [0x80, 0x80, 0x7F, 0x40]
    assert assay.encode(values, "e2m1", conversion="nvidia_satfinite").tolist() == [7, 7, 7, 2]
    with pytest.raises(ValueError, match="unknown conversion 'cuda': expected one of ocp_sat"):
        assay.encode(values, "e4m3", conversion="cuda")
    with pytest.raises(ValueError, match="no rounding or saturation beside it"):
        assay.encode(values, "e4m3", "rtz", conversion="onnx")
