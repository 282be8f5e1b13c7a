# make demo and make test set up all they need, in .venv below this directory.
PYTHON ?= python3.11
VENV ?= .venv
CONSTRAINTS ?= constraints.txt

BIN := $(abspath $(VENV))/bin
STAMP := $(VENV)/.installed
STESTR := $(BIN)/stestr
export PATH := $(BIN):$(PATH)
export OS_NOVA_DISABLE_EVENTLET_PATCHING := true
export OS_TEST_TIMEOUT ?= 300
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# What pip downloads is kept below the checkout, too.
export PIP_CACHE_DIR ?= $(abspath $(VENV))/pip-cache
# Through the environment, so that its name may hold blanks and quotes.
export IMAGE

.PHONY: help venv test lint unit functional install-modes demo clean
# stestr keeps its results in one place, one run after the other.
.NOTPARALLEL:

help:
	@echo 'make demo                a server through its life on two hosts'
	@echo 'make demo IMAGE=file     the same with a raw image of yours'
	@echo 'make test                lint, unit and functional tests'
	@echo 'make lint | unit | functional   each of them alone'
	@echo 'make install-modes       wheels and checkouts in clean environments'
	@echo 'make clean               remove what these commands made'
	@echo 'PYTHON=python3.12 takes another Python, VENV=dir another place.'
	@echo 'Everything else is a tox environment: tox list'

venv: $(STAMP)

$(STAMP): requirements.txt test-requirements.txt pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -c $(CONSTRAINTS) \
	    -r test-requirements.txt -e '.[simulator]'
	touch $(STAMP)

test: lint unit functional

lint: $(STAMP)
	$(BIN)/python -m tools.lint

unit: $(STAMP)
	$(STESTR) run

functional: $(STAMP)
	$(STESTR) --test-path ./nova_powervm/tests/functional run

install-modes: $(STAMP)
	$(STESTR) --test-path ./nova_powervm/tests/install run

demo: $(STAMP)
	$(BIN)/python -m tools.demo $(if $(IMAGE),--image "$$IMAGE")

clean:
	rm -rf $(VENV) .tox .stestr .mypy_cache .ruff_cache build cover \
	    doc/build releasenotes/build nova_powervm.egg-info
