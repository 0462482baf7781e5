# Two targets do all set-up on a machine with Python 3.11 or later, make and git: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-from-pyproject

.PHONY: demo test lint bench flee-check skill clean

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Corridor needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

demo: $(STAMP)
	$(BIN)/corridor run mosul-2016 --members 200 --seed 1 --out out/mosul-2016 --overwrite

test: lint
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP)
	$(BIN)/python -m benchmarks

flee-check: $(STAMP)
	$(BIN)/python -m benchmarks.flee_check

skill: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,skill]'
	$(BIN)/python -m benchmarks.skill

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
