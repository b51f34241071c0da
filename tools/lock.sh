#!/usr/bin/env bash
# Write the hashed lock files from the .in files. No index address gets into them, so that they
# work behind any mirror. UV names the uv to use.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() { # python version, input, output, further options
  local python=$1 input=$2 output=$3
  shift 3
  [ -f "$input" ] || return 0
  echo "→ $output"
  "${UV:-uv}" pip compile --quiet --generate-hashes --universal --no-emit-index-url \
    --no-emit-find-links --custom-compile-command "make lock" --python-version "$python" \
    "$@" "$input" --output-file "$output"
}

compile 3.9 tools/uv-requirements.in tools/uv-requirements.lock
compile 3.12 requirements.in requirements.lock
compile 3.12 requirements-dev.in requirements-dev.lock --constraint requirements.lock
compile 3.10 engine/requirements.in engine/requirements.lock
compile 3.10 engine/requirements-dev.in engine/requirements-dev.lock \
  --constraint engine/requirements.lock
