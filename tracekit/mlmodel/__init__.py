"""A model on disk → its operations. Works on any system, and needs neither Core ML nor coremltools."""

from pathlib import Path

from tracekit.errors import InputError, UnknownFormatError
from tracekit.files import check_readable
from tracekit.mlmodel.compiled import has_operations, is_compiled, read_compiled, read_program_text
from tracekit.mlmodel.coreai import is_coreai, read_coreai
from tracekit.mlmodel.folders import mapped
from tracekit.mlmodel.package import is_package, read_package
from tracekit.mlmodel.specification import read_specification
from tracekit.mlmodel.weights import Weights
from tracekit.model.operations import CoreAIModel, Model

KNOWN = "tracekit reads .mlpackage, .mlmodel, .mlmodelc, and the files of .aimodel and .aimodelc"
_SUFFIXES = (".mlmodel", ".mlpackage", ".mlmodelc", ".aimodel", ".aimodelc")


def is_model(path: Path) -> bool:
    """Whether a path looks like a model; looks at names only."""
    if path.is_dir():
        return path.suffix in _SUFFIXES or is_package(path) or has_operations(path)
    return path.suffix in (".mlmodel", ".mil") or (path.suffix in _SUFFIXES and not path.exists())


def open_model(path: str | Path) -> Model | CoreAIModel:
    """Read a model.

    Raises:
        UnknownFormatError: it is no model.
        InputError: there is none, it is damaged, or of a kind that cannot be read.
    """
    place = Path(path)
    if not place.exists():
        raise InputError("there is no such model", where=place.absolute(), hint=KNOWN)
    check_readable(place)
    if not place.is_dir() and place.suffix == ".mil":
        return read_program_text(place)
    if not place.is_dir():
        return read_specification(mapped(place), str(place), "mlmodel", Weights(str(place)))
    if is_package(place):
        return read_package(place)
    if is_coreai(place):
        return read_coreai(place)
    if is_compiled(place):
        return read_compiled(place)
    raise UnknownFormatError("is no folder of a model", where=place, hint=KNOWN)
