"""Numbers that share scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from . import _core
from ._arguments import (
    Array,
    contiguous,
    finish,
    integer,
    output,
    real_array,
    same_memory,
    thread_count,
)
from ._core import BlockFormat
from ._random import conversion_of, element_random

BlockFormatLike = Union[BlockFormat, str]
Axis = Union[int, str]
Floats = npt.NDArray[np.floating[Any]]


def _block_format(format: BlockFormatLike) -> BlockFormat:
    if isinstance(format, BlockFormat):
        return format
    if isinstance(format, str):
        return BlockFormat(format)
    raise TypeError(f"block_format: expected an assay.BlockFormat or the name of one, found {type(format).__name__}")


def _axis_of(axis: Axis, axes: int) -> Axis:
    """`axis` counted from the first, or "tile", for an array of that many axes."""
    if isinstance(axis, str):
        if axis != "tile":
            raise ValueError(f"axis: expected an integer or 'tile', found {axis!r}")
        if axes < 2:
            raise ValueError(f"axis 'tile': expected an array of at least 2 axes, found {axes}")
        return axis
    if axes == 0:
        raise ValueError("values: expected an array of at least 1 axis, found a single number")
    return integer("axis", axis, -axes, axes - 1) % axes


def _core_axis(axis: Axis) -> int | None:
    return None if isinstance(axis, str) else axis


@dataclass(frozen=True, eq=False)
class BlockArray:
    """An array in a block format: what `quantize_blocks` makes of numbers.

    Attributes
    ----------
    format : BlockFormat
        Formats of elements and scales, and how scales are found.
    shape : tuple of int
        The shape of the array of numbers.
    axis : int or str
        The axis along which blocks lie, at least 0, or ``"tile"``.
    codes : numpy.ndarray
        Codes of the element format, of shape `shape` (uint8 or uint16).
    scales : numpy.ndarray
        Codes of the scale format, one a block: `shape` with the length of `axis` replaced by the number of blocks
        along it. Tiles: the lengths of the last two axes replaced by the numbers of tiles.
    sub_exponents : numpy.ndarray or None
        How far the exponents of sub-blocks lie below that of their block (uint8), of the shape of `scales` and one
        more axis of sub-blocks. None without sub-blocks.
    zero_points : numpy.ndarray or None
        One a block (int32), with the scale policy zero_point.
    minimums : numpy.ndarray or None
        One a block (float32), with the scale policy minimum.
    tensor_scale : float
        The scale of the whole array; 1 without one.
    """

    format: BlockFormat
    shape: tuple[int, ...]
    axis: Axis
    codes: npt.NDArray[np.unsignedinteger[Any]]
    scales: npt.NDArray[np.unsignedinteger[Any]]
    sub_exponents: npt.NDArray[np.uint8] | None = None
    zero_points: npt.NDArray[np.int32] | None = None
    minimums: npt.NDArray[np.float32] | None = None
    tensor_scale: float = 1.0

    def dequantize(self, dtype: npt.DTypeLike = np.float64) -> Floats:
        """The values of all elements.

        Parameters
        ----------
        dtype : dtype
            float32 or float64. Values are exact in float64 (with the scale policy minimum: rounded once) and then
            rounded to nearest in float32.

        Returns
        -------
        numpy.ndarray
            An array of shape `shape`.

        Raises
        ------
        ValueError
            If the parts do not fit together: sizes, or codes with more bits than their format.
        TypeError
            If `dtype` is another.
        """
        if np.dtype(dtype) not in (np.dtype(np.float32), np.dtype(np.float64)):
            raise TypeError(f"dtype: expected float32 or float64, found {np.dtype(dtype).str}")

        def entries(array: Array | None, entry_dtype: npt.DTypeLike) -> Array:
            return np.empty(0, entry_dtype) if array is None else contiguous(array, entry_dtype)

        values = _core.dequantize_blocks(
            self.format,
            self.shape,
            _core_axis(_axis_of(self.axis, len(self.shape))),
            entries(self.codes, np.uint32),
            entries(self.scales, np.uint32),
            entries(self.sub_exponents, np.uint8),
            entries(self.zero_points, np.int32),
            entries(self.minimums, np.float32),
            self.tensor_scale,
        )
        with np.errstate(over="ignore", under="ignore"):
            return values.reshape(self.shape).astype(dtype, copy=False)

    @property
    def storage_bits(self) -> int:
        """Bits in memory: elements, scales, exponents of sub-blocks, zero points, minimums, the scale of the array."""
        return _core.storage_bits(self.format, self.shape, _core_axis(_axis_of(self.axis, len(self.shape))))


def quantize_blocks(
    values: npt.ArrayLike,
    block_format: BlockFormatLike,
    axis: Axis = -1,
    rounding: str = "rne",
    saturation: str = "sat_finite",
    *,
    random_bits: int = 16,
    seed: int = 0,
    stream: int = 0,
    threads: int = 1,
) -> BlockArray:
    """Numbers in a block format.

    Parameters
    ----------
    values : array_like
        Numbers that float32 holds exactly, of any shape with at least one axis. Contiguous float32 arrays are read
        where they are.
    block_format : BlockFormat or str
        The block format.
    axis : int or "tile"
        The axis along which ``block_size`` neighbours form a block; the last block of a line may be shorter.
        ``"tile"``: squares in the last two axes.
    rounding, saturation : str
        As for `encode`, of elements; scales are rounded as their policy says. ``wrap`` is not possible.
    random_bits : int
        For the stochastic roundings: how many random bits an element takes, 0..32.
    seed, stream : int
        Which random bits. Elements take them in the C order of `values`, as in `encode`.
    threads : int
        How many threads share the work. The result does not depend on it.

    Returns
    -------
    BlockArray
        Codes and scales.

    Raises
    ------
    ValueError
        If a name is unknown, `axis` or `random_bits` out of range, float32 does not hold a number, or the format
        has sub-blocks and `axis` is ``"tile"``.
    TypeError
        If `values` are not real numbers in native byte order.

    Notes
    -----
    Each number is divided by its scale exactly (unless the policy prescribes float32 operations) and rounded once.
    Sources of the formats: `BlockFormat`.

    Examples
    --------
    >>> blocks = assay.quantize_blocks(np.arange(64.0), "mxfp4")
    >>> blocks.scales, blocks.storage_bits / 64
    (array([129, 130], dtype=uint8), 4.25)
    """
    block_format = _block_format(block_format)
    how = conversion_of(rounding, saturation)
    random = _block_random(random_bits, seed, stream)
    array = real_array("values", values)
    axis = _axis_of(axis, array.ndim)
    codes, scales, sub_exponents, zero_points, minimums, tensor_scale = _core.quantize_blocks(
        block_format, contiguous(_as_float32(array), np.float32), _core_axis(axis), how, random, thread_count(threads)
    )
    blocks = tuple(_core.block_extents(block_format, array.shape, _core_axis(axis)))
    policy, sub_block_size = block_format.scale_policy, block_format.sub_block_size
    return BlockArray(
        block_format,
        array.shape,
        axis,
        codes.reshape(array.shape),
        scales.reshape(blocks),
        sub_exponents.reshape((*blocks, block_format.block_size // sub_block_size)) if sub_block_size else None,
        zero_points.reshape(blocks) if policy == "zero_point" else None,
        minimums.reshape(blocks) if policy == "minimum" else None,
        tensor_scale,
    )


def _block_random(random_bits: int, seed: int, stream: int) -> _core.ElementRandom:
    if isinstance(random_bits, tuple):
        raise TypeError("random_bits: expected a number of bits; block formats take no words of your own")
    return element_random(random_bits, seed, stream, 0, ())


def _as_float32(array: Array) -> Array:
    if np.can_cast(array.dtype, np.float32):
        return array
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        narrow = array.astype(np.float32)
        if not np.array_equal(narrow.astype(np.float64), array.astype(np.float64), equal_nan=True):
            raise ValueError(
                "values: expected numbers that float32 holds exactly; round them with .astype(numpy.float32)"
            )
    return narrow


def round_blocks(
    values: npt.ArrayLike,
    block_format: BlockFormatLike,
    axis: Axis = -1,
    rounding: str = "rne",
    saturation: str = "sat_finite",
    *,
    random_bits: int = 16,
    seed: int = 0,
    stream: int = 0,
    threads: int = 1,
    out: Floats | None = None,
) -> Floats:
    """The nearest numbers of a block format: ``quantize_blocks(values, ...).dequantize()`` in the dtype of `values`.

    Parameters
    ----------
    values, block_format, axis, rounding, saturation, random_bits, seed, stream, threads
        As for `quantize_blocks`.
    out : numpy.ndarray, optional
        Where to write the result: an array of the shape of `values` and the dtype of the result. ``out=values``
        rounds in place; a contiguous float32 array is then not copied. Other overlap is an error.

    Returns
    -------
    numpy.ndarray
        Numbers of the dtype of `values`, if that is one of floats, otherwise float64, rounded to nearest where it
        cannot hold them.

    Raises
    ------
    TypeError, ValueError
        As `quantize_blocks`.

    Examples
    --------
    >>> assay.round_blocks(np.array([0.1, 1, 7, 100], np.float32), "mxfp4")
    array([ 0.,  0.,  8., 96.], dtype=float32)
    """
    array = real_array("values", values)
    dtype = np.dtype(np.float64) if array.dtype.kind in "biu" else array.dtype
    in_place = isinstance(out, np.ndarray) and same_memory(out, array)
    out = output(out, array.shape, dtype, *([] if in_place else [array]))
    if dtype == np.float64:
        blocks = quantize_blocks(
            array, block_format, axis, rounding, saturation,
            random_bits=random_bits, seed=seed, stream=stream, threads=threads,
        )  # fmt: skip
        return finish(out, blocks.dequantize())
    block_format = _block_format(block_format)
    how, random = conversion_of(rounding, saturation), _block_random(random_bits, seed, stream)
    core_axis = _core_axis(_axis_of(axis, array.ndim))
    work = out if dtype == np.float32 and out.flags.carray else np.empty(out.shape, np.float32)
    if not (in_place and work is out):
        np.copyto(work, array)
    _core.round_blocks_in_place(block_format, work, core_axis, how, random, thread_count(threads))
    return finish(out, work)
