"""Recordings of apps that never ran, made from a seed, of which everything is known: who predicted when, on what.

    app thread   x x [predict: p a A A a] x x     pause     x x [predict: p c c c] x x
    ANE                       ├─row─┤                                 ├─another process's row─┤
    sampled      x   p   A     .    (dropped)   ? (no stack)

A recording is made the way it happens: threads are laid out in time first, the Neural Engine serves one request after
the other, other processes put rows beside, and only then a timer samples whatever runs. Only ``Recording.profile`` and
``Recording.beside`` are for the code under test; ``Recording.truth`` is for the laws.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from tracekit.analysis.predictions.measure import Beside
from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import Facts
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE

PID: Final = 7
MS: Final = 1_000_000

Engine = Literal["ANE", "CPU", "GPU", "mixed"]
Labels = Literal["model", "unnamed", "nested"]
Foreign = Literal["none", "background", "synchronised", "same pace", "stray", "first half"]

_MODELS: Final = ("Letters", "Flowers", "Depth", "Pose", "Voice", "Text", "Faces", "Scene", "Style", "Rank")
_OPERATION: Final = "Espresso`E5RT::Ops::{}InferenceOperation::ExecuteSync()"
_CALL: Final = "CoreML`-[MLModel predictionFromFeatures:error:]"
_SUBMIT: Final = "CoreML`-[MLE5Engine submitPredictionRequest:completionHandler:]"
_TRAP: Final = "libsystem_kernel.dylib`mach_msg2_trap"
_LEAVES: Final[Mapping[str, tuple[str, ...]]] = {
    "p": (),
    "a": (_OPERATION.format("Ane"),),
    "A": (_OPERATION.format("Ane"), _TRAP),
    "g": (_OPERATION.format("MpsGraph"),),
    "G": (_OPERATION.format("MpsGraph"), _TRAP),
    "c": (_OPERATION.format("BnnsCpu"),),
    "b": ("libsystem_kernel.dylib`__ulock_wait",),
}
"""What is below the call, a letter a kind, as in ``timelines``; capitals and ``b`` are blocked."""
_BLOCKED: Final = frozenset("AGbz")
ASKS: Final = frozenset("aA")
OTHERS: Final = frozenset("cgG")


class Piece(NamedTuple):
    """What a thread does for some time. ``x``: the app's own work, ``z``: asleep, ``s``: handing over a prediction."""

    start: int
    end: int
    sign: str
    model: int = NONE
    is_worker: bool = False


class Prediction(NamedTuple):
    """One prediction, as it was."""

    start: int
    end: int
    model: int
    tid: int


class Drawn(NamedTuple):
    """A sample that is in the profile."""

    time: int
    tid: int
    piece: Piece
    has_stack: bool


class Row(NamedTuple):
    """A row of the Neural Engine's table, before nesting."""

    start: int
    end: int
    label: str
    model: str
    kind: str
    is_own: bool


@dataclass(frozen=True)
class Truth:
    """What nobody but the test knows."""

    models: tuple[str, ...]
    engines: tuple[Engine, ...]
    predictions: tuple[Prediction, ...]
    drawn: tuple[Drawn, ...]
    rows: tuple[Row, ...]
    """Of the Neural Engine: ours and others'."""
    gpu: tuple[tuple[int, int], ...]
    """When the GPU worked for the process."""
    labels: Labels
    foreign: Foreign
    foreign_model: str
    """What the others' rows name; empty: nothing."""
    exact: Literal["coreml", "signposts", "none"]
    interval: int
    is_async: bool


@dataclass(frozen=True)
class Recording:
    """What was recorded, and what was."""

    profile: Profile
    beside: Beside
    truth: Truth


def recording(seed: int) -> Recording:
    """The recording of a seed."""
    return _Session(np.random.default_rng(seed)).record()


def caller(model: str) -> str:
    """The function of the app that calls a model."""
    return f"detect{model}"


