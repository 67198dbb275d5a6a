"""PyTorch layers that compute as arithmetic units do. Imported on demand: ``import assay.torch``; needs PyTorch.

Tensors are float32 on the CPU. Nothing is compiled against PyTorch: the operator ``torch.ops.assay.gemm`` is Python that
hands the memory of tensors to `assay.gemm`.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from . import _core
from ._arrays import encode
from ._gemm import accumulating
from ._gemm import gemm as multiply

_SCHEMA = """(Tensor a, Tensor b, str unit, str dgrad, str wgrad, *, bool scaled=True, int seed=0, int stream=0,
int threads=1) -> Tensor"""


def _operand(what: str, tensor: torch.Tensor, format: _core.Format, scaled: bool) -> tuple[npt.NDArray[Any], int]:
    """A tensor as operands of the format, and the exponent of the power of two they have been multiplied by."""
    if tensor.dtype != torch.float32:
        raise TypeError(f"{what}: expected a tensor of float32, found {tensor.dtype}")
    values = tensor.detach().numpy()
    if format.name == "fp32":
        return values, 0
    exponent = 0
    largest = float(np.abs(values).max(initial=0))
    if scaled and 0 < largest < math.inf:
        exponent = math.frexp(format.max)[1] - math.frexp(largest)[1]
        if math.ldexp(largest, exponent) > format.max:
            exponent -= 1
        values = np.ldexp(values, exponent)
    return encode(values, format, saturation="sat_finite"), exponent


@torch.library.custom_op("assay::gemm", mutates_args=(), device_types="cpu", schema=_SCHEMA)
def _gemm(
    a: torch.Tensor,
    b: torch.Tensor,
    unit: str,
    dgrad: str,
    wgrad: str,
    *,
    scaled: bool = True,
    seed: int = 0,
    stream: int = 0,
    threads: int = 1,
) -> torch.Tensor:
    loaded = accumulating(unit)
    left, exponent_a = _operand("a", a, loaded.a, scaled)
    right, exponent_b = _operand("b", b, loaded.b, scaled)
    product = multiply(unit, left, right, seed=seed, stream=stream, threads=threads, dtype=np.float32)
    if exponent_a + exponent_b != 0:
        np.ldexp(product, -(exponent_a + exponent_b), out=product)
    return torch.from_numpy(product)


@_gemm.register_fake
def _(a: torch.Tensor, b: torch.Tensor, unit: str, dgrad: str, wgrad: str, **_: Any) -> torch.Tensor:
    return a.new_empty((*a.shape[:-1], b.shape[-1]))


def _setup_context(ctx: Any, inputs: tuple[Any, ...], keyword_only_inputs: dict[str, Any], output: Any) -> None:
    a, b, _, ctx.dgrad, ctx.wgrad = inputs
    ctx.save_for_backward(a, b)
    ctx.how = keyword_only_inputs


def _backward(ctx: Any, gradient: torch.Tensor) -> tuple[Any, ...]:
    a, b = ctx.saved_tensors
    stream = 3 * ctx.how["stream"]
    of_a = of_b = None
    if ctx.needs_input_grad[0]:
        how = {**ctx.how, "stream": stream + 1}
        of_a = _gemm(gradient, b.transpose(-1, -2), ctx.dgrad, ctx.dgrad, ctx.dgrad, **how)
    if ctx.needs_input_grad[1]:
        how = {**ctx.how, "stream": stream + 2}
        of_b = _gemm(a.transpose(-1, -2), gradient, ctx.wgrad, ctx.wgrad, ctx.wgrad, **how)
    return of_a, of_b, None, None, None


_gemm.register_autograd(_backward, setup_context=_setup_context)


def gemm(
    a: torch.Tensor,
    b: torch.Tensor,
    unit: str | os.PathLike[str],
    dgrad: str | os.PathLike[str] | None = None,
    wgrad: str | os.PathLike[str] | None = None,
    *,
    scaled: bool = True,
    seed: int = 0,
    stream: int = 0,
    threads: int = 1,
) -> torch.Tensor:
    """The matrix product ``a @ b`` as a unit computes it, with gradients that other units compute.

    Operands are rounded to the unit's formats, to nearest even and to the largest number instead of beyond it, then
    multiplied by `assay.gemm`; the sums become float32.

    Parameters
    ----------
    a, b : torch.Tensor
        float32, shapes (M, K) and (K, N), or (batch, M, K) and (batch, K, N).
    unit : str or os.PathLike
        A mac or dot unit for the product.
    dgrad : str or os.PathLike, optional
        The one for the gradient by `a`: gradient (its first operand) times b transposed. By default `unit`.
    wgrad : str or os.PathLike, optional
        The one for the gradient by `b`: a transposed (its first operand) times gradient. By default `unit`.
    scaled : bool
        Multiply each operand by the power of two with which its largest magnitude is just within its format, and the
        sums by the inverse powers. Not done to operands of fp32. Narrow accumulators may need it off.
    seed, stream : int
        For units that round stochastically, as for `assay.gemm`; the gradients take the streams 3 stream + 1 and + 2.
    threads : int
        How many threads share the work. The result does not depend on it.

    Returns
    -------
    torch.Tensor
        float32, shape (M, N) or (batch, M, N).

    Raises
    ------
    ValueError, TypeError
        As for `assay.gemm`, and if the tensors are not float32 or their axes other than these.

    Examples
    --------
    >>> a = torch.tensor([[1.0, 2.0]], requires_grad=True)
    >>> b = torch.tensor([[3.0], [4.3]])
    >>> y = assay.torch.gemm(a, b, "mac-e4m3-e4m3-fp32", dgrad="mac-e5m2-e4m3-fp32")
    >>> y.item()
    12.0
    >>> y.sum().backward(); a.grad
    tensor([[3.0000, 4.5000]])
    """
    if a.dim() not in (2, 3) or b.dim() != a.dim() or a.shape[:-2] != b.shape[:-2] or a.shape[-1] != b.shape[-2]:
        raise ValueError(
            "gemm: expected shapes (M, K) and (K, N), or (batch, M, K) and (batch, K, N), "
            f"found {tuple(a.shape)} and {tuple(b.shape)}"
        )
    name = os.fspath(unit)
    names = [name, *(name if other is None else os.fspath(other) for other in (dgrad, wgrad))]
    return _gemm(a, b, *names, scaled=scaled, seed=seed, stream=stream, threads=threads)  # type: ignore[no-any-return]


class Linear(torch.nn.Linear):
    """A linear layer whose three matrix products are `gemm`. The bias is added in float32.

    Parameters
    ----------
    in_features, out_features, bias
        As for `torch.nn.Linear`.
    unit, dgrad, wgrad, scaled, threads
        As for `gemm`; the gradient by the input is of `dgrad`, that by the weight of `wgrad`. Units that round
        stochastically take a new seed from PyTorch's generator at every call.

    Examples
    --------
    >>> layer = assay.torch.Linear(8, 4, unit="mac-e4m3-e4m3-bf16", dgrad="mac-e5m2-e4m3-bf16", wgrad="mac-e4m3-e5m2-bf16")
    >>> layer(torch.ones(3, 8)).shape
    torch.Size([3, 4])
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        unit: str | os.PathLike[str],
        dgrad: str | os.PathLike[str] | None = None,
        wgrad: str | os.PathLike[str] | None = None,
        scaled: bool = True,
        threads: int = 1,
    ) -> None:
        super().__init__(in_features, out_features, bias, device="cpu", dtype=torch.float32)
        self.unit = os.fspath(unit)
        self.dgrad = self.unit if dgrad is None else os.fspath(dgrad)
        self.wgrad = self.unit if wgrad is None else os.fspath(wgrad)
        self.scaled, self.threads = scaled, threads
        self._draws = any(accumulating(name).is_stochastic for name in (self.unit, self.dgrad, self.wgrad))

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        seed = int(torch.randint(2**62, ())) if self._draws else 0
        rows = input.reshape(-1, self.in_features)
        product = gemm(
            rows,
            self.weight.T,
            self.unit,
            self.dgrad,
            self.wgrad,
            scaled=self.scaled,
            seed=seed,
            threads=self.threads,
        )
        result = product.reshape(*input.shape[:-1], self.out_features)
        return result if self.bias is None else result + self.bias

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, unit={self.unit}, dgrad={self.dgrad}, wgrad={self.wgrad}"
