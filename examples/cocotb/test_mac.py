"""A cocotb bench whose expected values come from assay.evaluate.

For combinational MACs with the ports a_i, b_i, c_i and result_o; the unit is in the environment variable UNIT.
"""

import os

import cocotb
import numpy as np
from cocotb.triggers import Timer

import assay

VECTORS = 5_000


@cocotb.test()
async def agrees_with_the_golden_model(dut):
    unit = os.environ["UNIT"]
    rng = np.random.default_rng(1)
    ports = (dut.a_i, dut.b_i, dut.c_i)
    a, b, c = (rng.integers(0, 2 ** len(port), VECTORS, dtype=np.uint64) for port in ports)
    # Uniform fp32 codes rarely come near a product: every other one becomes a small multiple of 2^-9.
    if unit.endswith("fp32"):
        c[::2] = assay.encode(rng.integers(-(2**16), 2**16, VECTORS // 2) * 2.0**-9, "fp32")
    expected = assay.evaluate(unit, a, b, c)  # all vectors in one call
    for i in range(VECTORS):
        dut.a_i.value, dut.b_i.value, dut.c_i.value = int(a[i]), int(b[i]), int(c[i])
        await Timer(1, "ns")
        found = dut.result_o.value.to_unsigned()
        assert found == expected[i], (
            f"{unit}: a {a[i]:#x}, b {b[i]:#x}, c {c[i]:#x}: expected {expected[i]:#x}, found {found:#x}"
        )
    dut._log.info("%s: %d vectors agree", unit, VECTORS)
