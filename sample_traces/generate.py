"""Writes every file of this folder that is generated: ``python sample_traces/generate.py [--check]``.

The same code writes the same text on every machine. ``--check`` writes nothing; it exits with 1 when a file differs.
"""

import argparse
import gzip
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

if __name__ == "__main__":  # run as a script: the package is this file's folder
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sample_traces.export_xml import XCODE_14_0, XCODE_16_4, XCODE_26_5, XCODE_27, Encoding, export_xml, toc_xml
from sample_traces.scenarios import recordings
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


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every generated file. A name that ends in .gz stands for the compressed text."""
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
    stale = [(FOLDER / name, text) for name, text in texts() if stored(FOLDER / name) != text]
    for path, text in stale:
        if options.check:
            print(f"{path.name} differs from what the generator writes: run python sample_traces/generate.py")
        else:
            content = text.encode()
            path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
            print(f"wrote {path.name}")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
