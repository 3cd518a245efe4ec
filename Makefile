# Everything here works in a fresh clone with Python 3.11 or later, g++, make and a package registry.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := demo dev docs kafka avro protobuf schema-registry
NATIVE := CMakeLists.txt $(sort $(shell find native/include native/src native/bindings -type f))
PYTEST_ARGS ?= -n auto --dist worksteal

define LIST_REQUIREMENTS
import tomllib; file = tomllib.load(open("pyproject.toml", "rb")); \
project = file["project"]; extras = project["optional-dependencies"]; \
print(*file["build-system"]["requires"], *project["dependencies"], \
*(line for name in "$(EXTRAS)".split() for line in extras[name]), sep="\n")
endef

.PHONY: help setup services test demo demo-kafka lint docs facts sanitized native-test native-fuzz native-asan clean
.DELETE_ON_ERROR:

help:
	@echo "make setup        a .venv with flott in it; nothing happens when it is up to date"
	@echo "make services     Kafka and a schema registry for the tests: needs Java 17 and Maven"
	@echo "make demo         a streaming job on a year of real flights"
	@echo "make demo-kafka   fraud detection on Kafka; needs Java 17 and Maven"
	@echo "make test         all tests; PYTEST_ARGS=... replaces the arguments"
	@echo "make lint         ruff, mypy, the import contract"
	@echo "make docs         the documentation, into site/"
	@echo "make facts        the figures the style is measured by"
	@echo "make native-asan  tests of the kernels under the sanitizers; make native-fuzz: random operations"
	@echo "                  and damaged input; make native-test: the C++ tests"
	@echo "make clean        removes what the others made"

setup: $(VENV)/.installed

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Flott needs Python 3.11 or later; \`$(PYTHON)\` is $$($(PYTHON) -V 2>&1 || true)." >&2; \
	  echo "Name another one: make setup PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# Requirements first, with whatever builds them, and then Flott with the build tools of the .venv:
# rebuilding the native module is incremental and needs no network.
$(VENV)/.requirements: $(VENV)/.created pyproject.toml
	$(BIN)/python -c '$(LIST_REQUIREMENTS)' > $@.txt
	$(BIN)/pip install --quiet --requirement $@.txt
	@touch $@

$(VENV)/.installed: $(VENV)/.requirements $(NATIVE)
	PATH="$(CURDIR)/$(BIN):$$PATH" \
	  $(BIN)/pip install --quiet --no-build-isolation --no-deps --editable .
	@# An installed package has its bytecode; where Python is told to write none, so should this.
	$(BIN)/python -m compileall -q src
	@touch $@

# Into a cache outside the checkout; nothing happens when they are there.
services:
	@$(PYTHON) -m tests.services.java

test: setup
	$(BIN)/python -m pytest $(PYTEST_ARGS)

demo: setup
	$(BIN)/python examples/airline_operations/main.py

demo-kafka: setup services
	$(BIN)/python examples/kafka/main.py

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

facts: setup
	$(BIN)/python -m tests.tidy.facts

# The module, the programs of native/fuzz and those of native/test, from one set of objects built with
# the sanitizers. What they find ends a program.
SANITIZED := build/sanitized
export UBSAN_OPTIONS := print_stacktrace=1

sanitized: setup
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake -S . -B $(SANITIZED) -G Ninja -DCMAKE_BUILD_TYPE=Debug \
	  -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" -DFLOTT_SANITIZE=ON \
	  -DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python \
	  -Dnanobind_DIR=$$($(BIN)/python -m nanobind --cmake_dir)
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake --build $(SANITIZED)

native-test: sanitized
	$(SANITIZED)/hash_test

# Each program with the number of its rounds; FUZZ_SEED=... begins with other ones.
FUZZ_SEED ?= 1
native-fuzz: sanitized
	printf '%s\n' 'columns_fuzz 4000' 'rows_fuzz 8000' 'json_fuzz 20000' 'messages_fuzz 5000' | \
	  xargs -P $$(nproc) -I {} sh -c '$(SANITIZED)/{} $(FUZZ_SEED)'

# A copy of the package around the sanitized module, found before the installed one. Leaks are not looked
# for: Python has many at its end.
ASAN_TESTS ?= tests/kernels tests/operators/columns/test_top_n.py \
  tests/connectors/nexmark/test_nexmark.py::test_events_alone_are_those_among_all \
  tests/formats/columns/json tests/formats/columns/csv tests/formats/columns/avro/test_files_and_messages.py \
  tests/formats/columns/test_protobuf.py
native-asan: sanitized
	rm -rf $(SANITIZED)/site && mkdir -p $(SANITIZED)/site
	cp -r src/flott $(SANITIZED)/site/ && rm -f $(SANITIZED)/site/flott/kernels/*.so
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake --install $(SANITIZED) --prefix $(SANITIZED)/site
	PYTHONPATH=$(SANITIZED)/site ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc \
	  LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so) $$($(CXX) -print-file-name=libstdc++.so)" \
	  $(BIN)/python -m pytest $(PYTEST_ARGS) $(ASAN_TESTS)

clean:
	rm -rf $(VENV) build dist site out .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	rm -f src/flott/kernels/_native*.so
	find src tests examples benchmarks docs -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
