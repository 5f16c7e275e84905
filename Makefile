# Each target installs what it needs into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
CONSIGNMENTS ?= 50000
SECONDS ?= 600
WORKERS ?= 2

.PHONY: demo test check lint types docs bench soak fuzz clean

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

$(VENV)/.fuzz: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --editable '.[test,fuzz]'
	touch $@

$(VENV)/.dev: $(VENV)/.fuzz
	$(BIN)/python -m pip install --quiet --editable '.[test,fuzz,dev]'
	touch $@

$(VENV)/.bench: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	touch $@

demo: $(VENV)/.installed  ## clear a realistic stream and say where to look
	rm -rf $(DEMO)
	mkdir -p $(DEMO)
	$(BIN)/greenlane generate --consignments $(CONSIGNMENTS) --seed 1 --out $(DEMO)/stream.parquet
	$(BIN)/greenlane clear $(DEMO)/stream.parquet --out $(DEMO)/out
	@echo
	@echo "One decision explained: $(BIN)/greenlane explain $(DEMO)/out $$($(BIN)/python -m greenlane.engine.sample $(DEMO)/out)"
	@echo "What one parcel costs:  $(BIN)/greenlane quote docs/examples/parcel.json"
	@echo "The clearance service:  $(BIN)/greenlane serve --sandbox, and docs/tutorial-service.md"

test: $(VENV)/.test  ## every test that this machine can run, the files dealt out to WORKERS processes, the longest first
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

check: $(VENV)/.dev lint types docs  ## what CI runs
	$(MAKE) test

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .

types: $(VENV)/.dev
	$(BIN)/mypy

docs: $(VENV)/.test  ## the generated reference pages are what the code says
	$(BIN)/python scripts/make_docs.py --check

soak: $(VENV)/.test  ## kill the service and its database under load for SECONDS, check everything, then fuzz
	$(BIN)/python tests/soak.py --seconds $(SECONDS)
	$(MAKE) fuzz

fuzz: $(VENV)/.fuzz  ## feed every reader with what a fuzzer makes, SECONDS each; what it learns stays in .fuzz
	$(BIN)/python tests/fuzz.py --seconds $(SECONDS) --grown .fuzz/grown --found .fuzz/found

bench: $(VENV)/.bench
	$(BIN)/greenlane bench

clean:
	rm -rf $(DEMO) build dist .fuzz .pytest_cache .mypy_cache .ruff_cache .hypothesis
