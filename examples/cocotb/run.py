"""Checks rtl/fp_mac.sv and rtl/int_mac.sv with cocotb, Icarus Verilog and the golden model of Assay.

    PYTHONPATH=build/release/python build/venv/bin/python examples/cocotb/run.py

The bench is test_mac.py. Icarus Verilog 11 reads less SystemVerilog than this RTL is written in, so Yosys turns
it into Verilog first; RTL that the simulator reads itself goes to `sources` as it is.
"""

import argparse
import pathlib
import subprocess
import sys

from cocotb_tools.runner import get_results, get_runner

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# The modules, whose parameters are left at their defaults, and the units they are meant to be.
UNITS = {"fp_mac": "mac-e4m3-e4m3-fp32", "int_mac": "mac-int8-int8-int32"}


def as_verilog(rtl: pathlib.Path, module: str, build: pathlib.Path) -> pathlib.Path:
    verilog = build / f"{module}.v"
    read = f"read_verilog -sv {rtl}/{module}.sv; hierarchy -top {module} -libdir {rtl}"
    script = f"{read}; proc; write_verilog {verilog}"
    subprocess.run(["yosys", "-q", "-p", script], check=True)
    return verilog


def check(rtl: pathlib.Path, module: str, build: pathlib.Path) -> bool:
    build.mkdir(parents=True, exist_ok=True)
    runner = get_runner("icarus")
    runner.build(
        sources=[as_verilog(rtl, module, build)],
        hdl_toplevel=module,
        build_dir=build,
        timescale=("1ns", "1ns"),
        always=True,
    )
    results = runner.test(
        hdl_toplevel=module,
        test_module="test_mac",
        build_dir=build,
        test_dir=HERE,
        results_xml=str(build / "results.xml"),
        extra_env={"UNIT": UNITS[module], "PYTHONPATH": ":".join([str(HERE), *sys.path])},
    )
    tests, failed = get_results(results)
    return tests > 0 and failed == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rtl", type=pathlib.Path, default=ROOT / "rtl", help="where the RTL is")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "examples" / "cocotb", help="where to build")
    arguments = parser.parse_args()
    passed = [check(arguments.rtl.resolve(), module, arguments.build.resolve() / module) for module in UNITS]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
