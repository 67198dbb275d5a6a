"""Every code and a sweep of conversions of formats that gfloat, ml_dtypes, en_dtypes and softposit have too.

Where they differ from Assay, docs/format_differences.md has a row and this file a check of the same name.
The program under test is named by the environment variable ASSAY; the Python package `assay` is used if there.
"""

import functools
import importlib
import math
import os
import pathlib
import re
import subprocess

import pytest

np = pytest.importorskip("numpy")
PROGRAM = os.environ.get("ASSAY")
pytestmark = pytest.mark.skipif(not PROGRAM, reason="ASSAY does not name the program")


@functools.cache
def table(name):
    text = subprocess.run([PROGRAM, "formats", name, "--table"], check=True, capture_output=True, text=True).stdout
    rows = [line.split(",") for line in text.splitlines()[1:]]
    assert [int(code, 16) for code, _ in rows] == list(range(len(rows)))
    return [float.fromhex(value) for _, value in rows]


def same(found, expected):
    if math.isnan(expected):
        return math.isnan(found)
    return found == expected and math.copysign(1, found) == math.copysign(1, expected)


def assert_same(name, expected):
    found = table(name)
    assert len(found) == len(expected)
    wrong = [code for code, pair in enumerate(zip(found, expected)) if not same(*pair)]
    assert not wrong, f"{name}: codes {wrong[:8]}"


def convert(tmp_path, name, values, *options):
    """Codes of float32 values."""
    source, target = tmp_path / "in.npy", tmp_path / "out.npy"
    np.save(source, values)
    subprocess.run([PROGRAM, "convert", "--to", name, *options, source, target], check=True, capture_output=True)
    return np.load(target)


def sweep(values):
    """The finite values, their midpoints, the float32 neighbours of both, and beyond the range."""
    finite = np.unique(np.array([v for v in values if math.isfinite(v)], dtype=np.float64))
    middles = (finite[1:] + finite[:-1]) / 2
    x = np.concatenate([finite, middles, finite[[0, -1]] * 1.03, finite[[0, -1]] * 1.3, finite[[0, -1]] * 8])
    with np.errstate(over="ignore"):
        x = x.astype(np.float32)
    x = np.concatenate([x, np.nextafter(x, np.float32(np.inf)), np.nextafter(x, np.float32(-np.inf))])
    return x[np.isfinite(x)]


def p3109_names():
    for k in range(3, 11):
        for p in range(1, k + 1):
            for domain in "ef":
                if p < k:
                    yield k, p, "s", domain
                yield k, p, "u", domain


@pytest.mark.parametrize("k,p,sign,domain", list(p3109_names()))
def test_p3109_against_gfloat(k, p, sign, domain):
    gfloat = pytest.importorskip("gfloat")
    formats = pytest.importorskip("gfloat.formats")
    info = formats.format_info_p3109(
        k,
        p,
        gfloat.Signedness.Signed if sign == "s" else gfloat.Signedness.Unsigned,
        gfloat.Domain.Extended if domain == "e" else gfloat.Domain.Finite,
    )
    assert_same(f"binary{k}p{p}{sign}{domain}", [gfloat.decode_float(info, code).fval for code in range(2**k)])


GFLOAT_NAMES = {
    "e4m3": "ocp_e4m3",
    "e5m2": "ocp_e5m2",
    "e3m2": "ocp_e3m2",
    "e2m3": "ocp_e2m3",
    "e2m1": "ocp_e2m1",
    "e8m0": "ocp_e8m0",
    "fix8.6": "ocp_int8",
    "fp16": "binary16",
    "bf16": "bfloat16",
}


@pytest.mark.parametrize("name", GFLOAT_NAMES)
def test_codes_against_gfloat(name):
    gfloat = pytest.importorskip("gfloat")
    formats = pytest.importorskip("gfloat.formats")
    info = getattr(formats, f"format_info_{GFLOAT_NAMES[name]}")
    assert_same(name, [gfloat.decode_float(info, code).fval for code in range(2**info.bits)])


