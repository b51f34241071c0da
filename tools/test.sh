#!/usr/bin/env bash
# Run every test: the engine's in the engine's environment (Python 3.10), then all others, then
# those with telephones. Each part runs even if one before it fails. Arguments go to pytest in all.
set -uo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # else each start of Rasa compiles it anew
status=0

run() { # title, command …
  echo "── $1"
  shift
  "$@"
  local code=$?
  # 5 = nothing collected (a -k that only concerns the other part); not a failure here.
  if [ "$code" -ne 0 ] && [ "$code" -ne 5 ]; then status=1; fi
}

if compgen -G "tests/engine/test_*.py" >/dev/null &&
  engine/.venv/bin/python -c 'import pytest' 2>/dev/null; then
  run "engine (Python 3.10)" env PYTHONPATH="$PWD" RASA_TELEMETRY_ENABLED=false \
    TF_CPP_MIN_LOG_LEVEL=3 OMP_NUM_THREADS=1 \
    engine/.venv/bin/python -m pytest -c tools/engine-pytest.ini --rootdir . \
    --confcutdir tests/engine tests/engine "$@"
fi
# Two processes: much of a test is waiting. A file stays in one of them, with what it set up.
run "service (Python 3.12)" .venv/bin/python -m pytest --ignore=tests/engine -m "not real_time" \
  -n 2 --dist loadfile --durations=15 "$@"
# Calls sound on a wire 50 times a second: nothing runs beside them. Those in which a voice and a
# recogniser must keep up with the caller, too, are for an idle machine: make calls.
run "telephones (Python 3.12)" .venv/bin/python -m pytest --ignore=tests/engine \
  -m "real_time and not whole_hotline" "$@"
exit "$status"
