"""A fake Mac to record on, and the tools that some tests need."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.support import tools
from tests.support.fake_mac import FakeMac
from tracekit.cli.app import main


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
            patch.chdir(mac.home)
            patch.setattr(sys, "argv", ["tracekit", *arguments])
            capfd.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
            captured = capfd.readouterr()
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return run
