# One command each: up, test, prove, check, proto, bench, docs, weaknesses. Each sets up what it needs; python3 >= 3.11 and git are enough
# (the page tests want npm and chromium besides). `make help` lists them all.
UV_VERSION := 0.13.9
PYTHON ?= python3
BIN := .venv/bin
UV := .tools/uv/bin/uv
export UV_PYTHON_DOWNLOADS := never
unexport PYTHONDONTWRITEBYTECODE  # a start takes half as long where Python may keep what it has compiled
MEMBERS := $(sort $(wildcard packages/*/pyproject.toml services/*/pyproject.toml))
MODULES := tests/pages/node_modules services/web/node_modules
READY := .venv/ready-$(firstword $(shell echo $(MEMBERS) | cksum))

.PHONY: up test prove check proto bench docs lock weaknesses build help browser
.DEFAULT_GOAL := up

up: $(READY)  ## run the default mix on this machine
	$(BIN)/mewe up $(MIX)

test: browser $(READY) $(MODULES)  ## every test, on real parts
	$(BIN)/pytest $(ARGS)

prove: browser $(READY) $(MODULES)  ## every test in its long form: the same code, larger numbers; as root on Linux, it cuts power
	MEWE_PROVE=1 $(BIN)/pytest $(ARGS)

check: $(READY)  ## style, types, generated files, and the tests that need no server
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy packages services proto docs tests benchmarks
	$(BIN)/buf lint proto
	$(BIN)/buf format --diff --exit-code proto
	$(BIN)/python proto/generate.py --check
	$(BIN)/python docs/generate.py --check
	$(BIN)/pytest -q packages tests/architecture tests/docs

proto: $(READY)  ## contracts and descriptor sets from proto/
	$(BIN)/buf format -w proto
	$(BIN)/python proto/generate.py

bench: browser $(READY) $(MODULES)  ## figures, each as a ratio to a ceiling of the same run
	$(BIN)/python -m benchmarks $(ARGS)

docs: $(READY)  ## the generated pages
	$(BIN)/python docs/generate.py

lock: $(READY)  ## requirements.lock from the pyproject files, newest versions allowed
	$(UV) lock -q --upgrade
	$(UV) export -q --all-packages --all-groups --all-extras --no-emit-workspace --no-header --no-annotate -o requirements.lock

# Without --strict it would say that all is well where it could not look.
weaknesses: $(READY)  ## known weaknesses of the libraries: asks over a network, and fails where it cannot
	$(UV) tool run -q pip-audit@2.10.1 --strict --disable-pip --require-hashes -r requirements.lock

build: $(READY)  ## a wheel of every package, in dist/
	$(UV) build -q --all-packages --wheel --out-dir dist

help:  ## this list
	@sed -nE 's/^([a-z]+):.*  ## (.*)/make \1\t\2/p' Makefile

browser:
	@command -v npm >/dev/null && command -v chromium >/dev/null || { echo "The page tests need npm and chromium; on Debian: apt-get install npm chromium"; exit 2; }

$(UV):
	@command -v git >/dev/null || { echo "MEWE needs git; please install it and try again."; exit 2; }
	@command -v $(PYTHON) >/dev/null || { echo "MEWE needs Python 3.11 or newer; please install it (python3), or name it: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "MEWE needs Python 3.11 or newer, and $(PYTHON) is older; name another: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 2; }
	@echo "Setting up .tools and .venv, once; this takes about half a minute."
	@$(PYTHON) -m venv .tools/uv
	@.tools/uv/bin/pip install -q --disable-pip-version-check uv==$(UV_VERSION)

$(READY): $(UV) requirements.lock $(MEMBERS)
	@test -d .venv || $(UV) venv -q --python $(PYTHON) .venv
	@$(UV) pip sync -q --python .venv --require-hashes requirements.lock
	@$(UV) pip install -q --python .venv --no-deps $(foreach member,$(MEMBERS),-e $(dir $(member)))
	@rm -f .venv/ready-* && touch $@

%/node_modules: %/package-lock.json
	@npm ci --loglevel=error --no-audit --no-fund --prefix $*
	@touch $@
