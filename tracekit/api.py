"""What notebooks call and commands wrap: open, analyse, look."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from tracekit.analysis.analyze import EVERYTHING_PREDICTED, Analysis, Scope, analyze_profile, explain_measured
from tracekit.analysis.findings.find import Explained, explain
from tracekit.analysis.operations.placement import place
from tracekit.analysis.operations.plan import parse_plan
from tracekit.analysis.predictions.measure import NOTHING, WANTED, Beside
from tracekit.analysis.predictions.sidecar import Harness
from tracekit.attribution.own_rules import load_catalogue
from tracekit.errors import InputError, NoSamplesError
from tracekit.files import read_json
from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import Notices
from tracekit.model.instruments import INTERVAL_TABLES, LANGUAGE_TABLES, LOG_TABLE
from tracekit.model.log import Log
from tracekit.model.operations import Model
from tracekit.model.profile import Meta, Profile
from tracekit.model.trace import Trace
from tracekit.readers import ReaderName
from tracekit.readers import open_trace as open_natively
from tracekit.readers.logs import read_log
from tracekit.readers.logs.recorded import recorded_log
from tracekit.readers.source import Progress
from tracekit.recording.beside import LOG, beside
from tracekit.recording.harness.sidecar import find_sidecar, read_sidecar

if TYPE_CHECKING:  # what every command would wait for, and few need, is loaded where it is used
    from tracekit.analysis.compare.result import Diff
    from tracekit.analysis.compare.sides import Side

__all__ = ["Analysis", "Scope", "analyze", "compare", "explain_operations", "open_trace"]

NO_LOG = "none"
"""What is given as a log where none is to be read."""

Source = Analysis | Trace | Profile | str | Path
"""What can be compared."""


def open_trace(
    path: str | Path,
    *,
    reader: ReaderName = "auto",
    strict: bool = False,
    progress: Progress | None = None,
    symbols: Sequence[str | Path] = (),
) -> Trace:
    """Open any input that tracekit knows; ``-`` is standard input.

    A bundle of a kind that tracekit's own reader refuses is read through ``xctrace export``, where there is one.
    ``strict`` refuses what would otherwise be skipped and counted. ``progress`` is told how far a long read is.
    ``symbols`` are dSYM bundles or Mach-O files, which name the functions of profiles that the recording could not.

    Raises:
        UnknownFormatError: nothing here knows the file.
        SelectionError: the reader that was asked for does not read this kind of input.
        RecordingError: ``xctrace`` was asked for and is not there, or refuses the bundle.
        InputError: it cannot be read as what it claims to be.
    """
    if not symbols:
        return open_natively(path, reader=reader, strict=strict, progress=progress, export=_exported)
    from tracekit.symbols import read_objects, with_symbols

    known = read_objects([Path(each) for each in symbols])
    return with_symbols(open_natively(path, reader=reader, strict=strict, progress=progress, export=_exported), known)


def _exported(bundle: Path) -> Path:
    """Exports of a bundle, made by the recorder, which is loaded for bundles that tracekit cannot read alone."""
    from tracekit.recorder import export_for_reading

    return export_for_reading(bundle)


def analyze(
    source: Trace | Profile | str | Path,
    *,
    scope: Scope = EVERYTHING_PREDICTED,
    run: int | None = None,
    rules: str | Path | None = None,
    sidecar: str | Path | None = None,
    log: str | Path | None = None,
    model: Model | str | Path | None = None,
    plan: pd.DataFrame | str | Path | None = None,
) -> Analysis:
    """The verdict and everything it rests on, of a trace, a profile, or a path.

    Of a trace its interval tables are read too, and the harness's ``sidecar``; where none is named, the one that lies
    in or beside the trace; and a ``log`` of ``log show --style ndjson``, where none is named the recording's own table,
    else ``NAME.log.ndjson`` beside it; ``"none"`` reads none. A profile alone has none of them.

    The ``model`` that was recorded and its compute ``plan``, by default that of the sidecar, tell of its operations:
    ``explained`` has them.

    Raises:
        TracekitError: the input, the scope or the rules cannot be used; the message says what to do.
    """
    if isinstance(source, (str, Path)):
        source = open_trace(source)
    beside = read_beside(source, run, sidecar, log) if isinstance(source, Trace) else NOTHING
    beside = replace(beside, model=_model(model), plan=read_plan(plan))
    profile = _samples(source, run, beside) if isinstance(source, Trace) else source
    return analyze_profile(profile, scope, load_catalogue(rules), beside)


def _samples(trace: Trace, run: int | None, beside: Beside) -> Profile:
    """The samples of a run; none at all where only instruments of an engine were recorded: those are answered too."""
    try:
        return trace.profile(run)
    except NoSamplesError:
        if not set(beside.tables) & {*INTERVAL_TABLES, *LANGUAGE_TABLES}:
            raise
    chosen = trace.run(run)
    meta = Meta("ns", source=trace.path, format=trace.format, run=chosen.number, facts=chosen.facts)
    return ProfileBuilder().build(meta)


def compare(
    a: Source | Sequence[Source],
    b: Source | Sequence[Source],
    *,
    scope: Scope = EVERYTHING_PREDICTED,
    rules: str | Path | None = None,
) -> "Diff":
    """What changed from ``a`` to ``b``, and how sure that is. A path may be that of a saved ``analyze --json``.

    Several recordings of each, as two lists, tell more than one: what changes from one recording to the next.

    Raises:
        TracekitError: as ``analyze``.
        SelectionError: one side is a list of several and the other of one.
    """

    from tracekit.analysis.compare.repeats import diff_sides
    from tracekit.analysis.compare.sides import Side
    from tracekit.report.formats.saved_analysis import is_json, read_saved, side_of

    def side(source: Source) -> "Side":
        if isinstance(source, (str, Path)) and is_json(str(source)):
            return side_of(read_saved(str(source)))
        return Side.of(source if isinstance(source, Analysis) else analyze(source, scope=scope, rules=rules))

    sides = [tuple(map(side, given if isinstance(given, (list, tuple)) else [given])) for given in (a, b)]
    return diff_sides(sides[0], sides[1])


def explain_operations(
    source: Analysis | Model, *, model: Model | str | Path | None = None, plan: pd.DataFrame | str | Path | None = None
) -> Explained:
    """A model's operations: which engine each is planned for, what was measured, and what is worth acting on.

    ``source`` is an analysed recording, or a model alone. ``model`` is the one that was recorded; ``plan`` a compute
    plan, by default that of the recording's sidecar.

    Raises:
        InputError: there is neither a model nor a plan, or one of them cannot be read.
    """
    model, plan = _model(model), read_plan(plan)
    if isinstance(source, Model):
        return explain(place(source, plan))
    if model is None and plan is None:
        if source.explained is not None:
            return source.explained
        what = "nothing tells of the model's operations: the recording has no compute plan beside it"
        raise InputError(what, hint="Name the model with --model, or a plan with --plan")
    plan = source.plan if plan is None else plan
    inside = source.profile.only(source.in_focus)
    return explain_measured(model, plan, inside, source.measured, source.seen)


def _model(given: Model | str | Path | None) -> Model | None:
    if given is None or isinstance(given, Model):
        return given
    from tracekit.mlmodel import open_model

    opened = open_model(given)
    if not isinstance(opened, Model):
        raise InputError("is a model of Core AI, whose operations cannot be read", where=str(given))
    return opened


def read_plan(given: pd.DataFrame | str | Path | None) -> pd.DataFrame | None:
    """A compute plan, read where it is a file's: JSON of its own, or a sidecar.

    Raises:
        InputError: it cannot be read, or holds no plan.
    """
    return parse_plan(read_json(given), str(given)) if isinstance(given, (str, Path)) else given


def read_beside(
    trace: Trace, run: int | None = None, sidecar: str | Path | None = None, log: str | Path | None = None
) -> Beside:
    """What a run has beside its samples. What cannot be read is left out and said in the notices.

    Raises:
        InputError: the sidecar or the log that was named cannot be read.
    """
    notices = Notices()
    tables: dict[str, pd.DataFrame] = {}
    there = set(trace.schemas(run))
    for schema in WANTED if log is not None else (*WANTED, LOG_TABLE):
        if schema not in there:
            continue
        try:
            tables[schema] = trace.table(schema, run)
        except InputError as error:
            notices.add("table-not-read", f"the table {schema} was left out: {error}")
            continue
        for notice in tables[schema].attrs.get("notices", ()):
            notices.add(notice.code, notice.message, notice.count)
    harness: Harness | None = None
    try:
        harness = find_sidecar(Path(trace.path)) if sidecar is None else read_sidecar(Path(sidecar))
    except InputError as error:
        if sidecar is not None:
            raise
        notices.add("sidecar-not-read", f"the sidecar was left out: {error}")
    if log is None:
        lines = _own_log(trace, tables.pop(LOG_TABLE, None), notices)
    else:
        lines = None if str(log) == NO_LOG else read_log(Path(log))
    return Beside(tables, harness, (*notices.collected(), *(lines.notices if lines is not None else ())), lines)


def _own_log(trace: Trace, recorded: pd.DataFrame | None, notices: Notices) -> Log | None:
    """What the recording itself holds of the log, else the file that lies beside it."""
    held = recorded_log(recorded) if recorded is not None else None
    found = None if held is not None else beside(Path(trace.path), LOG)
    if found is None:
        return held
    try:
        return read_log(found)
    except InputError as error:
        notices.add("log-not-read", f"the log beside the recording was left out: {error}")
        return None
