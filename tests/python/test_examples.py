"""What the documents show runs, and prints what they say."""

import doctest
import pathlib
import re

import numpy as np
import pytest

import assay
import assay._arrays
import assay._blocks
import assay._convolution
import assay._gemm
import assay._random
import assay._units

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.parametrize(
    "module", [assay._arrays, assay._blocks, assay._convolution, assay._gemm, assay._random, assay._units]
)
def test_docstrings(module):
    failed, attempted = doctest.testmod(module, extraglobs={"assay": assay, "np": np})
    assert attempted > 0 and failed == 0


@pytest.mark.parametrize("name", ["README.md", "docs/python.md"])
def test_documents(name, capsys):
    """Each ```python block is run; the comment after a print is what it prints."""
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / name).read_text(), re.M | re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, name, "exec"), {})  # noqa: S102
        printed = capsys.readouterr().out.splitlines()
        expected = re.findall(r"^print\(.*\) *# (.*)", block, re.M)
        assert len(printed) == len(expected)
        for line, end in zip(printed, expected):
            assert line.endswith(end)
