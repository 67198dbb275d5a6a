#!/usr/bin/env python3
"""The array kernels beside NumPy, ml_dtypes, gfloat and PyTorch on float32 from normal(0, 1), one thread.

    array_kernels_peers.py BENCH_ARRAY_KERNELS [repetitions]

BENCH_ARRAY_KERNELS is the program of that name; its times come from its --json. Every time is the best of several
repetitions in nanoseconds of the processor an element, and the ratio is the peer's to that of the kernels. Peers that are not
installed are named and left out.
"""

import importlib
import json
import subprocess
import sys
import time

import numpy

COUNT = 1 << 24
COUNT_OF_SLOW = 1 << 18  # for gfloat, which needs dozens of nanoseconds an element

# Format: what NumPy or ml_dtypes, gfloat and torch call it.
FORMATS = {
    "e4m3": ("float8_e4m3fn", "format_info_ocp_e4m3", "float8_e4m3fn"),
    "e5m2": ("float8_e5m2", "format_info_ocp_e5m2", "float8_e5m2"),
    "fp16": ("float16", "format_info_binary16", "float16"),
    "bf16": ("bfloat16", "format_info_bfloat16", "bfloat16"),
}


def best_time(function, count, repetitions):
    """Nanoseconds an element."""
    best = float("inf")
    for _ in range(repetitions):
        start = time.thread_time()
        function()
        best = min(best, time.thread_time() - start)
    return best / count * 1e9


def kernel_times(program, repetitions):
    """(format, "to codes" or "in place") -> nanoseconds an element."""
    times = {}
    for task in ("to codes", "in place"):
        command = [program, str(repetitions), "1", "--only", f"rne {task}", "--json"]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        for line in output.splitlines():
            case = json.loads(line)
            if case["data"] == "normal(0,1)":
                times[case["name"].split()[0], task] = case["nanoseconds"]
    return times


def import_or_none(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"skipped: {name} is not installed")
        return None


def numpy_peers(values, dtype):
    """(what is compared, its function, its elements); out-of-range values become what the type has for them."""
    yield "to codes", lambda: values.astype(dtype), values.size
    yield "in place", lambda: numpy.copyto(values, values.astype(dtype)), values.size


def torch_peers(torch, values, dtype):
    tensor = torch.from_numpy(values)
    yield "to codes", lambda: tensor.to(dtype), values.size
    yield "in place", lambda: tensor.copy_(tensor.to(dtype)), values.size


def gfloat_peers(gfloat, values, info):
    values = values[:COUNT_OF_SLOW]
    rounded = gfloat.round_ndarray(info, values.astype(numpy.float64))
    yield "to codes", lambda: gfloat.encode_ndarray(info, rounded), values.size
    yield "in place", lambda: gfloat.round_ndarray(info, values.astype(numpy.float64)), values.size


def peers_of(format_name, values, modules):
    numpy_name, gfloat_name, torch_name = FORMATS[format_name]
    ml_dtypes, gfloat, torch = modules["ml_dtypes"], modules["gfloat"], modules["torch"]
    if hasattr(numpy, numpy_name):
        yield "NumPy", numpy_peers(values, getattr(numpy, numpy_name))
    elif ml_dtypes:
        yield "ml_dtypes", numpy_peers(values, getattr(ml_dtypes, numpy_name))
    if torch:
        yield "torch", torch_peers(torch, values, getattr(torch, torch_name))
    if gfloat:
        formats = importlib.import_module("gfloat.formats")
        yield "gfloat", gfloat_peers(gfloat, values, getattr(formats, gfloat_name))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    repetitions = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    modules = {name: import_or_none(name) for name in ("ml_dtypes", "gfloat", "torch")}
    if modules["torch"]:
        modules["torch"].set_num_threads(1)
    ours = kernel_times(sys.argv[1], repetitions)
    values = numpy.random.default_rng(1).standard_normal(COUNT, dtype=numpy.float32)
    print(f"{'format':8} {'task':10} {'peer':10} {'ns/element':>12} {'ours':>8} {'ratio':>8}")
    for format_name in FORMATS:
        for peer, tasks in peers_of(format_name, values, modules):
            for task, function, count in tasks:
                slow = count != COUNT
                here = best_time(function, count, 3 if slow else repetitions)
                mine = ours[format_name, task]
                print(f"{format_name:8} {task:10} {peer:10} {here:12.3f} {mine:8.3f} {here / mine:8.1f}", flush=True)


if __name__ == "__main__":
    main()
