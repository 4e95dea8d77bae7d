# Two commands matter: `make demo` and `make test`. Both set up what they need; nothing but Python 3.11, git and make is
# assumed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-long histories benchmark check lock generated clean

demo: .venv
	$(BIN)/merge-hub demo

# A file is one worker's, so that what a module sets up is set up once.
test: .venv
	$(BIN)/pytest -n auto --dist loadfile -m "not long"

test-long: .venv .venv/servers/.ready
	BAO=$(CURDIR)/.venv/servers/bin/bao \
	    POSTGRESQL=$$(echo $(CURDIR)/.venv/servers/lib/python3*/site-packages/pgserver/pginstall/bin) \
	    $(BIN)/pytest -n auto --dist loadfile -m long --ignore tests/flows/test_histories.py

# Random histories, by organizations that share nothing. MERGE_HUB_HISTORIES=1000 makes a thousand of them.
histories: .venv
	$(BIN)/pytest -n auto --dist load tests/flows/test_histories.py

# The hub beside a serial script, with gates of a second and with gates that take no time; then memory and disk with
# more and more open pull requests. Figures, no verdict; ten minutes and more.
benchmark: .venv
	$(BIN)/python -m tests.benchmarks.beside_script
	$(BIN)/python -m tests.benchmarks.beside_script --gate true --workers 8 --profile
	$(BIN)/python -m tests.benchmarks.memory

check: .venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Set-up is skipped while the lock and the project's metadata are unchanged. uv itself comes from the lock, by its hash.
.venv: .venv/.ready
.venv/.ready: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	awk '/^[a-z]/{keep=/^uv==/} keep' requirements.lock > .venv/uv.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Servers that are large and that only some of the long tests speak to.
.venv/servers/.ready: tests/servers.lock | .venv
	$(PYTHON) -m venv .venv/servers
	VIRTUAL_ENV=.venv/servers $(BIN)/uv pip sync --quiet --require-hashes tests/servers.lock
	touch $@

lock: .venv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	    --extra sandbox --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf .venv .merge-hub .pytest_cache .mypy_cache .ruff_cache
