"""Matrix products as arithmetic units compute them."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._arguments import Array, code_dtype, codes_below, integer, output, same_memory, thread_count
from ._arrays import round as round_to

_GREATEST = 2**64 - 1
_NO_SCALES = np.empty(0, np.float32)


def _multiplying(unit: str | os.PathLike[str]) -> _core.Unit:
    loaded = _core.load_unit(os.fspath(unit))
    if not loaded.accumulates:
        raise ValueError(f"unit {loaded.name}: expected a mac, dot or block_dot unit")
    return loaded


def accumulating(unit: str | os.PathLike[str]) -> _core.Unit:
    loaded = _core.load_unit(os.fspath(unit))
    if not loaded.accumulates or loaded.block_length:
        raise ValueError(f"unit {loaded.name}: expected a mac or dot unit")
    return loaded


def options(threads: int, seed: int, stream: int, random_bits: int) -> _core.GemmOptions:
    return _core.GemmOptions(
        thread_count(threads),
        integer("seed", seed, 0, _GREATEST),
        integer("stream", stream, 0, _GREATEST),
        integer("random_bits", random_bits, 0, 32),
    )


def _values(what: str, values: Array, format: _core.Format) -> Array:
    """float32 numbers that are numbers of the format, without the signs of zeros that it has not."""
    if format.name == "fp32":
        return values
    if format.width > 32:
        raise ValueError(f"{what}: expected codes, for float32 does not hold every number of {format.name}")
    rounded: Array = round_to(values, format)
    with np.errstate(invalid="ignore"):
        wrong = ~((rounded == values) | (np.isnan(rounded) & np.isnan(values)))
    if wrong.any():
        raise ValueError(
            f"{what}: expected numbers of {format.name}, found {values[wrong][0]}; assay.round makes them such"
        )
    return rounded


def operand(what: str, values: Any, format: _core.Format) -> Array:
    """Codes, or float32 numbers, of a format, as an array of that dtype with any strides."""
    array = np.asarray(values)
    if array.dtype == np.float32:
        array = _values(what, array, format)
    else:
        if array.dtype.kind not in "iu" and array.size:
            raise TypeError(f"{what}: expected codes as integers, or float32 numbers, found dtype {array.dtype}")
        array = codes_below(what, array, format.width, format.name)
        least = code_dtype(format.width)
        array = array.astype(least) if array.dtype.itemsize < least.itemsize else array
        array = array.view(f"u{array.dtype.itemsize}")
    if not array.flags.aligned or any(stride % array.itemsize for stride in array.strides):
        array = array.copy()
    return array


def result(
    out: Array | None, dtype: npt.DTypeLike | None, shape: tuple[int, ...], format: _core.Format, *inputs: Array
) -> Array:
    """`out` after checks, or a new array, of codes or float32."""
    if dtype is None and out is not None and getattr(out, "dtype", None) == np.float32:
        dtype = np.float32
    if dtype is None:
        return output(out, shape, code_dtype(format.width), *inputs)
    if np.dtype(dtype) != np.float32:
        raise TypeError(f"dtype: expected None, for codes, or float32, found {np.dtype(dtype)}")
    if format.width > 32:
        raise ValueError(f"dtype: expected None, for float32 does not hold every number of {format.name}")
    return output(out, shape, np.float32, *inputs)


def _scales(what: str, scales: npt.ArrayLike | None, count: int) -> Array:
    if scales is None:
        return _NO_SCALES
    array = np.ascontiguousarray(scales, np.float32)
    if array.shape != (count,):
        raise ValueError(f"{what}: expected shape ({count},), found {array.shape}")
    return array


def _block_scales(
    what: str, scales: npt.ArrayLike | None, unit: _core.Unit, axes: str, shape: tuple[int, int], matrix: Array, count: int
) -> Array | None:
    """Scales of the blocks of a block_dot, shape (count, *shape)."""
    if not unit.block_length:
        if scales is not None:
            raise ValueError(f"{what}: unit {unit.name} has no scales, expected a block_dot unit")
        return None
    if scales is None:
        raise ValueError(f"{what}: expected the scales of {unit.name}, shape {shape}")
    array = operand(what, scales, unit.c)
    expected = (*matrix.shape[:-2], *shape)
    if array.shape != expected:
        raise ValueError(f"{what}: expected shape ({axes}) = {expected}, found {array.shape}")
    return np.broadcast_to(array, (count, *shape))


def gemm(
    unit: str | os.PathLike[str],
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    c: npt.ArrayLike | None = None,
    *,
    a_scales: npt.ArrayLike | None = None,
    b_scales: npt.ArrayLike | None = None,
    scale: float | None = None,
    row_scales: npt.ArrayLike | None = None,
    column_scales: npt.ArrayLike | None = None,
    random_bits: int = 16,
    seed: int = 0,
    stream: int = 0,
    threads: int = 1,
    dtype: npt.DTypeLike | None = None,
    out: npt.NDArray[Any] | None = None,
) -> npt.NDArray[Any]:
    """The matrix product ``c + a @ b`` as a unit computes it, one product, or group of products, after the other.

    Parameters
    ----------
    unit : str or os.PathLike
        A mac, dot or block_dot unit: a canonical name such as ``mac-e4m3-e4m3-fp32``, or the path of a TOML file.
    a : array_like
        Shape (M, K), or (batch, M, K). Codes of the unit's first format as integers of any dtype, or numbers of that
        format as float32.
    b : array_like
        Shape (K, N), or (batch, K, N), of the unit's second format. If only one of `a` and `b` has a batch, the other
        is the same for all.
    c : array_like, optional
        Initial accumulators of the unit's result format that broadcast to the shape of the result; without them +0.
    a_scales, b_scales : array_like, optional
        For a block_dot, and only for it: the scales of blocks of B products, shapes (M, ceil(K / B)) and
        (ceil(K / B), N), with a batch where `a` and `b` have one, of the unit's scale format. They are the ``scales`` of
        ``quantize_blocks(..., axis=-1)`` and ``axis=-2``.
    scale : float, optional
    row_scales, column_scales : array_like, optional
        Factors of float32 results: of all, of each row, shape (M,), of each column, shape (N,), multiplied in this
        order with a rounding of float32 each.
    random_bits, seed, stream : int
        For units that round stochastically. Rounding r of output (m, n) of item i (of a mac, r = k) takes the random
        bits of element ``((r * batch + i) * M + m) * N + n``, as those of `encode`.
    threads : int
        How many threads share the work. The result does not depend on it.
    dtype : optional
        float32 for the values of the results, to nearest even where float32 has no such number; else codes.
    out : numpy.ndarray, optional
        Where to write the result: an array of its shape and dtype, with any strides, that shares no memory with
        another argument. It may be `c` itself.

    Returns
    -------
    numpy.ndarray
        Shape (M, N), or (batch, M, N): codes of the unit's result format in the narrowest unsigned dtype for it, or
        float32. It is `out` if that is given.

    Raises
    ------
    ValueError
        If the unit is unknown or does not accumulate, shapes do not fit each other, a code or number is none of its
        format, or an argument is out of range.
    TypeError
        If operands are neither integers nor float32, or `out` has another dtype.

    Notes
    -----
    The bits are those of `evaluate` applied in ascending k. Views (transposes, slices, broadcasts) of codes, and of
    float32 under units of fp32, are read where they are; other float32 arrays are checked in a copy. `gemm_kernel` tells
    how fast it goes.

    Examples
    --------
    >>> a = assay.encode([[1.0, 2.0], [3.0, 4.0]], "e4m3")
    >>> assay.gemm("mac-e4m3-e4m3-fp32", a, a.T, dtype=np.float32)
    array([[ 5., 11.],
           [11., 25.]], dtype=float32)
    >>> x = assay.quantize_blocks(np.ones((2, 64)), "mxfp8_e4m3")
    >>> y = assay.quantize_blocks(np.ones((64, 2)), "mxfp8_e4m3", axis=-2)
    >>> assay.gemm("block_dot32-e4m3-e4m3-e8m0-fp32", x.codes, y.codes, a_scales=x.scales, b_scales=y.scales,
    ...            dtype=np.float32)
    array([[64., 64.],
           [64., 64.]], dtype=float32)
    """
    loaded = _multiplying(unit)
    left, right = operand("a", a, loaded.a), operand("b", b, loaded.b)
    for name, array, axes in (("a", left, "M, K"), ("b", right, "K, N")):
        if array.ndim not in (2, 3):
            raise ValueError(f"{name}: expected shape ({axes}) or (batch, {axes}), found {array.shape}")
    if left.shape[-1] != right.shape[-2]:
        raise ValueError(f"b: expected {left.shape[-1]} rows, as many as a has columns, found {right.shape[-2]}")
    batches = left.shape[:-2] or right.shape[:-2]
    if right.shape[:-2] not in ((), batches):
        raise ValueError(f"b: expected a batch of {batches[0]}, as a has, found {right.shape[0]}")
    shape = (*batches, left.shape[-2], right.shape[-1])
    count = batches[0] if batches else 1

    start = None if c is None else operand("c", c, loaded.result)
    if start is not None:
        try:
            start = np.broadcast_to(start, shape)
        except ValueError:
            raise ValueError(f"c: expected a shape that broadcasts to {shape}, found {start.shape}") from None
    blocks = -(-left.shape[-1] // loaded.block_length) if loaded.block_length else 0
    of_a = _block_scales("a_scales", a_scales, loaded, "M, ceil(K / B)", (left.shape[-2], blocks), left, count)
    of_b = _block_scales("b_scales", b_scales, loaded, "ceil(K / B), N", (blocks, right.shape[-1]), right, count)
    inputs = [array for array in (left, right, of_a, of_b) if array is not None]
    if start is not None and not (isinstance(out, np.ndarray) and same_memory(out, start)):
        inputs.append(start)
    to = result(out, dtype, shape, loaded.result, *inputs)
    scaled = scale is not None or row_scales is not None or column_scales is not None
    if scaled and to.dtype != np.float32:
        raise ValueError("scales: expected dtype=np.float32 beside them")
    work = to
    if not to.flags.aligned or any(stride % to.itemsize for stride in to.strides):
        work = np.empty(to.shape, to.dtype)
    _core.gemm(
        loaded,
        np.broadcast_to(left, (count, *left.shape[-2:])),
        np.broadcast_to(right, (count, *right.shape[-2:])),
        None if start is None else start.reshape((count, *shape[-2:])),
        work.reshape((count, *shape[-2:])),
        of_a,
        of_b,
        None if scale is None else float(scale),
        _scales("row_scales", row_scales, shape[-2]),
        _scales("column_scales", column_scales, shape[-1]),
        options(threads, seed, stream, random_bits),
    )
    if work is not to:
        to[...] = work
    return to


def gemm_kernel(unit: str | os.PathLike[str], k: int = 1, *, random_bits: int = 16) -> str:
    """Which kernel `gemm` has for a unit on this processor.

    Parameters
    ----------
    unit : str or os.PathLike
        As for `gemm`.
    k : int
        How many products an output has.
    random_bits : int
        As for `gemm`.

    Returns
    -------
    str
        From fast to slow: ``fma``, ``bytes``, ``pairs``, ``piecewise_affine``, ``rounding``, ``window`` (all SIMD),
        ``rows`` (in float64), ``golden`` (one output at a time). All give the same bits.

    Examples
    --------
    >>> assay.gemm_kernel("mac-e4m3-e4m3-fp32")
    'fma'
    """
    return _core.gemm_kernel(_multiplying(unit), integer("k", k, 0, 2**40), options(1, 0, 0, random_bits))
