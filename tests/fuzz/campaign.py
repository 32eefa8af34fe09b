"""Mutated inputs by the thousand: ``python -m tests.fuzz.campaign exports 20000 --seed 1``.

Every input is made from its number, so a failure is made again by its number alone. Each is read with ten seconds of
processor time, and with 512 MB of memory above what Python and its libraries take. It must be read, or refused in one
sentence; a traceback, a hang, and a row that is neither read nor counted are failures.
"""

import argparse
import random
import re
import resource
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.fuzz import beside, models, recordings
from tracekit import api
from tracekit.attribution.own_rules import load_catalogue
from tracekit.batch.rows import read_results
from tracekit.errors import InvariantError, TracekitError
from tracekit.recording.harness.sidecar import read_sidecar

SECONDS = 10
MEMORY = 512 << 20


class Kind(NamedTuple):
    """A kind of input: how one is made, and how it is read. A text that reading gives is what was lost."""

    make: Callable[[random.Random, Path], Path]
    read: Callable[[Path], object]


KINDS = {
    "exports": Kind(recordings.exports, recordings.read_export),
    "bundles": Kind(recordings.bundles, recordings.read),
    "old-bundles": Kind(recordings.old_bundles, recordings.read),
    "texts": Kind(recordings.texts, recordings.read),
    "models": Kind(models.models, models.read),
    "logs": Kind(beside.logs, beside.read_damaged_log),
    "sidecars": Kind(beside.sidecars, read_sidecar),
    "plans": Kind(beside.plans, api.read_plan),
    "rules": Kind(beside.rules, load_catalogue),
    "tables": Kind(beside.tables, read_results),
    "journals": Kind(beside.journals, beside.read_damaged_journal),
}


class TooLongError(Exception):
    """The time is over."""


def outcome(kind: str, number: int, seed: int) -> str:
    """``read``, ``refused``, or what went wrong with one input."""
    with tempfile.TemporaryDirectory() as name:
        path = KINDS[kind].make(random.Random(f"{kind} {seed} {number}"), Path(name))
        try:
            with limited():
                lost = KINDS[kind].read(path)
        except InvariantError as error:
            return f"broken law: {error}"
        except TracekitError as error:
            return "refused" if "\n" not in str(error) else "refused in several lines"
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what we look for
            return f"{type(error).__name__}: {error}"
    return f"lost: {lost}" if isinstance(lost, str) and lost else "read"


@contextmanager
def limited() -> Iterator[None]:
    """Stop after some seconds of processor time."""

    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def run(kind: str, count: int, seed: int, first: int = 0) -> Counter[str]:
    """How often each outcome came, with failures by their numbers."""
    found: Counter[str] = Counter()
    for number in range(first, first + count):
        came = outcome(kind, number, seed)
        found[came if came in ("read", "refused") else f"{kind} {number}: {came}"] += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    chosen = parser.parse_args()
    for kind in KINDS:
        outcome(kind, 0, 0)  # what is imported on the way is not the input's
    used = int(re.search(r"VmSize:\s+(\d+)", Path("/proc/self/status").read_text())[1]) << 10  # type: ignore[index]
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    found = run(chosen.kind, chosen.count, chosen.seed, chosen.first)
    for came, times in sorted(found.items()):
        print(f"{times:7,}  {came}")
    sys.exit(0 if set(found) <= {"read", "refused"} else 1)


if __name__ == "__main__":
    main()
