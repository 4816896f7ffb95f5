# make run: set up and serve the demo. make test: set up and run the tests.
# make test-server: install a standalone Milvus and run the tests that need it.
# make bench: run all benchmarks, in about 20 minutes on 2 cores.
# make train-tools: install PyTorch, for tools/train_tiny.py.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVER := .venv-server
RUNS_311 := import sys; sys.exit(sys.version_info < (3, 11))

.PHONY: run test test-server bench lint format lock train-tools clean
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
		data/benchmarks/models/resnet50-int8.onnx models/tiny.onnx

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Pin every dependency anew, after a change to a .in file.
lock: $(VENV)/dev
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-annotate \
		--custom-compile-command "make lock" requirements.in -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-annotate \
		--custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt

train-tools: $(VENV)/train

clean:
	rm -rf $(VENV) $(SERVER) .pytest_cache .mypy_cache .ruff_cache

$(VENV)/run: requirements.txt
	@$(PYTHON) -c '$(RUNS_311)' || { \
		echo "Twinlens needs Python 3.11 or newer; name one with: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check --quiet -r requirements.txt
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.txt
	$(BIN)/pip install --disable-pip-version-check --quiet -r requirements-dev.txt
	@touch $@

$(VENV)/train: $(VENV)/dev tools/requirements-train.txt
	$(BIN)/pip install --disable-pip-version-check --quiet -c requirements.txt \
		-r tools/requirements-train.txt
	@touch $@

$(SERVER)/done: tests/requirements-server.txt
	$(PYTHON) -m venv $(SERVER)
	$(SERVER)/bin/pip install --disable-pip-version-check --quiet -r $<
	@touch $@
