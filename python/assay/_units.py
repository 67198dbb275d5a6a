"""What arithmetic units compute."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._arguments import code_dtype, codes_below, contiguous, output, thread_count
from ._random import RandomBits, element_random


def evaluate(
    unit: str | os.PathLike[str],
    *operands: npt.ArrayLike,
    random_bits: RandomBits = 16,
    seed: int = 0,
    stream: int = 0,
    first_index: int = 0,
    threads: int = 1,
    out: npt.NDArray[np.unsignedinteger[Any]] | None = None,
) -> npt.NDArray[np.unsignedinteger[Any]]:
    """The result codes of a unit, element by element, computed exactly and rounded as the unit rounds.

    Parameters
    ----------
    unit : str or os.PathLike
        A canonical name such as ``mac-e4m3-e4m3-fp32``, or the path of a TOML file; see arith/unit.h.
    *operands : array_like
        Codes that broadcast against each other: a, b for add and mul; a, b, c for fma and mac; a1, b1, a2, b2, ...,
        c for dot; a for convert.
    random_bits, seed, stream, first_index
        For units with a stochastic rounding, as for `encode`.
    threads : int
        How many threads share the work.
    out : numpy.ndarray, optional
        Where to write the codes: an array of the broadcast shape and of the dtype of the result that shares no
        memory with any operand.

    Returns
    -------
    numpy.ndarray
        Codes of the unit's result format in the narrowest unsigned dtype for it. It is `out` if that is given.

    Raises
    ------
    ValueError
        If the unit is unknown, the number of operands or a code does not fit it, shapes do not broadcast, random
        bits are out of range, or `out` does not fit as in `encode`.
    TypeError
        If operands are not integers in native byte order, or `out` has another dtype.

    Examples
    --------
    >>> assay.evaluate("mac-e4m3-e4m3-fp32", 0x38, 0x40, 0x3F800000)  # 1 * 2 + 1
    array(1077936128, dtype=uint32)
    """
    loaded = _core.load_unit(os.fspath(unit))
    if len(operands) != loaded.operand_count:
        raise ValueError(f"unit {loaded.name}: expected {loaded.operand_count} operands, found {len(operands)}")
    arrays = []
    for i, codes in enumerate(operands):
        format = loaded.operand_format(i)
        arrays.append(codes_below(f"operand {i + 1}", codes, format.width, format.name))
    wide = np.broadcast_arrays(*arrays)
    shape = wide[0].shape
    out = output(out, shape, code_dtype(loaded.result.width), *arrays)
    random = element_random(random_bits, seed, stream, first_index, shape)
    results = np.empty(shape, np.uint64)
    _core.evaluate(loaded, [contiguous(array, np.uint64) for array in wide], results, random, thread_count(threads))
    np.copyto(out, results, casting="unsafe")
    return out
