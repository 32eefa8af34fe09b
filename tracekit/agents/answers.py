"""What an agent may ask. Every answer is a few kilobytes of plain values; weights are whole numbers in their unit.

What is said of engines stands with the evidence that it rests on, and with the accounting of every row.
"""

from collections import OrderedDict
from itertools import islice
from threading import Lock
from typing import Any, Final

from tracekit import api
from tracekit.agents.folders import Folders
from tracekit.agents.outline import outline
from tracekit.analysis.analyze import Analysis
from tracekit.analysis.findings.catalogue import entry
from tracekit.analysis.findings.find import Explained
from tracekit.analysis.running import running
from tracekit.analysis.transforms import focus
from tracekit.batch.inputs import fingerprint
from tracekit.database.guarded import Guarded, limited_memory
from tracekit.database.recordings import MEANING, Recording, Recordings
from tracekit.errors import InputError, SelectionError, UnsupportedError
from tracekit.files import reason
from tracekit.mlmodel import is_model, open_model
from tracekit.model.operations import Model
from tracekit.report.formats.analysis_json import analysis_document, finding_document, operations_document
from tracekit.report.formats.diff_json import diff_document
from tracekit.report.formats.tabular import plain_rows

MOST_RECORDINGS: Final = 100
MOST_NODES: Final = 200
MOST_ROWS: Final = 500
_LISTED: Final = 10
_TYPES: Final = 20
_AT_LENGTH: Final = ("schema", "rules", "outside", "unmatched", "threads", "operations", "rows")
_OPEN: Final = 4
"""Recordings that stay in memory, analysed."""
_TIMEOUT_S: Final = 30.0

Answer = dict[str, Any]


