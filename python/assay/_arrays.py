"""Numbers to codes and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._arguments import (
    Array,
    FormatLike,
    code_dtype,
    codes_below,
    contiguous,
    finish,
    float_dtype,
    format_codes,
    format_of,
    integer,
    output,
    real_array,
    same_memory,
    thread_count,
    workspace,
)
from ._random import RandomBits, conversion_of, element_random

Codes = npt.NDArray[np.unsignedinteger[Any]]
Floats = npt.NDArray[np.floating[Any]]


def encode(
    values: npt.ArrayLike,
    format: FormatLike,
    rounding: str = "rne",
    saturation: str = "sat_none",
    *,
    conversion: str | None = None,
    random_bits: RandomBits = 16,
    seed: int = 0,
    stream: int = 0,
    first_index: int = 0,
    threads: int = 1,
    out: Codes | None = None,
) -> Codes:
    """The codes of numbers, each rounded once from its exact value.

    Parameters
    ----------
    values : array_like
        Real numbers of any shape: floats of up to 64 bits, the dtypes of ml_dtypes, integers up to 2**53.
        Contiguous float32 and float64 arrays are read where they are, others converted first, without loss.
    format : Format or str
        The format of the codes.
    rounding : str
        rne (to nearest, ties to even), rna rntz rnup rndn rnodd (other ties), rtz rup rdn odd (directed), or
        sr_a sr_b sr_c (stochastic, IEEE P3109); see formats/rounding.h.
    saturation : str
        What becomes of numbers out of range: sat_none sat_finite sat_propagate sat_none_v40 sat_zero
        sat_symmetric wrap; see formats/rounding.h.
    conversion : str, optional
        Rounding, saturation and the treatment of NaN in one name of `conversions`, instead of both.
    random_bits : int or (int, array_like)
        For the stochastic roundings: how many random bits an element takes, 0..32, drawn from `seed`; or a pair of
        that number and your own words, integers below 2**bits that broadcast to the shape of `values`.
    seed, stream : int
        Which random bits, both 0..2**64 - 1. Element i (in C order) takes those of index ``first_index + i``.
    first_index : int
        The place of `values` in a larger array that is converted piece by piece.
    threads : int
        How many threads share the work. The result does not depend on it.
    out : numpy.ndarray, optional
        Where to write the codes: an array of the shape of `values` and the dtype of the result, in any memory
        layout, that shares no memory with `values`.

    Returns
    -------
    numpy.ndarray
        The codes, of the shape of `values`: uint8, uint16, uint32 or uint64, the narrowest for the format. It is
        `out` if that is given.

    Raises
    ------
    ValueError
        If a name is unknown, the saturation does not fit the format, random bits are out of range, an integer is
        beyond 2**53, or `out` has another shape, cannot be written or shares memory with `values`.
    TypeError
        If `values` are not real numbers in native byte order, or `out` has another dtype.

    Notes
    -----
    float32 and float64 arrays go to formats of up to 16 bits through SIMD kernels, to others and with words of your
    own element by element, with the same result.

    Examples
    --------
    >>> assay.encode([1.0, 1e6], "e5m2", saturation="sat_finite")
    array([ 60, 123], dtype=uint8)
    """
    format = format_of(format)
    how = conversion_of(rounding, saturation, conversion)
    array = real_array("values", values)
    out = output(out, array.shape, code_dtype(format.width), array)
    random = element_random(random_bits, seed, stream, first_index, array.shape)
    work = workspace(out)
    _core.encode(format, contiguous(array, float_dtype(array)), work, how, random, thread_count(threads))
    return finish(out, work)


def decode(
    codes: npt.ArrayLike,
    format: FormatLike,
    dtype: npt.DTypeLike | None = None,
    *,
    threads: int = 1,
    out: Floats | None = None,
) -> Floats:
    """The values of codes.

    Parameters
    ----------
    codes : array_like
        Integers of any shape. Contiguous arrays of the format's own code dtype are read where they are.
    format : Format or str
        The format of the codes.
    dtype : dtype, optional
        float32 or float64; without it, that of `out`, or float64. Values it cannot hold (float64: those of formats
        with an unusual exponent bias or more than 53 significant bits only) are rounded to nearest.
    threads : int
        How many threads share the work.
    out : numpy.ndarray, optional
        Where to write the values: an array of the shape of `codes` and of dtype float32 or float64 that shares no
        memory with them.

    Returns
    -------
    numpy.ndarray
        The values, of the shape of `codes`. It is `out` if that is given.

    Raises
    ------
    ValueError
        If a code has more bits than the format, or `out` does not fit as in `encode`.
    TypeError
        If `codes` are not integers in native byte order, or a dtype is none of the two.

    Examples
    --------
    >>> assay.decode([0x7E, 0x01], "e4m3")
    array([4.480000e+02, 1.953125e-03])
    """
    format = format_of(format)
    array = format_codes("codes", codes, format)
    if dtype is None:
        dtype = out.dtype if isinstance(out, np.ndarray) else np.float64
    if np.dtype(dtype) not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise TypeError(f"dtype: expected float32 or float64, found {np.dtype(dtype).str}")
    out = output(out, array.shape, dtype, array, *([codes] if isinstance(codes, np.ndarray) else []))
    work = workspace(out)
    _core.decode(format, array, work, thread_count(threads))
    return finish(out, work)


def round(
    values: npt.ArrayLike,
    format: FormatLike,
    rounding: str = "rne",
    saturation: str = "sat_none",
    *,
    conversion: str | None = None,
    random_bits: RandomBits = 16,
    seed: int = 0,
    stream: int = 0,
    first_index: int = 0,
    threads: int = 1,
    out: Floats | None = None,
) -> Floats:
    """The nearest numbers of a format: ``decode(encode(values, ...))`` in one pass and in the dtype of `values`.

    Parameters
    ----------
    values : array_like
        Real numbers of any shape, as for `encode`.
    format, rounding, saturation, conversion, random_bits, seed, stream, first_index, threads
        As for `encode`.
    out : numpy.ndarray, optional
        Where to write the result: an array of the shape of `values` and the dtype of the result. ``out=values``
        rounds in place; a contiguous float32 or float64 array is then not copied at all. Other overlap is an error.

    Returns
    -------
    numpy.ndarray
        Numbers of the dtype of `values`, if that is one of floats, otherwise float64. Those of the format that this
        dtype cannot hold are rounded to nearest.

    Raises
    ------
    TypeError, ValueError
        As `encode`.

    Examples
    --------
    >>> x = np.array([1.1, 2.3, -700], np.float32)
    >>> assay.round(x, "e4m3", saturation="sat_finite", out=x)
    array([   1.125,    2.25 , -448.   ], dtype=float32)
    """
    format = format_of(format)
    how = conversion_of(rounding, saturation, conversion)
    array = real_array("values", values)
    dtype = np.dtype(np.float64) if array.dtype.kind in "biu" else array.dtype
    in_place = isinstance(out, np.ndarray) and same_memory(out, array)
    out = output(out, array.shape, dtype, *([] if in_place else [array]))
    random = element_random(random_bits, seed, stream, first_index, array.shape)
    work_dtype = float_dtype(array)
    work = out if out.dtype == work_dtype and out.flags.carray else np.empty(out.shape, work_dtype)
    if not (in_place and work is out):
        with np.errstate(invalid="ignore"):
            np.copyto(work, array)
    _core.round_in_place(format, work, how, random, thread_count(threads))
    return finish(out, work)


def _width_of(format: FormatLike | int) -> tuple[int, str]:
    if isinstance(format, int):
        return integer("format", format, 1, 8), f"{format}-bit codes"
    format = format_of(format)
    if format.width > 8:
        raise ValueError(f"format: expected one of at most 8 bits, found {format.name} of {format.width}")
    return format.width, format.name


def pack(
    codes: npt.ArrayLike, format: FormatLike | int, *, threads: int = 1, out: npt.NDArray[np.uint8] | None = None
) -> npt.NDArray[np.uint8]:
    """Codes stored densely, one after another without padding.

    Parameters
    ----------
    codes : array_like
        Integers of any shape, taken in C order.
    format : Format, str or int
        Their format, of at most 8 bits, or just that number of bits.
    threads : int
        How many threads share the work.
    out : numpy.ndarray, optional
        Where to write the bytes.

    Returns
    -------
    numpy.ndarray
        One axis of ``ceil(size * width / 8)`` bytes, uint8. The string of bits starts at the least significant bit
        of the first byte: of two 4-bit codes the first is the low nibble, four 6-bit codes fill three bytes. Bits
        after the last code are zero.

    Raises
    ------
    ValueError
        If a code has more bits than the format, the format has more than 8, or `out` does not fit as in `encode`.
    TypeError
        If `codes` are not integers in native byte order, or `out` has another dtype.

    Examples
    --------
    >>> [hex(byte) for byte in assay.pack([0x1, 0x2, 0x3], "e2m1")]
    ['0x21', '0x3']
    """
    width, owner = _width_of(format)
    array = contiguous(codes_below("codes", codes, width, owner), np.uint8)
    out = output(out, (_core.packed_size(array.size, width),), np.uint8, array)
    work = workspace(out)
    _core.pack(array, width, work, thread_count(threads))
    return finish(out, work)


def unpack(
    packed: npt.ArrayLike,
    format: FormatLike | int,
    shape: int | tuple[int, ...],
    *,
    threads: int = 1,
    out: npt.NDArray[np.uint8] | None = None,
) -> npt.NDArray[np.uint8]:
    """The codes that `pack` has stored.

    Parameters
    ----------
    packed : array_like
        Bytes.
    format : Format, str or int
        The format of the codes, or their number of bits, at most 8.
    shape : int or tuple of int
        The shape of the result.
    threads : int
        How many threads share the work.
    out : numpy.ndarray, optional
        Where to write the codes.

    Returns
    -------
    numpy.ndarray
        Codes of dtype uint8 in that shape.

    Raises
    ------
    ValueError
        If the number of bytes is not that of a packed array of this shape, or as in `pack`.
    TypeError
        If `packed` are not integers in native byte order, or `out` has another dtype.

    Examples
    --------
    >>> assay.unpack(np.array([0x21, 0x3], np.uint8), "e2m1", 3)
    array([1, 2, 3], dtype=uint8)
    """
    width, _ = _width_of(format)
    array = contiguous(codes_below("packed", packed, 8, "a byte"), np.uint8)
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    sizes = tuple(integer("shape", size, 0, 2**60) for size in sizes)
    count = 1
    for size in sizes:
        count *= size
    expected = _core.packed_size(count, width)
    if array.size != expected:
        raise ValueError(f"packed: expected {expected} bytes for {count} codes of {width} bits, found {array.size}")
    out = output(out, sizes, np.uint8, array)
    work = workspace(out)
    _core.unpack(array, width, work, thread_count(threads))
    return finish(out, work)
