"""A .mlpackage: a folder whose Manifest.json says which of its files is the model."""

from pathlib import Path, PurePosixPath
from typing import Any, Final

from tracekit.errors import InputError
from tracekit.mlmodel.folders import mapped, read_json
from tracekit.mlmodel.specification import read_specification
from tracekit.mlmodel.weights import Weights
from tracekit.model.operations import Model

MANIFEST: Final = "Manifest.json"


def is_package(folder: Path) -> bool:
    """Whether a folder is a package."""
    return (folder / MANIFEST).is_file()


def read_package(folder: Path) -> Model:
    """Read the model in a package.

    Raises:
        InputError: the package or its model is damaged, or the manifest points outside.
    """
    model = folder / "Data" / _root_model(read_json(folder / MANIFEST), folder)
    if not model.is_file():
        raise InputError(f"the model {model.relative_to(folder)} is missing from the package", where=folder)
    return read_specification(mapped(model), str(folder), "mlpackage", Weights(str(folder), model.parent))


def _root_model(manifest: Any, folder: Path) -> PurePosixPath:
    """The path of the model, inside Data."""
    try:
        path = manifest["itemInfoEntries"][manifest["rootModelIdentifier"]]["path"]
        inside = PurePosixPath(path)
    except (KeyError, TypeError) as error:
        raise InputError(f"{MANIFEST} names no model (no {error})", where=folder) from error
    if inside.is_absolute() or ".." in inside.parts or "\0" in path:
        raise InputError(f"{MANIFEST} points outside the package: {path!r}", where=folder)
    return inside
