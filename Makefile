# Two commands do everything: `make run` starts the program, `make test` runs the everyday tests.
# Each sets up all that is missing first. `make help` lists the rest.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
# What Qt and VTK load from the system on a minimal Debian 12 (fonts come with fontconfig).
DEBIAN := libglib2.0-0 libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libbrotli1 \
          libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 \
          libxcb-xkb1 libxkbcommon-x11-0
RUNS   := 2

.PHONY: help run test test-all check env lock bench clean
.DEFAULT_GOAL := help

help:
	@echo "make run       start coread (the first start makes the demo trial)"
	@echo "make test      the everyday tests"
	@echo "make test-all  every test, the long ones too"
	@echo "make check     style, types, import contract, dead code, coverage list"
	@echo "make bench     the benchmarks in tests/benchmarks"
	@echo "make env       only the environment in .venv"
	@echo "make lock      new lock files from pyproject.toml"

run: $(VENV)/.run-ready
	@$(BIN)/coread

test: $(VENV)/.dev-ready
	$(BIN)/python -m pytest -n $(RUNS) --dist loadgroup

test-all: $(VENV)/.dev-ready
	$(BIN)/python -m pytest -n $(RUNS) --dist loadgroup -m "slow or not slow"

check: $(VENV)/.dev-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/python -m tests.coverage_list

bench: $(VENV)/.dev-ready
	$(BIN)/python -m tests.benchmarks

env: $(VENV)/.dev-ready

lock: $(VENV)/.dev-ready
	$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
		pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache

# The interpreter, its venv module and Qt's system libraries: installed as root or with sudo, else one line to run.
$(VENV)/.system-ready:
	@test -n "$(PYTHON)" || { echo "Python 3.11 to 3.13 is needed. On Debian 12: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "$(PYTHON) is not Python 3.11 to 3.13. Name one: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@if command -v dpkg-query >/dev/null 2>&1; then \
		want="$(DEBIAN)"; \
		$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || want="$$want python3-venv"; \
		missing=""; for p in $$want; do \
			dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q "ok installed" || missing="$$missing $$p"; done; \
		if [ -n "$$missing" ]; then \
			line="apt-get install -y --no-install-recommends$$missing"; \
			if [ "$$(id -u)" = 0 ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$line; \
			elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then \
				sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive $$line; \
			else echo "System libraries are missing. Run this once, then make again:"; \
				echo "  sudo apt-get update && sudo $$line"; exit 1; fi; fi; fi
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run-ready: $(VENV)/.system-ready requirements.lock pyproject.toml
	@echo "Installing what coread needs into $(VENV) (once) ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev-ready: $(VENV)/.run-ready requirements-dev.lock
	@echo "Installing the development tools into $(VENV) (once) ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@
