# The tasks of this project. `make` alone lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Marks of a finished installation: of the program alone, and with all that tests it.
RUNS := $(VENV)/.runs
STAMP := $(VENV)/.installed
.DEFAULT_GOAL := help
# Compiled modules are kept, so that the next process starts faster.
export PYTHONDONTWRITEBYTECODE :=
.PHONY: help install demo test check bench bundle golden format lock pages sbom wheel

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-9s %s\n", $$1, $$2}'

$(RUNS): pyproject.toml requirements-run.lock
	@$(PYTHON) .ci/install.py $(VENV) requirements-run.lock
	@touch $(RUNS)

$(STAMP): $(RUNS) requirements.lock
	@$(PYTHON) .ci/install.py $(VENV) requirements.lock
	@touch $(STAMP)

install: $(STAMP) ## set up everything in .venv, with every optional part (done by the other targets when needed)

demo: $(RUNS) ## compare a shipped dispute, print the verdicts, say where the report lies
	@$(BIN)/reconcile compare fixtures/disputes/loan/a.csv fixtures/disputes/loan/b.csv --out out/demo --overwrite; \
	code=$$?; case $$code in 0|1|3) ;; *) exit $$code;; esac

test: $(STAMP) ## run the tests
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

check: $(STAMP) ## format, lint, types, layers, known vulnerabilities
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/python .ci/audit.py || [ $$? -eq 3 ]

bench: $(STAMP) ## measure quality and speed; writes the tables in bench/
	$(BIN)/python -m pytest -q --timeout 0 -n 0 --timed
	RECONCILE_WHOLE_MATRIX=1 $(BIN)/python -m pytest -q --timeout 0 -n 3 $$(grep -rlE 'tests.thorough|hypothesis' tests --include='test_*.py')
	$(BIN)/python -m bench.quality
	$(BIN)/python -m bench.sim_life
	$(BIN)/python -m bench.sim_forms
	$(BIN)/python -m bench.witnesses
	$(BIN)/python -m bench.silence
	$(BIN)/python -m bench.devices
	$(BIN)/python -m bench.speed
	$(BIN)/python -m bench.stages
	$(BIN)/python -m bench.batch
	$(BIN)/python -m bench.readers
	$(BIN)/python -m bench.posts
	$(BIN)/python -m bench.calibrate
	$(BIN)/python -m bench.reliability
	$(BIN)/python -m bench.rates
	$(BIN)/python -m bench.peers # beside other libraries: pip install -r bench/peers.txt first, else they are named as absent

golden: $(STAMP) ## rewrite what the fixtures read as (expected.json); read the diff like code
	RECONCILE_GOLDEN=1 $(BIN)/python -m pytest -q -n 0 tests/contracts/test_readers.py -k golden_file

format: $(STAMP) ## format the code and fix what the linter can
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --fix --quiet .

lock: ## renew the three locks (needs uv)
	uv pip compile --quiet --universal --generate-hashes --all-extras --group dev --python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --group build --python-version 3.11 -c requirements.lock pyproject.toml -o requirements-run.lock
	uv pip compile --quiet --universal --generate-hashes --group bundle --python-version 3.11 -c requirements.lock -o .ci/bundle/requirements.lock

sbom: $(STAMP) ## rewrite docs/sbom.cdx.json and docs/licences.md from requirements.lock
	$(BIN)/python .ci/bom.py

pages: $(STAMP) ## rewrite the generated pages of docs/en and docs/zh
	$(BIN)/python .ci/pages.py

bundle: $(STAMP) ## build the one-folder bundle for this system; it is in dist/bundle/reconcile and starts by double click
	@$(BIN)/python -m pip install --quiet --require-hashes -r .ci/bundle/requirements.lock
	$(BIN)/python -m PyInstaller --noconfirm --log-level ERROR --distpath dist/bundle --workpath build/bundle .ci/bundle/reconcile.spec
	dist/bundle/reconcile/reconcile self-test

wheel: $(STAMP) ## build the wheel twice into dist/ and check that both are equal
	@$(BIN)/python .ci/wheel.py
