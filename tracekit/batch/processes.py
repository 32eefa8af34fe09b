"""Work on this machine's processes.

Each worker has a pipe, and is given one recording at a time. So when a worker ends, its pipe closes, and it is known
which recording it was reading; the others never notice. (``concurrent.futures`` breaks the whole pool and does not tell
which task did it.)
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from time import perf_counter
from typing import Final

from tracekit.batch.work import Outcome, Work, lost, with_second_try

RECORDINGS_A_WORKER: Final = 50
"""A new process then: it gives back what the allocator keeps. Starting one takes about as long as one small trace."""
_PATIENCE_S: Final = 5.0


def default_workers() -> int:
    """As many as this process may use cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_memory(workers: int) -> int:
    """Bytes for a worker: its part of the machine's memory; 0, no limit, where that is not known."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // workers
    except (AttributeError, OSError, ValueError):
        return 0


def on_processes(work: Work, paths: Sequence[str], *, workers: int, memory: int) -> Generator[Outcome]:
    """Work on ``paths``, ``workers`` at a time; ``memory`` bounds the bytes of each (Linux; 0: no limit)."""

    def work_through(paths: Sequence[str], one_at_a_time: bool) -> Generator[Outcome]:
        return _work_through(partial(_started, work, memory), paths, 1 if one_at_a_time else workers)

    return with_second_try(paths, work_through)


@dataclass(eq=False)
class _Worker:
    process: BaseProcess
    pipe: Connection
    path: str
    given: int = 1

    def give(self, path: str) -> None:
        self.path = path
        self.given += 1
        with suppress(OSError):  # it is gone: its pipe tells
            self.pipe.send(path)

    def outcome(self) -> Outcome | None:
        """What it sent; None where it ended instead."""
        try:
            return Outcome(self.path, *self.pipe.recv())
        except (EOFError, OSError):
            return None

    def end(self) -> str:
        """Wait until it is gone, or make it go; say how it ended."""
        self.pipe.close()
        self.process.join(_PATIENCE_S)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
        code = self.process.exitcode or 0
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"


def _work_through(started: Callable[[str], _Worker], paths: Sequence[str], workers: int) -> Generator[Outcome]:
    waiting = deque(paths)
    busy: dict[Connection, _Worker] = {}
    try:
        while waiting or busy:
            while waiting and len(busy) < workers:
                worker = started(waiting.popleft())
                busy[worker.pipe] = worker
            for pipe in connection.wait(list(busy)):
                worker = busy[pipe]  # type: ignore[index]  # what is waited for are the keys
                outcome = worker.outcome()
                if outcome is None or not waiting or worker.given >= RECORDINGS_A_WORKER:
                    del busy[worker.pipe]
                    how = worker.end()
                    outcome = outcome or lost(worker.path, how)
                else:
                    worker.give(waiting.popleft())
                yield outcome
    finally:
        for worker in busy.values():
            worker.process.terminate()
            worker.end()


def _started(work: Work, memory: int, path: str) -> _Worker:
    context = get_context("spawn")  # fork copies locks that other threads (pyarrow's, BLAS's) hold
    mine, its = context.Pipe()
    process = context.Process(target=_serve, args=(its, work, memory), daemon=True)
    process.start()
    its.close()  # so that the pipe closes when the worker ends
    mine.send(path)
    return _Worker(process, mine, path)


def _serve(pipe: Connection, work: Work, memory: int) -> None:
    """A worker: read what is asked for until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends its workers
    _limit_memory(memory)
    while True:
        try:
            path = pipe.recv()
        except EOFError:
            return
        began = perf_counter()
        rows = work(path)
        try:
            pipe.send((rows, perf_counter() - began))
        except BrokenPipeError:  # the parent is gone
            return


def _limit_memory(limit: int) -> None:
    """Let allocations fail above a limit, so that one recording ends with a reason and not the machine with a kill."""
    if not limit:
        return
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    except (OSError, ValueError):  # a system that knows no such limit, as macOS for mapped memory
        return
