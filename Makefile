# From a fresh clone, with python3 (3.10 or later) alone:
#   make demo     train a CNN on real images and serve the tab
#   make test     every check and every test, the browser's included (needs Node and Chromium)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGE := tensorboard_cnnvis
STATIC := $(PACKAGE)/static
MODULES := frontend/node_modules/.package-lock.json
FASHION ?= /usr/share/datasets/fashion-mnist
APT := DEBIAN_FRONTEND=noninteractive apt-get

.PHONY: help demo test check python-check frontend-check bundle bundle-check format wheel clean
.PHONY: browser fashion node

help:
	@sed -n 's/^#   //p' Makefile
	@echo "also: make check | bundle | format | wheel | clean"

demo: $(BIN)/.demo
	$(BIN)/tensorboard-cnnvis demo $(DEMO)

test: check browser fashion
	$(BIN)/python -m pytest $(PYTEST)

check: python-check frontend-check bundle-check

python-check: $(BIN)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_arrows.py

frontend-check: $(MODULES)
	cd frontend && npm run --silent check
	cd frontend && npm test --silent

bundle: $(MODULES)
	cd frontend && npm run --silent build

# The committed bundle must be what the sources give.
bundle-check: bundle
	@git diff --exit-code --stat -- $(STATIC) || \
	{ echo "the committed bundle is not what the sources give: commit what make bundle made"; exit 1; }
	@new="$$(git ls-files --others --exclude-standard -- $(STATIC))"; \
	if [ -n "$$new" ]; then echo "built but not committed: $$new"; exit 1; fi

format: $(BIN)/.dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

wheel: $(BIN)/.dev
	rm -rf build
	$(BIN)/python -m build --wheel

clean:
	rm -rf $(VENV) frontend/node_modules build dist *.egg-info

# The stamps depend on setup.py, so that a new requirement is installed.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	{ echo "Python 3.10 or later is needed: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(call install,python3-venv,virtual environments)
	$(PYTHON) -m venv $(VENV)

$(BIN)/.demo: setup.py | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[demo]'
	@touch $@

$(BIN)/.dev: setup.py | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(BIN)/.demo

$(MODULES): frontend/package.json frontend/package-lock.json | node
	cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

node:
	@command -v npm >/dev/null || { echo "npm is needed for the front end's checks; install" \
	"Node 20.19 or later (apt-get install npm, or nodejs.org). make demo works without."; exit 1; }

# System packages: installed through apt where that is possible, else asked for.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	command -v google-chrome >/dev/null || $(call install,chromium,the tests that drive a browser)

fashion:
	@test -d $(FASHION) || $(call install,dataset-fashion-mnist,the tests on Fashion-MNIST)

define install
{ if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
  then $(APT) update -qq && $(APT) install -qq --yes --no-install-recommends $(1); \
  else echo "$(2) need the package '$(1)'; install it: sudo apt-get install $(1)"; exit 1; fi; }
endef
