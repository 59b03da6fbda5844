# make demo   install what is needed, train on real movie reviews, judge, and say what to type next
# make test   the same set-up, then linters and the whole test suite
# make bench  the LSTM beside its peers, in an environment of its own; tables in benchmarks/results. Its arguments:
#             make bench BENCH="--quick", or "--epoch FOLDER" for an epoch over FOLDER/train.parquet
# make sanitize   the kernel's tests under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer (GCC on Linux)
# make mutate     break the kernel in many ways and see the tests fail each time
# Other targets: lint, check (tests alone), clean.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH ?=
BENCH_VENV := .venv-bench

.PHONY: demo test lint check sanitize mutate bench clean
.DELETE_ON_ERROR:

demo: $(VENV)/.demo
	$(BIN)/longshort train movie-reviews --preset demo
	@echo "(longshort is $(BIN)/longshort; \"source $(BIN)/activate\" lets you type its name alone)"

test: lint check

lint: $(VENV)/.dev
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/mypy
	$(BIN)/lint-imports

check: $(VENV)/.dev
	$(BIN)/pytest -n 2 --dist worksteal

sanitize: $(VENV)/.dev
	$(BIN)/python tests/sanitizers/run.py

mutate: $(VENV)/.dev
	$(BIN)/python tests/mutations/run.py

bench: $(BENCH_VENV)/.bench
	$(BENCH_VENV)/bin/python -m benchmarks.engine $(BENCH)

# The stamps hold what was installed; they are older than what they depend on only when that changed.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python pyproject.toml constraints.txt CMakeLists.txt $(wildcard src/longshort/lstm/kernel/*)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[samples]'
	touch $@

$(VENV)/.dev: $(VENV)/.demo
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[samples,dev]'
	touch $@

$(BENCH_VENV)/bin/python:
	$(PYTHON) -m venv $(BENCH_VENV)

$(BENCH_VENV)/.bench: $(BENCH_VENV)/bin/python pyproject.toml constraints.txt benchmarks/constraints.txt CMakeLists.txt \
		$(shell find src -name '*.py' -o -name '*.?pp')
	$(BENCH_VENV)/bin/python -m pip install --quiet --constraint constraints.txt --constraint benchmarks/constraints.txt \
		--config-settings build-dir=build/bench '.[bench]'
	touch $@

clean:
	rm -rf $(VENV) $(BENCH_VENV) build .pytest_cache .mypy_cache .ruff_cache
