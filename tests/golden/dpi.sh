#!/usr/bin/env bash
# The DPI package inside Verilator: dpi.sh ROOT GOLDEN WORK [FLAGS], the checkout, the folder of the library, a
# folder to build in, and compiler flags that the library was built with.
set -euo pipefail
root=$1 golden=$2 work=$3
with_flags=()
[[ -z ${4-} ]] || with_flags=(-CFLAGS "'$4'" -LDFLAGS "'$4'")
rm -rf "$work"
mkdir -p "$work"
export OBJCACHE=$(command -v ccache || true)

# run NAME COMMAND...: its exit status in `status`, its output in WORK/NAME.log.
run() {
  log=$work/$1.log
  shift
  status=0
  "$@" > "$log" 2>&1 || status=$?
}
expect() {  # expect good|bad TEXT: that exit status and that text in the output
  [[ $1 == good && $status == 0 || $1 == bad && $status != 0 ]] && grep -qF -- "$2" "$log" && return
  cat "$log"
  echo "dpi.sh: expected a $1 exit status and '$2', found status $status" >&2
  exit 1
}
example() {  # example RTL OBJ
  make -C "$root/examples/dpi" GOLDEN="$golden" RTL="$1" OBJ="$2" VERILATOR_FLAGS="${with_flags[*]}"
}

# The example: the RTL is right, and with ties rounded up it is wrong.
run example example "$root/rtl" "$work/example"
expect good "mac-e4m3-e4m3-fp32: 200000 vectors, 0 mismatches"
cp -r "$root/rtl" "$work/broken_rtl"
sed -i "s/guard & (fraction\[0\] | /guard \& (1'b1 | /" "$work/broken_rtl/fp_round.sv"
run broken example "$work/broken_rtl" "$work/broken"
expect bad "fp_mac is not mac-e4m3-e4m3-fp32"
expect bad "mismatch: a "

# Every function of the package.
run build verilator --binary --timing -Wall --Mdir "$work/package" --top-module dpi_package_tb \
  "$root/golden/assay_dpi_pkg.sv" "$root/tests/golden/dpi_package_tb.sv" \
  -LDFLAGS "-L$golden -lassay_golden -Wl,-rpath,$golden" "${with_flags[@]//\'/}"
expect good ""
bench=$work/package/Vdpi_package_tb
run package "$bench"
expect good "27 checks, 0 failures"

# Mistakes end the simulation.
mistakes=("e9999" "expected 3 operands, found 2" "expected 1 to 32" "expected 3 operands, found 2"
          "expected an operand below 2")
for i in "${!mistakes[@]}"; do
  run "mistake$i" "$bench" "+mistake=$((i + 1))"
  expect bad "${mistakes[$i]}"
  ! grep -q "went on" "$log" || { cat "$log"; exit 1; }
done
