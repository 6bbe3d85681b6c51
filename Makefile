# make demo | stop | mlflow | test | check | bench | lock | clean
PYTHON ?= python3
PORT ?= 3000
BIN := .venv/bin
DEMO := var/demo
STAMP := .venv/.installed
TRACKING ?= var/mlflow
MLFLOW_PORT ?= 5000

.PHONY: demo test check bench stop mlflow lock clean

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null || \
		{ echo "LightGBM needs the system library libgomp1; install it with: apt-get install libgomp1"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)
	$(BIN)/python -m cli.demo --port $(PORT)

stop:
	@test -x $(BIN)/python || { echo "nothing to stop"; exit 0; }; $(BIN)/python -m cli.demo --stop

mlflow: $(STAMP)
	@TRACKING=$(TRACKING) $(BIN)/python -m cli.mlflow_page --port $(MLFLOW_PORT)

test: $(STAMP)
	$(BIN)/python -m pytest

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

.venv/.peers: $(STAMP) requirements-peers.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-peers.lock
	@touch $@

bench: .venv/.peers
	$(BIN)/python -m benchmarks

lock: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-config \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --group peers --universal --python-version 3.11 --generate-hashes \
		--no-config --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--constraint requirements.lock --output-file requirements-peers.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
