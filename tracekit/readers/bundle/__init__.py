"""Native ``.trace`` bundles, on any operating system.

The format is described in docs/trace-bundle.md. One file is one idea:

    storage/           files of a bundle; property lists and archives; tables, and what their rows refer to
    addresses/         images and where they lay; symbols; addresses → functions
    requirements.py    which bundles are refused                  names.py          processes and threads
    facts.py           what the TOC says                          columns.py        what types of columns mean
    issues.py          what Instruments noted of a run            clock.py          ticks → times of a run
    labels.py          composed texts                             stacks.py         stacks → addresses
    samples.py         rows → Profile                             tables.py         rows → DataFrame
    run.py             all of it, for one run
"""

from pathlib import Path
from typing import TYPE_CHECKING

from tracekit.readers.bundle.storage.files import open_files, sniff

if TYPE_CHECKING:  # every input is asked whether it is a bundle, and most are none
    import pandas as pd

    from tracekit.model.trace import Run, Trace
    from tracekit.readers.source import Progress

__all__ = ["backtraces", "open_bundle", "sniff"]


def open_bundle(path: Path, *, strict: bool = False, progress: "Progress | None" = None) -> "Trace":
    """Open a bundle: a folder, or a zip or tar archive of one, which is read in place.

    ``strict`` refuses rows that would otherwise be skipped and counted; ``progress`` is told how much was read.

    Raises:
        UnsupportedError: the recording was never finished, or is of a kind or version that is not known.
        InputError: the bundle is damaged, or an archive of it is not safe to read.
    """
    from tracekit.readers.bundle.run import trace_of

    return trace_of(open_files(path, progress), strict=strict)


def backtraces(run: "Run") -> "pd.DataFrame":
    """Every frame of every sample of a bundle's run, as addresses; ``Run.profile`` merges addresses into functions.

    Columns: ``sample`` (row of ``profile().samples``), ``depth`` (0: leaf), ``address`` as recorded, ``name``,
    ``file`` and ``line`` of the address, and ``binary``, ``path``, ``uuid``, ``load_addr`` of its image.

    Raises:
        InputError, UnsupportedError: the run has no samples, or they cannot be read.
        TypeError: the run is not one of a bundle.
    """
    from tracekit.readers.bundle.run import BundleRun

    if not isinstance(run, BundleRun):
        raise TypeError("only runs of bundles have addresses")
    return run.backtraces()
