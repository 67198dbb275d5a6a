"""Every code and a sweep of conversions of formats that gfloat, ml_dtypes and en_dtypes have too.

The program under test is named by the environment variable ASSAY.
"""

import math
import os
import subprocess

import pytest

np = pytest.importorskip("numpy")
PROGRAM = os.environ.get("ASSAY")
pytestmark = pytest.mark.skipif(not PROGRAM, reason="ASSAY does not name the program")


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


@pytest.mark.parametrize("name,convert_to_double", [("posit8es0", "convertP8ToDouble"), ("posit16es1", "convertP16ToDouble")])
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
