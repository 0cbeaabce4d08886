# Two commands do everything: `make run` starts the program, `make test` runs the everyday tests.
# Each sets up all that is missing first. `make help` lists the rest.
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
FITS   := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
# The first interpreter that starts and fits: a name alone may be a shim of a version that is switched off.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3 python; do \
	"$$name" -c '$(FITS)' >/dev/null 2>&1 && command -v "$$name" && break; done)
# An environment knows its folder and its interpreter. When either is gone, it is made anew.
PLACE  := $(shell $(BIN)/python -c '' 2>/dev/null && cat $(VENV)/.place 2>/dev/null)
MOVED  := $(if $(findstring :$(CURDIR):,:$(PLACE):),,moved)
# What Qt and VTK load from a Linux system, and the Debian package of each (fonts come with libfontconfig1).
LIBRARIES := libglib-2.0.so.0=libglib2.0-0 libzstd.so.1=libzstd1 libGL.so.1=libgl1 libEGL.so.1=libegl1 \
	libX11.so.6=libx11-6 libfontconfig.so.1=libfontconfig1 libdbus-1.so.3=libdbus-1-3 \
	libxkbcommon.so.0=libxkbcommon0 libxkbcommon-x11.so.0=libxkbcommon-x11-0 libX11-xcb.so.1=libx11-xcb1 \
	libxcb-cursor.so.0=libxcb-cursor0 libxcb-icccm.so.4=libxcb-icccm4 libxcb-image.so.0=libxcb-image0 \
	libxcb-keysyms.so.1=libxcb-keysyms1 libxcb-render-util.so.0=libxcb-render-util0 \
	libxcb-shape.so.0=libxcb-shape0 libxcb-xkb.so.1=libxcb-xkb1
# pip leaves this out where PYTHONDONTWRITEBYTECODE is set; without it every start takes more than twice as long.
# Some packages carry templates that are no Python: they are passed over.
COMPILE = $(BIN)/python -m compileall -qq -j 2 $(VENV)/lib app viewer measure storage resources || true
RUNS   := 2
LOCKING := --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade

.PHONY: help run test test-all check env lock bench clean moved
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
	$(PIP) install uv==0.13.8
	$(BIN)/uv pip compile $(LOCKING) pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile $(LOCKING) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache

# Asked of the interpreter that will run coread, because another loader path means other libraries.
define MISSING
import ctypes, sys
for name, package in (pair.split("=") for pair in sys.argv[1:] if sys.platform == "linux"):
    try:
        ctypes.CDLL(name)
    except OSError:
        print(package)
try:
    import ensurepip, venv
except ImportError:
    print("python%d.%d-venv" % sys.version_info[:2])
endef

# The libraries, the venv module, the environment. apt as root or with sudo, else the one line to run.
$(VENV)/.system-ready: export MISSING_SOURCE = $(MISSING)
$(VENV)/.system-ready: $(MOVED)
	@python="$(PYTHON)"; \
	test -n "$$python" && "$$python" -c '$(FITS)' || { \
		echo "coread needs Python 3.11 to 3.13 and found $${python:-none}. Install one" \
			"(Debian 12: apt-get install python3 python3-venv) or name one: make PYTHON=/path/to/python3.11"; \
		exit 1; }; \
	missing() { "$$python" -c "$$MISSING_SOURCE" $(LIBRARIES) | tr '\n' ' '; }; \
	packages="$$(missing)"; \
	if [ -n "$$packages" ]; then \
		line="apt-get update -qq; apt-get install -y -qq --no-install-recommends $${packages% }"; \
		export DEBIAN_FRONTEND=noninteractive; \
		if ! command -v apt-get >/dev/null 2>&1; then \
			echo "Missing on this system, by their Debian names: $$packages"; \
			echo "Install them with its package manager, then run make again."; exit 1; \
		elif [ "$$(id -u)" = 0 ]; then \
			echo "Installing system packages: $$packages"; sh -c "$$line" </dev/null >/dev/null; \
		elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then \
			echo "Installing system packages: $$packages"; \
			sudo DEBIAN_FRONTEND=noninteractive sh -c "$$line" </dev/null >/dev/null; \
		else \
			echo "System packages are missing. Run this line once, then run make again:"; \
			command -v sudo >/dev/null 2>&1 && echo "sudo sh -c '$$line'" || echo "su -c '$$line'"; exit 1; fi; \
		packages="$$(missing)"; \
		test -z "$$packages" || { echo "Still missing: $$packages. See above for what apt-get said."; exit 1; }; fi; \
	{ test -z "$(MOVED)" || ! test -f $(VENV)/.place; } && $(BIN)/python -c 'import pip; $(FITS)' 2>/dev/null || \
		"$$python" -m venv --clear $(VENV)
	@printf '%s\n' "$(CURDIR)" >$(VENV)/.place
	@touch $@

$(VENV)/.run-ready: $(VENV)/.system-ready requirements.lock pyproject.toml
	@echo "Installing what coread needs into $(VENV) (once, some minutes) ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(COMPILE)
	@touch $@

$(VENV)/.dev-ready: $(VENV)/.run-ready requirements-dev.lock
	@echo "Installing the development tools into $(VENV) (once) ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@$(COMPILE)
	@touch $@
