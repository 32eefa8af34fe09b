"""The models that come with tracekit, and what identifies a model."""

import hashlib
from pathlib import Path
from typing import Final

from tracekit.errors import RecordingError

FOLDER: Final = Path(__file__).parent / "default_model"
ML_PROGRAM: Final = FOLDER / "TinyConv.mlpackage"
NEURAL_NETWORK: Final = FOLDER / "TinyConv.mlmodel"
SUFFIXES: Final = (".mlpackage", ".mlmodel", ".mlmodelc")
_ENDINGS: Final = f"Models end in {', '.join(SUFFIXES)}"
_BLOCK: Final = 1 << 20


def checked_model(path: Path | None) -> Path:
    """A model's absolute path; without one, the ML Program that comes with tracekit.

    Raises:
        RecordingError: it is no Core ML model.
    """
    if path is None:
        return ML_PROGRAM
    place = path.expanduser().absolute()
    if not place.exists():
        raise RecordingError("there is no such model", where=place, hint=_ENDINGS)
    if place.suffix not in SUFFIXES:
        raise RecordingError("is no Core ML model", where=path, hint=_ENDINGS)
    return place


def model_hash(model: Path) -> str:
    """SHA-256 of a model's files, each with its name, in order."""
    digest = hashlib.sha256()
    files = sorted(each for each in model.rglob("*") if each.is_file()) if model.is_dir() else [model]
    for path in files:
        digest.update(path.relative_to(model.parent).as_posix().encode() + b"\0")
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()
