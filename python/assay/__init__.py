"""Bit-accurate emulation of low-precision number formats and arithmetic units.

Numbers travel as codes: unsigned integers holding the bits of a format. `decode` and `encode` convert between
codes and float64, `evaluate` computes what an arithmetic unit computes. Unusable arguments raise ValueError.
"""

import os as _os

import numpy as _np

from . import _core
from ._core import Format

__all__ = ["Format", "decode", "encode", "evaluate"]


def _format(format):
    return format if isinstance(format, Format) else Format(format)


def _codes(codes, what):
    """Codes as uint64, of any shape."""
    array = _np.asarray(codes)
    if array.size == 0 and array.dtype == _np.float64:  # what numpy makes of []
        return array.astype(_np.uint64)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{what}: expected codes as integers, found dtype {array.dtype}")
    if array.dtype.kind == "i" and array.size and array.min() < 0:
        raise ValueError(f"{what}: expected codes of at least 0, found {array.min()}")
    return array.astype(_np.uint64)


def _flat(array):
    return _np.ascontiguousarray(array).reshape(-1)


def _code_dtype(format):
    """The narrowest unsigned dtype that holds a code."""
    return next(_np.dtype(f"u{size}") for size in (1, 2, 4, 8) if format.width <= 8 * size)


def _random(random_bits, shape):
    """(N, words) for the compiled part from the argument random_bits."""
    if random_bits is None:
        return 0, _np.empty(0, _np.uint32)
    try:
        count, words = random_bits
        count = int(count)
    except (TypeError, ValueError):
        raise ValueError("random_bits: expected a pair (N, R): the number of bits, and integers below 2**N") from None
    words = _codes(words, "random_bits")
    if words.size and words.max() > 0xFFFFFFFF:
        raise ValueError(f"random_bits: {int(words.max()):#x} has more than 32 bits")
    return count, _flat(_np.broadcast_to(words.astype(_np.uint32), shape))


def decode(format, codes):
    """The values of codes, as a float64 array of the same shape.

    format: a Format or its name. codes: integers. A code wider than the format is a ValueError. Values that
    float64 cannot hold (only formats with an unusual exponent bias have them) are rounded to nearest.

    >>> assay.decode("e4m3", [0x7E, 0x01])
    array([4.480000e+02, 1.953125e-03])
    """
    array = _codes(codes, "codes")
    return _core.decode(_format(format), _flat(array)).reshape(array.shape)


def encode(format, values, rounding="rne", saturation="sat_none", random_bits=None):
    """The codes of values, rounded once, as an array of the narrowest unsigned dtype for the format.

    format: a Format or its name. values: anything that converts to float64 without loss.
    rounding: rne rna rtz rup rdn odd sr_a sr_b sr_c. saturation: sat_none sat_finite sat_propagate wrap.
    random_bits: for the stochastic roundings a pair (N, R), N = 1..32 and R uniform integers below 2**N, one
    number or an array that broadcasts to the shape of values.

    >>> assay.encode("e5m2", [1.0, 1e6], saturation="sat_finite")
    array([ 60, 123], dtype=uint8)
    """
    format = _format(format)
    array = _np.asarray(values)
    if array.dtype.kind not in "biuf" and not _np.can_cast(array.dtype, _np.float64):
        raise ValueError(f"values: expected real numbers, found dtype {array.dtype}")
    with _np.errstate(invalid="ignore"):  # raised by signalling NaNs
        exact = array.astype(_np.float64)
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8 and array.size:
        if _np.abs(exact).max() > 2.0**53:
            raise ValueError("values: integers beyond 2**53 do not convert to float64 exactly")
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        raise ValueError(f"values: {array.dtype} does not convert to float64 exactly")
    count, words = _random(random_bits, array.shape)
    codes = _core.encode(format, _flat(exact), rounding, saturation, count, words)
    return codes.astype(_code_dtype(format)).reshape(array.shape)


def evaluate(unit, *operands, random_bits=None):
    """The result codes of a unit, element by element, for operand codes that broadcast against each other.

    unit: a canonical name such as "mac-e4m3-e4m3-fp32", or the path of a TOML file. operands: a, b for add and
    mul; a, b, c for fma and mac; a1, b1, a2, b2, ..., c for dot; a for convert. random_bits: as for encode, for
    units with a stochastic rounding.

    >>> assay.evaluate("mac-e4m3-e4m3-fp32", 0x38, 0x40, 0x3F800000)   # 1 * 2 + 1
    array(1077936128, dtype=uint32)
    """
    unit = _core.load_unit(_os.fspath(unit))
    arrays = _np.broadcast_arrays(*(_codes(codes, f"operand {i + 1}") for i, codes in enumerate(operands)))
    shape = arrays[0].shape if arrays else ()
    count, words = _random(random_bits, shape)
    codes = _core.evaluate(unit, [_flat(array) for array in arrays], count, words)
    return codes.astype(_code_dtype(unit.result)).reshape(shape)
