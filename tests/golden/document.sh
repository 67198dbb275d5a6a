#!/usr/bin/env bash
# The C program of docs/golden.md compiles as the page says and prints what it says:
# document.sh ROOT GOLDEN WORK CC [FLAGS]
set -euo pipefail
root=$1 golden=$2 work=$3 cc=$4 flags=${5-}
page=$root/docs/golden.md
mkdir -p "$work"
sed -n '/^```c$/,/^```$/p' "$page" | sed '/^```/d' > "$work/example.c"
# shellcheck disable=SC2086  # flags are words
"$cc" -std=c99 -Wall -Wextra -pedantic $flags -I"$root" "$work/example.c" -o "$work/example" \
  -L"$golden" -lassay_golden -Wl,-rpath,"$golden"
expected=$(sed -n '/\.\/a\.out$/{n;s/^ *//;p;}' "$page")
printed=$("$work/example")
if [[ -z $expected || $printed != "$expected" ]]; then
  echo "expected: $expected"
  echo "printed:  $printed"
  exit 1
fi
