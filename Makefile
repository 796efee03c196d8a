# `make help` lists the targets. PYTHON=… chooses the interpreter (3.11 or newer), ARGS="…" passes options on.

PYTHON ?=
ARGS ?=
MARK ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.footfall-ready
PYTEST := $(BIN)/python -m pytest -n 2
# `loadfile`: what a file's tests share (a filled database, a served dashboard) is made once, not once a process.

.DEFAULT_GOAL := help
SBOM ?= build/sbom
.PHONY: help setup demo check test test-all chaos soak screenshots bench lock sbom clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make .venv with everything a developer needs

$(STAMP): pyproject.toml deploy/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" bash deploy/setup.sh
	@touch $(STAMP)

demo: setup ## start everything on this machine with a real clip and simulated stores (ARGS="--minutes 10 --stores 4")
	$(BIN)/footfall demo $(ARGS)

check: setup ## lint, format, types, import arrows
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup ## all tests but the slow ones
	$(PYTEST) --dist loadfile -m "not slow" $(ARGS)

test-all: setup ## every test, soak, chaos and the real TimescaleDB included (MARK=slow: only those)
	$(PYTEST) $(if $(MARK),-m "$(MARK)") $(ARGS)

chaos: setup ## kill, cut, stall and fill for 200 cycles, then prove that nothing is lost or doubled (ARGS="--cycles 20 --json")
	$(BIN)/python -m tests.chaos $(ARGS)

soak: setup ## an hour of a box whose clock runs 48 times too fast: nothing it holds may grow (ARGS="--minutes 15 --json")
	$(BIN)/python -m tests.soak $(ARGS)

screenshots: setup ## take the pictures in docs/images from the running dashboard
	$(BIN)/python -m tests.support.screenshots $(ARGS)

bench: setup ## what this machine can do: ingest, codec, edge
	$(BIN)/footfall bench all $(ARGS)

lock: setup ## pin every dependency of each install, with hashes (ARGS="--upgrade" takes the newest)
	bash deploy/locks/lock.sh $(ARGS)

sbom: setup ## write what each install consists of, as CycloneDX JSON, into build/sbom
	@mkdir -p $(SBOM)
	@for lock in deploy/locks/*.txt; do \
		$(BIN)/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible --of JSON \
			-o $(SBOM)/$$(basename $$lock .txt).cdx.json $$lock || exit 1; done
	@ls $(SBOM)/*.cdx.json

clean: ## remove what the tools made, .venv included
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
