#!/usr/bin/env bash
# The cocotb example: cocotb.sh ROOT PYTHON WORK, the checkout, an interpreter that has cocotb and finds the
# package assay, and a folder to build in.
set -euo pipefail
root=$1 python=$2 work=$3
rm -rf "$work"
mkdir -p "$work"
log=$work/log

fail() {
  cat "$log"
  echo "cocotb.sh: $1" >&2
  exit 1
}

# The RTL is right.
"$python" "$root/examples/cocotb/run.py" --build "$work/good" > "$log" 2>&1 || fail "the RTL does not agree"
for unit in mac-e4m3-e4m3-fp32 mac-int8-int8-int32; do
  grep -q "$unit: 5000 vectors agree" "$log" || fail "expected 5000 vectors of $unit"
done

# Ties up instead of to even, and a sign bit that counts as positive: both modules must be found wrong.
cp -r "$root/rtl" "$work/broken_rtl"
sed -i "s/guard & (fraction\[0\] | /guard \& (1'b1 | /" "$work/broken_rtl/fp_round.sv"
sed -i "s/(BSigned != 0 && j == BWidth - 1) ? ~SignBit : SignBit/SignBit/" "$work/broken_rtl/int_product.sv"
! "$python" "$root/examples/cocotb/run.py" --rtl "$work/broken_rtl" --build "$work/broken" > "$log" 2>&1 ||
  fail "broken RTL passed"
for unit in mac-e4m3-e4m3-fp32 mac-int8-int8-int32; do
  grep -q "$unit: a 0x.* expected 0x.* found 0x" "$log" || fail "expected a mismatch of $unit"
done
