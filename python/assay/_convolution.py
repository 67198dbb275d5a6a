"""Convolutions, and their gradients, as arithmetic units compute them."""

from __future__ import annotations

import os
from typing import Any, Tuple, Union

import numpy as np
import numpy.typing as npt

from . import _core
from ._arguments import Array, contiguous, finish, integer, workspace
from ._gemm import accumulating, operand, options, result

Pair = Union[int, Tuple[int, int]]

_LARGEST = 2**31 - 1


def _pair(what: str, value: Any, least: int) -> tuple[int, int]:
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2:
        raise ValueError(f"{what}: expected a number or a pair, found {len(pair)} numbers")
    return integer(what, pair[0], least, _LARGEST), integer(what, pair[1], least, _LARGEST)


def _planes(what: str, values: npt.ArrayLike, format: _core.Format, axes: str) -> Array:
    array = operand(what, values, format)
    if array.ndim != 4:
        raise ValueError(f"{what}: expected shape ({axes}), found {array.shape}")
    return contiguous(array, array.dtype)


def _shape(
    images: tuple[int, ...],
    filters: tuple[int, ...],
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> _core.ConvolutionShape:
    shape = _core.ConvolutionShape()
    shape.images, shape.channels, shape.height, shape.width = images
    shape.output_channels, shape.filter_height, shape.filter_width = filters[0], *filters[2:]
    shape.stride_y, shape.stride_x = _pair("stride", stride, 1)
    shape.padding_y, shape.padding_x = _pair("padding", padding, 0)
    shape.dilation_y, shape.dilation_x = _pair("dilation", dilation, 1)
    shape.groups = integer("groups", groups, 1, _LARGEST)
    if filters[1] * shape.groups != shape.channels:
        raise ValueError(
            f"filters: expected {shape.channels} input channels / {shape.groups} groups, found {filters[1]}"
        )
    shape.check()
    return shape


def _results(shape: _core.ConvolutionShape) -> tuple[int, ...]:
    return shape.images, shape.output_channels, shape.output_height, shape.output_width


def _expect_gradients(gradients: Array, shape: _core.ConvolutionShape) -> None:
    if gradients.shape != _results(shape):
        raise ValueError(f"gradients: expected shape {_results(shape)}, found {gradients.shape}")


def convolve(
    unit: str | os.PathLike[str],
    images: npt.ArrayLike,
    filters: npt.ArrayLike,
    bias: npt.ArrayLike | None = None,
    *,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
    random_bits: int = 16,
    seed: int = 0,
    stream: int = 0,
    threads: int = 1,
    dtype: npt.DTypeLike | None = None,
    out: npt.NDArray[Any] | None = None,
) -> npt.NDArray[Any]:
    """The two-dimensional convolution of images with filters (as neural networks mean it) as a unit computes it.

    Parameters
    ----------
    unit : str or os.PathLike
        A mac or dot unit, as for `gemm`.
    images : array_like
        Shape (images, channels, height, width), operands a of the unit: codes or float32 as for `gemm`.
    filters : array_like
        Shape (output channels, channels / groups, filter height, filter width), operands b.
    bias : array_like, optional
        Initial accumulators of the unit's result format, shape (output channels,); without them +0.
    stride, padding, dilation : int or (int, int)
        Of both directions, or vertical and horizontal.
    groups : int
        Of channels that are convolved apart.
    random_bits, seed, stream, threads, dtype
        As for `gemm`; arith/convolution.h says which element takes which random bits.
    out : numpy.ndarray, optional
        Where to write the result, an array of its shape and dtype that shares no memory with another argument.

    Returns
    -------
    numpy.ndarray
        Shape (images, output channels, output height, output width), codes or float32 as for `gemm`. A result is the
        sum over (channel, filter row, filter column) in this order; in the padding operands are +0.

    Raises
    ------
    ValueError, TypeError
        As for `gemm`.

    Notes
    -----
    Arrays in C order are read where they are. No matrix of patches is made but, for slow kernels, of one image at
    a time.

    Examples
    --------
    >>> x = assay.encode(np.arange(9.0).reshape(1, 1, 3, 3), "e4m3")
    >>> w = assay.encode(np.ones((1, 1, 2, 2)), "e4m3")
    >>> assay.convolve("mac-e4m3-e4m3-fp32", x, w, dtype=np.float32)
    array([[[[ 8., 12.],
             [20., 24.]]]], dtype=float32)
    """
    loaded = accumulating(unit)
    x = _planes("images", images, loaded.a, "images, channels, height, width")
    w = _planes("filters", filters, loaded.b, "output channels, channels / groups, height, width")
    shape = _shape(x.shape, w.shape, stride, padding, dilation, groups)
    start = None if bias is None else operand("bias", bias, loaded.result)
    if start is not None and start.shape != w.shape[:1]:
        raise ValueError(f"bias: expected shape {w.shape[:1]}, found {start.shape}")
    inputs = (x, w) if start is None else (x, w, start)
    to = result(out, dtype, _results(shape), loaded.result, *inputs)
    work = workspace(to)
    _core.convolve(
        loaded,
        shape,
        x,
        w,
        None if start is None else contiguous(start, start.dtype),
        work,
        options(threads, seed, stream, random_bits),
    )
    return finish(to, work)


def convolve_data_gradient(
    unit: str | os.PathLike[str],
    gradients: npt.ArrayLike,
    filters: npt.ArrayLike,
    size: tuple[int, int],
    *,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
    random_bits: int = 16,
    seed: int = 0,
    stream: int = 0,
    threads: int = 1,
    dtype: npt.DTypeLike | None = None,
    out: npt.NDArray[Any] | None = None,
) -> npt.NDArray[Any]:
    """The gradient of `convolve` by its images, which is the transposed convolution.

    Parameters
    ----------
    unit : str or os.PathLike
        A mac or dot unit, as for `gemm`.
    gradients : array_like
        By the results: shape (images, output channels, output height, output width), operands a of the unit.
    filters : array_like
        As for `convolve`, operands b.
    size : (int, int)
        Height and width of the images.
    stride, padding, dilation, groups, random_bits, seed, stream, threads, dtype, out
        As for `convolve`.

    Returns
    -------
    numpy.ndarray
        Shape (images, channels, height, width), codes or float32 as for `gemm`. Each is the sum over (output channel,
        filter row, filter column) in this order, of those that the stride lets meet it.

    Raises
    ------
    ValueError, TypeError
        As for `gemm`.

    Examples
    --------
    >>> g = assay.encode(np.ones((1, 1, 2, 2)), "e5m2")
    >>> w = assay.encode([[[[1.0, 2.0], [3.0, 4.0]]]], "e4m3")
    >>> assay.convolve_data_gradient("mac-e5m2-e4m3-fp32", g, w, (3, 3), dtype=np.float32)
    array([[[[ 1.,  3.,  2.],
             [ 4., 10.,  6.],
             [ 3.,  7.,  4.]]]], dtype=float32)
    """
    loaded = accumulating(unit)
    g = _planes("gradients", gradients, loaded.a, "images, output channels, height, width")
    w = _planes("filters", filters, loaded.b, "output channels, channels / groups, height, width")
    channels = w.shape[1] * integer("groups", groups, 1, _LARGEST)
    images = (g.shape[0], channels, *_pair("size", size, 1))
    shape = _shape(images, w.shape, stride, padding, dilation, groups)
    _expect_gradients(g, shape)
    to = result(out, dtype, images, loaded.result, g, w)
    work = workspace(to)
    _core.convolve_data_gradient(loaded, shape, g, w, work, options(threads, seed, stream, random_bits))
    return finish(to, work)


def convolve_filter_gradient(
    unit: str | os.PathLike[str],
    images: npt.ArrayLike,
    gradients: npt.ArrayLike,
    size: tuple[int, int],
    *,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
    random_bits: int = 16,
    seed: int = 0,
    stream: int = 0,
    threads: int = 1,
    dtype: npt.DTypeLike | None = None,
    out: npt.NDArray[Any] | None = None,
) -> npt.NDArray[Any]:
    """The gradient of `convolve` by its filters.

    Parameters
    ----------
    unit : str or os.PathLike
        A mac or dot unit, as for `gemm`.
    images : array_like
        As for `convolve`, operands a of the unit.
    gradients : array_like
        By the results: shape (images, output channels, output height, output width), operands b.
    size : (int, int)
        Height and width of the filters.
    stride, padding, dilation, groups, random_bits, seed, stream, threads, dtype, out
        As for `convolve`.

    Returns
    -------
    numpy.ndarray
        Shape (output channels, channels / groups, filter height, filter width), codes or float32 as for `gemm`. Each is
        the sum over (image, row, column) of the results, in this order.

    Raises
    ------
    ValueError, TypeError
        As for `gemm`.

    Examples
    --------
    >>> x = assay.encode(np.arange(9.0).reshape(1, 1, 3, 3), "e4m3")
    >>> g = assay.encode(np.ones((1, 1, 2, 2)), "e5m2")
    >>> assay.convolve_filter_gradient("mac-e4m3-e5m2-fp32", x, g, (2, 2), dtype=np.float32)
    array([[[[ 8., 12.],
             [20., 24.]]]], dtype=float32)
    """
    loaded = accumulating(unit)
    x = _planes("images", images, loaded.a, "images, channels, height, width")
    g = _planes("gradients", gradients, loaded.b, "images, output channels, height, width")
    count = integer("groups", groups, 1, _LARGEST)
    filters = (g.shape[1], x.shape[1] // count, *_pair("size", size, 1))
    shape = _shape(x.shape, filters, stride, padding, dilation, count)
    _expect_gradients(g, shape)
    to = result(out, dtype, filters, loaded.result, x, g)
    work = workspace(to)
    _core.convolve_filter_gradient(loaded, shape, x, g, work, options(threads, seed, stream, random_bits))
    return finish(to, work)