@pytest.mark.parametrize("name", ["binary8p1se", "binary8p3se", "binary8p4sf", "binary8p4ue", "binary6p2uf"])
@pytest.mark.parametrize(
    "rounding,mode",
    [
        ("rne", "TiesToEven"),
        ("rna", "TiesToAway"),
        ("rtz", "TowardZero"),
        ("rup", "TowardPositive"),
        ("rdn", "TowardNegative"),
    ],
)
def test_p3109_rounding_against_gfloat(tmp_path, name, rounding, mode):
    gfloat = pytest.importorskip("gfloat")
    formats = pytest.importorskip("gfloat.formats")
    k, p, sign, domain = int(name[6]), int(name[8]), name[9], name[10]
    info = formats.format_info_p3109(
        k,
        p,
        gfloat.Signedness.Signed if sign == "s" else gfloat.Signedness.Unsigned,
        gfloat.Domain.Extended if domain == "e" else gfloat.Domain.Finite,
    )
    values = table(name)
    x = sweep(values)
    x = x[x >= 0] if sign == "u" else x
    codes = convert(tmp_path, name, x, "--rounding", rounding)
    for value, code in zip(x, codes):
        expected = gfloat.round_float(info, float(value), getattr(gfloat.RoundMode, mode))
        assert same(values[code], expected), (value, values[code], expected)


NARROW = {
    "float8_e3m4": "ml_dtypes",
    "float8_e4m3": "ml_dtypes",
    "float8_e4m3b11fnuz": "ml_dtypes",
    "float8_e4m3fn": "ml_dtypes",
    "float8_e4m3fnuz": "ml_dtypes",
    "float8_e5m2": "ml_dtypes",
    "float8_e5m2fnuz": "ml_dtypes",
    "float8_e8m0fnu": "ml_dtypes",
    "float6_e2m3fn": "ml_dtypes",
    "float6_e3m2fn": "ml_dtypes",
    "float4_e2m1fn": "ml_dtypes",
    "hifloat8": "en_dtypes",
}


@pytest.mark.parametrize("name", NARROW)
def test_codes_and_conversion_against_dtypes(tmp_path, name):
    module = pytest.importorskip(NARROW[name])
    dtype = getattr(module, name)
    values = table(name)
    expected = np.arange(len(values), dtype=np.uint8).view(dtype).astype(np.float32)
    assert_same(name, [float(v) for v in expected])
    x = sweep(values)
    # HiFloat8 is defined with ties away from zero; ml_dtypes breaks the ties of E8M0 upward, and rounds every
    # float32 subnormal between its two least values up.
    rounding = "rna" if name in ("hifloat8", "float8_e8m0fnu") else "rne"
    if name == "float8_e8m0fnu":
        x = x[x >= np.finfo(np.float32).smallest_normal]
    found = convert(tmp_path, name, x, "--rounding", rounding)
    with np.errstate(all="ignore"):
        peer = x.astype(dtype).view(np.uint8)
    # Which of two NaN codes, by sign, is not part of the value.
    for value, ours, theirs in zip(x, found, peer):
        assert ours == theirs or (math.isnan(values[ours]) and math.isnan(values[theirs])), (value, ours, theirs)


@pytest.mark.parametrize(
    "name,convert_to_double", [("posit8es0", "convertP8ToDouble"), ("posit16es1", "convertP16ToDouble")]
)
def test_earlier_posits_against_softposit(name, convert_to_double):
    softposit = pytest.importorskip("softposit")
    if not hasattr(softposit, convert_to_double):
        pytest.skip("this softposit has no conversion of codes")
    posit = softposit.posit8 if name == "posit8es0" else softposit.posit16
    width = 8 if name == "posit8es0" else 16
    expected = []
    for code in range(2**width):
        number = posit()
        number.fromBits(code)
        expected.append(float("nan") if code == 2 ** (width - 1) else float(number))
    assert_same(name, expected)


# Differences, one a row of docs/format_differences.md. A check shows both results on the whole class of inputs
# that the row names, and that there is no other difference.

DIFFERENCES = {}


def difference(name, *modules):
    def register(check):
        DIFFERENCES[name] = (check, modules)
        return check

    return register


