"""How numbers are rounded: names of conversions, and random bits."""

from __future__ import annotations

from typing import Any, Tuple, Union

import numpy as np
import numpy.typing as npt

from . import _core
from ._arguments import codes_below, contiguous, integer

RandomBits = Union[int, Tuple[int, npt.ArrayLike]]

_GREATEST = 2**64 - 1


def conversion_of(rounding: str, saturation: str, conversion: str | None = None) -> _core.Conversion:
    if conversion is None:
        return _core.Conversion(rounding, saturation)
    if rounding != "rne" or saturation != "sat_none":
        raise ValueError(
            f"conversion {conversion!r}: expected no rounding or saturation beside it, which it says itself"
        )
    return _core.Conversion.named(conversion)


def element_random(
    random_bits: RandomBits, seed: int, stream: int, first_index: int, shape: tuple[int, ...]
) -> _core.ElementRandom:
    """The random bits of arrays of that shape."""
    words: npt.NDArray[np.uint32] | None = None
    count: Any = random_bits
    if isinstance(random_bits, tuple):
        if len(random_bits) != 2:
            raise ValueError(
                f"random_bits: expected a number of bits or a pair (bits, words), found a tuple of {len(random_bits)}"
            )
        count = random_bits[0]
    bits = integer("random_bits", count, 0, 32)
    if isinstance(random_bits, tuple):
        given = codes_below("random_bits", random_bits[1], 32, "a random word")
        words = contiguous(np.broadcast_to(given, shape), np.uint32)
    return _core.ElementRandom(
        bits,
        integer("seed", seed, 0, _GREATEST),
        integer("stream", stream, 0, _GREATEST),
        integer("first_index", first_index, 0, _GREATEST),
        words,
    )


def conversions() -> list[str]:
    """Names for the argument `conversion`: how a whole software stack or standard converts to a format.

    Returns
    -------
    list of str
        ``ocp_sat``, ``ocp_ovf`` (OCP OFP8 1.0), ``nvidia_satfinite`` (CUDA, PTX), ``onnx`` (Cast, opset 19) and
        ``ml_dtypes``. formats/conversion.h says what each does to overflow, infinities and NaN.
    """
    return list(_core.named_conversions())


def random_words(
    count: int, random_bits: int = 16, *, seed: int = 0, stream: int = 0, first_index: int = 0
) -> npt.NDArray[np.uint32]:
    """The random bits that the stochastic roundings draw.

    Parameters
    ----------
    count : int
        How many words.
    random_bits : int
        Bits of a word, 0..32.
    seed, stream, first_index : int
        As for `encode`.

    Returns
    -------
    numpy.ndarray
        `count` words of dtype uint32, uniform in [0, 2**random_bits). Word i is the one that element
        ``first_index + i`` of an array takes.

    Raises
    ------
    TypeError, ValueError
        If an argument is no integer or out of range.

    Notes
    -----
    The generator is Philox 4x32-10 (Salmon et al., SC 2011), keyed with the seed: words depend on nothing but the
    arguments. How elements share its output is said in formats/random_bits.h.

    Examples
    --------
    >>> words = assay.random_words(3, 8, seed=1)
    >>> x = [1.01, 1.02, 1.03]
    >>> drawn = assay.encode(x, "e4m3", "sr_a", random_bits=8, seed=1)
    >>> drawn == assay.encode(x, "e4m3", "sr_a", random_bits=(8, words))
    array([ True,  True,  True])
    """
    random = element_random(random_bits, seed, stream, first_index, ())
    return _core.random_words(integer("count", count, 0, 2**40), random)
