"""What was sampled inside predictions, as sums that a decision can be made of.

    ANE, GPU   dispatch, wait, completion, execute: driving the engine, or waiting for it
    CPU        execute: computing on the CPU itself
    moving     copying and converting data
    once       loading, compiling, preparing, for whichever engine; how much of it is for the ANE and the GPU is known
    doubtful   symbols that no rule knows, and waits for nothing that the stack names: any engine's, perhaps
    nameless   Core ML's own code, which works for every engine alike, and the app's

Weights are integers of the profile's unit, and those of threads that ran: CPU time. Where blocked threads were recorded
too, the time that they waited is summed apart, and never mixed with CPU time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from tracekit.analysis.summary import by_phase, by_wait
from tracekit.model.profile import Profile
from tracekit.model.schema import AT_WORK, ONE_OFF


@dataclass(frozen=True, slots=True)
class Waited:
    """Weight of blocked threads inside predictions, by what they waited for."""

    weight: int
    ane: int
    gpu: int
    unnamed: int
    """For what no stack names: any engine, another thread, or a lock."""
    samples: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """Sums over samples inside predictions."""

    samples: int
    ane_samples: int
    others_samples: int
    """Samples in which the CPU computed or the GPU was driven."""
    weight: int
    ane: int
    cpu: int
    gpu: int
    moving: int
    once: int
    unknown: int
    """In symbols that no rule knows."""
    blocked: int
    """Waiting for what the stack does not name."""
    nameless: int
    waited: "Waited | None" = None
    """None where blocked threads were not recorded."""
    once_ane: int = 0
    once_gpu: int = 0

    @property
    def running(self) -> int:
        """Samples of threads that ran: what the shares are made of."""
        return self.samples - (self.waited.samples if self.waited is not None else 0)

    @property
    def others(self) -> int:
        """Engines other than the ANE."""
        return self.cpu + self.gpu

    @property
    def doubtful(self) -> int:
        """What could be any engine's."""
        return self.unknown + self.blocked

    def share(self, weight: int) -> float:
        """A part of the whole, 0 to 1."""
        return weight / self.weight if self.weight else 0.0


def work_of(focused: Profile) -> Work:
    """The sums of an attributed profile's samples, which are those inside predictions."""
    work, waits = work_in(by_phase(focused)), by_wait(focused)
    if waits.empty:
        return work
    waited = work_in(waits)
    return replace(
        work,
        samples=work.samples + waited.samples,
        ane_samples=work.ane_samples + waited.ane_samples,
        waited=Waited(waited.weight, waited.ane, waited.gpu, waited.blocked, waited.samples),
    )


def work_in(rows: pd.DataFrame) -> Work:
    """The same from sums by ``engine`` and ``phase``, with ``samples`` and ``weight``."""
    columns = (rows[name].tolist() for name in ("engine", "phase", "samples", "weight"))
    told = [_Sum(*row) for row in zip(*columns, strict=True)]

    def of(engine: str, *phases: str) -> list[_Sum]:
        return [each for each in told if each.engine == engine and each.phase in phases]

    ane, cpu, gpu = of("ANE", *AT_WORK), of("CPU", "execute", "dispatch"), of("GPU", *AT_WORK)
    moving = of("CPU", "copy", "convert")
    once = [each for each in told if each.phase in ONE_OFF]
    blocked = of("unknown", "wait", "contention")
    unknown = [each for each in told if each.engine == "unknown" and each not in (*blocked, *once)]
    named = sum(_weight(part) for part in (ane, cpu, gpu, moving, once, blocked, unknown))
    return Work(
        samples=_samples(told),
        ane_samples=_samples(ane),
        others_samples=_samples(cpu) + _samples(gpu),
        weight=_weight(told),
        ane=_weight(ane),
        cpu=_weight(cpu),
        gpu=_weight(gpu),
        moving=_weight(moving),
        once=_weight(once),
        unknown=_weight(unknown),
        blocked=_weight(blocked),
        nameless=_weight(told) - named,
        once_ane=_weight(of("ANE", *ONE_OFF)),
        once_gpu=_weight(of("GPU", *ONE_OFF)),
    )


class _Sum(NamedTuple):
    """Samples and weight of one engine and phase."""

    engine: str
    phase: str
    samples: int
    weight: int


def _samples(rows: Sequence[_Sum]) -> int:
    return sum(each.samples for each in rows)


def _weight(rows: Sequence[_Sum]) -> int:
    return sum(each.weight for each in rows)