def wide_sweep(values):
    """All float16 and bfloat16 numbers, what sweep() gives, and infinities and NaNs of both signs, as float32."""
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32)
    upper = (np.arange(2**16, dtype=np.uint32) << 16).view(np.float32)
    return np.concatenate([halves, upper, sweep(values)])


def peer_codes(dtype, x):
    with np.errstate(all="ignore"):
        return x.astype(dtype).view(np.uint16 if np.dtype(dtype).itemsize == 2 else np.uint8)


def assert_where(where, x, ours, theirs, our_code, their_code):
    """Both codes (a number or an array) where the mask says so, and equal ones elsewhere."""
    assert where.any() and not where.all()
    assert np.array_equal(ours[~where], theirs[~where]), x[~where][ours[~where] != theirs[~where]][:8]
    assert np.all(ours[where] == our_code)
    assert np.all(theirs[where] == their_code)


SIGNED_NAN = {"float8_e3m4": 0x78, "float8_e4m3": 0x7C, "float8_e4m3fn": 0x7F, "float8_e5m2": 0x7E, "bfloat16": 0x7FC0}
WITHOUT_NAN = {"float6_e2m3fn": 6, "float6_e3m2fn": 6, "float4_e2m1fn": 4}


@difference("ml_dtypes-nan-sign", "ml_dtypes")
def _(tmp_path, ml_dtypes):
    for name, nan in SIGNED_NAN.items():
        width = 16 if name == "bfloat16" else 8
        x = wide_sweep(table("e4m3"))
        negative_nan = np.isnan(x) & np.signbit(x)
        ours, theirs = convert(tmp_path, name, x), peer_codes(getattr(ml_dtypes, name), x)
        if name == "float8_e4m3fn":  # its overflow is another row
            negative_nan |= (ours == nan) & np.signbit(x)
        assert_where(negative_nan, x, ours, theirs, nan, nan | 1 << (width - 1))


@difference("ml_dtypes-e4m3-overflow-sign", "ml_dtypes")
def _(tmp_path, ml_dtypes):
    x = wide_sweep(table("e4m3"))
    x = x[~np.isnan(x)]
    ours, theirs = convert(tmp_path, "e4m3", x), peer_codes(ml_dtypes.float8_e4m3fn, x)
    assert_where(x < -464, x, ours, theirs, 0x7F, 0xFF)


@difference("ml_dtypes-nan-to-zero", "ml_dtypes")
def _(tmp_path, ml_dtypes):
    for name, width in WITHOUT_NAN.items():
        x = wide_sweep(table(name))
        is_nan = np.isnan(x)
        ours, theirs = convert(tmp_path, name, x), peer_codes(getattr(ml_dtypes, name), x)
        minus = 1 << (width - 1)
        assert_where(is_nan, x, ours, theirs, minus - 1, np.where(np.signbit(x[is_nan]), 0, minus))


@difference("ml_dtypes-e8m0-ties", "ml_dtypes")
def _(tmp_path, ml_dtypes):
    exponents = np.arange(-126, 127)
    ties = np.ldexp(np.float32(1.5), exponents).astype(np.float32)
    theirs = peer_codes(ml_dtypes.float8_e8m0fnu, ties)
    assert np.array_equal(theirs, exponents + 128)
    assert np.array_equal(convert(tmp_path, "e8m0", ties), (exponents + 128) & ~1)
    assert np.array_equal(convert(tmp_path, "e8m0", ties, "--rounding", "rna"), theirs)


@difference("ml_dtypes-e8m0-below-normal", "ml_dtypes")
def _(tmp_path, ml_dtypes):
    subnormal = np.arange(2**22 - 9, 2**22 + 2**21 + 9, 97, dtype=np.uint32).view(np.float32)
    x = np.concatenate([wide_sweep(table("e8m0")), subnormal])
    x = x[x != 0]
    ours = convert(tmp_path, "e8m0", x, "--rounding", "rna")
    theirs = peer_codes(ml_dtypes.float8_e8m0fnu, x)
    assert_where((x > 2.0**-127) & (x < 1.5 * 2.0**-127), x, ours, theirs, 0, 1)


