"""A sweep: the same model once with each of Core ML's four settings, and again, in an order that favours none.

The machine warms up, clocks change, other programs come and go: recorded one setting after the other, such drift would
look like a difference between settings. So the order is shuffled, and the Mac is kept awake.
"""

import os
import random
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Final

from tracekit.recording.harness.command import COMPUTE_UNITS, ComputeUnits
from tracekit.recording.runner import Runner

CONTROL: Final[ComputeUnits] = "cpuOnly"
"""With it no interval of the Neural Engine can be this model's."""
BASELINE: Final[ComputeUnits] = "all"
_POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Step:
    """One recording of a sweep."""

    units: ComputeUnits
    repeat: int

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.units}-{self.repeat}"


def shuffled(repeats: int, seed: int) -> list[Step]:
    """Every setting once a round, each round in an order of its own."""
    source = random.Random(seed)  # noqa: S311 - an order, not a secret
    steps = []
    for repeat in range(1, repeats + 1):
        units = list(COMPUTE_UNITS)
        source.shuffle(units)
        steps += [Step(each, repeat) for each in units]
    return steps


@contextmanager
def kept_awake(runner: Runner) -> Iterator[None]:
    """Keep the Mac from sleeping for a while; ``caffeinate`` ends by itself when we do. Elsewhere nothing happens."""
    tool = shutil.which("caffeinate")
    if tool is None:
        yield
        return
    running = runner.start([tool, "-i", "-m", "-w", str(os.getpid())], log=Path(os.devnull))
    try:
        yield
    finally:
        running.send_signal(signal.SIGTERM)
        while running.poll() is None:
            sleep(_POLL_S)
