"""What a process that lives for a second may do with memory, and one that lives for long should not."""

import atexit
import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, NoReturn

_RARELY: Final = 100_000
_MMAP_THRESHOLD, _TRIM_THRESHOLD, _TOP_PAD = -3, -1, -2  # malloc.h of glibc
_KEPT: Final = {_MMAP_THRESHOLD: 64 << 20, _TRIM_THRESHOLD: 256 << 20, _TOP_PAD: 16 << 20}


@contextmanager
def short_lived() -> Iterator[None]:
    """Look for garbage rarely, and not at all when Python ends.

    Loading pandas makes 300,000 objects that stay: looking through them again and again takes a quarter of the time
    that a small recording takes.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(_RARELY)
    atexit.register(gc.freeze)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def leave(code: object) -> NoReturn:
    """End the process as ``sys.exit`` does, but leave taking its memory apart to the system.

    What was registered for the end is done, and what was written is flushed. Where it cannot be, or another thread is
    at work, Python ends in its own way.
    """
    if threading.active_count() > 1 or not (code is None or isinstance(code, int)):
        sys.exit(code)  # type: ignore[arg-type]  # what a SystemExit holds
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        sys.exit(code)
    atexit._run_exitfuncs()
    os._exit(code or 0)


def keep_what_is_freed() -> None:
    """Let the system's allocator keep freed memory for the next array, where it is glibc's.

    By default it gives back each of numpy's temporary arrays, and the system clears the same pages for the next one.
    """
    if sys.platform != "linux" or any(name.startswith("MALLOC_") for name in os.environ):
        return  # elsewhere it is another allocator; and who sets it up knows better
    import ctypes

    with suppress(OSError, AttributeError):
        allocator = ctypes.CDLL(None)
        for parameter, value in _KEPT.items():
            allocator.mallopt(parameter, value)
