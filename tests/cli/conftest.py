"""Running the command line within the test's own process, through ``main``, where errors become sentences."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cli.inputs import SAMPLES
from tracekit import api
from tracekit.analysis.analyze import Analysis
from tracekit.cli.main import main
from tracekit.model.trace import Trace


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


_ANALYSED: dict[tuple[str, str], Analysis] = {}


@pytest.fixture
def analysed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording of ``sample_traces`` is opened as always and analysed once for the same options.

    For tests of what is made of an analysis, which nothing changes. Not for those of ``--symbols`` and ``--reader``.
    """
    analyze = api.analyze

    def remembered(source: Any, **options: Any) -> Analysis:
        if not isinstance(source, Trace) or not Path(source.path).is_relative_to(SAMPLES):
            return analyze(source, **options)
        asked = source.path, repr(sorted(options.items()))
        if asked not in _ANALYSED:
            _ANALYSED[asked] = analyze(source, **options)
        return _ANALYSED[asked]

    monkeypatch.setattr(api, "analyze", remembered)
