# make run: set up and serve the demo. make test: set up and run the tests.
# make test-server: install a standalone Milvus and run the tests that need it.
# make bench: run all benchmarks, in about 20 minutes on 2 cores.
# make audit: look up what is installed among the known vulnerabilities.
# make test-chaos: kill, spoil and swap for an hour; ROUNDS=N for a longer or shorter run.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVER := .venv-server
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate \
	--custom-compile-command "make lock"
# Exactly the files that were tested, by their hashes; requirements.txt is for Spaces, which install
# extras of Gradio over it.
INSTALL := $(BIN)/pip install --disable-pip-version-check --quiet --require-hashes -r
RUNS_311 := import sys; sys.exit(sys.version_info < (3, 11))

.PHONY: run test test-server test-chaos bench audit lint format lock clean
.DEFAULT_GOAL := run

run: $(VENV)/run
	@exec $(BIN)/python app.py

# Two at a time, whole files each: most of the time goes by waiting for processes and pages.
test: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0 $(ARGS)

# Whoever asks for these wants them run, so none may be skipped.
test-server: $(VENV)/dev $(SERVER)/done
	TWINLENS_NO_SKIPS=1 $(BIN)/python -m pytest -m milvus_server $(ARGS)

# The networks that the last one compares are made by the first.
bench: $(VENV)/dev
	$(BIN)/python -m benchmarks.index
	$(BIN)/python -m benchmarks.batches
	$(BIN)/python -m benchmarks.query
	$(BIN)/python -m benchmarks.search
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.busy
	$(BIN)/python -m benchmarks.start
	$(BIN)/python -m benchmarks.models sample_images data/benchmarks/models/resnet50.onnx \
		data/benchmarks/models/resnet50-int8.onnx data/benchmarks/models/efficientnet_lite0.onnx

test-chaos: $(VENV)/dev
	TWINLENS_CHAOS=$(or $(ROUNDS),2000) $(BIN)/python -m pytest tests/test_chaos.py -s $(ARGS)

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Pin every dependency anew, after a change to a .in file.
lock: $(VENV)/dev
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt
	$(COMPILE) --generate-hashes requirements.txt -o requirements.lock
	$(COMPILE) --generate-hashes requirements.txt requirements-dev.txt -o requirements-dev.lock
	$(COMPILE) --generate-hashes tests/requirements-server.in -o tests/requirements-server.lock

audit: $(VENV)/dev
	$(BIN)/python -m tools.audit requirements-dev.lock

clean:
	rm -rf $(VENV) $(SERVER) .pytest_cache .mypy_cache .ruff_cache

$(VENV)/run: requirements.lock
	@$(PYTHON) -c '$(RUNS_311)' || { \
		echo "Twinlens needs Python 3.11 or newer; name one with: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) requirements.lock
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.lock
	$(INSTALL) requirements-dev.lock
	@touch $@

$(SERVER)/done: tests/requirements-server.lock
	$(PYTHON) -m venv $(SERVER)
	$(SERVER)/bin/pip install --disable-pip-version-check --quiet --require-hashes -r $<
	@touch $@
