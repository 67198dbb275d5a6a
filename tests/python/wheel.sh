#!/usr/bin/env bash
# Builds the wheel without network, installs it into an empty folder away from the source tree, and runs the tests of
# the package on it. Usage: wheel.sh PYTHON, an interpreter that has the packages of tools/requirements.txt.
set -euo pipefail
python=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m pip wheel --quiet --no-index --no-build-isolation --no-deps --wheel-dir "$folder" "$root"
"$python" -m pip install --quiet --no-index --no-deps --target "$folder/site" "$folder"/*.whl
for name in _core.pyi py.typed; do
  [[ -e "$folder/site/assay/$name" ]] || { echo "wheel.sh: $name is not in the wheel" >&2; exit 1; }
done
cd "$folder"
export PYTHONPATH=$folder/site PYTHONDONTWRITEBYTECODE=1
"$python" -c "import assay, sys; sys.exit(not assay.__file__.startswith('$folder'))"
"$python" -m pytest -q -p no:cacheprovider "$root/tests/python"
