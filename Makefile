# The two commands that a newcomer needs are `make demo` and `make test`; both install what is missing first.
SHELL := /bin/bash
export ASSAY_CACHE ?= $(CURDIR)/build/release/cache
BUILD := build/release
ASSAY := $(BUILD)/cli/assay
JOBS  := $(shell nproc)

.PHONY: demo test test-long bench wheel format lint build configure setup clean

demo: configure
	cmake --build --preset release --target assay
	$(ASSAY) run examples/resnet18.toml --output out/resnet18
	@echo "Open out/resnet18/report.html in a browser."

test: build
	ctest --preset release -LE long -j $(JOBS)

test-long: build
	ctest --preset release -L long

bench: build
	cmake --build --preset release --target benchmarks
	@for program in $(BUILD)/bench/bench_*; do echo "== $$program"; $$program || exit 1; done
	@echo "== bench/array_kernels_peers.py"; build/venv/bin/python bench/array_kernels_peers.py $(BUILD)/bench/bench_array_kernels

wheel: setup
	build/venv/bin/pip wheel --quiet --no-build-isolation --no-deps --wheel-dir build/dist .
	@ls build/dist/*.whl

build: configure
	cmake --build --preset release

configure: setup
	@cmake --preset release > build/configure.log 2>&1 || { cat build/configure.log; exit 1; }

setup:
	@tools/setup
	@mkdir -p build

format:
	git ls-files '*.h' '*.cpp' | xargs clang-format -i

lint: build
	tools/lint

clean:
	rm -rf build out
