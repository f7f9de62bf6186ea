# Two commands are for everyone: `make demo` and `make test`. The rest is for those who change the code.
# Nothing is installed outside the folder $(VENV), except system packages that scripts/system_packages.sh names first.
SHELL := /bin/bash
PY    ?= python3
VENV  ?= .venv
BIN   := $(VENV)/bin
ARGS  ?=
# As many test workers as cores, at most four: more only makes browsers wait for each other.
JOBS  ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 4 ? n : 4)))
PIP   := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet

.DELETE_ON_ERROR:
.PHONY: help demo test quick check style types site-types imports docs lock bench fix clean

help:  ## these lines
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 9

demo: $(VENV)/.demo  ## build the environment, start the seeded clinic, print its address and accounts
	$(BIN)/inconcert demo $(ARGS)

# Every check and every test is run even where an earlier one failed, so that one run shows all there is to mend;
# pytest is last, so that its count is the last thing said. Checks share the cores, their output does not mix.
test: $(VENV)/.test  ## install what tests need, run every check and every test
	@scripts/system_packages.sh browser postgres pdf java
	@checks=0; $(MAKE) --no-print-directory --jobs=$(JOBS) --output-sync --keep-going check || checks=1; \
	if [ $$checks -ne 0 ]; then echo "A check failed (above); the tests are run all the same."; fi; \
	scripts/with_postgres.sh $(BIN)/python -m pytest -n $(JOBS) $(ARGS) && exit $$checks

quick: $(VENV)/.test  ## the tests without the slow ones and the browser
	@$(BIN)/python -m pytest -n $(JOBS) -m "not slow and not web" $(ARGS)

check: style imports types site-types docs  ## everything but pytest

style: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

imports: $(VENV)/.test
	$(BIN)/lint-imports

types: $(VENV)/.test
	$(BIN)/mypy

# With Django's plugin, and a cache of its own so that both may run at once.
site-types: $(VENV)/.test
	$(BIN)/mypy --config-file mypy-web.ini --cache-dir .mypy_cache/web

docs: $(VENV)/.test  ## build the documentation into docs/_build/html
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs docs/_build/html

fix: $(VENV)/.test  ## let ruff mend and format what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.demo  ## how long one patient takes against all policies, and the command's cold start
	$(BIN)/python benchmarks/assess.py

lock:  ## write requirements/*.txt anew (needs uv); ARGS=--upgrade moves the versions
	scripts/lock.sh $(ARGS)

clean:  ## remove the environment and everything that was built
	rm -rf $(VENV) build dist docs/_build docs/reference/generated .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The stamp is older than its lock when the lock has moved; then the same folder is brought up to date.
$(VENV)/.demo: requirements/demo.txt pyproject.toml
	@PY=$(PY) scripts/system_packages.sh python
	test -x $(BIN)/python || $(PY) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements/demo.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.demo
	$(PIP) --require-hashes -r requirements/test.txt
	@touch $@