class Answers:
    """The tools, of the recordings in some folders."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._one_query = Lock()  # the limit of memory is the process's
        self._open: OrderedDict[tuple[str, str, int | None], Recording] = OrderedDict()

    def recordings(self) -> Answer:
        """List what may be recordings in the folders that were given, by their names."""
        found = list(islice(self._folders.recordings(), MOST_RECORDINGS + 1))
        return {"paths": [str(path) for path in found[:MOST_RECORDINGS]], "more": len(found) > MOST_RECORDINGS}

    def open(self, path: str) -> Answer:
        """What a recording says of itself: its runs, device, OS, Xcode, template, process, and its tables with rows."""
        trace = self._recording(path, None).trace
        runs = [
            {
                "run": run.number,
                **run.facts.known(),
                "tables": [{"name": table.schema, "rows": table.rows} for table in run.tables() if table.available],
            }
            for run in trace.runs
        ]
        return {"path": trace.path, "format": trace.format, "runs": runs}

    def verdict(self, path: str, run: int | None = None) -> Answer:
        """Did the model use the Neural Engine? The answer, its evidence, findings worth acting on, CPU time by engine
        and phase, hardware times, predictions, and the accounting of every row.

        Weights of ANE and GPU are CPU time spent driving them. Busy times are in `hardware`, where it was recorded.
        Where Core ML's plan was, `ops` tells of operations. `generation` is what a language model did, phase by phase:
        prefill, decode, tokens per second where tokens are said.
        """
        document = analysis_document(self._analysis(path, run))
        return {name: _short(value) for name, value in document.items() if name not in _AT_LENGTH}

    def tree(self, path: str, symbol: str | None = None, nodes: int = 40, run: int | None = None) -> Answer:
        """The heaviest calls below a symbol (a prefix, a glob, or re: and a regular expression), callers first; without
        one, those of the predictions. `nodes` is how many calls to show. `skipped` counts calls on the straight way
        from the call above. Shares and weights are CPU time. Ask again with a function that was shown to look below it.
        """
        analysis = self._analysis(path, run)
        profile = analysis.focused if symbol is None else focus(analysis.profile, symbol)
        if not len(profile):
            what = "no prediction" if symbol is None else f"no sample with {symbol} on its stack"
            raise SelectionError(f"there is {what}", where=path, hint="Name another symbol; sql lists the frames")
        return {**outline(running(profile), min(max(nodes, 1), MOST_NODES)), **_basis(analysis)}

    def tables(self, path: str, run: int | None = None) -> Answer:
        """The tables that sql can ask: tracekit's own, with what a row is, and those of Instruments, with their rows.
        `describe samples` by sql shows the columns of one.
        """
        recording = self._recording(path, run)
        instruments = [{"name": info.schema, "rows": info.rows} for info in recording.tables.values()]
        return {"own": dict(MEANING), "instruments": instruments}

    def sql(self, paths: list[str], query: str, rows: int = 50, run: int | None = None) -> Answer:
        """Ask one or several recordings in SQL (DuckDB's), one SELECT. `tables` says which tables there are; names with
        a hyphen need double quotes. Every table begins with `trace`, the path. Functions by weight: from samples join
        stacks using (stack_id) join frames using (frame_id) where in_prediction and is_running. `rows` is how many rows
        of the answer to give; `more` says that there are others.
        """
        recordings = Recordings([self._recording(path, run) for path in dict.fromkeys(paths)])
        database = Guarded(recordings.names(), recordings.parts)
        with self._one_query, limited_memory():
            table, is_whole = database.query(query, most_rows=min(max(rows, 1), MOST_ROWS), timeout_s=_TIMEOUT_S)
        notices = [notice.message for notice in recordings.notices()]
        return {"columns": [*table.columns], "rows": plain_rows(table), "more": not is_whole, "warnings": notices}

    def compare(self, before: str, after: str) -> Answer:
        """What changed from one recording to another, and what of it is more than chance."""
        document = diff_document(api.compare(self._analysis(before, None), self._analysis(after, None)))
        sides = {side: _basis(self._analysis(path, None)) for side, path in (("a", before), ("b", after))}
        short = {name: _short(value) for name, value in document.items() if name not in _AT_LENGTH}
        return {**short, "rests_on": sides}

    def ops(self, path: str, model: str | None = None, run: int | None = None) -> Answer:
        """The operations of a model (a .mlpackage, .mlmodel or .mlmodelc), or of a recording and its model: by type,
        with which engine Core ML plans each for, and findings worth acting on. A plan is what Core ML expects, not what
        happened. `explain` says more of a finding's code.
        """
        place = self._folders.path(path)
        if model is None and is_model(place):
            alone = open_model(place)
            if not isinstance(alone, Model):
                raise UnsupportedError("is a model of Core AI, whose operations cannot be read", where=path)
            return _operations(api.explain_operations(alone))
        analysis = self._analysis(path, run)
        recorded = None if model is None else self._folders.path(model)
        return {**_operations(api.explain_operations(analysis, model=recorded)), **_basis(analysis)}

    def explain(self, code: str) -> Answer:
        """The page of a finding: what it rests on, why it matters, an example, and what to do."""
        return {"lines": entry(code).page().splitlines()}

    def _analysis(self, path: str, run: int | None) -> Analysis:
        return self._recording(path, run).analysis

    def _recording(self, path: str, run: int | None) -> Recording:
        """Opened anew where its files changed."""
        place = str(self._folders.path(path))
        try:
            key = (place, fingerprint(place), run)
        except OSError as error:
            raise InputError(f"cannot be read: {reason(error)}", where=path) from error
        if key not in self._open:
            self._open[key] = Recording(api.open_trace(place), run)
            while len(self._open) > _OPEN:
                self._open.popitem(last=False)
        self._open.move_to_end(key)
        return self._open[key]


def _operations(explained: Explained) -> Answer:
    document = operations_document(explained.placement)
    types = document["types"]
    return {
        **document,
        "types": {"columns": list(types[0]) if types else [], "rows": [[*row.values()] for row in types[:_TYPES]]},
        "more_types": max(len(types) - _TYPES, 0),
        "findings": [finding_document(each) for each in explained.findings],
    }


def _basis(analysis: Analysis) -> Answer:
    """What an answer rests on."""
    document = analysis_document(analysis)
    return {"evidence": document["verdict"]["evidence"], "accounting": document["accounting"]}


def _short(value: Any) -> Any:
    """With the first of what is long, and how many there are; the predictions one by one are for sql."""
    if isinstance(value, dict):
        return {name: _short(each) for name, each in value.items() if name != "rows" or not isinstance(each, list)}
    if isinstance(value, list):
        first = [_short(each) for each in value[:_LISTED]]
        return first if len(value) <= _LISTED else {"first": first, "count": len(value)}
    return value
