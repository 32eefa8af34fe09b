"""What SQL sees of recordings: the tables of ``schema.py`` and every Instruments table, one recording after the other.

Ids are row positions in these tables. What ids point into has its own as a column too, so that tables can be joined:

    samples.stack_id ─► stacks.stack_id   stacks.frame_id ─► frames.frame_id   frames.binary_id ─► binaries.binary_id
    samples.thread_id ─► threads.thread_id

Where there are several recordings, the ids of one go on after those of the one before. So a join on ids alone never
mixes recordings.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import pandas as pd

from tracekit import api
from tracekit.analysis.analyze import Analysis
from tracekit.analysis.operations.plan import parse_plan
from tracekit.analysis.predictions.generation import rate_of
from tracekit.analysis.running import is_running
from tracekit.database.guarded import distinct
from tracekit.errors import SelectionError
from tracekit.model.facts import Notice, Notices
from tracekit.model.trace import TableInfo, Trace

CONTENTS: Final = "tables"
"""The table of what there is; of it alone nothing has to be read."""

_POINTS_INTO: Final = {
    "thread_id": "threads",
    "stack_id": "stacks",
    "parent_id": "stacks",
    "frame_id": "frames",
    "binary_id": "binaries",
}
_ID: Final = {table: name for name, table in _POINTS_INTO.items() if name != "parent_id"}


class Recording:
    """One run of a trace, analysed once, when a table of it is first asked for."""

    def __init__(
        self, trace: Trace, run: int | None = None, rules: str | Path | None = None, model: str | Path | None = None
    ) -> None:
        self.trace = trace
        self.tables: Mapping[str, TableInfo] = {info.schema: info for info in trace.tables(run) if info.available}
        self._run = run
        self._rules = rules
        self._model = model

    @cached_property
    def analysis(self) -> Analysis:
        """The whole analysis, focused on the predictions."""
        return api.analyze(self.trace, run=self._run, rules=self._rules)

    @cached_property
    def operations(self) -> pd.DataFrame:
        """Those of the model that was named, or of the plan beside the recording; none where there is neither."""
        is_known = self._model is not None or self.analysis.plan is not None
        plan = None if is_known else parse_plan({"operations": []}, "no plan")
        explained = api.explain_operations(self.analysis, model=self._model, plan=plan)
        return explained.placement.operations.drop(columns="row")

    def table(self, schema: str) -> pd.DataFrame:
        """A table as Instruments wrote it."""
        return self.trace.table(schema, self._run)


class Recordings:
    """The tables of some recordings, by name."""

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self._all = tuple(recordings)
        self._notices: dict[tuple[str, Notice], None] = {}

    def names(self) -> tuple[str, ...]:
        """Every table that can be asked for. One of Instruments' with the name of one of these is not among them."""
        instruments = dict.fromkeys(name for each in self._all for name in each.tables)
        return (CONTENTS, *_OWN, *filter(_is_instruments, instruments))

    def parts(self, name: str) -> list[pd.DataFrame]:
        """A table of ``names``, a part for each recording that has it; the first column is ``trace``, its path.

        Raises:
            TracekitError: a recording cannot be read or analysed.
        """
        if name == CONTENTS:
            return [self._contents()]
        found = self._own(name) if name in _OWN else self._instruments(name)
        return [_with_trace(part, trace.path) for trace, part in found]

    def notices(self) -> tuple[Notice, ...]:
        """What limits the tables that were read."""
        notices = Notices()
        for _, each in self._notices:
            notices.add(each.code, each.message, each.count)
        return notices.collected()

    def _contents(self) -> pd.DataFrame:
        instruments = [
            (each.trace.path, info.schema, info.rows, info.documentation)
            for each in self._all
            for info in each.tables.values()
            if _is_instruments(info.schema)
        ]
        own = [(each.trace.path, name, None, text) for each in self._all for name, text in MEANING.items()]
        columns = pd.DataFrame([*own, *instruments], columns=["trace", "name", "rows", "meaning"])
        return columns.astype({"trace": "str", "name": "str", "rows": "Int64", "meaning": "str"})

    def _own(self, name: str) -> list[tuple[Trace, pd.DataFrame]]:
        parts, before = [], dict.fromkeys(_ID, 0)
        table_of = _OWN[name][1]
        for each in self._all:
            profile = each.analysis.profile
            self._note(each.trace, (*each.trace.notices, *profile.meta.notices))
            parts.append((each.trace, _renumbered(_with_id(name, table_of(each)), before)))
            before = {table: count + len(getattr(profile, table)) for table, count in before.items()}
        return parts

    def _instruments(self, name: str) -> list[tuple[Trace, pd.DataFrame]]:
        parts = [(each.trace, each.table(name)) for each in self._all if name in each.tables]
        for trace, part in parts:
            self._note(trace, part.attrs.get("notices", ()))
        return parts

    def _note(self, trace: Trace, notices: Sequence[Notice]) -> None:
        """Each of a recording once, whatever is asked for."""
        self._notices.update(dict.fromkeys((trace.path, notice) for notice in notices))


