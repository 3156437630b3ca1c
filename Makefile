# make run   set up, index the sample articles unless there is an index, serve the search page
# make test  set up, then lint, types and every test
PYTHON ?= python3.11
PORT ?= 8000
BIN = .venv/bin

.PHONY: run test setup format

run: setup
	@test -f index/CURRENT || $(BIN)/article-search reindex data/sample --index index
	@$(BIN)/article-search serve --index index --port $(PORT)

# Two at a time, whole files, in the order of tests/conftest.py; in memory where there is room: most
# of the time that tests wait, they wait for a disk to sync.
test: export TMPDIR = $(shell test -w /dev/shm && echo /dev/shm || echo $${TMPDIR:-/tmp})
test: setup .venv/s3/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

setup: .venv/.installed

.venv/.installed: requirements.lock requirements-scale.lock pyproject.toml
	@test -d .venv || echo "setting up .venv, once: about 2 GB and two to four minutes"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock -r requirements-scale.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The S3 server of the tests, whose needs are not those of the program.
.venv/s3/.installed: requirements-s3.lock | setup
	$(PYTHON) -m venv .venv/s3
	.venv/s3/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-s3.lock
	@touch $@

format:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