@difference("ml_dtypes-e8m0-zero", "ml_dtypes")
def _(tmp_path, ml_dtypes):
    x = np.array([0.0, -0.0], np.float32)
    assert list(convert(tmp_path, "e8m0", x)) == [0, 0]
    assert list(peer_codes(ml_dtypes.float8_e8m0fnu, x)) == [0xFF, 0xFF]


def double_sweep(values):
    """Midpoints of finite values, and doubles beside them that float32 cannot tell from them."""
    finite = np.unique(np.array([v for v in values if math.isfinite(v)]))
    middles = (finite[1:] + finite[:-1]) / 2
    return np.concatenate([middles, middles * (1 + 2.0**-40), middles * (1 - 2.0**-40)])


def assert_double_rounding(tmp_path, dtype, name, rounding):
    values = table(name)
    x = double_sweep(values)
    theirs, ours = peer_codes(dtype, x), convert(tmp_path, name, x, "--rounding", rounding)
    assert np.array_equal(theirs, peer_codes(dtype, x.astype(np.float32)))
    differs = ours != theirs
    assert differs.sum() > len(x) / 20
    values = np.array(values)
    for i in np.flatnonzero(differs):  # 40 bits below a tie, double is exact
        assert abs(values[ours[i]] - x[i]) < abs(values[theirs[i]] - x[i]), x[i]


@difference("ml_dtypes-double-rounding", "ml_dtypes")
def _(tmp_path, ml_dtypes):
    for name in [n for n, module in NARROW.items() if module == "ml_dtypes"] + ["bfloat16"]:
        rounding = "rna" if name == "float8_e8m0fnu" else "rne"
        assert_double_rounding(tmp_path, getattr(ml_dtypes, name), name, rounding)


