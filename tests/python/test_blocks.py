"""Block formats against their definitions, written down in numpy and ml_dtypes."""

import numpy as np
import pytest

import assay

ml_dtypes = pytest.importorskip("ml_dtypes")

MX = {"mxfp8_e4m3": "float8_e4m3fn", "mxfp8_e5m2": "float8_e5m2", "mxfp6_e3m2": "float6_e3m2fn",
      "mxfp6_e2m3": "float6_e2m3fn", "mxfp4": "float4_e2m1fn"}  # fmt: skip


def normal(shape, seed):
    generator = np.random.default_rng(seed)
    return (generator.standard_normal(shape) * 2.0 ** generator.integers(-6, 6, shape)).astype(np.float32)


def mx_by_definition(values, dtype):
    """OCP MX v1.0, section 6.3, of the last axis, whose length is a multiple of 32: (codes, scales)."""
    info = ml_dtypes.finfo(dtype)
    blocks = values.astype(np.float64).reshape(values.shape[:-1] + (-1, 32))
    shared = np.floor(np.log2(np.abs(blocks).max(axis=-1))) - np.floor(np.log2(float(info.max)))
    scaled = np.clip(blocks / 2.0 ** shared[..., None], -float(info.max), float(info.max))
    return scaled.astype(dtype).view(np.uint8).reshape(values.shape), (shared + 127).astype(np.uint8)


@pytest.mark.parametrize("name", MX)
@pytest.mark.parametrize("axis", [-1, 0, 1, 2])
def test_mx_is_the_standard_s(name, axis):
    values = normal((64, 32, 96), 1)
    dtype = getattr(ml_dtypes, MX[name])
    blocks = assay.quantize_blocks(values, name, axis)
    codes, scales = mx_by_definition(np.moveaxis(values, axis, -1), dtype)
    np.testing.assert_array_equal(np.moveaxis(blocks.codes, axis, -1), codes)
    np.testing.assert_array_equal(np.moveaxis(blocks.scales, axis, -1), scales)
    assert blocks.axis == axis % 3 and blocks.shape == values.shape and blocks.codes.shape == values.shape
    elements = codes.view(dtype).astype(np.float64).reshape(codes.shape[:-1] + (-1, 32))
    expected = (elements * 2.0 ** (scales.astype(np.float64) - 127)[..., None]).reshape(codes.shape)
    np.testing.assert_array_equal(np.moveaxis(blocks.dequantize(), axis, -1), expected)
    assert blocks.storage_bits == values.size * blocks.format.element.width + blocks.scales.size * 8


def test_nvfp4_of_one_level():
    # A block of 16 numbers is scaled by its largest magnitude over 6, as an E4M3 number.
    values = normal((8, 64), 2)
    blocks = assay.quantize_blocks(values, "nvfp4")
    quotient = (np.abs(values.reshape(8, 4, 16)).max(axis=-1) / np.float32(6)).astype(np.float32)
    scales = np.clip(quotient, 2.0**-6, 448).astype(ml_dtypes.float8_e4m3fn)
    np.testing.assert_array_equal(blocks.scales, scales.view(np.uint8))
    factor = (np.float32(1) / scales.astype(np.float32))[..., None]
    elements = np.clip(values.reshape(8, 4, 16) * factor, -6, 6).astype(ml_dtypes.float4_e2m1fn).view(np.uint8)
    np.testing.assert_array_equal(blocks.codes, elements.reshape(8, 64))


def test_affine_integers():
    values = normal((6, 50), 3)
    blocks = assay.quantize_blocks(values, "affine_uint8")
    assert blocks.zero_points.shape == blocks.scales.shape == (6, 1) and blocks.zero_points.dtype == np.int32
    low, high = np.minimum(values.min(axis=1), 0), np.maximum(values.max(axis=1), 0)
    steps = assay.decode(blocks.scales, blocks.format.scale)
    np.testing.assert_allclose(steps[:, 0], (high - low) / 255, rtol=1e-6)
    expected = (blocks.codes.astype(np.float64) - blocks.zero_points) * steps
    np.testing.assert_array_equal(blocks.dequantize(), expected)
    assert np.abs(expected - values).max() <= 0.51 * steps.max()


