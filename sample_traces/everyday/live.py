"""Plays a situation: time passes for its programs, and what they and others do leaves samples, rows and a truth.

The truth is what the table of situations says and what was drawn while playing, never what a label or symbol spells.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from sample_traces import parts
from sample_traces.compose import TICK_NS, AddressSpace, Part, Timeline, clock_ns, invented_uuid, program_image
from sample_traces.everyday.situation import Calls, Program, Row, Situation, Source, Step
from sample_traces.everyday.situations import SITUATIONS
from sample_traces.interval_tables import CLOCK, CORE_AI, COREML, MARKS
from sample_traces.planned import Planned
from sample_traces.recording import Core, Device, Harness, Interval, Process, Recording, Thread
from sample_traces.scenarios import CORES

_US = 1_000
_MS = 1_000_000
_START = "2026-11-02T11:00:00.000+01:00"


class Asked(NamedTuple):
    """An engine was asked to work, and how long it took."""

    row: Row
    start_ns: int
    length_ns: int
    process: Process


class Predicted(NamedTuple):
    """One prediction, as it was."""

    calls: Calls
    start_ns: int
    end_ns: int
    is_warmup: bool
    process: Process


@dataclass(frozen=True)
class Lived:
    """A situation that was played."""

    situation: Situation
    recording: Recording
    asked: tuple[Asked, ...]
    predicted: tuple[Predicted, ...]


@cache
def everyday() -> tuple[Lived, ...]:
    """Every situation, played; the same on every call."""
    return tuple(map(_live, SITUATIONS))


def _live(situation: Situation) -> Lived:
    machine = situation.machine
    device = Device(
        invented_uuid(f"Sample Mac {machine.os_version}"),
        "MacBook Pro",
        "Sample Mac",
        machine.os_version,
        machine.xcode,
        CORES,
    )
    players = [
        _Player(situation, program, CORES[number :: len(situation.programs)])
        for number, program in enumerate(situation.programs)
    ]
    for player in players:
        player.play()
    runs = [player.timeline.finish(_START, situation.answer) for player in players]
    asked = [one for player in players for one in player.asked]
    strangers = list(_strangers(situation, players[0]))
    intervals = [one for run in runs for one in run.intervals] + [one for one, _ in strangers]
    predicted = sorted((one for player in players for one in player.predicted), key=lambda one: one.start_ns)
    samples = [sample for run in runs for sample in run.samples] if situation.has_samples else []
    run = replace(
        runs[0],
        samples=tuple(sorted(samples, key=lambda sample: (sample.time_ns, sample.thread.tid))),
        iterations=tuple(one for run in runs for one in run.iterations),
        duration_ns=max(run.duration_ns for run in runs),
        intervals=tuple(sorted(intervals, key=lambda one: (one.start_ns + one.duration_ns, one.depth))),
        tables=(*situation.tables, CLOCK),
        has_samples=situation.has_samples,
        harness=_harness(situation),
    )
    recording = Recording(situation.name, device, situation.template, (run,))
    return Lived(situation, recording, (*asked, *(told for _, told in strangers)), tuple(predicted))


def _strangers(situation: Situation, player: "_Player") -> Iterator[tuple[Interval, Asked]]:
    """The rows of other processes, and what they stand for."""
    for row, times, first_ms, every_ms, process in situation.strangers:
        for number in range(times):
            start = clock_ns(player.began_ns + int((first_ms + number * every_ms) * _MS))
            length = clock_ns(start + row.lengths_us[number % len(row.lengths_us)] * _US) - start
            yield replace(_blank(row, process), start_ns=start, duration_ns=length), Asked(row, start, length, process)


def _blank(row: Row, process: Process) -> Interval:
    """A row at no time."""
    return Interval(row.table, 0, 0, row.label, row.channel, row.state, process=process, category=row.category)


def _harness(situation: Situation) -> Harness | None:
    if not situation.compute_units:
        return None
    model = situation.programs[0].calls[0].model
    return Harness(
        situation.compute_units,
        f"/Users/sample/Models/{model}.mlmodelc",
        tuple(Planned(f"op_{number}", "ios17.conv", "GPU") for number in range(8)),
    )


class _Player:
    """A program while it runs."""

    def __init__(self, situation: Situation, program: Program, cores: tuple[Core, ...]) -> None:
        app = program.app
        path = f"/Applications/{app.name}.app/Contents/MacOS/{app.name}"
        self.situation, self.program = situation, program
        self.process = Process(program.pid, app.name, path, app.arguments)
        space = AddressSpace(situation.machine.os_version, app.sources)
        image = program_image(app.name, path, launch=_START)
        seed = f"{situation.name} {app.name}"
        self.timeline = Timeline(space, image, self.process, cores, seed=seed)
        self.main: Thread = self.timeline.thread("Main Thread", "main")
        self.asked: list[Asked] = []
        self.predicted: list[Predicted] = []
        self.began_ns = 0

    def play(self) -> None:
        """From the launch to the last prediction."""
        program, timeline = self.program, self.timeline
        timeline.run(self.main, *parts.LAUNCH)
        for row in program.load_rows:
            self._leave(row)
        for one in program.loads:
            timeline.run(self.main, program.app.does("Models.load()") + one)
        self.began_ns = timeline.now_ns
        every = [calls for _ in range(program.rounds) for calls in program.calls for _ in range(calls.times)]
        for number, calls in enumerate(every):
            self._pause_until(self.began_ns + int(number * program.every_ms * _MS))
            self._predict(calls, is_warmup=number < program.warmup)
            for often, leaves in program.after:
                self._sample(often, program.app.does(*program.work) + timeline.pick(leaves))

    def _predict(self, calls: Calls, *, is_warmup: bool) -> None:
        caller = calls.caller
        if self.situation.compute_units:
            caller = (*caller, f"tracekit_{'warmup' if is_warmup else 'measured'}_prediction")
        root = self.program.app.does(*caller) + calls.root
        with self.timeline.predicted(is_warmup=is_warmup):
            for step in calls.steps:
                self._do(root, step)
        one = self.timeline.last_iteration
        predicted = Predicted(calls, one.start_ns, one.end_ns, is_warmup, self.process)
        self.predicted.append(predicted)
        if self.situation.prompt_tokens:
            self.timeline.add(_marked(predicted, self.situation.prompt_tokens, len(self.predicted)))
        for interval in _told(self.situation.told_by, predicted):
            self.timeline.add(interval)
            if interval.category == "Setup":
                row = Row(CORE_AI, "none", calls.model, calls.function, (), "prepare")
                self.asked.append(Asked(row, interval.start_ns, interval.duration_ns, self.process))

    def _do(self, root: Part, step: Step) -> None:
        ends = [self._leave(row) for row in step.rows]
        self._sample(step.often, sum(map(self.timeline.pick, step.choices), start=root))
        self.timeline.blocked(step.blocked)
        if max(ends, default=0) > self.timeline.now_ns:
            self._pause_until(max(ends) + TICK_NS)

    def _leave(self, row: Row) -> int:
        """A row of this process; gives its end."""
        length = self.timeline.pick(row.lengths_us) * _US
        self.timeline.hardware(row.after_us * _US, length, _blank(row, self.process))
        outer = self.timeline.last_interval
        self.asked.append(Asked(row, outer.start_ns, outer.duration_ns, self.process))
        if row.inner:
            self.timeline.add(_inside(outer, row.inner))
        return outer.start_ns + outer.duration_ns

    def _sample(self, often: float, one: Part) -> None:
        if self.timeline.chance(often):
            self.timeline.run(self.main, one)

    def _pause_until(self, time_ns: int) -> None:
        self.timeline.blocked(max(0, -(-(time_ns - self.timeline.now_ns) // TICK_NS)))


def _inside(outer: Interval, label: str) -> Interval:
    """A row one level deeper, a tenth of a millisecond shorter."""
    start = clock_ns(outer.start_ns + 80 * _US)
    end = clock_ns(outer.start_ns + outer.duration_ns - 20 * _US)
    return replace(outer, label=label, start_ns=start, duration_ns=end - start, depth=outer.depth + 1)


def _marked(one: Predicted, prompt_tokens: int, step: int) -> Interval:
    """The signpost of a prefill, or of a token that was decoded."""
    is_prefill = one.calls.function == "prefill"
    said = f"engine=Core AI, tokens={prompt_tokens}" if is_prefill else f"step={step}"
    return Interval(
        *(MARKS, one.start_ns, one.end_ns - one.start_ns, "Prompt" if is_prefill else "Extend"),
        channel="com.apple.coreai-models.performance",
        process=one.process,
        category=said,
    )


def _told(source: Source, one: Predicted) -> Iterator[Interval]:
    """The rows that say when a prediction began and ended, and of Core AI what came right before."""
    whole = Interval("", one.start_ns, one.end_ns - one.start_ns, "Prediction", process=one.process)
    if source == "coreml-table":
        yield replace(whole, table=COREML, channel=f"{one.calls.model}-3")
    elif source == "odie-profile":
        inference = replace(
            whole, table=CORE_AI, label=one.calls.function, channel=one.calls.model, category="Inference"
        )
        yield replace(inference, start_ns=clock_ns(one.start_ns - 40 * _US), duration_ns=30 * _US, category="Setup")
        yield inference
        yield _inside(inference, inference.label)
