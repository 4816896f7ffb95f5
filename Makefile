# make run: set up and serve the demo. make test: set up and run the tests.
# make test-fast: those that start no process, in about a minute.
# make test-server: install a standalone Milvus and run the tests that need it.
# make test-python-3.13: set up that Python as well, and run the fast tests with it.
# make test-pythons: the same for each of 3.11 to 3.13 that is installed.
# make coverage: which lines the tests run, in all processes.
# make bench: run all benchmarks, in at most 25 minutes; results in data/benchmarks/results.
# make bench-compare OLD=FILE NEW=FILE: the ratios of two results.json.
# make bench-peers: install other stores, and compare them and other programs' ways with this one.
# make audit: look up what is installed among the known vulnerabilities.
# make test-chaos: kill, spoil and swap for an hour; ROUNDS=N for a longer or shorter run.

# Several processes import each module; all but the first find it compiled.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVER := .venv-server
PEERS := .venv-peers
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate \
	--no-emit-package twinlens --custom-compile-command "make lock"
# Some pips take a package without its extras for another one than the same package with them.
HASHES := --generate-hashes --no-strip-extras
# Exactly the files that were tested, by their hashes; requirements.txt is for Spaces, which install
# extras of Gradio over it.
PIP := pip install --disable-pip-version-check --quiet --require-hashes -r
# The program that installs, in seconds where pip takes a minute; an environment may use another's.
UV := $(BIN)/uv
# install, with the environment's folder: what a rule's first prerequisite lists. uv reads no
# configuration of pip, such as the address of a mirror.
define install
	$(UV) pip install --quiet --python $(1)/bin/python --require-hashes -r $< || { \
		$(1)/bin/python -m ensurepip > /dev/null; $(1)/bin/python -m $(PIP) $<; }
endef
# Before several processes import and compile it; a third of the code is nothing that is imported.
UNUSED := /tests?/|/(pip|setuptools|mypyc?|lexers|debugpy|graphql|jedi|prompt_toolkit|schemathesis)/
UNUSED := $(UNUSED)|/(wcwidth|werkzeug)/|onnxruntime/(tools|transformers)/
COMPILE_CODE := $(BIN)/python -m compileall -qq -j 0 -x '$(UNUSED)' $(VENV)/lib || true
WORKERS := 3
PARALLEL := -n $(WORKERS) --dist loadscope --no-loadscope-reorder --max-worker-restart 0
PYTHONS := 3.11 3.12 3.13
FAST := not slow and not milvus_server

.PHONY: run test test-again test-fast test-pythons test-server test-chaos coverage bench bench-compare bench-peers audit lint lint-js format \
	messages lock clean
.DEFAULT_GOAL := run

run: $(VENV)/run
	@exec $(BIN)/python app.py

# Threads of faiss and numpy that wait spin, which takes the processor from what others test.
test test-again test-fast test-server test-chaos coverage: export OMP_WAIT_POLICY := PASSIVE
test test-again test-fast test-server test-chaos coverage: export OPENBLAS_NUM_THREADS := 1

# Whole files for each worker, the long ones first (tests/packing.py).
test: $(VENV)/dev
	$(BIN)/python -m pytest $(PARALLEL) $(LAST) $(ARGS) || { [ "$$?-$(AGAIN)" = 1-1 ] && $(MAKE) test-again; }

# What failed in a browser, where AGAIN=1: once more, alone, since a page is slow on a busy machine.
# pytest's status 5 says that nothing else failed.
LAST := -o cache_dir=.pytest_cache/last
test-again: FAILED := $(BIN)/python -m pytest $(LAST) --last-failed --last-failed-no-failures none
test-again: $(VENV)/dev
	@$(FAILED) -q --collect-only -m "not browser"; [ $$? = 5 ]
	@echo "The failures above were seen once. Whether they come again:"
	$(FAILED)

test-fast: $(VENV)/dev
	$(BIN)/python -m pytest -m "$(FAST)" $(ARGS)

# In a virtual environment of its own, where one process compiles the little that it imports.
# What reads the code or compares numbers or pixels is the same for every Python, and is in `make
# test-fast`; so are the values of a failed assertion, for which pytest compiles each file anew.
test-python-%: $(VENV)/uv
	$(MAKE) test-fast PYTHON=$(or $(INTERPRETER),python$*) VENV=$(VENV)-$* UV=$(UV) COMPILE_CODE= \
		FAST="$(FAST) and not source and not numbers and not pixels" ARGS="--assert=plain $(ARGS)"