def test_minimums_and_sub_blocks_keep_their_shapes():
    values = normal((5, 256, 3), 4)
    minmax = assay.quantize_blocks(values, "minmax_uint4_g128", 1)
    assert minmax.scales.shape == minmax.minimums.shape == (5, 2, 3)
    np.testing.assert_array_equal(minmax.minimums, values.reshape(5, 2, 128, 3).min(axis=2))
    assert minmax.zero_points is None and minmax.sub_exponents is None
    for axis in range(3):
        mx6 = assay.quantize_blocks(values, "mx6", axis)
        grid = list(values.shape)
        grid[axis] = -(-grid[axis] // 16)
        assert mx6.scales.shape == tuple(grid) and mx6.sub_exponents.shape == tuple(grid) + (8,)
        # A sub-block's exponent is its own, at most one below that of the block.
        lines, sub = np.moveaxis(values, axis, -1), np.moveaxis(mx6.sub_exponents, axis, -2)
        for index in [(0, 0), (2, 1)]:
            line = np.abs(np.append(lines[index], np.zeros(-lines.shape[-1] % 16, np.float32)))
            blocks = line.reshape(-1, 8, 2).max(axis=-1)
            with np.errstate(divide="ignore"):
                exponents = np.floor(np.log2(blocks))
            below = np.where(blocks > 0, np.minimum(exponents.max(axis=1, keepdims=True) - exponents, 1), 0)
            np.testing.assert_array_equal(sub[index], below)


def test_tiles():
    values = normal((70, 40), 5)
    format = assay.BlockFormat.custom("tiles", element=assay.Format("e2m1"), scale=assay.Format("e8m0"), block_size=32)
    blocks = assay.quantize_blocks(values, format, "tile")
    assert blocks.scales.shape == (3, 2)
    amax = np.abs(values[32:64, :32]).max()
    assert blocks.scales[1, 0] == np.floor(np.log2(amax)) - 2 + 127
    assert blocks.dequantize().shape == (70, 40)
    stack = assay.quantize_blocks(np.stack([values, -2 * values]), format, "tile")
    assert stack.scales.shape == (2, 3, 2)
    np.testing.assert_array_equal(stack.scales[1], blocks.scales + 1)


def test_parameters_of_block_formats():
    mxfp4 = assay.BlockFormat("mxfp4_rceil")
    assert (mxfp4.name, mxfp4.element.name, mxfp4.scale.name) == ("mxfp4_rceil", "e2m1", "e8m0")
    assert (mxfp4.block_size, mxfp4.scale_policy, mxfp4.tensor_scale) == (32, "rceil", "none")
    assert (mxfp4.zero_block, mxfp4.non_finite, mxfp4.sub_block_size) == ("least", "nan_scale", 0)
    mx6 = assay.BlockFormat("mx6")
    assert (mx6.block_size, mx6.sub_block_size, mx6.sub_exponent_width) == (16, 2, 1)
    assert repr(mx6) == "assay.BlockFormat('mx6')"
    assert assay.BlockFormat("nvfp4_two_level").tensor_scale == "float32"


@pytest.mark.parametrize("name", ["mxfp4", "nvfp4_two_level", "mx9", "affine_uint8", "minmax_uint4_g128"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_rounded_blocks_are_dequantized_ones(name, axis):
    values = normal((3, 33, 20), 6)
    expected = assay.quantize_blocks(values, name, axis).dequantize(np.float32)
    np.testing.assert_array_equal(assay.round_blocks(values, name, axis), expected)
    np.testing.assert_array_equal(assay.round_blocks(np.asfortranarray(values), name, axis), expected)
    np.testing.assert_array_equal(assay.round_blocks(values, name, axis - 3, threads=3), expected)
    assert assay.round_blocks(values, name, axis, out=values) is values
    np.testing.assert_array_equal(values, expected)


def test_dtypes():
    values = normal((2, 32), 7).astype(np.float16)
    rounded = assay.round_blocks(values, "mxfp8_e4m3")
    assert rounded.dtype == np.float16
    wide = assay.round_blocks(values.astype(np.float64), "mxfp8_e4m3")
    assert wide.dtype == np.float64
    np.testing.assert_array_equal(wide, assay.quantize_blocks(values, "mxfp8_e4m3").dequantize())
    assert assay.quantize_blocks(np.zeros((0, 32), np.float32), "mxfp4").scales.shape == (0, 1)
    assert assay.quantize_blocks(np.zeros(0, np.float32), "mxfp4").dequantize().shape == (0,)


def test_stochastic_blocks():
    # 1.25 lies halfway between 1 and 1.5; the block's largest number 4 makes the scale 1.
    values = np.full((1000, 32), 1.25, np.float32)
    values[:, 0] = 4
    # With a scale of 1 blocks take the bits that single numbers do, along whichever axis.
    options = {"random_bits": 9, "seed": 3, "stream": 4}
    drawn = assay.encode(values, "e2m1", "sr_a", "sat_finite", **options)
    np.testing.assert_array_equal(assay.quantize_blocks(values, "mxfp4", -1, "sr_a", **options).codes, drawn)
    cube = values.reshape(10, 100, 32).transpose(0, 2, 1).copy()
    drawn = assay.encode(cube, "e2m1", "sr_a", "sat_finite", **options)
    np.testing.assert_array_equal(assay.quantize_blocks(cube, "mxfp4", 1, "sr_a", **options).codes, drawn)
    assay.round_blocks(cube, "mxfp4", 1, "sr_a", **options, out=cube)
    np.testing.assert_array_equal(cube, assay.decode(drawn, "e2m1"))

    blocks = assay.quantize_blocks(values, "mxfp4", rounding="sr_a", seed=1)
    ups = np.count_nonzero(blocks.dequantize()[:, 1:] == 1.5)
    assert abs(ups - 15500) < 6 * np.sqrt(31000) / 2
    again = assay.quantize_blocks(values, "mxfp4", rounding="sr_a", seed=1, threads=4)
    np.testing.assert_array_equal(again.codes, blocks.codes)
    other = assay.quantize_blocks(values, "mxfp4", rounding="sr_a", seed=2)
    assert np.count_nonzero(other.codes != blocks.codes) > 10000


def test_parts_make_an_array():
    # Codes and scales from elsewhere, a file for example, are enough.
    mxfp4 = assay.BlockFormat("mxfp4")
    blocks = assay.BlockArray(mxfp4, (2, 32), 1, np.full((2, 32), 2), np.array([[127], [128]]))
    np.testing.assert_array_equal(blocks.dequantize(), np.repeat([[1.0], [2.0]], 32, axis=1))


MXFP4 = assay.BlockFormat("mxfp4")
ONES = np.ones((2, 32), np.float32)


@pytest.mark.parametrize(
    "error, call, part",
    [
        (ValueError, lambda: assay.BlockFormat("mxfp5"), "mxfp5"),
        (TypeError, lambda: assay.quantize_blocks(ONES, assay.Format("e4m3")), "expected an assay.BlockFormat"),
        (ValueError, lambda: assay.quantize_blocks(ONES, MXFP4, 2), "axis: expected -2..1, found 2"),
        (ValueError, lambda: assay.quantize_blocks(ONES, MXFP4, "row"), "expected an integer or 'tile'"),
        (ValueError, lambda: assay.quantize_blocks(ONES[0], MXFP4, "tile"), "2 axes, found 1"),
        (ValueError, lambda: assay.quantize_blocks(1.0, MXFP4), "at least 1 axis"),
        (ValueError, lambda: assay.quantize_blocks([[0.1]], MXFP4), "float32 holds exactly"),
        (TypeError, lambda: assay.quantize_blocks([[1j]], MXFP4), "real numbers"),
        (ValueError, lambda: assay.quantize_blocks(ONES, MXFP4, saturation="wrap"), "wrap"),
        (ValueError, lambda: assay.quantize_blocks(ONES, MXFP4, rounding="sr_a", random_bits=33), "expected 0..32"),
        (TypeError, lambda: assay.quantize_blocks(ONES, MXFP4, rounding="sr_a", random_bits=(3, 1)), "no words"),
        (ValueError, lambda: assay.quantize_blocks(ONES, "mx6", "tile"), "row or column, found tile"),
        (ValueError, lambda: assay.round_blocks(ONES, MXFP4, out=ONES.T), "shape|shares no memory"),
        (TypeError, lambda: assay.quantize_blocks(ONES, MXFP4).dequantize(np.int32), "expected float32 or float64"),
        (ValueError, lambda: assay.BlockArray(MXFP4, (2, 32), 1, ONES, np.ones((2, 2))).dequantize(), "scales: expected 2"),
        (ValueError, lambda: assay.BlockArray(MXFP4, (2, 32), 1, 16 * ONES, np.ones((2, 1))).dequantize(), "4 bits"),
        (ValueError, lambda: assay.BlockArray(MXFP4, (2, 32), 1, ONES[:1], np.ones((2, 1))).dequantize(), "32"),
        (
            ValueError,
            lambda: assay.BlockFormat.custom("x", element=MXFP4.element, scale=MXFP4.scale, block_size=-1),
            "negative",
        ),
    ],
)
def test_errors(error, call, part):
    with pytest.raises(error, match=part):
        call()
