# Works with GNU Make 3.81 (macOS) and later. Everything that set-up writes is inside .venv.
.DEFAULT_GOAL := help

BIN := .venv/bin
READY := .venv/.ready
LOCKS := requirements.lock requirements-dev.lock
PEERS := .venv/peers
GETH := .venv/go/bin/geth

# The first of these that is a supported Python is used; `make PYTHON=/path/to/python` overrides.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
  "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
  && echo "$$python" && exit; done; echo python3)

# Nothing from the caller's Python, and no cache in the caller's home.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME VIRTUAL_ENV PIP_REQUIRE_VIRTUALENV PIP_TARGET PIP_PREFIX PIP_USER
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_NO_CACHE_DIR := 1
export UV_CACHE_DIR := $(CURDIR)/.venv/.cache
export UV_PYTHON_DOWNLOADS := never
UV := $(BIN)/uv

# The pinned uv with its hashes, cut out of the development lock.
PINNED_UV := sed -n '/^uv==/,/^    \# via/p' requirements-dev.lock
COMPILE := $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --custom-compile-command "make lock" pyproject.toml

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## Create .venv with every dependency at its pinned version and hash

# A .venv without its .ready mark was interrupted: it is made anew. With the mark it is brought up to date.
$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
	  echo "Silkgate needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1 || true)." >&2; \
	  echo "Install one of them and run: make $(MAKECMDGOALS) PYTHON=/path/to/python3.13" >&2; \
	  echo "Silkgate 需要 Python 3.11、3.12 或 3.13。请安装其中之一,然后运行:make $(MAKECMDGOALS) PYTHON=/路径/python3.13" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python has no venv module. On Debian or Ubuntu run: sudo apt-get install python3-venv" >&2; \
	  echo "此 Python 缺少 venv 模块。在 Debian 或 Ubuntu 上请运行:sudo apt-get install python3-venv" >&2; \
	  exit 1; }
	@if [ -e $(READY) ] && $(BIN)/python -c '' 2>/dev/null; then rm -f $(READY); else \
	  echo "Setting up .venv"; rm -rf .venv && $(PYTHON) -m venv .venv; fi
	@$(PINNED_UV) > .venv/uv.txt
	@$(BIN)/python -m pip install -q --require-hashes --only-binary :all: -r .venv/uv.txt
	@# Compiled here, once: a gateway then starts in half the time, for a few seconds of set-up.
	@$(UV) pip install -q --python $(BIN)/python --compile-bytecode --require-hashes \
	  -r requirements-dev.lock
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(READY)

# The development lock comes first: a test tool may hold back what the runtime uses.
lock: ## Choose versions anew and write both lock files
	@test -x $(UV) || $(MAKE) setup
	$(COMPILE) --upgrade --group dev -o requirements-dev.lock
	$(COMPILE) --upgrade -c requirements-dev.lock -o requirements.lock

check: setup ## Lint, format, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Three workers for two cores: a third of the time is waiting for processes and answers.
test: setup ## The tests, without the long suites
	$(BIN)/pytest -q -n 3 --dist worksteal -m "not bench and not conformance and not faults_long and not interop" $(ARGS)

demo: setup ## Two gateways on this machine, one shipment cleared on both sides
	@$(BIN)/silkgate demo $(ARGS)

bench: setup ## Measure; every figure in the docs comes from here
	$(BIN)/python -m tests.bench $(ARGS)

# ARGS are options, or the paths to run in place of all.
conformance: setup ## Run against published test vectors
	$(BIN)/pytest -q $(if $(filter tests/%,$(ARGS)),,tests/conformance) $(ARGS)

faults: setup ## Kill, cut and corrupt, at length
	$(BIN)/pytest -q tests/faults tests/certs -m "faults or faults_long" $(ARGS)

interop: setup ## Run against independent implementations
	@if command -v npm >/dev/null; then cd tests/interop && npm install --loglevel=error; \
	  else echo "npm is not here: tests against a node of another make are skipped"; fi
	@test -x $(PEERS)/bin/python || { $(BIN)/python -m venv $(PEERS) && \
	  $(PEERS)/bin/python -m pip install -q --ignore-requires-python -r tests/interop/peers.txt; } || rm -rf $(PEERS)
	@# The last version that seals blocks of a network of its own (clique); a few minutes, once.
	@if command -v go >/dev/null; then test -x $(GETH) || { echo "Building geth"; \
	    GOPATH=$(CURDIR)/.venv/go GOCACHE=$(CURDIR)/.venv/.cache/go GOFLAGS=-modcacherw \
	    go install -ldflags=-checklinkname=0 github.com/ethereum/go-ethereum/cmd/geth@v1.13.15; } || \
	    echo "geth could not be built: its tests are skipped"; \
	  else echo "go is not here: tests on geth are skipped, unless SILKGATE_GETH names one"; fi
	@if command -v mvn >/dev/null; then mvn -q -B -f tests/interop/dss/pom.xml package || \
	    echo "EU DSS could not be built: its tests are skipped"; \
	  else echo "Maven is not here: tests on EU DSS are skipped"; fi
	@if command -v mvn >/dev/null; then mvn -q -B -f tests/interop/ofd/pom.xml package || \
	    echo "ofdrw could not be built: its tests are skipped"; fi
	SILKGATE_GETH=$${SILKGATE_GETH:-$$(test -x $(GETH) && echo $(CURDIR)/$(GETH))} \
	SILKGATE_JUDGE_PYTHON=$(CURDIR)/$(PEERS)/bin/python $(BIN)/pytest -q tests/interop tests/ledger/test_judges.py \
	  tests/gateway/lading/test_titled.py $(ARGS)

clean: ## Remove .venv and everything that was built
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup lock check test demo bench conformance faults interop clean
