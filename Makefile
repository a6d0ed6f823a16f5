# All set-up happens in .venv and, on Debian or Ubuntu with root, by apt-get; `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := packaging/requirements-dev.txt
STAMP := $(VENV)/.installed
DEMO := build/demo

.DEFAULT_GOAL := help
.PHONY: help setup system demo test test-all run bench fuzz kill lint format screenshots lock wheel clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make the virtual environment

$(STAMP): $(LOCK) pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "EnvStudio needs Python 3.11 or newer.")'
	$(PYTHON) -m venv --without-pip --clear $(VENV)
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(BIN)/uv pip install --quiet --no-config --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

system: ## Install what the tests need of the system (Debian or Ubuntu with root; else it says what is missing)
	@$(PYTHON) packaging/system_packages.py

demo: $(STAMP) ## Run the main job on real input, told step by step
	$(BIN)/python -m envstudio demo --folder $(DEMO)

test: $(STAMP) system ## Run the tests (ARGS="tests/unit -k digest" for a part)
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow" $(ARGS)

test-all: $(STAMP) system ## Run every test, the slow ones too
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

run: $(STAMP) ## Open the window, on the demo's library where there is one
	$(BIN)/python -m envstudio $$(test -f $(DEMO)/library.sqlite && echo --library $(DEMO)/library.sqlite)

bench: $(STAMP) system ## Print the benchmark table and write build/bench.json (ONLY=name for one group or row)
	$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY))

kill: $(STAMP) ## Kill a process in the midst of library changes 10,000 times (COUNT=n for another number)
	$(BIN)/python -m tests.kills $(if $(COUNT),--count $(COUNT))

fuzz: $(STAMP) ## Give mutated real files to every reader, writer and client for 10 minutes (ARGS="--seed 1 --only pylock")
	$(BIN)/python -m tests.fuzz $(ARGS)

lint: $(STAMP) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP) ## Apply the style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshots: $(STAMP) system ## Make a picture of every screen in build/screenshots, and those of the README
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.pictures.screenshots build/screenshots
	cp build/screenshots/packages-light.png resources/pictures/window.png
	cp build/screenshots/history-dark.png resources/pictures/history.png
	cp build/screenshots/images-light.png resources/pictures/images.png

lock: $(STAMP) ## Lock our own dependencies again
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --upgrade --group dev --output-file $(LOCK) pyproject.toml

wheel: $(STAMP) ## Build the wheel in build/dist
	$(BIN)/uv build --quiet --wheel --out-dir build/dist

clean: ## Remove what was made
	rm -rf build $(VENV)