# The fast tests with each other Python that this machine has: on PATH, or installed by uv or pyenv.
test-pythons: $(VENV)/dev
	@for version in $(filter-out $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'),$(PYTHONS)); do \
		found=$$($(BIN)/uv python find --system --no-project --no-python-downloads $$version 2>/dev/null \
			|| ls -d ~/.pyenv/versions/$$version.*/bin/python 2>/dev/null | tail -1); \
		if [ -n "$$found" ]; then \
			$(MAKE) test-python-$$version INTERPRETER=$$found || exit 1; \
		else \
			echo "Python $$version is not on this machine: nothing was tested with it."; \
		fi; \
	done

# Whoever asks for these wants them run, so none may be skipped.
test-server: $(VENV)/dev $(SERVER)/done
	TWINLENS_NO_SKIPS=1 $(BIN)/python -m pytest -m milvus_server $(ARGS)

# Tables, a chart of each, and results.json: for some benchmarks, or several rounds, with
# ARGS="search query --rounds 3".
bench: $(VENV)/dev
	$(BIN)/python -m benchmarks.run $(ARGS)

# The ratios of two results: make bench-compare OLD=a/results.json NEW=b/results.json
bench-compare: $(VENV)/dev
	$(BIN)/python -m benchmarks.compare "$(OLD)" "$(NEW)"

# Other programs' ways of indexing, and other stores, which are installed for this alone.
bench-peers: $(VENV)/dev $(PEERS)/done
	$(BIN)/python -m benchmarks.run peers $(ARGS)

test-chaos: $(VENV)/dev
	TWINLENS_CHAOS=$(or $(ROUNDS),2000) $(BIN)/python -m pytest tests/test_chaos.py -s $(ARGS)

# More random lives run no more lines.
coverage: $(VENV)/dev
	TWINLENS_CHAOS=25 $(BIN)/python -m pytest $(PARALLEL) --cov $(ARGS)

lint: $(VENV)/dev lint-js
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The page's scripts; LINT_JS=required where npm must not be missing.
ifneq ($(shell command -v npm)$(LINT_JS),)
lint-js: node_modules/.package-lock.json
	node_modules/.bin/biome check --error-on-warnings
else
lint-js:
	@echo "npm is not installed: the page's scripts are not linted"
endif

node_modules/.package-lock.json: package-lock.json
	npm ci --silent
	@touch $@

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	test ! -e node_modules || node_modules/.bin/biome check --write

# Collect all messages into searcher/messages/locale; begin a language with ARGS=CODE.
messages: $(VENV)/dev
	$(BIN)/python -m tools.catalogs $(ARGS)

# Pin every dependency anew, after a change to a .in file.
lock: $(VENV)/dev
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt
	$(COMPILE) $(HASHES) requirements.in -o requirements.lock -c requirements.txt
	$(COMPILE) $(HASHES) requirements.in -o docker/requirements.lock -c requirements.txt \
		--excludes docker/not-served.txt
	$(COMPILE) $(HASHES) requirements.in requirements-dev.in -o requirements-dev.lock \
		-c requirements.txt -c requirements-dev.txt
	$(COMPILE) $(HASHES) tests/requirements-server.in -o tests/requirements-server.lock
	$(COMPILE) $(HASHES) benchmarks/requirements-peers.in -o benchmarks/requirements-peers.lock

audit: $(VENV)/dev
	$(BIN)/python -m tools.audit requirements-dev.lock

clean:
	rm -rf node_modules $(VENV) $(VENV)-3.* $(SERVER) $(PEERS) .coverage* .pytest_cache .mypy_cache .ruff_cache

$(VENV)/uv: requirements-dev.lock
	@$(PYTHON) searcher/config/python_version.py || { \
		echo "Name one of these with: make PYTHON=python3.12" >&2; exit 1; }
ifeq ($(UV),$(BIN)/uv)
	$(PYTHON) -m venv $(VENV)
	@awk '/^[^ ]/ { is_uv = /^uv==/ } is_uv' $< > $@.txt
	$(BIN)/$(PIP) $@.txt
else
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
endif
	@touch $@

$(VENV)/run: requirements.lock $(VENV)/uv
	$(call install,$(VENV))
	$(COMPILE_CODE)
	@touch $@

$(VENV)/dev: requirements-dev.lock $(VENV)/run
	$(call install,$(VENV))
	$(COMPILE_CODE)
	@touch $@

$(SERVER)/done: tests/requirements-server.lock $(VENV)/uv
	$(UV) venv --quiet --allow-existing --python $(BIN)/python $(SERVER)
	$(call install,$(SERVER))
	@touch $@

$(PEERS)/done: benchmarks/requirements-peers.lock
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/$(PIP) $<
	@touch $@
