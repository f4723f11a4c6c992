# Faro. `make demo` shows it, `make test` proves it; both set up everything they need.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
BIN := .venv/bin
DEMO ?= demo-output

.PHONY: help venv venv-dev browser postgresql spark demo run test test-long check format docs bench clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

venv: .venv/.faro  ## the virtual environment with pinned dependencies
venv-dev: .venv/.faro-dev

.venv/.faro: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Faro needs Python 3.11 or newer: none found" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; .ci/need venv && $(PYTHON) -m venv .venv; }
	@echo "Installing Faro into .venv (a minute or two the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.faro-dev: .venv/.faro
	@echo "Installing what the tests and checks need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

browser:
	@.ci/need chromium

postgresql:
	@.ci/need postgresql

spark: venv
	@.ci/need java
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[spark]'

demo: venv  ## thirty days of a simulated town: crawl, match, flag, report
	@.ci/need chromium || true
	@$(BIN)/faro demo --dir $(DEMO)

test: venv-dev browser postgresql  ## the whole suite but the long one, under 10 minutes
	@$(BIN)/python -m pytest -m "not long" -n 2 --dist loadfile --no-loadscope-reorder

test-long: venv-dev browser postgresql spark  ## kill, many-day and cluster suites
	@$(BIN)/python -m pytest -m long

check: venv-dev  ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: venv-dev  ## format and fix what can be fixed by machine
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: venv  ## linking against its peers: Splink, datasketch, equal numbers
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@$(BIN)/python benchmarks/matching.py

docs: venv-dev  ## the generated pages: docs/config.md and docs/schema
	@$(BIN)/python -m config.reference

clean:  ## remove the environment and the demo's output
	@rm -rf .venv demo-output
