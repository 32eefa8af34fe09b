"""What every test may ask for: golden files and the real recordings; and one hypothesis profile for all."""

import gc
import os
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from tests.support.bless import Golden
from tests.support.once import made_once

ROOT = Path(__file__).parent.parent

# The same examples on every machine and every day, so that a red run is the change's fault.
# To search further, once in a while: pytest --hypothesis-profile=search
settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", parent=settings.get_profile("ci"), derandomize=False, max_examples=2_000)
settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="write the golden files, do not compare")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """No garbage is looked for while tests are collected, nor later among what was: modules and tests stay to the end,
    and going over them again and again is a fifth of what collecting takes."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Laws over drawn input are not traced for coverage: they go over what other tests reach hundreds of times, and
    tracing doubles what that takes."""
    for item in items:
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """``golden("tree.txt", text)`` compares with ``tests/golden/tree.txt``; see ``support/bless.py``."""
    return Golden(
        expected=ROOT / "tests" / "golden",
        actual=ROOT / "build" / "golden",
        test=request.node.nodeid,
        bless=request.config.getoption("--bless"),
    )


@pytest.fixture(autouse=True, scope="session")
def _nothing_is_kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test writes to the user's cache or reads from it; those of the cache itself turn it on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRACEKIT_NO_CACHE", "1")
        patch.setenv("TRACEKIT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real recordings, which is no part of the repository; without it the test is skipped."""
    named = os.environ.get("TRACEKIT_REAL_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "real"
    if not folder.is_dir():
        pytest.skip(f"no real recordings: {folder} is no folder (TRACEKIT_REAL_DATA can name another)")
    return folder


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One model of each kind that coremltools saves, by name; see ``mlmodel/models.py``."""

    def make(folder: Path) -> None:
        making = [sys.executable, "-W", "ignore", "-m", "tests.mlmodel.models", str(folder)]
        alike = os.environ | {"PYTHONHASHSEED": "0"}  # coremltools' passes go through sets
        done = subprocess.run(making, cwd=ROOT, env=alike, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    folder = made_once(tmp_path_factory, "models", make)
    return {path.stem: path for path in folder.glob("*.mlm*")} | {path.stem: path for path in folder.glob("*.mlp*")}
