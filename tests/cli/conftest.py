"""Running the command line within the test's own process, through ``main``, where errors become sentences."""

import io
import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from tracekit.cli.app import main


class Outcome(NamedTuple):
    """How a run ended and what it wrote."""

    code: int
    out: str
    err: str


Tracekit = Callable[..., Outcome]


@pytest.fixture
def tracekit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tracekit:
    """``tracekit("analyze", path, stdin=b"…")`` → Outcome, as in a pipe of 100 columns without colours."""
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["tracekit", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        assert isinstance(end.value.code, int)
        return Outcome(end.value.code, *capsys.readouterr())

    return run
