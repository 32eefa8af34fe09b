"""What is recorded of a machine of which everything is known: samples, tables, a sidecar, and what the user says.

    app thread   x x [predict: p a A A a] x x     pause     x x [predict: p c c c] x x
    ANE                       ├─row─┤                                 ├─another process's row─┤
    sampled      x   p   A     .    (dropped)   ? (no stack)

A recording is made the way it happens: ``machine.py`` lays out what was done, and only then a timer samples whatever
runs. Only ``profile``, ``scope`` and ``beside`` are for the code under test; ``truth`` is for the laws.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from tests.analysis.machine import BLOCKED, MS, OTHER_PID, PID, Engine, Foreign, Machine, Piece, Prediction, Request
from tracekit.analysis.analyze import Scope
from tracekit.analysis.predictions.measure import Beside
from tracekit.analysis.select import Selection
from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import SKIPPED, Facts, Notice
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE, Unit

Labels = Literal["model", "unnamed", "nested"]
Exact = Literal["coreml", "signposts", "sidecar", "none"]

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
ASKS: Final = frozenset("aA")
OTHERS: Final = frozenset("cgG")
_TICKS: Final = (125, 3)
"""Mach ticks are 125/3 ns."""
_BOOT_TICKS: Final = 10**9


class Drawn(NamedTuple):
    """A sample that is in the profile."""

    time: int
    pid: int
    tid: int
    piece: Piece
    weight: int
    has_stack: bool


@dataclass(frozen=True)
class Truth:
    """What nobody but the test knows."""

    models: tuple[str, ...]
    engines: tuple[Engine, ...]
    predictions: tuple[Prediction, ...]
    """Of the processes that take part."""
    drawn: tuple[Drawn, ...]
    """Of all processes."""
    chosen: frozenset[int]
    """The processes that take part."""
    rows: tuple[Request, ...]
    """Of the Neural Engine's table: everybody's."""
    gpu: tuple[tuple[int, int, int], ...]
    labels: Labels
    foreign: Foreign
    exact: Exact
    """What says where predictions begin and end, if it is used."""
    said: int | None
    interval: int
    damaged: int


@dataclass(frozen=True)
class Recording:
    """What was recorded, and what was."""

    profile: Profile
    scope: Scope
    beside: Beside
    truth: Truth


def recording(seed: int) -> Recording:
    """The recording of a seed."""
    return _Recorder(np.random.default_rng(seed)).recorded()


def caller(model: str) -> str:
    """The function of the app that calls a model."""
    return f"detect{model}"


class _Recorder:
    """Instruments, on a machine."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.machine = Machine(rng)
        self.interval = int(rng.choice([100_000, 200_000, 500_000, MS, MS, MS, 2 * MS, 5 * MS, 10 * MS]))
        self.waits_recorded = bool(rng.random() < 0.3)
        self.unit: Unit = "cycles" if rng.random() < 0.1 else "ns"
        several = len(self.machine.apps) > 1
        self.chosen = frozenset({PID} if several and rng.random() < 0.5 else {app.pid for app in self.machine.apps})
        self.labels: Labels = rng.choice(["model", "nested"]) if self.machine.is_named else "unnamed"

    def recorded(self) -> Recording:
        rng, machine = self.rng, self.machine
        drawn = self._sampled()
        if PID not in {each.pid for each in drawn}:
            self.chosen = frozenset(app.pid for app in machine.apps)
        damaged = int(rng.integers(1, 40)) if rng.random() < 0.1 else 0
        mine = tuple(sorted(each for each in machine.predictions if each.pid in self.chosen))
        exact: Exact = rng.choice(["coreml", "signposts", "sidecar", "none", "none", "none"])
        lost = rng.random() < 0.1
        rows = tuple(sorted(row for row in machine.requests if not lost or rng.random() < 0.9))
        said = None
        if rng.random() < 0.2:
            said = max(len(mine) + int(rng.choice([0, 0, 0, -2, -1, 1, 5])), 1)
        truth = Truth(
            machine.models, machine.engines, mine, tuple(drawn), self.chosen, rows, tuple(machine.gpu), self.labels,
            machine.foreign, exact, said, self.interval, damaged,
        )  # fmt: skip
        selection = Selection(processes=(str(PID),) if len(self.chosen) < len(machine.apps) else ())
        tables = self._tables(truth)
        harness = self._sidecar(truth, tables) if exact == "sidecar" or rng.random() < 0.05 else None
        return Recording(
            _profile(truth, self.unit, is_of_all=len(machine.apps) > 1),
            Scope(selection=selection, predictions=said),
            Beside(tables, harness),
            truth,
        )

    def _sampled(self) -> list[Drawn]:
        rng = self.rng
        dropped, nameless = float(rng.choice([0, 0, 0.05, 0.2])), float(rng.choice([0, 0, 0.1, 0.6]))
        lines = [(app.pid, tid, line) for app in self.machine.apps for tid, line in app.timelines.items()]
        waits = self.waits_recorded and self.machine.end / self.interval * len(lines) < 8000
        ticks = np.arange(int(rng.integers(0, self.interval)), self.machine.end, self.interval, dtype=np.int64)
        found = []
        for pid, tid, pieces in lines:
            starts = np.array([piece.start for piece in pieces], np.int64)
            at = np.searchsorted(starts, ticks, side="right") - 1
            for tick, place in zip(ticks.tolist(), at.tolist(), strict=True):
                if place < 0 or tick >= pieces[place].end or (pieces[place].sign in BLOCKED and not waits):
                    continue
                if rng.random() >= dropped:
                    weight = self.interval if self.unit == "ns" else int(rng.integers(200_000, 1_200_000))
                    found.append(Drawn(tick, pid, tid, pieces[place], weight, bool(rng.random() >= nameless)))
        return sorted(found, key=lambda each: (each.time, each.tid))

    def _tables(self, truth: Truth) -> dict[str, pd.DataFrame]:
        rng, end = self.rng, self.machine.end
        tables = {}
        if rng.random() < 0.75:
            tables["ane-hw-intervals"] = _ane_table(truth, rng, end)
        if rng.random() < 0.5:
            rows = [(start, stop - start, "Active", pid) for start, stop, pid in truth.gpu]
            rows += [(at, 2 * MS, "Active", 99) for at in range(0, end, 40 * MS)] if rng.random() < 0.5 else []
            tables["metal-gpu-intervals"] = pd.DataFrame(rows, columns=["start", "duration", "state", "process.pid"])
        everybody = self.machine.predictions
        if truth.exact == "coreml":
            named = [(p.start, p.end - p.start, "Prediction", f"{truth.models[p.model]}-3") for p in everybody]
            columns = ["start", "duration", "event-label", "model-name"]
            tables["coreml-os-signpost"] = pd.DataFrame(named, columns=columns)
        if truth.exact == "signposts":
            marked = [(p.start, p.end - p.start, "prediction", p.pid, p.tid) for p in everybody]
            columns = ["start", "duration", "name", "process.pid", "start-thread.tid"]
            tables["os-signpost-interval"] = pd.DataFrame(marked, columns=columns)
        return tables

    def _sidecar(self, truth: Truth, tables: dict[str, pd.DataFrame]) -> "Sidecar":
        """Of this process; or, where another source is exact or by chance, of another, or of another clock."""
        rng = self.rng
        tables["time-info"] = pd.DataFrame({"mabs-epoch": [_BOOT_TICKS], "update-time": [0]})
        wrong = "" if truth.exact == "sidecar" else rng.choice(["clock", "process"])
        late = int(rng.uniform(0.3, 3) * self.machine.end) + 500 * MS if wrong == "clock" else 0
        turns = sorted(each for each in truth.predictions if each.pid == PID)
        iterations = [HarnessTurn(_ticks(each.start + late), _ticks(each.end + late)) for each in turns]
        name = truth.models[turns[0].model] if len({each.model for each in turns}) == 1 else ""
        document = {"model": {"path": f"/tmp/{name}.mlmodelc"}} if name else {}
        return Sidecar(55 if wrong == "process" else PID, iterations, document)


