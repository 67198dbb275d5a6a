"""Arguments of the public functions as the compiled part wants them, and what is said of unusable ones.

Nothing is copied that is contiguous, aligned and of the right dtype.
"""

from __future__ import annotations

import operator
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from ._core import Format

FormatLike = Union[Format, str]
Array = npt.NDArray[Any]

_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def format_of(format: FormatLike) -> Format:
    if isinstance(format, Format):
        return format
    if isinstance(format, str):
        return Format(format)
    raise TypeError(f"format: expected an assay.Format or the name of one, found {type(format).__name__}")


def integer(what: str, value: Any, least: int, greatest: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{what}: expected an integer, found {type(value).__name__}") from None
    if not least <= number <= greatest:
        raise ValueError(f"{what}: expected {least}..{greatest}, found {number}")
    return number


def thread_count(threads: int) -> int:
    return integer("threads", threads, 1, 1024)


def _array(what: str, values: Any) -> Array:
    array = np.asarray(values)
    if not array.dtype.isnative:
        raise TypeError(
            f"{what}: expected native byte order, found dtype {array.dtype.str!r}; "
            "convert with .astype(dtype.newbyteorder('='))"
        )
    return array


def real_array(what: str, values: Any) -> Array:
    """`values` as an array whose dtype converts to float64 without loss, otherwise as it is."""
    array = _array(what, values)
    kind = array.dtype.kind
    if kind in "biuf" and array.dtype.itemsize > 8:
        raise TypeError(f"{what}: {array.dtype} does not convert to float64 exactly")
    if kind not in "biuf" and not (kind == "V" and np.can_cast(array.dtype, np.float32)):
        raise TypeError(f"{what}: expected real numbers, found dtype {array.dtype}")
    if kind in "iu" and array.dtype.itemsize == 8 and array.size:
        if int(array.max()) > 2**53 or int(array.min()) < -(2**53):
            raise ValueError(f"{what}: integers beyond 2**53 do not convert to float64 exactly")
    return array


def float_dtype(array: Array) -> np.dtype[Any]:
    """float32 if it holds every number of the dtype, float64 otherwise."""
    return _FLOATS[0] if np.can_cast(array.dtype, np.float32) else _FLOATS[1]


def contiguous(array: Array, dtype: npt.DTypeLike) -> Array:
    """The array itself if it is of that dtype and a C-contiguous piece of memory; else a copy that is."""
    with np.errstate(invalid="ignore"):  # raised by signalling NaNs
        return np.require(array, dtype=dtype, requirements=["C_CONTIGUOUS", "ALIGNED"])


def code_dtype(width: int) -> np.dtype[Any]:
    """The narrowest unsigned dtype that holds a code."""
    return next(np.dtype(f"u{size}") for size in (1, 2, 4, 8) if width <= 8 * size)


def codes_below(what: str, codes: Any, width: int, owner: str) -> Array:
    """Codes of `width` bits as an array of integers. `owner` is whose they are, for messages."""
    array = _array(what, codes)
    if array.size == 0 and array.dtype == np.float64:  # what numpy makes of []
        array = array.astype(np.uint8)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{what}: expected codes as integers, found dtype {array.dtype}")
    if array.size == 0:
        return array
    if array.dtype.kind == "i" and array.min() < 0:
        raise ValueError(f"{what}: expected codes of at least 0, found {array.min()}")
    if array.dtype.itemsize * 8 > width and int(array.max()) >> width:
        raise ValueError(f"{what}: {int(array.max()):#x} has more than the {width} bits of {owner}")
    return array


def format_codes(what: str, codes: Any, format: Format) -> Array:
    """Codes of a format, contiguous and of the format's code dtype."""
    array = codes_below(what, codes, format.width, format.name)
    dtype = code_dtype(format.width)
    if array.dtype.kind == "i" and array.dtype.itemsize == dtype.itemsize:
        array = array.view(dtype)
    return contiguous(array, dtype)


def same_memory(a: Array, b: Array) -> bool:
    """Whether the elements of two arrays lie at the same places in the same order."""
    here = (a.__array_interface__["data"][0], a.shape, a.strides, a.dtype)
    return bool(here == (b.__array_interface__["data"][0], b.shape, b.strides, b.dtype))


def output(out: Array | None, shape: tuple[int, ...], dtype: npt.DTypeLike, *inputs: Array) -> Array:
    """`out` after checks, or a new array. It shares no memory with any of the inputs."""
    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out: expected a numpy array, found {type(out).__name__}")
    if out.dtype != np.dtype(dtype):
        found = out.dtype if out.dtype.isnative else out.dtype.str
        raise TypeError(f"out: expected dtype {np.dtype(dtype)}, found {found}")
    if out.shape != shape:
        raise ValueError(f"out: expected shape {shape}, found {out.shape}")
    if not out.flags.writeable:
        raise ValueError("out: expected an array that can be written")
    if any(np.shares_memory(out, array) for array in inputs):
        raise ValueError("out: expected an array that shares no memory with the other arguments")
    return out


def workspace(out: Array) -> Array:
    """`out` itself if the compiled part can write there, else a new array to be copied into it by `finish`."""
    return out if out.flags.carray else np.empty(out.shape, out.dtype)


def finish(out: Array, work: Array) -> Array:
    if work is not out:
        with np.errstate(over="ignore", invalid="ignore"):
            out[...] = work
    return out
