"""The PyTorch operator and layer, where PyTorch is installed (tools/requirements-torch.txt)."""

import doctest
import math
import pathlib
import re

import numpy as np
import pytest

import assay

torch = pytest.importorskip("torch")
import assay.torch  # noqa: E402
from test_gemm import one_by_one  # noqa: E402

FWD, DGRAD, WGRAD = "mac-e4m3-e4m3-fp16", "mac-e5m2-e4m3-fp32", "dot1-e4m3-e5m2-bf16"


def tensor(shape, seed, size=1.0):
    values = np.random.default_rng(seed).normal(size=shape) * size
    return torch.tensor(values, dtype=torch.float32, requires_grad=True)


def golden(unit, a, b, scaled):
    """One evaluation after another on operands rounded by way of float64."""
    of_a, of_b, of_c = unit.split("-")[1:4]
    operands, exponents = [], []
    for tensor, name in ((a, of_a), (b, of_b)):
        values, format = tensor.detach().numpy().astype(np.float64), assay.Format(name)
        exponent = math.floor(math.log2(format.max / np.abs(values).max())) if scaled else 0
        operands.append(assay.encode(values * 2.0**exponent, format, saturation="sat_finite"))
        exponents.append(exponent)
    codes = one_by_one(unit, *operands, assay.encode(0.0, of_c))
    return assay.decode(codes, of_c, np.float32) * np.float32(2.0 ** -sum(exponents))


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("batch", [(), (3,)])
def test_product_and_gradients_are_those_of_the_golden_model(scaled, batch):
    a, b = tensor((*batch, 5, 12), 1, 0.01), tensor((*batch, 12, 7), 2, 0.02)
    wide = "mac-e4m3-e4m3-fp32" if scaled else FWD  # scaled sums overflow fp16
    y = assay.torch.gemm(a, b, wide, DGRAD, WGRAD, scaled=scaled, threads=2)
    np.testing.assert_array_equal(y.detach().numpy(), golden(wide, a, b, scaled))
    gradient = tensor(y.shape, 3, 1e-3).detach()
    y.backward(gradient)
    np.testing.assert_array_equal(a.grad.numpy(), golden(DGRAD, gradient, b.mT, scaled))
    np.testing.assert_array_equal(b.grad.numpy(), golden(WGRAD, a.mT, gradient, scaled))


def test_one_scale_is_just_within_the_format():
    for largest in [448.0, 449.0, 1.75, 1.7501, 1e-30, 3e38]:
        a = torch.tensor([[largest, largest / 2]])
        y = assay.torch.gemm(a, torch.eye(2), "mac-e4m3-fp32-fp32")
        exponent = math.floor(math.log2(448 / a[0, 0].double().item()))
        rounded = assay.round(a.double().numpy() * 2.0**exponent, "e4m3") * 2.0**-exponent
        np.testing.assert_array_equal(y.numpy(), rounded.astype(np.float32))
    zero = assay.torch.gemm(torch.zeros(2, 2), torch.eye(2), "mac-e4m3-e4m3-fp32")
    assert zero.tolist() == [[0, 0], [0, 0]]


def test_fp32_is_that_of_pytorch_but_for_roundings():
    a, b = tensor((20, 30), 1), tensor((30, 10), 2)
    c, d = (x.detach().clone().requires_grad_() for x in (a, b))
    assay.torch.gemm(a, b, "mac-fp32-fp32-fp32").square().sum().backward()
    (c @ d).square().sum().backward()
    torch.testing.assert_close(a.grad, c.grad)
    torch.testing.assert_close(b.grad, d.grad)


def test_the_operator_keeps_the_rules_of_pytorch():
    torch.library.opcheck(torch.ops.assay.gemm, (tensor((4, 6), 1), tensor((6, 3), 2), FWD, DGRAD, WGRAD))
    keywords = {"scaled": False, "seed": 3, "stream": 4, "threads": 2}
    arguments = (tensor((2, 4, 6), 1), tensor((2, 6, 3), 2), "mac-e4m3-e4m3-bf16-sr_a", FWD, FWD)
    torch.library.opcheck(torch.ops.assay.gemm, arguments, keywords)


def train(layers, steps=60):
    """A classification that a straight line does not solve. Returns the losses."""
    torch.manual_seed(1)
    x = torch.randn(128, 2)
    label = (x[:, 0] * x[:, 1] > 0).long()
    model = torch.nn.Sequential(layers(2, 32), torch.nn.Tanh(), layers(32, 32), torch.nn.Tanh(), layers(32, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    losses = []
    for _ in range(steps):
        loss = torch.nn.functional.cross_entropy(model(x), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_a_network_learns_in_e4m3():
    def layers(i, o):
        return assay.torch.Linear(
            i, o, unit="mac-e4m3-e4m3-fp32", dgrad="mac-e5m2-e4m3-fp32", wgrad="mac-e4m3-e5m2-fp32"
        )

    losses, exact = train(layers), train(torch.nn.Linear)
    assert losses[0] > 0.6 and losses[-1] < 0.2
    assert losses != exact
    assert train(layers) == losses


def test_stochastic_layers_follow_the_seed_of_pytorch():
    layer = assay.torch.Linear(16, 4, unit="mac-e4m3-e4m3-bf16-sr_a")
    x = tensor((8, 16), 1)
    torch.manual_seed(5)
    first, second = layer(x), layer(x)
    torch.manual_seed(5)
    assert torch.equal(layer(x), first) and not torch.equal(first, second)


def test_bias_and_leading_axes():
    layer = assay.torch.Linear(3, 2, unit="mac-fp32-fp32-fp32", threads=2)
    layer.weight.data, layer.bias.data = torch.tensor([[1.0, 2, 3], [4, 5, 6]]), torch.tensor([0.5, -1])
    x = torch.arange(12.0).reshape(2, 2, 3)
    assert torch.equal(layer(x), x @ layer.weight.T + layer.bias)
    assert "unit=mac-fp32-fp32-fp32" in repr(layer)


@pytest.mark.parametrize(
    "error, call, part",
    [
        (ValueError, lambda: assay.torch.gemm(torch.ones(2, 3), torch.ones(2, 3), FWD), r"expected shapes \(M, K\)"),
        (ValueError, lambda: assay.torch.gemm(torch.ones(2, 2), torch.ones(1, 2, 2), FWD), "expected shapes"),
        (ValueError, lambda: assay.torch.gemm(torch.ones(2, 2), torch.ones(2, 2), "mul-fp32-fp32-fp32"), "mac or dot"),
        (TypeError, lambda: assay.torch.gemm(torch.ones(2, 2).double(), torch.ones(2, 2), FWD), "a: expected a tensor of float32"),
        (ValueError, lambda: assay.torch.Linear(2, 2, unit="mac"), "mac"),
    ],
)
def test_errors(error, call, part):
    with pytest.raises(error, match=part):
        call()


def test_docstrings_and_document():
    failed, attempted = doctest.testmod(assay.torch, extraglobs={"assay": assay, "torch": torch})
    assert attempted > 0 and failed == 0
    text = (pathlib.Path(__file__).parents[2] / "docs" / "python.md").read_text()
    (block,) = re.findall(r"^```py\n(.*?)^```", text, re.M | re.S)
    exec(compile(block, "docs/python.md", "exec"), {})  # noqa: S102
