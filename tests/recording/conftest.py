"""A fake Mac to record on, and the tools that some tests need."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.support import tools
from tests.support.fake_mac import FakeMac
from tracekit.cli.main import main


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    returncode: int
    stdout: str
    stderr: str


class Here(Protocol):
    def __call__(self, *arguments: str, **environment: str) -> Done: ...


@pytest.fixture
def mac(tmp_path: Path) -> FakeMac:
    """Fake tools and a folder to work in."""
    return FakeMac(tmp_path)


@pytest.fixture(scope="session")
def recorded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a recording and what was exported from it, for tests of what comes after. Only to be read."""
    mac = FakeMac(tmp_path_factory.mktemp("recorded"))
    done = mac.tracekit("record", "-o", "run.trace", "--no-analyze", FAKE_ITERATION_S="0")
    assert done.returncode == 0, done.stderr
    return mac.home


@pytest.fixture
def recorded(mac: FakeMac, recorded_once: Path) -> Path:
    """The bundle of a recording in the folder to work in."""
    shutil.copytree(recorded_once, mac.home, dirs_exist_ok=True)
    return mac.home / "run.trace"


@pytest.fixture
def needed() -> Callable[[str], str]:
    """``needed("clang")``: its path; without it the test is skipped, or fails where TRACEKIT_ALL_TOOLS is set."""
    return tools.needed


@pytest.fixture
def here(mac: FakeMac, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Here:
    """``here("record", …, FAKE_XCODE="27.0")``: tracekit run on the fake Mac, in this process, which is faster."""

    def run(*arguments: str, **environment: str) -> Done:
        with monkeypatch.context() as patch:
            for name, value in (mac.environment | environment).items():
                patch.setenv(name, value)
            patch.delenv("TRACEKIT_XCTRACE", raising=False)
            patch.setattr("tracekit.recording.xctrace.session._POLL_S", 0.005)
            patch.chdir(mac.home)
            patch.setattr(sys, "argv", ["tracekit", *arguments])
            capfd.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
            captured = capfd.readouterr()
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return run
