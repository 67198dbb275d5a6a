"""Bit-accurate emulation of low-precision number formats and arithmetic units.

Numbers travel as codes: arrays of unsigned integers that hold the bits of a format.

=====================  ========================================================================
`Format`               a number format, by name or from a TOML file
`encode`, `decode`     numbers to codes and back
`round`                numbers to the nearest numbers of a format, in place if wanted
`BlockFormat`          numbers that share a scale: OCP MX, NVFP4, MSFP, shared microexponents, ...
`quantize_blocks`      numbers to a `BlockArray` of codes and scales
`round_blocks`         numbers to the nearest numbers of a block format
`evaluate`             what an arithmetic unit computes, element by element
`gemm`                 matrix products under a unit, `gemm_kernel` how
`convolve`             convolutions under a unit; `convolve_data_gradient`, `convolve_filter_gradient`
`pack`, `unpack`       dense storage of codes narrower than a byte
`random_words`         the random bits of the stochastic roundings
`conversions`          names of whole conversions, for the argument `conversion`
=====================  ========================================================================

Every function takes arrays of any shape and memory layout and gives the same bits whatever the number of threads.
It works without the interpreter's lock. Contiguous arrays are read and written where they are. Arguments of a
wrong kind raise TypeError, wrong values ValueError; the message says what was expected.
"""

from ._arrays import decode, encode, pack, round, unpack  # noqa: A004: assay.round rounds arrays
from ._blocks import BlockArray, quantize_blocks, round_blocks
from ._convolution import convolve, convolve_data_gradient, convolve_filter_gradient
from ._core import BlockFormat, Format
from ._core import version as __version__
from ._gemm import gemm, gemm_kernel
from ._random import conversions, random_words
from ._units import evaluate

__all__ = [
    "BlockArray",
    "BlockFormat",
    "Format",
    "__version__",
    "conversions",
    "convolve",
    "convolve_data_gradient",
    "convolve_filter_gradient",
    "decode",
    "encode",
    "evaluate",
    "gemm",
    "gemm_kernel",
    "pack",
    "quantize_blocks",
    "random_words",
    "round",
    "round_blocks",
    "unpack",
]
