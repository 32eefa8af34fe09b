"""What a command does with memory is undone when it ends, and answers the same."""

import gc
import subprocess
import sys

import pytest

from tests.cli.conftest import Tracekit
from tracekit.cli import memory


def test_garbage_is_looked_for_as_before_once_a_command_has_ended(tracekit: Tracekit) -> None:
    before = gc.get_threshold()
    with memory.short_lived():
        assert gc.get_threshold() != before
    assert gc.get_threshold() == before
    tracekit("--version")
    tracekit("info", "no such file")
    assert gc.get_threshold() == before


@pytest.mark.parametrize("own", ["", "MALLOC_ARENA_MAX"])
def test_the_allocator_keeps_what_is_freed_unless_somebody_set_it_up(own: str) -> None:
    """A gigabyte of arrays, one after the other: each of them cleared anew, or the first page faults alone."""
    script = (
        "import resource, numpy, tracekit.cli.memory as memory; memory.keep_what_is_freed()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "for _ in range(256): numpy.ones(4 << 20, numpy.uint8)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)"
    )
    environment = {"PATH": "", **({own: "2"} if own else {})}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 0
    if sys.platform == "linux" and not own:
        assert int(done.stdout) < 20_000  # 256 times 4 MiB are 262,144 pages
