"""Trace Event JSON, for Perfetto (ui.perfetto.dev) and chrome://tracing.

The format has samples of its own (``stackFrames`` and ``samples``, phase ``P``), and Perfetto's importer does not show
them. So calls are slices: a call lasts as long as consecutive samples of its thread are below it. A sample stands for
the time until the next of its thread, or for one sampling interval where the next is further than one and a half.

    Main Thread            start ────────────────────
                             main ───────────────────
                               predict ───── draw ───
    Main Thread · engines  driving ANE  CPU  no engine      with samples and weight of each run as arguments
    Predictions            Prediction 3
    Language model (…)     prefill: Prompt    decode: Extend     what lies in another is in a row of its own
    Neural Engine (hardware)  AneInference                  a row more wherever intervals overlap

The engine tracks hold every sample once: the sums of their ``samples`` and ``weight`` are those of ``by_engine``.

Slices are pairs of begin and end (``B``, ``E``), not complete ones (``X``): Perfetto turns times in microseconds into
nanoseconds by floating point, and an end computed from a start and a duration may then lie beyond the parent's, or
beyond the next one's start. There is no ``displayTimeUnit``: some importers take it for the unit of the times.
"""

from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.predictions.sampling import Stretches, stretches
from tracekit.errors import InputError
from tracekit.model.forest import Forest, forest_of
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE, PHASES
from tracekit.report.numbers import DRIVING, visible
from tracekit.report.viewers.events import Event, apart, lanes_of
from tracekit.report.viewers.shared import (
    about,
    json_text,
    lacks_times,
    process_name,
    symbols_of,
    thread_name,
)

_MOST_ID: Final = 2**31
"""Perfetto's ids of threads and processes have 32 bits."""

Ids = NDArray[np.int64]


def chrome_trace(analysis: Analysis) -> bytes:
    """The samples inside the focus, predictions and intervals, on one time axis.

    Raises:
        InputError: the samples have no times, as those of text formats.
    """
    profile = analysis.focused
    if lacks_times(profile):
        raise InputError(
            "its samples have no times, which a trace viewer needs",
            where=profile.meta.source or None,
            hint="Use --format speedscope, firefox or pprof",
        )
    timed = stretches(profile)
    tracks = _Tracks(profile)
    events = [*_calls(profile, timed, tracks), *_engine_runs(profile, timed, tracks), *_lanes(analysis, tracks)]
    head = f'{{"otherData":{json_text(about(analysis))},\n"traceEvents":[\n'
    return b"".join([head.encode(), *tracks.names(), *events, b"\n]}\n"])


