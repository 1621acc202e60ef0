# Every target does all of its own set-up: a fresh machine needs Python 3.11 or newer, make, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup lint test demo bench lock clean

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.ready ## make the environment in .venv with the locked dependencies

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "karmactl needs Python 3.11 or newer; say PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

lint: setup ## format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint ## everything that CI runs
	$(BIN)/pytest -n 2

demo: setup ## three emulated clusters, a sample shop, a lost cluster: under a minute
	@$(BIN)/python tools/demo.py

bench: setup ## every benchmark, with its ratios
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

lock: setup ## renew requirements.lock (needs uv)
	uv pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --python-version 3.11 --universal --upgrade -o requirements.lock

clean: ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