@dataclass(frozen=True)
class HarnessTurn:
    """A prediction as the harness wrote it down."""

    start_mach: int
    end_mach: int
    is_warmup: bool = False
    start_wall_ns: int = 0


@dataclass(frozen=True)
class Sidecar:
    """What the harness wrote."""

    pid: int
    iterations: Sequence[HarnessTurn]
    document: Mapping[str, Any] = field(default_factory=dict)
    compute_units: str = "all"
    timebase: tuple[int, int] = _TICKS


def _ticks(time: int) -> int:
    return _BOOT_TICKS + time * _TICKS[1] // _TICKS[0]


def _ane_table(truth: Truth, rng: np.random.Generator, end: int) -> pd.DataFrame:
    rows: list[tuple[int, int, str, str, int]] = [(0, end, "", "Idle", 0)]
    for row in truth.rows:
        lasts = row.end - row.start
        if truth.labels == "nested" and row.kind == "prediction":
            rows.append((row.start, lasts, "Neural Engine Prediction", "Active", 0))
            if row.model:
                rows.append((row.start, lasts, f"{row.model}_main__Op0_AneInference", "Active", 1))
        else:
            rows.append((row.start, lasts, row.label or _label(row), "Active", 0))
    mixed = [rows[place] for place in rng.permutation(len(rows))]
    return pd.DataFrame(mixed, columns=["start", "duration", "event-label", "state", "event-depth"])


def _label(row: Request) -> str:
    if row.kind == "prediction":
        return f"{row.model or 'Neural Engine'} Prediction"
    return f"Neural Engine {row.kind.capitalize()} {row.model + '.mlmodelc' if row.model else ''}".strip()


def _profile(truth: Truth, unit: Unit, *, is_of_all: bool) -> Profile:
    builder = ProfileBuilder()
    for each in truth.drawn:
        thread = builder.thread(each.tid, f"thread {each.tid}", each.pid, "other" if each.pid == OTHER_PID else "app")
        frames = [_frame(builder, text) for text in reversed(_stack(each.piece, truth))]
        builder.sample(
            time_ns=each.time,
            thread_id=thread,
            stack=builder.stack(frames) if each.has_stack else NONE,
            weight=each.weight,
            state=builder.state("Blocked" if each.piece.sign in BLOCKED else "Running"),
        )
    damage = (Notice(f"{SKIPPED}-damaged", "rows that cannot be read", truth.damaged),) if truth.damaged else ()
    return builder.build(Meta(unit, facts=Facts(pid=None if is_of_all else PID), notices=damage))


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
