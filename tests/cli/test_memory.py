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


@pytest.mark.parametrize("code,expected", [("0", 0), ("3", 3), ("None", 0), ("'what'", 1)])
def test_leaving_does_what_was_registered_and_writes_all(code: str, expected: int) -> None:
    script = (
        "import atexit, sys, tracekit.cli.memory as memory; atexit.register(lambda: print('registered', flush=True))\n"
        f"sys.stdout.write('x' * 100_000 + ' '); memory.leave({code})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == expected
    assert done.stdout.split() == ["x" * 100_000, "registered"]


def test_leaving_waits_for_other_threads() -> None:
    script = (
        "import threading, time, tracekit.cli.memory as memory\n"
        "threading.Thread(target=lambda: (time.sleep(0.2), print('done'))).start(); memory.leave(2)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "done\n")
