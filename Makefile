# Everything starts here; git, make and python3 (with venv) are all that must be there before.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help up setup setup-dev train test calls check format bench pictures lock clean

# The first python3 that runs: a version manager's shim may refuse under our .python-version.
PYTHON ?= $(shell for p in python3 /usr/bin/python3; do $$p -c '' 2>/dev/null && echo $$p && break; done)
SETUP := $(or $(PYTHON),python3) tools/setup.py

# `make up UP=` starts without the demo shop (settings and secrets from the environment or .env).
UP ?= --demo
# Extra words for pytest: make test PYTEST="-k widget"
PYTEST ?=

help: ## what can be done here
	@echo "Yingda · 应答"; echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | \
	  while IFS='|' read -r name what; do printf '  make %-10s %s\n' "$$name" "$$what"; done

up: ## set up whatever is missing, train if needed, then serve the demo (Ctrl-C stops it)
	@$(SETUP)
	@exec .venv/bin/yingda up $(UP)

setup: ## both Python environments (.venv and engine/.venv), exactly as locked
	@$(SETUP)

setup-dev: ## the same with what tests and checks need
	@$(SETUP) --dev

train: ## train the understanding if its inputs changed
	@$(SETUP)
	@exec .venv/bin/yingda train

test: setup-dev ## every test, the real engine included
	@.venv/bin/yingda train
	@bash tools/test.sh $(PYTEST)

calls: setup-dev ## calls by telephone through the whole hotline; wants an idle machine
	@.venv/bin/yingda train
	@exec .venv/bin/python -m pytest tests/telephony -m whole_hotline --durations=0 $(PYTEST)

check: ## format, lint, types and the quick tests (no engine)
	@$(SETUP) --dev service
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/python -m pytest -q -p tools.quick_tests --ignore=tests/engine

format: ## put the code into its format
	@$(SETUP) --dev service
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: setup-dev ## our turn against the standard Rasa layout, in one run; writes docs/benchmarks.md
	@.venv/bin/yingda train
	@exec .venv/bin/python -m benchmarks

pictures: setup-dev ## take the pictures of docs/images anew, from a demo of their own
	@.venv/bin/yingda train
	@exec .venv/bin/python -m tools.pictures

lock: ## write the lock files anew from the .in files (newest versions)
	@UV="$$($(SETUP) --uv)" bash tools/lock.sh

clean: ## remove environments, tools and caches; run-time data in .yingda/ stays
	rm -rf .venv engine/.venv .tools .mypy_cache .ruff_cache .pytest_cache .rasa *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
