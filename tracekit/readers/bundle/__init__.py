"""Native ``.trace`` bundles, on any operating system.

The format is described in docs/trace-bundle.md. One file is one idea:

    files.py           files of a bundle: folder, zip, tar        requirements.py   which bundles are refused
    plist.py           property lists                             keyed_archive.py  NSKeyedArchiver
    stores.py          tables                                     uniquing.py       what their rows refer to
    names.py           processes and threads                      facts.py          what the TOC says
    clock.py           ticks → times of a run                     images.py         where images lay in memory
    signatures.py      images in form.template                    dyld_events.py    images without it
    symbols.py         symbol archives                            demangling.py     names as Instruments prints them
    symbolication.py   addresses → functions                      backtraces.py     stacks → addresses
    samples.py         rows → Profile                             tables.py         rows → DataFrame
"""

from pathlib import Path

from tracekit.model.trace import Trace
from tracekit.readers.bundle.files import is_bundle, open_files
from tracekit.readers.bundle.keyed_archive import KeyedArchive
from tracekit.readers.bundle.requirements import check_requirements, run_numbers
from tracekit.readers.bundle.run import BundleRun
from tracekit.readers.bundle.symbolication import Archives

__all__ = ["open_bundle", "sniff"]


def sniff(path: Path) -> bool:
    """Whether a path is a ``.trace`` folder, or a zip or tar archive of one. Looks at names, not into files."""
    return is_bundle(path)


def open_bundle(path: Path) -> Trace:
    """Open a bundle: a folder, or a zip or tar archive of one, which is read in place.

    Raises:
        UnsupportedError: the recording was never finished, or is of a kind or version that is not known.
        InputError: the bundle is damaged, or an archive of it is not safe to read.
    """
    files = open_files(path)
    numbers = run_numbers(files)
    check_requirements(files)
    template = None
    if "form.template" in files:
        template = KeyedArchive(files.read("form.template"), files.where("form.template"))
    archives = Archives(files)
    runs = tuple(BundleRun(files, number, template, archives) for number in numbers)
    return Trace(path=str(path), format="bundle", runs=runs)
