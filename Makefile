# make demo   install what is needed, train on real movie reviews, evaluate, and print the next command
# make test   the same set-up, then the linters and all tests except the slow ones
# make slow   the tests that take longest, with real processes and real memory: some minutes
# make same   compare small runs of every kind with those of the commit BASE: weights, predictions, metrics, output
# make bench  the LSTM beside its peers, in an environment of its own; tables in benchmarks/results. Its arguments:
#             make bench BENCH="--quick", or "--epoch FOLDER" for an epoch over FOLDER/train.parquet
# make sanitize   the kernel's tests under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer (GCC on Linux)
# make mutate     break the kernel in many ways; the tests must fail each time
# make faults     kill, stop, damage and starve trainings of disk in many ways, resume each, and compare the bits
# make lock       rewrite the hashes in locks/ after constraints.txt has changed
# make audit      ask PyPI for known vulnerabilities in what is installed
# make fuzz       ten minutes of damaged models, data files and kernel calls: only longshort's own errors may be raised.
#                 FUZZ="--seconds 60", or "--engine mutations", or parts of the targets' names
# make properties   the property tests with new and more cases each time
# make hostile    load a thousand manipulated models; measure error, time, memory and files touched
# Other targets: lint, check (tests alone), clean.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BASE ?= HEAD
BENCH ?=
FUZZ ?=
BENCH_VENV := .venv-bench
TOOLS_VENV := .venv-tools

.PHONY: demo test lint check slow same properties sanitize mutate faults lock audit fuzz hostile bench clean
.DELETE_ON_ERROR:

demo: $(VENV)/.demo
	$(BIN)/longshort train movie-reviews --preset demo
	@echo "(longshort is $(BIN)/longshort; \"source $(BIN)/activate\" lets you type its name alone)"

test: lint check

lint: $(VENV)/.dev
	$(BIN)/ruff check src tests benchmarks docs examples
	$(BIN)/ruff format --check src tests benchmarks docs examples
	$(BIN)/mypy
	$(BIN)/lint-imports

check: $(VENV)/.dev
	$(BIN)/pytest -n auto --dist worksteal -m "not slow"

slow: $(VENV)/.dev
	$(BIN)/pytest -n auto --dist worksteal -m slow

same: $(VENV)/.dev
	$(BIN)/python -m tests.recordings against $(BASE)

properties: $(VENV)/.dev
	$(BIN)/pytest -n auto --dist worksteal -m hypothesis --hypothesis-profile anew

sanitize: $(VENV)/.dev
	$(BIN)/python tests/sanitizers/run.py

mutate: $(VENV)/.dev
	$(BIN)/python tests/mutations/run.py

faults: $(VENV)/.dev
	$(BIN)/python tests/faults/run.py

lock: $(TOOLS_VENV)/.tools
	locks/make.sh $(CURDIR)/$(TOOLS_VENV)/bin/uv

audit: $(TOOLS_VENV)/.tools
	$(TOOLS_VENV)/bin/pip-audit --strict --disable-pip --require-hashes --requirement locks/dev.txt --requirement locks/torch.txt

fuzz: $(VENV)/.fuzz
	$(BIN)/python -m tests.fuzz.run $(FUZZ)

hostile: $(VENV)/.dev
	$(BIN)/python -m tests.hostile.run

bench: $(BENCH_VENV)/.bench
	$(BENCH_VENV)/bin/python -m benchmarks.engine $(BENCH)

# The stamps hold what was installed; they are older than what they depend on only when that changed.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# Every package is compared with the hashes in locks/. torch is fetched first and compared then: where a machine offers
# its build for processors alone, which is smaller by gigabytes, pip prefers that, unless it is given hashes to choose by.
# torch's other requirements are its own to state: that build needs nothing, the one with CUDA pins CUDA's libraries.
$(VENV)/.packages: $(BIN)/python constraints.txt locks/demo.txt
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement locks/demo.txt
	touch $@

$(VENV)/.torch: $(BIN)/python constraints.txt locks/torch.txt
	$(BIN)/python -m pip download --quiet --no-deps --constraint constraints.txt --dest $(VENV)/torch torch
	$(BIN)/python -m pip install --quiet --no-deps --no-index --find-links $(VENV)/torch --require-hashes \
		--requirement locks/torch.txt
	rm -r $(VENV)/torch
	touch $@

$(VENV)/.demo: $(VENV)/.packages $(VENV)/.torch pyproject.toml CMakeLists.txt $(wildcard src/longshort/lstm/kernel/*)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.tests: $(VENV)/.packages locks/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement locks/dev.txt
	touch $@

$(VENV)/.dev: $(VENV)/.demo $(VENV)/.tests
	touch $@

# Atheris has builds for some versions of Python only: without it, mutations alone are tried, which the table shows.
$(VENV)/.fuzz: $(VENV)/.dev locks/fuzz.txt
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement locks/fuzz.txt || true
	touch $@

$(TOOLS_VENV)/bin/python:
	$(PYTHON) -m venv $(TOOLS_VENV)

$(TOOLS_VENV)/.tools: $(TOOLS_VENV)/bin/python locks/tools.txt
	$(TOOLS_VENV)/bin/python -m pip install --quiet --no-deps --require-hashes --requirement locks/tools.txt
	touch $@

$(BENCH_VENV)/bin/python:
	$(PYTHON) -m venv $(BENCH_VENV)

$(BENCH_VENV)/.bench: $(BENCH_VENV)/bin/python pyproject.toml constraints.txt benchmarks/constraints.txt CMakeLists.txt \
		$(shell find src -name '*.py' -o -name '*.?pp')
	$(BENCH_VENV)/bin/python -m pip install --quiet --constraint constraints.txt --constraint benchmarks/constraints.txt \
		--config-settings build-dir=build/bench '.[bench]'
	touch $@

clean:
	rm -rf $(VENV) $(BENCH_VENV) $(TOOLS_VENV) build .pytest_cache .mypy_cache .ruff_cache
