# Everything here works in a fresh clone, with Python >= 3.11, gcc and make, and a package registry.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NATIVE := CMakeLists.txt $(shell find native -name '*.cc' -o -name '*.h')
SETUP := $(VENV)/.setup-stamp

.PHONY: help setup test demo lint docs clean

help:
	@echo "make setup | test | demo | lint | docs | native-test | native-asan | clean"

# Leaves a .venv in which `flott` and `python` work; does nothing when it is up to date.
setup: $(SETUP)

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Flott needs Python 3.11 or later, and \"$(PYTHON)\" is $$($(PYTHON) -V 2>&1 || echo missing)."; \
	  echo "Name another one: make setup PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(SETUP): $(VENV)/.created pyproject.toml $(NATIVE)
	$(BIN)/pip install --quiet --editable '.[dev,demo,docs]'
	@touch $@
