"""Files that lie beside a recording and are called after it: ``run.sidecar.json`` beside ``run.trace``."""

from pathlib import Path
from typing import Final

LOG: Final = ".log.ndjson"
"""What the system logged of the recorded process is called so, behind the recording's name."""

_SUFFIXES: Final = (".zip", ".tar", ".gz", ".trace", ".tracekit", ".xml")


def beside(path: Path, suffix: str) -> Path | None:
    """The file beside a recording that is called ``NAME`` and a suffix; None where there is none."""
    stem = path.name
    if not stem:
        return None
    while stem.endswith(_SUFFIXES):
        stem = stem[: stem.rindex(".")]
    found = path.with_name(stem + suffix)
    return found if found != path and found.is_file() else None
