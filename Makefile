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

.PHONY: help setup services test demo demo-kafka lint docs facts native-test native-fuzz native-asan clean
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
	@echo "make native-test  the C++ tests; make native-asan: kernels under the sanitizers;"
	@echo "                  make native-fuzz: random operations on them"
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

native-test:
	mkdir -p build
	$(CXX) -std=c++20 -O1 -g -Wall -Wextra -fsanitize=address,undefined -Inative/include \
	  native/test/hash_test.cc -o build/hash_test
	build/hash_test

# The kernels without Python, under the sanitizers; objects of their own, so that cores share the work.
SANITIZED := -std=c++20 -O1 -g -Wall -Wextra -fsanitize=address,undefined -Inative/include
fuzzed = $(patsubst %,build/fuzz/%.o,fuzz/$(1) $(addprefix src/,columns memory value_codec column_builder $(2)))
FUZZED := $(call fuzzed,columns_fuzz,column_hash key_index key_index_encode accumulators_numeric \
  accumulators_values accumulators_lists value_bag aggregate_state group_table group_snapshot \
  slice_table)
JSON_FUZZED := $(call fuzzed,json_fuzz,json_compact json_lines json_messages json_reader json_scanner json_texts \
  json_values json_writer utf8)
MESSAGES_FUZZED := $(call fuzzed,messages_fuzz,avro_reader protobuf_reader utf8)

build/fuzz/%.o: native/%.cc $(wildcard native/include/flott/*.h)
	@mkdir -p $(@D)
	$(CXX) $(SANITIZED) -c $< -o $@

build/columns_fuzz: $(FUZZED)
	$(CXX) $(SANITIZED) $^ -o $@

build/json_fuzz: $(JSON_FUZZED)
	$(CXX) $(SANITIZED) $^ -o $@

build/messages_fuzz: $(MESSAGES_FUZZED)
	$(CXX) $(SANITIZED) $^ -o $@

native-fuzz:
	$(MAKE) --no-print-directory --jobs=$$(nproc) build/columns_fuzz build/json_fuzz \
	  build/messages_fuzz
	build/columns_fuzz 2000
	build/json_fuzz 20000
	build/messages_fuzz 5000

# A copy of the package around a module built with the sanitizers, found before the installed one.
ASAN_TESTS ?= tests/kernels
native-asan: setup
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake -S . -B build/asan -G Ninja -DCMAKE_BUILD_TYPE=Debug \
	  -DCMAKE_CXX_FLAGS_DEBUG=-g1 -DFLOTT_SANITIZE=ON -DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python \
	  -Dnanobind_DIR=$$($(BIN)/python -m nanobind --cmake_dir)
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake --build build/asan
	rm -rf build/asan/site && mkdir -p build/asan/site
	cp -r src/flott build/asan/site/ && rm -f build/asan/site/flott/kernels/*.so
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake --install build/asan --prefix build/asan/site
	PYTHONPATH=build/asan/site ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc \
	  LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so) $$($(CXX) -print-file-name=libstdc++.so)" \
	  $(BIN)/python -m pytest $(PYTEST_ARGS) $(ASAN_TESTS)

clean:
	rm -rf $(VENV) build dist site out .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	rm -f src/flott/kernels/_native*.so
	find src tests examples benchmarks docs -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
