"""Convolutions against their definition: loops of matrix products, and exact integers."""

import numpy as np
import pytest

import assay
from test_gemm import codes, formats

UNITS = ["mac-e4m3-e5m2-fp32", "mac-bf16-bf16-fp32-pam", "mac-fp16-fp16-fp16", "mac-e4m3-e4m3-fp16-rna"]


def patches(x, size, stride, padding, dilation, fill):
    """Axes: image, channel, filter row, filter column, row, column."""
    wide = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2), constant_values=fill)
    rows, columns = (
        (wide.shape[2 + i] - dilation[i] * (size[i] - 1) - 1) // stride[i] + 1 for i in range(2)
    )
    return np.stack(
        [
            np.stack(
                [
                    wide[
                        :,
                        :,
                        fy * dilation[0] : fy * dilation[0] + (rows - 1) * stride[0] + 1 : stride[0],
                        fx * dilation[1] : fx * dilation[1] + (columns - 1) * stride[1] + 1 : stride[1],
                    ]
                    for fx in range(size[1])
                ],
                2,
            )
            for fy in range(size[0])
        ],
        2,
    )


def integer_gradients(p, w, g, x_shape, stride, padding, dilation):
    """Exact data and filter gradients of one group, by scattering what each product contributes."""
    dw = np.einsum("ncabyx,noyx->ocab", p, g)
    wide = np.zeros((*x_shape[:2], x_shape[2] + 2 * padding[0], x_shape[3] + 2 * padding[1]), np.int64)
    for fy in range(w.shape[2]):
        for fx in range(w.shape[3]):
            part = np.einsum("oc,noyx->ncyx", w[:, :, fy, fx], g)
            y, x = fy * dilation[0], fx * dilation[1]
            wide[:, :, y : y + (g.shape[2] - 1) * stride[0] + 1 : stride[0],
                 x : x + (g.shape[3] - 1) * stride[1] + 1 : stride[1]] += part
    rows, columns = (slice(padding[i], padding[i] + x_shape[2 + i]) for i in range(2))
    return wide[:, :, rows, columns], dw


LAYERS = [  # images, channels, height, width, outputs, size, stride, padding, dilation
    (2, 3, 6, 7, 4, (3, 3), (1, 1), (1, 1), (1, 1)),
    (1, 2, 9, 8, 3, (3, 2), (2, 3), (2, 0), (1, 2)),
    (3, 4, 5, 5, 2, (1, 1), (2, 2), (0, 0), (1, 1)),
    (2, 1, 2, 3, 2, (4, 5), (1, 2), (2, 3), (1, 1)),
]


@pytest.mark.parametrize("layer", LAYERS)
def test_integer_convolutions_are_exact(layer):
    images, channels, height, width, outputs, size, stride, padding, dilation = layer
    generator = np.random.default_rng(1)
    x = generator.integers(-128, 128, (images, channels, height, width)).astype(np.int8)
    w = generator.integers(-128, 128, (outputs, channels, *size)).astype(np.int8)
    p = patches(x.astype(np.int64), size, stride, padding, dilation, 0)
    y = np.einsum("ncabyx,ocab->noyx", p, w.astype(np.int64))
    unit, how = "mac-int8-int8-int32", {"stride": stride, "padding": padding, "dilation": dilation, "threads": 2}
    found = assay.convolve(unit, x.view(np.uint8), w.view(np.uint8), **how)
    np.testing.assert_array_equal(found.view(np.int32), y)

    g = generator.integers(-128, 128, y.shape).astype(np.int8)
    dx, dw = integer_gradients(p, w.astype(np.int64), g.astype(np.int64), x.shape, stride, padding, dilation)
    found = assay.convolve_data_gradient(unit, g.view(np.uint8), w.view(np.uint8), (height, width), **how)
    np.testing.assert_array_equal(found.view(np.int32), dx)
    found = assay.convolve_filter_gradient(unit, x.view(np.uint8), g.view(np.uint8), size, **how)
    np.testing.assert_array_equal(found.view(np.int32), dw)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("layer", LAYERS)
def test_sums_are_in_the_order_of_the_documents(unit, layer):
    images, channels, height, width, outputs, size, stride, padding, dilation = layer
    of_a, of_b, of_c = formats(unit)
    x, w = codes(of_a, (images, channels, height, width), 1), codes(of_b, (outputs, channels, *size), 2)
    bias = codes(of_c, outputs, 3)
    how = {"stride": stride, "padding": padding, "dilation": dilation}
    p = patches(x, size, stride, padding, dilation, 0)
    rows, columns = p.shape[-2:]
    flat = p.reshape(images, -1, rows * columns)  # k is (channel, filter row, filter column)
    y = assay.gemm(unit, flat.transpose(0, 2, 1), w.reshape(outputs, -1).T, bias).transpose(0, 2, 1)
    found = assay.convolve(unit, x, w, bias, threads=2, **how)
    np.testing.assert_array_equal(found, y.reshape(images, outputs, rows, columns))

    g = codes(of_b, found.shape, 4)
    k = p.transpose(1, 2, 3, 0, 4, 5).reshape(channels * size[0] * size[1], -1)  # k is (image, row, column)
    dw = assay.gemm(unit, k, g.transpose(0, 2, 3, 1).reshape(-1, outputs))
    found = assay.convolve_filter_gradient(unit, x, g, size, **how)
    np.testing.assert_array_equal(found, dw.T.reshape(w.shape))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("layer", LAYERS)