def open_recordings(
    sources: Sequence[Trace | str | Path],
    *,
    run: int | None = None,
    rules: str | Path | None = None,
    model: str | Path | None = None,
) -> Recordings:
    """Recordings of traces or paths; ``model`` is the one that was recorded.

    Raises:
        SelectionError: there is none, or one is given twice.
        TracekitError: one cannot be opened.
    """
    traces = [source if isinstance(source, Trace) else api.open_trace(source) for source in sources]
    paths = [trace.path for trace in traces]
    if not paths:
        raise SelectionError("no recording is given", hint="Name at least one")
    if twice := [path for path in paths if paths.count(path) > 1]:
        raise SelectionError("is given twice: its rows would be counted twice", where=twice[0])
    return Recordings([Recording(trace, run, rules, model) for trace in traces])


def _is_instruments(name: str) -> bool:
    """Not one of ours; SQL does not tell A from a."""
    return name.lower() not in (CONTENTS, *_OWN)


def _samples(recording: Recording) -> pd.DataFrame:
    analysis = recording.analysis
    return analysis.profile.samples.assign(in_prediction=analysis.in_focus, is_running=is_running(analysis.profile))


def _traces(recording: Recording) -> pd.DataFrame:
    meta, verdict = recording.analysis.profile.meta, recording.analysis.verdict
    facts = meta.facts
    row = {
        "run": str(meta.run),
        "format": meta.format,
        "table": meta.table,
        "unit": meta.unit,
        "template": facts.template,
        "device": facts.device_model or facts.device,
        "os": facts.os,
        "xcode": facts.xcode,
        "process": facts.process,
        "answer": verdict.answer,
        "evidence": verdict.evidence,
    }
    return pd.DataFrame([row], dtype="str").astype({"run": "int64"})


def _generation(recording: Recording) -> pd.DataFrame:
    rows = recording.analysis.measured.generation
    rates = [rate_of(*row) for row in zip(rows["phase"], rows["tokens"], rows["tokens_ns"], strict=True)]
    return rows.assign(tokens_per_s=pd.Series(rates, index=rows.index, dtype="Float64"))


_OWN: Final[Mapping[str, tuple[str, Callable[[Recording], pd.DataFrame]]]] = {
    "samples": ("one sample", _samples),
    "stacks": ("one distinct call path", lambda recording: recording.analysis.profile.stacks),
    "frames": ("one function", lambda recording: recording.analysis.profile.frames),
    "binaries": ("one image", lambda recording: recording.analysis.profile.binaries),
    "threads": ("one thread", lambda recording: recording.analysis.profile.threads),
    "intervals": ("one hardware or signpost interval", lambda recording: recording.analysis.measured.intervals),
    "iterations": ("one prediction", lambda recording: recording.analysis.measured.iterations.table),
    "generation": ("one phase of a language model", _generation),
    "operations": ("one operation of the model", lambda recording: recording.operations),
    "traces": ("one recording", _traces),
}

MEANING: Final[Mapping[str, str]] = {name: meaning for name, (meaning, _) in _OWN.items()}
"""What a row of each own table is."""


def _with_id(name: str, table: pd.DataFrame) -> pd.DataFrame:
    if name not in _ID:
        return table
    found = table.copy(deep=False)
    found.insert(0, _ID[name], pd.Series(range(len(table)), dtype="int32"))
    return found


def _renumbered(table: pd.DataFrame, before: Mapping[str, int]) -> pd.DataFrame:
    """Ids that go on after those of the recordings before; -1 stays none."""
    moved = {name: before[_POINTS_INTO[name]] for name in table.columns if name in _POINTS_INTO}
    return table.assign(
        **{name: table[name].where(table[name] < 0, table[name] + by) for name, by in moved.items() if by}
    )


def _with_trace(table: pd.DataFrame, path: str) -> pd.DataFrame:
    """The recording's name as the first column. Columns whose names SQL cannot tell apart get a number behind."""
    named = table.set_axis(distinct(map(str, table.columns), ["trace"], str.lower), axis="columns")
    named.insert(0, "trace", pd.Series(path, index=named.index, dtype="str"))
    return named