class _Session:
    """A recording in the making."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        count = int(rng.choice([1, 1, 1, 2, 2, 3, 4, 10]))
        chosen: list[Engine] = [str(rng.choice(["ANE", "ANE", "CPU", "GPU", "mixed"])) for _ in range(count)]  # type: ignore[misc]
        if rng.random() < 0.3:
            chosen = [chosen[0]] * count
        self.models, self.engines = _MODELS[:count], tuple(chosen)
        self.interval = int(rng.choice([100_000, 200_000, 500_000, MS, MS, MS, 2 * MS, 5 * MS, 10 * MS]))
        self.waits_recorded = bool(rng.random() < 0.3)
        self.is_async = bool(rng.random() < 0.25)
        self.ane_free = self.gpu_free = 0
        self.rows: list[Row] = []
        self.gpu: list[tuple[int, int]] = []
        self.predictions: list[Prediction] = []
        self.labels: Labels = rng.choice(["model", "unnamed", "nested"])
        self.length = [float(rng.choice([0.3, 1, 4, 12, 40])) * MS for _ in self.models]
        self.doubt = float(rng.choice([0, 0, 0, 0.02, 0.2]))
        self.wander = float(rng.choice([0, 0.1, 0.5]))

    def record(self) -> Recording:
        rng = self.rng
        fps = float(rng.choice([0, 0, 5, 15, 24, 30, 60, 120, 240]))
        each = int(rng.integers(3, 25))
        host = [float(rng.choice([0, 0.05, 0.7, 3])) * MS for _ in range(2)]
        timelines: dict[int, list[Piece]] = {}
        for tid in range(1, int(rng.integers(1, 4)) + 1):
            timelines[tid] = []
            if self.is_async:
                timelines[tid + 100] = []
            self._lay_out(timelines, tid, fps, each, host)
        end = max((pieces[-1].end for pieces in timelines.values() if pieces), default=MS)
        foreign, foreign_model = self._others(end)
        drawn = self._sample(timelines, end)
        exact = rng.choice(["coreml", "signposts", "none", "none"])
        truth = Truth(
            self.models, self.engines, tuple(sorted(self.predictions)), tuple(drawn), tuple(sorted(self.rows)),
            tuple(self.gpu), self.labels, foreign, foreign_model, exact, self.interval, self.is_async,
        )  # fmt: skip
        return Recording(_profile(truth), Beside(self._tables(truth, end)), truth)

    def _about(self, length: float) -> int:
        return max(int(length * (1 + self.wander * self.rng.uniform(-1, 1))), 1000)

    def _lay_out(self, timelines: dict[int, list[Piece]], tid: int, fps: float, each: int, host: list[float]) -> None:
        """One thread's loop: the app's work, a prediction, the app's work, and the rest of the frame asleep."""
        pieces = timelines[tid]
        now = int(self.rng.integers(0, 20 * MS))
        mine = self.rng.permutation(len(self.models))[: int(self.rng.integers(1, len(self.models) + 1))]
        for turn in range(each):
            begun = now
            now = self._put(pieces, now, "x", self._about(host[0]) if host[0] else 0)
            model = int(mine[turn % len(mine)])
            if self.is_async:
                handed = now
                now = self._put(pieces, now, "s", self._about(0.05 * MS), model)
                done = self._predict(timelines[tid + 100], now + self._about(0.02 * MS), model, is_worker=True)
                self.predictions.append(Prediction(handed, done, model, tid))
                now = self._put(pieces, now, "x", min(self._about(host[1]) if host[1] else 0, done - now))
                now = self._put(pieces, now, "z", done - now)
            else:
                done = self._predict(pieces, now, model)
                self.predictions.append(Prediction(now, done, model, tid))
                now = done
                now = self._put(pieces, now, "x", self._about(host[1]) if host[1] else 0)
            if fps:
                now = self._put(pieces, now, "z", max(int(begun + 1e9 / fps) - now, 0))

    def _put(self, pieces: list[Piece], now: int, sign: str, length: int, model: int = NONE) -> int:
        if length > 0:
            pieces.append(Piece(now, now + length, sign, model))
        return now + max(length, 0)

    def _predict(self, pieces: list[Piece], now: int, model: int, *, is_worker: bool = False) -> int:
        """One prediction's pieces; the end of the last."""
        length = self._about(self.length[model])
        engine = self.engines[model]
        cpu_part = 1.0 if engine == "CPU" else float(self.rng.uniform(0.1, 0.6)) if engine == "mixed" else 0.0
        plan = [("p", self._about(0.05 * length))]
        if engine in ("ANE", "mixed"):
            plan += [
                ("a", min(self._about(0.06 * length), 900_000)),
                ("A", int(length * (1 - cpu_part))),
                ("a", 20_000),
            ]
        if engine == "GPU":
            plan += [("g", self._about(0.2 * length)), ("G", length)]
        if cpu_part:
            plan += [("c", max(int(length * cpu_part), 1000))]
        if self.rng.random() < self.doubt:
            plan += [("b", self._about(0.5 * length))]
        for sign, lasts in plan:
            end = now + lasts
            if sign == "A":
                begin = max(now + 5_000, self.ane_free)
                end = self.ane_free = begin + lasts
                self._own_row(begin, end, self.models[model])
            elif sign == "G":
                begin = max(now + 5_000, self.gpu_free)
                end = self.gpu_free = begin + lasts
                self.gpu.append((begin, end))
            pieces.append(Piece(now, end, sign, model, is_worker))
            now = end
        return now

    def _own_row(self, begin: int, end: int, model: str) -> None:
        label = "Neural Engine Prediction" if self.labels == "unnamed" else f"{model} Prediction"
        self.rows.append(Row(begin, end, label, "" if self.labels == "unnamed" else model, "prediction", True))

    def _others(self, end: int) -> tuple[Foreign, str]:
        """Rows of other processes; and rows that load and compile."""
        rng = self.rng
        foreign: Foreign = rng.choice(["none", "background", "synchronised", "same pace", "stray", "first half"])
        name = "" if rng.random() < 0.4 else "Stranger"
        label = f"{name or 'Neural Engine'} Prediction"
        middles = [(each.start + each.end) // 2 for each in self.predictions]
        if foreign == "synchronised":
            starts = [at for at in middles if rng.random() < 0.9]
        elif foreign == "stray":
            starts = [int(at) for at in rng.choice(middles, size=min(3, len(middles)), replace=False)]
        elif foreign == "none":
            starts = []
        else:
            gaps = float(np.median(np.diff(middles))) if len(middles) > 1 else 30.0 * MS
            period = max(gaps, 0.2 * MS) if foreign == "same pace" else float(rng.choice([1, 4, 16.7, 33.3, 200])) * MS
            until = end // 2 if foreign == "first half" else end
            starts = [int(at) for at in np.arange(rng.uniform(0, period), until, period)][:3000]
        share = float(rng.choice([0.02, 0.2, 0.5, 0.9]))
        apart = float(np.median(np.diff(sorted(starts)))) if len(starts) > 1 else 5.0 * MS
        for at in starts:
            row = Row(at, at + max(int(share * min(apart, 50 * MS)), 1000), label, name, "prediction", False)
            if self.labels != "nested" or not any(own.start < row.end and row.start < own.end for own in self.rows):
                self.rows.append(row)
        if rng.random() < 0.3:
            self.rows.append(Row(0, 3 * MS, "Neural Engine Load Letters.mlmodelc", "Letters", "load", False))
            self.rows.append(Row(end, end + MS, "Neural Engine Compile", "", "compile", False))
        return foreign, name

    def _sample(self, timelines: Mapping[int, list[Piece]], end: int) -> list[Drawn]:
        rng = self.rng
        dropped, nameless = float(rng.choice([0, 0, 0.05, 0.2])), float(rng.choice([0, 0, 0.1, 0.6]))
        waits = self.waits_recorded and end / self.interval * len(timelines) < 8000
        ticks = np.arange(int(rng.integers(0, self.interval)), end, self.interval, dtype=np.int64)
        found = []
        for tid, pieces in timelines.items():
            starts = np.array([piece.start for piece in pieces], np.int64)
            at = np.searchsorted(starts, ticks, side="right") - 1
            for tick, place in zip(ticks.tolist(), at.tolist(), strict=True):
                if place < 0 or tick >= pieces[place].end or (pieces[place].sign in _BLOCKED and not waits):
                    continue
                if rng.random() >= dropped:
                    found.append(Drawn(tick, tid, pieces[place], bool(rng.random() >= nameless)))
        return sorted(found, key=lambda each: (each.time, each.tid))

    def _tables(self, truth: Truth, end: int) -> dict[str, pd.DataFrame]:
        rng = self.rng
        tables = {}
        if rng.random() < 0.75:
            tables["ane-hw-intervals"] = _ane_table(truth, self.rng, end)
        if rng.random() < 0.5:
            rows = [(start, stop - start, "Active", PID) for start, stop in truth.gpu]
            rows += [(at, 2 * MS, "Active", 99) for at in range(0, end, 40 * MS)] if rng.random() < 0.5 else []
            tables["metal-gpu-intervals"] = pd.DataFrame(rows, columns=["start", "duration", "state", "process.pid"])
        if truth.exact == "coreml":
            named = [(p.start, p.end - p.start, "Prediction", f"{truth.models[p.model]}-3") for p in truth.predictions]
            columns = ["start", "duration", "event-label", "model-name"]
            tables["coreml-os-signpost"] = pd.DataFrame(named, columns=columns)
        if truth.exact == "signposts":
            marked = [(p.start, p.end - p.start, "prediction", PID, p.tid) for p in truth.predictions]
            columns = ["start", "duration", "name", "process.pid", "start-thread.tid"]
            tables["os-signpost-interval"] = pd.DataFrame(marked, columns=columns)
        return tables


def _ane_table(truth: Truth, rng: np.random.Generator, end: int) -> pd.DataFrame:
    rows: list[tuple[int, int, str, str, int]] = [(0, end, "", "Idle", 0)]
    for row in truth.rows:
        if truth.labels == "nested" and row.kind == "prediction":
            rows.append((row.start, row.end - row.start, "Neural Engine Prediction", "Active", 0))
            if row.model:
                inner = f"{row.model}_main__Op0_AneInference"
                rows.append((row.start, row.end - row.start, inner, "Active", 1))
        else:
            rows.append((row.start, row.end - row.start, row.label, "Active", 0))
    mixed = [rows[place] for place in rng.permutation(len(rows))]
    return pd.DataFrame(mixed, columns=["start", "duration", "event-label", "state", "event-depth"])


def _profile(truth: Truth) -> Profile:
    builder = ProfileBuilder()
    for each in truth.drawn:
        thread = builder.thread(each.tid, f"thread {each.tid}", PID, "app")
        frames = [_frame(builder, text) for text in reversed(_stack(each.piece, truth))]
        builder.sample(
            time_ns=each.time,
            thread_id=thread,
            stack=builder.stack(frames) if each.has_stack else NONE,
            weight=truth.interval,
            state=builder.state("Blocked" if each.piece.sign in _BLOCKED else "Running"),
        )
    return builder.build(Meta("ns", facts=Facts(pid=PID)))


def _stack(piece: Piece, truth: Truth) -> tuple[str, ...]:
    if piece.sign == "x":
        return ("start", "main", "App`work")
    if piece.sign == "z":
        return ("start", "main", "App`idle", _TRAP)
    called = f"App`{caller(truth.models[piece.model])}"
    if piece.sign == "s":
        return ("start", "main", called, _SUBMIT)
    above = ("start_wqthread", "Espresso`E5RT::AsyncTask::SafeExecuteTask()") if piece.is_worker else ()
    return (*(above or ("start", "main", called, _CALL)), *_LEAVES[piece.sign])


def _frame(builder: ProfileBuilder, text: str) -> int:
    image, _, symbol = text.rpartition("`")
    return builder.frame(symbol, builder.binary(image) if image else NONE)