@difference("ml_dtypes-integers-wrap", "ml_dtypes")
def _(tmp_path, ml_dtypes):
    x = (np.arange(-4000, 4000) / 8).astype(np.float32)
    for name in ["int2", "int4", "uint2", "uint4"]:
        mask = (1 << int(name[-1])) - 1
        with np.errstate(all="ignore"):
            theirs = x.astype(getattr(ml_dtypes, name)).astype(np.int8).view(np.uint8) & mask
        assert np.array_equal(theirs, np.trunc(x).astype(np.int64) & mask)
        assert np.array_equal(convert(tmp_path, name, x, "--rounding", "rtz", "--saturation", "wrap"), theirs)
        least, greatest = (0, mask) if name[0] == "u" else (-(mask // 2) - 1, mask // 2)
        expected = np.clip(np.round(x), least, greatest).astype(np.int64) & mask
        assert np.array_equal(convert(tmp_path, name, x, "--saturation", "sat_finite"), expected)


@difference("en_dtypes-hifloat8-ties", "en_dtypes")
def _(tmp_path, en_dtypes):
    x = wide_sweep(table("hif8"))
    theirs = peer_codes(en_dtypes.hifloat8, x)
    assert np.array_equal(convert(tmp_path, "hif8", x, "--rounding", "rna"), theirs)
    values = np.array(table("hif8"))
    ours = convert(tmp_path, "hif8", x)
    middle = (values[ours] + values[theirs]) / 2
    to_infinity = np.isinf(values[theirs]) & (np.abs(x) == 1.25 * 2.0**15)
    differs = ours != theirs
    assert np.all((x == middle)[differs] | to_infinity[differs])
    assert np.all(ours[differs] % 2 == 0)


EN_NAMES = {"float4_e1m2": "e1m2b1f", "float4_e2m1": "e2m1", "float6_e2m3": "e2m3", "float6_e3m2": "e3m2"}


@difference("en_dtypes-nan-to-zero", "en_dtypes")
def _(tmp_path, en_dtypes):
    for peer, name in EN_NAMES.items():
        values = table(name)
        dtype = getattr(en_dtypes, peer)
        codes = np.arange(len(values), dtype=np.uint8)
        assert_same(name, [float(v) for v in codes.view(dtype).astype(np.float32)])
        x = wide_sweep(values)
        is_nan = np.isnan(x)
        minus = len(values) // 2
        ours, theirs = convert(tmp_path, name, x), peer_codes(dtype, x)
        assert_where(is_nan, x, ours, theirs, minus - 1, np.where(np.signbit(x[is_nan]), minus, 0))


@difference("en_dtypes-e8m0-truncates", "en_dtypes")
def _(tmp_path, en_dtypes):
    x = wide_sweep(table("e8m0"))
    x = x[x >= np.float32(2.0**-127)]
    theirs = peer_codes(en_dtypes.float8_e8m0, x)
    assert np.array_equal(convert(tmp_path, "e8m0", x, "--rounding", "rtz"), theirs)
    assert np.any(convert(tmp_path, "e8m0", x) != theirs)


@difference("en_dtypes-e8m0-zero", "en_dtypes")
def _(tmp_path, en_dtypes):
    x = wide_sweep(table("e8m0"))
    ours, theirs = convert(tmp_path, "e8m0", x, "--rounding", "rtz"), peer_codes(en_dtypes.float8_e8m0, x)
    too_small = (x < np.float32(2.0**-127)) & (x >= 0)
    assert_where(too_small, x, ours, theirs, 0, 0xFF)


@difference("en_dtypes-double-rounding", "en_dtypes")
def _(tmp_path, en_dtypes):
    assert_double_rounding(tmp_path, en_dtypes.hifloat8, "hif8", "rna")


def gfloat_format(name):
    gfloat, formats = importlib.import_module("gfloat"), importlib.import_module("gfloat.formats")
    if name in GFLOAT_NAMES:
        return getattr(formats, f"format_info_{GFLOAT_NAMES[name]}")
    k, p, sign, domain = re.fullmatch(r"binary(\d+)p(\d+)([su])([ef])", name).groups()
    signedness = gfloat.Signedness.Signed if sign == "s" else gfloat.Signedness.Unsigned
    return formats.format_info_p3109(
        int(k), int(p), signedness, gfloat.Domain.Extended if domain == "e" else gfloat.Domain.Finite
    )


def gfloat_modes(gfloat):
    modes = gfloat.RoundMode
    return {
        "rne": modes.TiesToEven,
        "rna": modes.TiesToAway,
        "rtz": modes.TowardZero,
        "rup": modes.TowardPositive,
        "rdn": modes.TowardNegative,
    }


def our_values(tmp_path, name, x, rounding, saturation):
    codes = convert(tmp_path, name, x, "--rounding", rounding, "--saturation", saturation)
    return np.array(table(name))[codes]


@difference("gfloat-refuses", "gfloat")
def _(tmp_path, gfloat):
    for name in ["e3m2", "e2m3", "e2m1", "fix8.6"]:
        info, values = gfloat_format(name), table(name)
        least, greatest = min(values), max(values)
        x = np.concatenate([sweep(values), np.array([np.inf, -np.inf, np.nan], np.float32)])
        for rounding, mode in gfloat_modes(gfloat).items():
            for saturation in ["sat_none", "sat_finite"]:
                ours = our_values(tmp_path, name, x, rounding, saturation)
                for value, our in zip(x, ours):
                    try:
                        assert same(our, gfloat.round_float(info, float(value), mode, saturation == "sat_finite"))
                    except ValueError:
                        if math.isnan(value):
                            assert our == (0 if name == "fix8.6" else greatest)
                        else:
                            assert saturation == "sat_none" and our == (least if value < 0 else greatest)
                            assert value > greatest or value < least
        with pytest.raises(ValueError):
            gfloat.round_float(info, math.inf)
        with pytest.raises(ValueError):
            gfloat.round_float(info, math.nan, sat=True)


@difference("gfloat-unsigned-negative", "gfloat")
def _(tmp_path, gfloat):
    x = np.array([-1, -4, -0.5, -3e4], np.float32)
    for name in ["binary8p3ue", "binary8p4uf", "binary6p2uf", "binary5p1uf"]:
        info = gfloat_format(name)
        for saturation in ["sat_none", "sat_finite"]:
            for rounding, mode in gfloat_modes(gfloat).items():
                theirs = [gfloat.round_float(info, float(value), mode, saturation == "sat_finite") for value in x]
                assert all(value < 0 for value in theirs)  # not in the format
                ours = our_values(tmp_path, name, x, rounding, saturation)
                inward = saturation == "sat_finite" or rounding in ("rtz", "rup")
                assert all(same(value, 0.0 if inward else math.nan) for value in ours)


@difference("gfloat-unsigned-minus-infinity", "gfloat")
def _(tmp_path, gfloat):
    x = np.array([-np.inf], np.float32)
    for name in ["binary8p3ue", "binary8p8ue", "binary5p1ue"]:
        info = gfloat_format(name)
        assert gfloat.round_float(info, -math.inf) == math.inf
        assert gfloat.round_float(info, -math.inf, sat=True) == info.max
        assert math.isnan(our_values(tmp_path, name, x, "rne", "sat_none")[0])
        assert our_values(tmp_path, name, x, "rne", "sat_finite")[0] == 0


@difference("gfloat-e8m0-range", "gfloat")
def _(tmp_path, gfloat):
    info = gfloat_format("e8m0")
    x = np.array([0.0, -0.0, 2.0**-133, -1.0], np.float32)
    theirs = [gfloat.round_float(info, float(value)) for value in x]
    assert theirs == [0.0, 0.0, 2.0**-133, -1.0]  # none of them in the format
    ours = our_values(tmp_path, "e8m0", x, "rne", "sat_none")
    assert list(ours[:3]) == [2.0**-127] * 3 and math.isnan(ours[3])
    inside = sweep(table("e8m0"))
    inside = inside[inside >= np.float32(2.0**-127)]
    for rounding, mode in gfloat_modes(gfloat).items():
        for value, our in zip(inside, our_values(tmp_path, "e8m0", inside, rounding, "sat_none")):
            assert same(our, gfloat.round_float(info, float(value), mode)), value


@difference("gfloat-p3109-finite-overflow", "gfloat")
def _(tmp_path, gfloat):
    for name in ["binary8p3sf", "binary8p4uf", "binary4p2sf"]:
        info = gfloat_format(name)
        x = np.array([info.max * 8, np.inf], np.float32)
        assert all(math.isnan(gfloat.round_float(info, float(value))) for value in x)
        assert all(math.isnan(value) for value in our_values(tmp_path, name, x, "rne", "sat_none"))
        assert all(value == info.max for value in our_values(tmp_path, name, x, "rne", "sat_none_v40"))


@difference("softposit-exponent-bits", "softposit")
def _(tmp_path, softposit):
    for draft, standard, peer, maximum in [
        ("posit8es0", "posit8", softposit.posit8, 2.0**24),
        ("posit16es1", "posit16", softposit.posit16, 2.0**56),
    ]:
        drafted = table(draft)
        code = len(drafted) // 2 - 1
        number = peer()
        number.fromBits(code)
        assert float(number) == drafted[code] != maximum
        assert table(standard)[code] == maximum
        x = sweep(drafted)
        theirs = [peer(float(value)).v.v for value in x]
        assert np.array_equal(convert(tmp_path, draft, x), theirs)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_difference(tmp_path, name):
    check, modules = DIFFERENCES[name]
    check(tmp_path, *[pytest.importorskip(module) for module in modules])


def test_every_difference_is_documented():
    document = pathlib.Path(__file__).parents[2] / "docs" / "format_differences.md"
    rows = re.findall(r"^\| `([a-z0-9_-]+)` \|", document.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(DIFFERENCES)


@pytest.mark.parametrize("name", [n for n, module in NARROW.items() if module == "ml_dtypes"])
def test_the_preset_ml_dtypes(name):
    """The bits of ml_dtypes but for the signs of NaNs and what E8M0's rows say."""
    assay = pytest.importorskip("assay", exc_type=ImportError)  # or built for another interpreter
    dtype = getattr(pytest.importorskip("ml_dtypes"), name)
    if name == "float8_e8m0fnu":
        pytest.skip("ties, zeros and subnormal numbers differ")
    values = np.array(table(name))
    x = wide_sweep(values)
    x = x[~(np.isnan(x) & np.signbit(x))]
    ours, theirs = assay.encode(x, name, conversion="ml_dtypes"), peer_codes(dtype, x)
    assert np.all((ours == theirs) | (np.isnan(values[ours]) & np.isnan(values[theirs])))