def test_data_gradients_place_by_place(unit, layer):
    images, channels, height, width, outputs, size, stride, padding, dilation = layer
    of_a, of_b, of_c = formats(unit)
    how = {"stride": stride, "padding": padding, "dilation": dilation}
    rows, columns = (
        ((height, width)[i] + 2 * padding[i] - dilation[i] * (size[i] - 1) - 1) // stride[i] + 1 for i in range(2)
    )
    g, w = codes(of_a, (images, outputs, rows, columns), 1), codes(of_b, (outputs, channels, *size), 2)
    found = assay.convolve_data_gradient(unit, g, w, (height, width), **how)
    for y in range(height):
        for x in range(width):
            c = np.broadcast_to(assay.encode(0.0, of_c), (images, channels))
            for o in range(outputs):
                for fy in range(size[0]):
                    for fx in range(size[1]):
                        oy, up = divmod(y + padding[0] - fy * dilation[0], stride[0])
                        ox, along = divmod(x + padding[1] - fx * dilation[1], stride[1])
                        if up or along:
                            continue
                        inside = 0 <= oy < rows and 0 <= ox < columns
                        a = g[:, o, oy, ox] if inside else np.zeros(images, g.dtype)
                        c = assay.evaluate(unit, a[:, None], w[None, o, :, fy, fx], c)
            np.testing.assert_array_equal(found[:, :, y, x], c)


def test_groups_are_convolutions_of_their_own():
    unit = "mac-e4m3-e4m3-fp32"
    x, w = codes("e4m3", (2, 4, 5, 5), 1), codes("e4m3", (6, 2, 3, 3), 2)
    g = codes("e4m3", (2, 6, 5, 5), 3)
    y = assay.convolve(unit, x, w, padding=1, groups=2)
    dx = assay.convolve_data_gradient(unit, g, w, (5, 5), padding=1, groups=2)
    dw = assay.convolve_filter_gradient(unit, x, g, (3, 3), padding=1, groups=2)
    for i in range(2):
        of_x, of_y = slice(2 * i, 2 * i + 2), slice(3 * i, 3 * i + 3)
        np.testing.assert_array_equal(y[:, of_y], assay.convolve(unit, x[:, of_x], w[of_y], padding=1))
        part = assay.convolve_data_gradient(unit, g[:, of_y], w[of_y], (5, 5), padding=1)
        np.testing.assert_array_equal(dx[:, of_x], part)
        part = assay.convolve_filter_gradient(unit, x[:, of_x], g[:, of_y], (3, 3), padding=1)
        np.testing.assert_array_equal(dw[of_y], part)


def test_values_views_and_out():
    unit = "mac-e4m3-e4m3-fp32"
    x, w = codes("e4m3", (2, 5, 6, 3), 1), codes("e4m3", (3, 3, 2, 2), 2)
    channels_last = x.transpose(0, 3, 1, 2)
    y = assay.convolve(unit, channels_last, w, dtype=np.float32)
    values = assay.decode(channels_last, "e4m3", np.float32), assay.decode(w, "e4m3", np.float32)
    out = np.empty((2, 4, 5, 3), np.float32).transpose(0, 3, 1, 2)
    assert assay.convolve(unit, *values, out=out) is out
    np.testing.assert_array_equal(out, y)
    np.testing.assert_array_equal(y, assay.decode(assay.convolve(unit, channels_last, w), "fp32", np.float32))


X, W, G = np.zeros((1, 2, 4, 4), np.uint8), np.zeros((3, 2, 3, 3), np.uint8), np.zeros((1, 3, 2, 2), np.uint8)
UNIT = "mac-e4m3-e4m3-fp32"


@pytest.mark.parametrize(
    "error, call, part",
    [
        (ValueError, lambda: assay.convolve(UNIT, X[0], W), r"images: expected shape \(images, channels, height, width\)"),
        (ValueError, lambda: assay.convolve(UNIT, X, W[:, :1]), "filters: expected 2 input channels / 1 groups, found 1"),
        (ValueError, lambda: assay.convolve(UNIT, X, np.zeros((3, 2, 5, 3), np.uint8)), "larger than the padded image"),
        (ValueError, lambda: assay.convolve(UNIT, X, W[:, :1], groups=2), "groups do not divide"),
        (ValueError, lambda: assay.convolve(UNIT, X, W, stride=0), "stride: expected 1.."),
        (ValueError, lambda: assay.convolve(UNIT, X, W, padding=(1, 2, 3)), "padding: expected a number or a pair"),
        (ValueError, lambda: assay.convolve(UNIT, X, W, np.zeros(2, np.uint32)), r"bias: expected shape \(3,\)"),
        (ValueError, lambda: assay.convolve_data_gradient(UNIT, G, W, (5, 5)), r"gradients: expected shape \(1, 3, 3, 3\)"),
        (ValueError, lambda: assay.convolve_filter_gradient(UNIT, X, G, (2, 2)), r"gradients: expected shape \(1, 3, 3, 3\)"),
        (ValueError, lambda: assay.convolve("mul-fp32-fp32-fp32", X, W), "expected a mac or dot unit"),
        (TypeError, lambda: assay.convolve(UNIT, X.astype(float), W), "images: expected codes as integers"),
    ],
)
def test_errors(error, call, part):
    with pytest.raises(error, match=part):
        call()
