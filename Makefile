# Needs nothing but make and a Python >= 3.11 or uv: the virtual environment in .venv is made here.
# Works with GNU Make 3.81 (macOS) and later, and with any POSIX sh.
#
#   make test PYTHON=python3.12    makes .venv with that interpreter, not with the newest one found
#   make test CONSTRAINTS=         with the newest release of every dependency, not with those of constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo check test format constraints clean

PYTHON =
# Empty: the newest of everything.
CONSTRAINTS = constraints.txt
# Two more than there are processors: tests wait for browsers and other processes.
WORKERS = $$(($$(getconf _NPROCESSORS_ONLN) + 2))
BIN = .venv/bin
USER_STAMP = .venv/.installed
DEV_STAMP = .venv/.installed-dev

# The interpreters to try, best first. Each is asked for its version, because a name on PATH proves nothing: a pyenv
# shim may stand for a version that is not installed, and python3 may be too old or lack the venv module.
CANDIDATES = $(if $(PYTHON),$(PYTHON),python3.14 python3.13 python3.12 python3.11 python3 python)
IS_RECENT = import sys; sys.exit(sys.version_info < (3, 11))
CAN_MAKE_VENV = import ensurepip, venv; $(IS_RECENT)

# Makes .venv unless a working one is there, into which can be installed (one that uv made has no pip).
define make_venv
@set -e; \
if $(BIN)/python -c '$(IS_RECENT)' >/dev/null 2>&1 && \
    { command -v uv >/dev/null 2>&1 || $(BIN)/python -m pip --version >/dev/null 2>&1; }; then exit 0; fi; \
rm -rf .venv; \
if command -v uv >/dev/null 2>&1; then \
    echo 'Creating .venv with uv'; \
    uv venv --quiet --python '$(if $(PYTHON),$(PYTHON),>=3.11)' .venv; exit 0; \
fi; \
for python in $(CANDIDATES); do \
    if "$$python" -c '$(CAN_MAKE_VENV)' >/dev/null 2>&1; then \
        echo "Creating .venv with $$("$$python" --version) ($$python)"; \
        "$$python" -m venv .venv; exit 0; \
    fi; \
done; \
echo 'tracekit needs uv, or a Python >= 3.11 with its venv module, and none was found on PATH (tried:' \
    '$(CANDIDATES)): install uv (https://docs.astral.sh/uv/) or Python (https://www.python.org/downloads/;' \
    'on Debian and Ubuntu: apt-get install python3 python3-venv), then run make again.' >&2; \
exit 1
endef

# $(1): what to install; $(2): a file of constraints, also for what builds it, or nothing. By the environment: each
# installer reads its own names, and none complains of the others'. Bytecode is compiled once, and kept of tracekit when
# tests run: they start hundreds of processes, and where PYTHONDONTWRITEBYTECODE is set, each would compile all it
# imports. Not by pip: that takes one processor for it, half of its time, a third of that for the packages' own tests.
# What does not compile is a template that some package holds.
define install
@echo 'Installing $(1) into .venv'; \
if [ -n '$(2)' ]; then \
    export UV_CONSTRAINT='$(2)' UV_BUILD_CONSTRAINT='$(2)' PIP_CONSTRAINT='$(2)' PIP_BUILD_CONSTRAINT='$(2)'; \
fi; \
if command -v uv >/dev/null 2>&1; then uv pip install --quiet --compile-bytecode --python $(BIN)/python -e '$(1)'; \
else \
    $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '$(1)' || exit 1; \
    $(BIN)/python -m compileall -qq -j 0 -x '/tests/' .venv/lib || true; \
fi
endef

help:
	@echo 'make demo     analyze a bundled sample recording and write report.html'
	@echo 'make check    what to run while working: format, lint, types, import order, tests of what you changed'
	@echo 'make test     run every check: the same, and all tests with coverage'
	@echo 'make format   rewrite the code in the house format'
	@echo 'make clean    remove .venv and everything that was built'
	@echo 'make constraints   take the newest dependencies into constraints.txt (needs uv)'

demo: $(USER_STAMP)
	@$(BIN)/tracekit demo

# What needs no test to run; pre-commit does the same.
define lint
$(BIN)/ruff format --check
$(BIN)/ruff check
$(BIN)/lint-imports --no-logo
endef

check: $(DEV_STAMP)
	$(lint)
	$(BIN)/mypy
	@touched="$$($(BIN)/python -m tests.support.touched)"; \
	if [ -z "$$touched" ]; then echo 'No test is of what you changed.'; exit 0; fi; \
	echo "$(BIN)/pytest -n auto" $$touched; $(BIN)/pytest -q -n auto $$touched

# Types are checked beside the tests, which leave a tenth of the processors idle. In a new clone one process first
# compiles all tests by collecting them: each worker would compile every file by itself, at the same time. Files of tests
# in the order of folders: by the number of their tests, long files of few tests would come last, one worker alone.
test: $(DEV_STAMP)
	$(lint)
	@$(BIN)/mypy & types=$$!; \
	export PYTHONDONTWRITEBYTECODE=; \
	[ -d .pytest_cache ] || $(BIN)/pytest --collect-only -qq >/dev/null 2>&1; \
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
	    --cov --cov-report=term-missing; \
	tests=$$?; wait $$types && exit $$tests

format: $(DEV_STAMP)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean:
	rm -rf .venv build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

constraints:
	@mkdir -p build; grep '^#' constraints.txt > build/constraints.txt
	@echo hatchling | uv pip compile pyproject.toml - --extra dev --universal --python-version 3.11 \
	    --no-header --no-annotate --quiet --upgrade >> build/constraints.txt
	@mv build/constraints.txt constraints.txt

$(USER_STAMP): pyproject.toml
	$(make_venv)
	$(call install,.,)
	@touch $@

# What `make test` installs is enough for `make demo` too.
$(DEV_STAMP): pyproject.toml $(CONSTRAINTS)
	$(make_venv)
	$(call install,.[dev],$(CONSTRAINTS))
	@touch $(USER_STAMP) $@
