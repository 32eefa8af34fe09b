"""Files that lie beside a recording and are called after it: ``run.sidecar.json`` beside ``run.trace``."""

from pathlib import Path
from typing import Final

LOG: Final = ".log.ndjson"
"""What the system logged of the recorded process is called so, behind the recording's name."""

_SUFFIXES: Final = (".zip", ".tar", ".gz", ".trace", ".tracekit", ".xml")


def beside(path: Path, suffix: str) -> Path | None:
    """The file beside a recording that is called ``NAME`` and a suffix; None where there is none."""
    if not path.name:
        return None
    found = path.with_name(_stem(path.name) + suffix)
    return found if found != path and found.is_file() else None


def _stem(name: str) -> str:
    while name.endswith(_SUFFIXES):
        name = name[: name.rindex(".")]
    return name
