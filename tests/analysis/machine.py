"""A machine on which apps predict, from a seed: what every thread did when, and what the engines worked on.

    app thread   x x [predict: p a A A a] x x     pause     x x [predict: p c c c] x x
    ANE                       ├─row─┤                                 ├─another process's row─┤

Threads run beside one another. Whoever asks for an engine waits until it has served those before; some others use the
Neural Engine as well and wait in the same line, some are drawn across its rows, which a real engine would not do.
"""

import heapq
import itertools
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

import numpy as np

from tracekit.model.schema import NONE

PID: Final = 7
OTHER_PID: Final = 8
MS: Final = 1_000_000

Engine = Literal["ANE", "CPU", "GPU", "mixed"]
Foreign = Literal["none", "background", "synchronised", "same pace", "stray", "first half"]

_OWN: Final = ("Letters", "Flowers", "Depth", "Pose", "Voice", "Text", "Faces", "Scene", "Style", "Rank")
_OTHERS: Final = ("Maps", "Faces2", "Search")
STRANGER: Final = "Stranger"
BLOCKED: Final = frozenset("AGbz")


class Piece(NamedTuple):
    """What a thread does for some time, as a letter of ``recordings.LEAVES``; or ``x``: the app's own work, ``z``:
    asleep, ``s``: handing over a prediction."""

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
    pid: int
    tid: int


class Request(NamedTuple):
    """Work of the Neural Engine: a prediction, a load, or what nobody knows the name of."""

    start: int
    end: int
    model: str
    """Empty where its label names none."""
    kind: str
    pid: int
    """-1: a process that was not sampled."""
    label: str = ""
    of: tuple[int, int] = (NONE, NONE)
    """Thread and start of the prediction that asked for it."""


Thread = Generator[tuple[int, str, int], tuple[int, int]]
"""Asks for (from when, which engine, how long), and is told from when to when the engine worked."""


@dataclass
class App:
    """A process that predicts."""

    pid: int
    models: tuple[int, ...]
    """Rows of ``Machine.models``."""
    fps: float
    host: tuple[float, float]
    calls: Literal["waits", "hands over", "several in flight"]
    timelines: dict[int, list[Piece]] = field(default_factory=dict)


