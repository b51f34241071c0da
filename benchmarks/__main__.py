"""Every benchmark: ``python -m benchmarks``."""

from benchmarks.turns import main

main()
