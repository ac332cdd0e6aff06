# make serve | make test | make check | make build | make bench | make clean: each first makes .venv and installs what it needs.
PYTHON ?= python3
DOCUMENTS ?= $(MIKG_DOCUMENTS)
BIN := .venv/bin
# What make test hands to pytest: ARGS="tests/test_engine.py -x" runs one file.
ARGS ?= --numprocesses auto --dist worksteal

FUZZ ?= 5000

.PHONY: serve test check build bench fuzz lint clean

serve: .venv/installed
	@$(BIN)/mikg serve

build: .venv/installed
	@$(BIN)/mikg build

check: .venv/installed
	@$(BIN)/mikg check $(if $(DOCUMENTS),--documents $(DOCUMENTS))

test: .venv/tested lint
	@echo "running the tests ..."
	@$(BIN)/python -m pytest $(ARGS)

lint: .venv/tested
	@$(BIN)/ruff check src tests
	@$(BIN)/ruff format --check src tests

fuzz: .venv/tested
	@MIKG_FUZZ=$(FUZZ) $(BIN)/python -m pytest tests/test_fuzz.py tests/test_provenance.py --timeout 0

bench: .venv/tested
	@$(BIN)/python tests/bench.py
	@$(BIN)/python tests/bench_http.py
	@$(BIN)/python tests/bench_citations.py
	@$(BIN)/python tests/bench_search.py
	@$(BIN)/python tests/bench_network.py 1000 100000
	@$(BIN)/python tests/bench_explore.py
	@$(BIN)/python tests/bench_drawings.py

.venv/python: 
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"mikg needs Python 3.11 or newer; $(PYTHON) is {sys.version.split()[0]}. Name another with: make PYTHON=python3.12 ...")'
	@echo "making .venv with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv .venv
	@touch $@

ASSETS := $(wildcard src/mikg/web/assets/* src/mikg/web/assets/*/*)

.venv/installed: pyproject.toml src/hatch_build.py $(ASSETS) | .venv/python
	@echo "installing mikg and what it needs (a minute or so the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/tested: .venv/installed
	@echo "installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

clean:
	rm -rf .venv releases dist .pytest_cache .ruff_cache