class _Tracks:
    """Processes and threads of the file: those that were recorded, and others beside them."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        tids, pids = profile.threads["tid"].tolist(), profile.threads["pid"].tolist()
        usable = len(set(tids)) == len(tids) and all(0 < tid < _MOST_ID for tid in tids)
        known = [*(tids if usable else range(1, len(tids) + 1)), *(pid for pid in pids if 0 < pid < _MOST_ID)]
        self._next: int = max(known, default=0) + 1
        nobody, self._beside = self._new(), self._new()
        self._tid = [*(known[: len(tids)]), nobody]
        self._pid = [*(pid if 0 < pid < _MOST_ID else nobody for pid in pids), nobody]
        self._named = {("process_name", self._beside, self._beside, "Predictions and intervals"): None}
        for row in range(len(pids)):
            process = process_name(profile, row) or f"process {pids[row]}"
            self._named["process_name", self._pid[row], self._tid[row], process] = None
            self._named["thread_name", self._pid[row], self._tid[row], self._name(row)] = None

    def of_thread(self, row: int) -> bytes:
        """The track of a row of ``threads``; -1 is the thread that nobody named."""
        return _track(self._pid[row], self._tid[row])

    def engines_of(self, row: int) -> bytes:
        """A new track in the process of a thread."""
        return self._named_track(self._pid[row], f"{self._name(row)} · engines")

    def beside(self, name: str) -> bytes:
        """A new track in a process of its own."""
        return self._named_track(self._beside, name)

    def names(self) -> list[bytes]:
        """The events that give the tracks their names: the only ones in the file that may come first."""
        events = [
            json_text({"ph": "M", "name": what, "pid": pid, "tid": tid, "args": {"name": name}})
            for what, pid, tid, name in self._named
        ]
        return [",\n".join(events).encode()]

    def _name(self, row: int) -> str:
        return thread_name(self._profile, row) or ("no thread" if row == NONE else "unnamed")

    def _named_track(self, pid: int, name: str) -> bytes:
        tid = self._new()
        self._named["thread_name", pid, tid, name] = None
        return _track(pid, tid)

    def _new(self) -> int:
        self._next += 1
        return self._next - 1


def _track(pid: int, tid: int) -> bytes:
    """The end of an event, but for its time."""
    return b'"pid":%d,"tid":%d,"ts":' % (pid, tid)


def _begin(event: dict[str, Any]) -> bytes:
    """The beginning of a slice, but for its track and time."""
    return f",\n{json_text({'ph': 'B', **event})[:-1]},".encode()


_END: Final = b',\n{"ph":"E",'


def _calls(profile: Profile, timed: Stretches, tracks: _Tracks) -> list[bytes]:
    """Begin and end of every call, thread by thread in order of time."""
    forest = forest_of(profile.stacks)
    stack = profile.samples["stack_id"].to_numpy().astype(np.int64)[timed.rows]
    before = np.where(timed.follows, np.append(NONE, stack[:-1])[: len(stack)], NONE)
    shared = _common_caller(forest, before, stack)
    depth = np.append(forest.depth, NONE).astype(np.int64)
    opened = depth[stack] - depth[shared]
    kept = np.append(np.where(timed.follows[1:], depth[shared[1:]], NONE), NONE)[: len(stack)]
    closed = depth[stack] - kept
    heads = _heads(profile)
    names = [heads[frame] for frame in forest.frame_id[_opened_nodes(forest, stack, opened)].tolist()]
    track = {row: tracks.of_thread(row) for row in np.unique(timed.thread).tolist()}
    edges = pairwise(accumulate(opened.tolist(), initial=0))
    columns = zip(timed.thread.tolist(), _micro(timed.start), _micro(timed.end), edges, closed.tolist(), strict=True)
    chunks: list[bytes] = []
    for row, start, end, (first, stop), closing in columns:
        where = b"%s%s}" % (track[row], start)
        if first < stop:
            chunks += [where.join(names[first:stop]), where]
        chunks.append(b"%s%s%s}" % (_END, track[row], end) * closing)
    return chunks


def _heads(profile: Profile) -> list[bytes]:
    """The beginning of a call of every frame."""
    binaries = [*map(visible, profile.binaries["name"]), ""]
    owners = [binaries[binary] for binary in profile.frames["binary_id"]]
    return [
        _begin({"name": name, "cat": owner} if owner else {"name": name})
        for name, owner in zip(symbols_of(profile), owners, strict=True)
    ]


def _common_caller(forest: Forest, left: Ids, right: Ids) -> Ids:
    """The deepest stack that both of two stacks begin with; -1 none."""
    parent = np.append(forest.parent_id, NONE).astype(np.int64)
    left, right = left.copy(), right.copy()
    # Rows are sorted by depth: the larger row is never the shallower.
    differs = np.flatnonzero(left != right)
    while len(differs):
        a, b = left[differs], right[differs]
        left[differs] = np.where(a > b, parent[a], a)
        right[differs] = np.where(b > a, parent[b], b)
        differs = differs[left[differs] != right[differs]]
    return left


def _opened_nodes(forest: Forest, stack: Ids, count: Ids) -> Ids:
    """The last ``count`` stacks on the way from the root to each of ``stack``, one way after the other."""
    ends = np.cumsum(count)
    nodes = np.empty(int(count.sum()), np.int64)
    row, node, back = np.flatnonzero(count), stack[count > 0], 1
    while len(row):
        nodes[ends[row] - back] = node
        goes_on = count[row] > back
        row, node, back = row[goes_on], forest.parent_id[node[goes_on]].astype(np.int64), back + 1
    return nodes


def _engine_runs(profile: Profile, timed: Stretches, tracks: _Tracks) -> list[bytes]:
    """Every run of samples that follow each other and agree in engine, phase and rule."""
    if not len(timed.rows):
        return []
    samples = profile.samples
    codes = [samples[name].cat.codes.to_numpy()[timed.rows] for name in ("engine", "phase", "rule")]
    differs = [np.append(True, values[1:] != values[:-1]) for values in codes]
    first = np.flatnonzero(np.logical_or.reduce([~timed.follows, *differs]))
    last = np.append(first[1:], len(timed.rows)) - 1
    weight = np.add.reduceat(samples["weight"].to_numpy()[timed.rows], first)
    track = {row: tracks.engines_of(row) for row in np.unique(timed.thread).tolist()}
    labels = [*zip(*(values[first].tolist() for values in codes), strict=True)]
    heads, unit = _run_heads(profile, set(labels)), json_text(profile.meta.unit).encode()
    amounts = zip((last - first + 1).tolist(), weight.tolist(), strict=True)
    times = zip(timed.thread[first].tolist(), _micro(timed.start[first]), _micro(timed.end[last]), strict=True)
    chunks = []
    for label, (count, total), (row, start, end) in zip(labels, amounts, times, strict=True):
        head = b'%s"samples":%d,"weight":%d,"unit":%s},' % (heads[label], count, total, unit)
        chunks.append(_slice(head, track[row], start, end))
    return chunks


def _run_heads(profile: Profile, labels: Iterable[tuple[int, int, int]]) -> dict[tuple[int, int, int], bytes]:
    """The beginning of the slice of a run, by codes of engine, phase and rule: but for its numbers.

    There are few of these and a run every other sample, so each is written as JSON once.
    """
    rules = [*map(visible, profile.samples["rule"].cat.categories), ""]
    heads = {}
    for engine, phase, rule in labels:
        name = DRIVING[ENGINES[engine]]
        facts = {"engine": name, "phase": PHASES[phase]} | ({"rule": rules[rule]} if rules[rule] else {})
        event = _begin({"name": name, "cat": "engine", "args": facts})
        heads[engine, phase, rule] = event.removesuffix(b"},") + b","
    return heads


def _lanes(analysis: Analysis, tracks: _Tracks) -> list[bytes]:
    """Predictions, phases of language models and intervals, on tracks of their own."""
    together: dict[str, list[Event]] = {}
    for lane in lanes_of(analysis):
        together.setdefault(lane.name, []).extend(lane.events)
    chunks = []
    for name, events in together.items():
        for row in apart(events):
            track = tracks.beside(name)
            starts = _micro(np.array([event.start_ns for event in row], np.int64))
            ends = _micro(np.array([event.end_ns for event in row], np.int64))
            for event, start, end in zip(row, starts, ends, strict=True):
                what = {"name": event.label, "cat": event.kind, "args": event.facts}
                chunks.append(_slice(_begin(what), track, start, end))
    return chunks


def _slice(head: bytes, track: bytes, start: bytes, end: bytes) -> bytes:
    return b"%s%s%s}%s%s%s}" % (head, track, start, _END, track, end)


def _micro(nanoseconds: NDArray[np.int64]) -> list[bytes]:
    """Times in microseconds, exact: three decimals are nanoseconds."""
    signs = np.where(nanoseconds < 0, b"-", b"").tolist()
    whole, rest = np.divmod(np.abs(nanoseconds), 1000)
    return [b"%s%d.%03d" % parts for parts in zip(signs, whole.tolist(), rest.tolist(), strict=True)]
