"""What to do after an answer: commands that can be pasted into a shell, and what to do about a finding.

All name the recording as ``source`` does, which a page that is sent to others writes without its folders, and its run
unless every command takes it by itself. Names in them are as they were recorded, quoted for a shell: whoever shows them
makes them visible.
"""

from collections.abc import Iterator
from shlex import quote
from typing import Final

from tracekit.analysis.analyze import Analysis
from tracekit.attribution.patterns import pattern_of
from tracekit.files import STANDARD_INPUT, as_argument
from tracekit.model.profile import SNAPSHOT
from tracekit.report.sentences import sentences

_UNNAMED: Final = "TRACE"
"""The recording, in commands of findings, and where nothing names it."""
_MODEL: Final = " --model MODEL"
_FIRST: Final = 1
"""The run that is read where none is named; of a recording whose first has another number, to name it does no harm."""


def next_commands(analysis: Analysis) -> list[str]:
    """The two commands that are most useful after this answer."""
    meta = analysis.profile.meta
    trace = named(meta.source, meta.run)
    look = f"tracekit report {trace} -o report.html"
    if meta.format == SNAPSHOT:
        return []
    if analysis.verdict.answer == "yes":
        return [f"tracekit check {trace} --require-ane '*' --max-cpu 0.1", look]
    if analysis.verdict.answer == "unknown":
        return [*focus_commands(analysis, meta.source)[:1], recording_command(analysis), look][:2]
    model = "" if analysis.explained is not None else " --model MODEL.mlpackage"
    return [f"tracekit ops {trace}{model}", look]


def focus_commands(analysis: Analysis, source: str) -> list[str]:
    """Where no prediction was found: a command for each function that may be one."""
    symbols = dict.fromkeys(analysis.candidates["symbol"])
    trace = named(source, analysis.profile.meta.run)
    return [f"tracekit analyze {trace} --focus {quote(pattern_of(symbol))}" for symbol in symbols]


def has_no_samples(analysis: Analysis) -> bool:
    """Whether the recording holds no sample at all, however it is selected."""
    return analysis.accounting.samples.total == 0


def recording_command(analysis: Analysis) -> str:
    """How to record what would tell: the engines' own tables beside the samples."""
    process = analysis.profile.meta.facts.process or ""
    target = quote(process) if process else "Harness --model MODEL.mlpackage"
    return f"tracekit record --app {target} -o again.trace"


def remedy(fix: str, source: str, run: int = _FIRST, *, names_model: bool) -> list[list[str]]:
    """What to do about a finding: its sentences, each as text and commands by turns, beginning with text.

    The model need not be named where the recording tells of it.
    """
    return [list(_pieces(said, named(source, run), names_model=names_model)) for said in sentences(fix)]


def commands_of(pieces: list[str]) -> list[str]:
    """Of the pieces of a sentence of ``remedy``, those that are pasted into a shell; others are code for a program."""
    return [piece for piece in pieces[1::2] if piece.startswith("tracekit ")]


def remedy_text(fix: str, source: str, run: int = _FIRST, *, names_model: bool) -> list[str]:
    """The sentences of ``remedy`` as plain text."""
    return ["".join(pieces) for pieces in remedy(fix, source, run, names_model=names_model)]


def _pieces(said: str, trace: str, *, names_model: bool) -> Iterator[str]:
    for at, piece in enumerate(said.split("`")):
        command = piece if names_model else piece.replace(_MODEL, "")
        yield command.replace(_UNNAMED, trace) if at % 2 else piece


def named(source: str, run: int) -> str:
    """A run of a recording in a command; standard input cannot be read again."""
    trace = _UNNAMED if source in ("", STANDARD_INPUT) else as_argument(source)
    return trace if run == _FIRST else f"{trace} --run {run}"
