# make demo   install what is needed, train on real movie reviews, judge, and say what to type next
# make test   the same set-up, then linters and the whole test suite
# Other targets: lint, check (tests alone), clean.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint check clean
.DELETE_ON_ERROR:

demo: $(VENV)/.demo
	$(BIN)/longshort train movie-reviews --preset demo
	@echo "(longshort is $(BIN)/longshort; \"source $(BIN)/activate\" lets you type its name alone)"

test: lint check

lint: $(VENV)/.dev
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

check: $(VENV)/.dev
	$(BIN)/pytest -n 2 --dist worksteal

# The stamps hold what was installed; they are older than what they depend on only when that changed.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python pyproject.toml constraints.txt CMakeLists.txt $(wildcard src/longshort/lstm/kernel/*)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[samples]'
	touch $@

$(VENV)/.dev: $(VENV)/.demo
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[samples,dev]'
	touch $@

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache
