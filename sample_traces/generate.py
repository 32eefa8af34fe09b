"""Writes every file of this folder that is generated: ``python sample_traces/generate.py [--check]``.

The same code writes the same text on every machine. ``--check`` writes nothing; it exits with 1 when a file differs.
"""

import argparse
import gzip
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

if __name__ == "__main__":  # run as a script: the package is this file's folder
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sample_traces.bundle import recording_files, write_zip
from sample_traces.everyday.live import Lived, everyday
from sample_traces.everyday.truth import everyday_json
from sample_traces.export_xml import (
    XCODE_14_0,
    XCODE_16_4,
    XCODE_26_5,
    XCODE_27,
    Encoding,
    export_xml,
    table_xml,
    toc_xml,
)
from sample_traces.iteration_truth import iterations_json
from sample_traces.one_clock import one_clock_recordings
from sample_traces.planned import leaves_plan
from sample_traces.scenarios import recordings
from sample_traces.sidecar import sidecar_json
from sample_traces.truth import truth_json

FOLDER = Path(__file__).resolve().parent

ENCODINGS: dict[str, tuple[Encoding, ...]] = {
    "legacy-nn-ane": (XCODE_16_4,),
    "mlprogram-split": (XCODE_26_5, XCODE_14_0, XCODE_16_4, XCODE_27),
    "cpu-only": (XCODE_16_4,),
    "no-prediction": (XCODE_27,),
    "two-runs": (XCODE_16_4,),
}
"""The exports of every recording; the first is by the Xcode that recorded it."""

PLAIN = {"mlprogram-split.xcode26.5.xml"}
"""Exports to be read without unpacking them; the others are compressed."""


SIDECAR = "sidecar.json"
EVERYDAY = "everyday"
ONE_CLOCK: dict[str, Encoding] = {
    "all-ane": XCODE_26_5,
    "ane-with-cpu-fallback": XCODE_27,
    "gpu": XCODE_16_4,
}
"""Recordings with interval tables, each a folder of exports by one Xcode."""


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every generated file. A name that ends in .gz stands for the compressed text."""
    yield from _texts()
    yield "Leaves.plan.json", leaves_plan()
    for recording in one_clock_recordings():
        encoding, (run,) = ONE_CLOCK[recording.name], recording.runs
        yield f"{recording.name}/toc.xml", toc_xml(recording, encoding)
        yield f"{recording.name}/time-profile.xml.gz", export_xml(recording, encoding)
        for table in run.tables:
            yield f"{recording.name}/{table}.xml.gz", table_xml(recording, encoding, table)
        yield f"{recording.name}/{SIDECAR}", sidecar_json(recording, run)
        yield f"{recording.name}/truth.json", iterations_json(recording)
    for lived in everyday():
        yield f"{EVERYDAY}/{lived.situation.name}.truth.json", everyday_json(lived)


def _texts() -> Iterator[tuple[str, str]]:
    for recording in recordings():
        encodings = ENCODINGS[recording.name]
        files = []
        for encoding in encodings:
            name = f"{recording.name}.{encoding.name}.xml"
            file = name if name in PLAIN else f"{name}.gz"
            files.append(
                {
                    "file": file,
                    "encoding": encoding.stack,
                    "has_symbols": encoding.stack != "text-addresses",
                }
            )
            yield file, export_xml(recording, encoding)
        yield f"{recording.name}.toc.xml", toc_xml(recording, encodings[0])
        yield f"{recording.name}.truth.json", truth_json(recording, files)


def archives() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Name of every generated zip, of a bundle or of exports, and the files in it by name."""
    for recording in one_clock_recordings():
        files = recording_files(recording, is_deflated=False)
        inside = {f"{recording.name}.trace/{name}": data for name, data in files.items()}
        yield f"{recording.name}.trace.zip", {SIDECAR: sidecar_json(recording, recording.runs[0]).encode(), **inside}
    for lived in everyday():
        files = {name: text.encode() for name, text in _exports(lived)}
        yield f"{EVERYDAY}/{lived.situation.name}.zip", files


def _exports(lived: Lived) -> Iterator[tuple[str, str]]:
    """Name and text of every export of an everyday recording."""
    recording, encoding = lived.recording, lived.situation.machine.encoding
    (run,) = recording.runs
    yield "toc.xml", toc_xml(recording, encoding)
    if run.has_samples:
        yield "time-profile.xml", export_xml(recording, encoding)
    for table in run.tables:
        yield f"{table}.xml", table_xml(recording, encoding, table)
    if run.harness is not None:
        yield SIDECAR, sidecar_json(recording, run)


def zipped(path: Path) -> dict[str, bytes] | None:
    """The files of a zip by name; None if there is no such file."""
    if not path.exists():
        return None
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def stored(path: Path) -> str | None:
    """The text of a file, unpacked: two builds of zlib pack the same text differently. None if there is no file."""
    if not path.exists():
        return None
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; gives the exit code."""
    parser = argparse.ArgumentParser(description="Write the synthetic recordings of this folder.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    options = parser.parse_args(arguments)
    stale = [(name, text) for name, text in texts() if stored(FOLDER / name) != text]
    for name, text in stale:
        path = FOLDER / name
        if options.check:
            print(f"{name} differs from what the generator writes: run python sample_traces/generate.py")
        else:
            content = text.encode()
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
            print(f"wrote {name}")
    stale_archives = [(name, files) for name, files in archives() if zipped(FOLDER / name) != files]
    for name, files in stale_archives:
        if options.check:
            print(f"{name} differs from what the generator writes: run python sample_traces/generate.py")
        else:
            write_zip(files, FOLDER / name)
            print(f"wrote {name}")
    return 1 if options.check and (stale or stale_archives) else 0


if __name__ == "__main__":
    sys.exit(main())