class Machine:
    """What happened, all of it: ``apps``, ``predictions``, ``requests``, ``gpu``, ``end``."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.predictions: list[Prediction] = []
        self.requests: list[Request] = []
        self.gpu: list[tuple[int, int, int]] = []
        count = int(rng.choice([1, 1, 1, 2, 2, 3, 4, 10]))
        others = int(rng.integers(1, 3)) if rng.random() < 0.2 else 0
        self.models = (*_OWN[:count], *_OTHERS[:others])
        chosen: list[Engine] = [
            str(rng.choice(["ANE", "ANE", "CPU", "GPU", "mixed"]))  # type: ignore[misc]
            for _ in self.models
        ]
        if rng.random() < 0.3:
            chosen[:count] = [chosen[0]] * count
        self.engines = tuple(chosen)
        self.is_named = bool(rng.random() < 0.7)
        """Whether rows of the Neural Engine name their models."""
        self.length = [float(rng.choice([0.3, 1, 4, 12, 40])) * MS for _ in self.models]
        self.doubt = float(rng.choice([0, 0, 0, 0.02, 0.2]))
        self.wander = float(rng.choice([0, 0.1, 0.5]))
        self.apps = [self._app(PID, range(count))]
        if others:
            self.apps.append(self._app(OTHER_PID, range(count, count + others)))
        self.foreign: Foreign = rng.choice(["none", "background", "synchronised", "same pace", "stray", "first half"])
        self.foreign_model = STRANGER if rng.random() < 0.6 else ""
        self.waits_in_line = self.foreign in ("background", "same pace", "first half") and bool(rng.random() < 0.5)
        self._run()
        pieces = [piece for app in self.apps for line in app.timelines.values() for piece in line]
        self.end = max((piece.end for piece in pieces), default=MS)
        if not self.waits_in_line:
            self._drawn_across()
        self._beside()

    def _app(self, pid: int, models: range) -> App:
        rng = self.rng
        return App(
            pid,
            tuple(models),
            float(rng.choice([0, 0, 5, 15, 24, 30, 60, 120, 240])),
            (float(rng.choice([0, 0.05, 0.7, 3])) * MS, float(rng.choice([0, 0.05, 0.7, 3])) * MS),
            rng.choice(["waits", "waits", "waits", "hands over", "several in flight"]),
        )

    def _about(self, length: float) -> int:
        return max(int(length * (1 + self.wander * self.rng.uniform(-1, 1))), 1000)

    def _run(self) -> None:
        """Every thread, one beside the other, each served in the order in which it asks."""
        threads: list[Thread] = []
        for app in self.apps:
            each = int(self.rng.integers(3, 25))
            for tid in range(1, int(self.rng.integers(1, 4)) + 1):
                threads += self._threads(app, 1000 * app.pid + tid, each)
        if self.waits_in_line:
            threads.append(self._stranger())
        waiting: list[tuple[int, int, str, int, Thread]] = []
        for number, thread in enumerate(threads):
            for at, engine, lasts in itertools.islice(thread, 1):
                waiting.append((at, number, engine, lasts, thread))
        own, free = len(threads) - self.waits_in_line, {"ANE": 0, "GPU": 0}
        heapq.heapify(waiting)
        while any(number < own for _, number, *_ in waiting):
            at, number, engine, lasts, thread = heapq.heappop(waiting)
            begin = max(at, free[engine])
            free[engine] = begin + lasts
            try:
                at, engine, lasts = thread.send((begin, begin + lasts))
            except StopIteration:
                continue
            heapq.heappush(waiting, (at, number, engine, lasts, thread))

    def _threads(self, app: App, tid: int, each: int) -> list[Thread]:
        """The loop of one thread, and of the one to which it hands predictions over."""
        rng = self.rng
        mine = [app.models[at] for at in rng.permutation(len(app.models))[: int(rng.integers(1, len(app.models) + 1))]]
        turns = [mine[turn % len(mine)] for turn in range(each)]
        app.timelines[tid] = []
        if app.calls == "waits":
            return [self._loop(app, tid, turns)]
        app.timelines[tid + 100] = []
        if app.calls == "hands over":
            return [self._handing_over(app, tid, turns)]
        return [self._served(app, tid, self._handed(app, tid, turns))]

    def _loop(self, app: App, tid: int, turns: list[int]) -> Thread:
        """The app's work, a prediction, the app's work, and the rest of the frame asleep."""
        pieces, now = app.timelines[tid], int(self.rng.integers(0, 20 * MS))
        for model in turns:
            begun = now
            now = self._put(pieces, now, "x", self._host(app, 0))
            done = yield from self._predict(app, pieces, now, model, (tid, now), is_worker=False)
            self.predictions.append(Prediction(now, done, model, app.pid, tid))
            now = self._put(pieces, done, "x", self._host(app, 1))
            now = self._rest(app, pieces, begun, now)

    def _handing_over(self, app: App, tid: int, turns: list[int]) -> Thread:
        """The same, but that another thread predicts while this one works or sleeps."""
        pieces, now = app.timelines[tid], int(self.rng.integers(0, 20 * MS))
        for model in turns:
            begun = now
            handed = self._put(pieces, now, "x", self._host(app, 0))
            now = self._put(pieces, handed, "s", self._about(0.05 * MS), model)
            begin = now + self._about(0.02 * MS)
            done = yield from self._predict(app, app.timelines[tid + 100], begin, model, (tid, handed), is_worker=True)
            self.predictions.append(Prediction(handed, done, model, app.pid, tid))
            now = self._put(pieces, now, "x", min(self._host(app, 1), done - now))
            now = self._put(pieces, now, "z", done - now)
            now = self._rest(app, pieces, begun, now)

    def _handed(self, app: App, tid: int, turns: list[int]) -> list[tuple[int, int, int]]:
        """Predictions handed over without waiting for any: (from when, until when, which model)."""
        pieces, now, found = app.timelines[tid], int(self.rng.integers(0, 20 * MS)), []
        for model in turns:
            begun = now
            handed = self._put(pieces, now, "x", self._host(app, 0))
            now = self._put(pieces, handed, "s", self._about(0.05 * MS), model)
            found.append((handed, now, model))
            now = self._put(pieces, now, "x", self._host(app, 1))
            now = self._rest(app, pieces, begun, now)
        return found

    def _served(self, app: App, tid: int, handed: list[tuple[int, int, int]]) -> Thread:
        now = 0
        for begun, ready, model in handed:
            now = max(now, ready + self._about(0.02 * MS))
            now = yield from self._predict(app, app.timelines[tid + 100], now, model, (tid, begun), is_worker=True)
            self.predictions.append(Prediction(begun, now, model, app.pid, tid))

    def _host(self, app: App, place: int) -> int:
        return self._about(app.host[place]) if app.host[place] else 0

    def _rest(self, app: App, pieces: list[Piece], begun: int, now: int) -> int:
        return self._put(pieces, now, "z", int(begun + 1e9 / app.fps) - now) if app.fps else now

    def _put(self, pieces: list[Piece], now: int, sign: str, length: int, model: int = NONE) -> int:
        if length > 0:
            pieces.append(Piece(now, now + length, sign, model))
        return now + max(length, 0)

    def _predict(
        self, app: App, pieces: list[Piece], now: int, model: int, of: tuple[int, int], *, is_worker: bool
    ) -> Generator[tuple[int, str, int], tuple[int, int], int]:
        """One prediction's pieces; the end of the last."""
        length, engine = self._about(self.length[model]), self.engines[model]
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
                begin, end = yield now + 5_000, "ANE", lasts
                name = self.models[model] if self.is_named else ""
                self.requests.append(Request(begin, end, name, "prediction", app.pid, of=of))
            elif sign == "G":
                begin, end = yield now + 5_000, "GPU", lasts
                self.gpu.append((begin, end, app.pid))
            pieces.append(Piece(now, end, sign, model, is_worker))
            now = end
        return now

    def _stranger(self) -> Thread:
        """A process that is not sampled, in line for the Neural Engine."""
        rng, fps = self.rng, self.apps[0].fps
        pace = float(rng.choice([1, 4, 16.7, 33.3, 200])) * MS
        period = int(1e9 / fps if self.foreign == "same pace" and fps else pace)
        lasts = max(int(min(float(rng.choice([0.02, 0.2, 0.5, 0.9])) * period, 50 * MS)), 1000)
        at, turns = int(rng.uniform(0, period)), 0
        while turns < 3000 and (self.foreign != "first half" or turns < 40):
            begin, end = yield at, "ANE", lasts
            self.requests.append(Request(begin, end, self.foreign_model, "prediction", NONE))
            at, turns = max(at + period, end), turns + 1

    def _drawn_across(self) -> None:
        """Rows of others, wherever the engine's own are."""
        rng = self.rng
        middles = [(each.start + each.end) // 2 for each in self.predictions if each.pid == PID]
        if self.foreign == "synchronised":
            starts = [at for at in middles if rng.random() < 0.9]
        elif self.foreign == "stray":
            starts = [int(at) for at in rng.choice(middles, size=min(3, len(middles)), replace=False)]
        elif self.foreign == "none":
            starts = []
        else:
            gaps = float(np.median(np.diff(sorted(middles)))) if len(middles) > 1 else 30.0 * MS
            pace = float(rng.choice([1, 4, 16.7, 33.3, 200])) * MS
            period = max(gaps, 0.2 * MS) if self.foreign == "same pace" else pace
            until = self.end // 2 if self.foreign == "first half" else self.end
            starts = [int(at) for at in np.arange(rng.uniform(0, period), until, period)][:3000]
        share = float(rng.choice([0.02, 0.2, 0.5, 0.9]))
        apart = float(np.median(np.diff(sorted(starts)))) if len(starts) > 1 else 5.0 * MS
        lasts = max(int(share * min(apart, 50 * MS)), 1000)
        self.requests += [Request(at, at + lasts, self.foreign_model, "prediction", NONE) for at in starts]

    def _beside(self) -> None:
        """Loads and compilations, and active rows that nobody knows."""
        rng = self.rng
        if rng.random() < 0.3:
            self.requests.append(Request(0, 3 * MS, "Letters", "load", PID))
            self.requests.append(Request(self.end, self.end + MS, "", "compile", NONE))
        if rng.random() < 0.15:
            for at in rng.integers(0, self.end, size=int(rng.integers(1, 30))).tolist():
                self.requests.append(Request(at, at + MS // 5, "Firmware 12", "unknown", NONE, "Firmware 12"))
