"""A .mlmodelc: what Core ML's compiler makes of a model.

ML Programs lie in it as text (``model.mil``), neural networks as JSON (``espresso.py``). Other models lie in
``coremldata.bin`` alone, in a format that is described nowhere.
"""

from pathlib import Path
from typing import Any, Final

from tracekit.errors import InputError, UnsupportedError
from tracekit.mlmodel import espresso
from tracekit.mlmodel.folders import read_json, read_text
from tracekit.mlmodel.mil_text import read_mil
from tracekit.mlmodel.weights import Weights
from tracekit.model.operations import UNKNOWN, Direction, Feature, Model, ModelBuilder, ValueType

PROGRAM: Final = "model.mil"
ANALYTICS: Final = "analytics/analytics.mil"
"""The program once more, with the compiler's remarks; only some compiled models have it."""
_METADATA: Final = "metadata.json"
_MARKS: Final = (PROGRAM, _METADATA, "coremldata.bin", espresso.NETWORK)
_SCHEMAS: Final[tuple[tuple[str, Direction], ...]] = (
    ("inputSchema", "in"), ("outputSchema", "out"), ("stateSchema", "state"),
)  # fmt: skip
_DTYPES: Final = {"Float16": "fp16", "Float32": "fp32", "Double": "fp64", "Int32": "int32", "Int8": "int8"}


def is_compiled(folder: Path) -> bool:
    """Whether a folder is a compiled model."""
    return any((folder / name).is_file() for name in _MARKS)


def has_operations(folder: Path) -> bool:
    """Whether a folder has the operations of a compiled model, whatever it is called."""
    return any((folder / name).is_file() for name in (PROGRAM, espresso.NETWORK))


def read_compiled(folder: Path) -> Model:
    """Read a compiled model.

    Raises:
        UnsupportedError: its operations are not in a format that is known.
        InputError: it is damaged.
    """
    path = next((folder / name for name in (ANALYTICS, PROGRAM) if (folder / name).is_file()), None)
    if path is not None:
        return _read(path, folder, str(folder))
    if (folder / espresso.NETWORK).is_file():
        builder = ModelBuilder(str(folder))
        version = _describe(folder / _METADATA, builder)
        espresso.read_network(folder, builder)
        return builder.build("espresso", version)
    raise UnsupportedError(
        f"this compiled model has neither {PROGRAM} nor {espresso.NETWORK}: what else is in it is in a format that is "
        "described nowhere",
        where=folder,
        hint="Give the .mlmodel or .mlpackage that it was made from",
    )


def read_program_text(path: Path) -> Model:
    """Read a ``model.mil`` by itself; metadata.json and the weights are looked for beside it.

    Raises:
        InputError: it is damaged.
    """
    return _read(path, path.parent, str(path))


def _read(path: Path, folder: Path, source: str) -> Model:
    builder = ModelBuilder(source)
    version = _describe(folder / _METADATA, builder)
    read_mil(read_text(path), builder, Weights(source, folder), str(path))
    return builder.build("mlmodelc", version)


def _describe(path: Path, builder: ModelBuilder) -> int:
    """Add inputs and outputs from metadata.json, where that is there; gives the specification version."""
    if not path.is_file():
        return 0
    document = read_json(path)
    first = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, dict):
        raise InputError("does not describe a model", where=path)
    for schema, direction in _SCHEMAS:
        for each in first.get(schema) or ():
            if isinstance(each, dict):
                builder.add_feature("", "", _feature(each, direction))
    version = first.get("specificationVersion", 0)
    return version if isinstance(version, int) else 0


def _feature(given: dict[str, Any], direction: Direction) -> Feature:
    """``{"name", "type", "dataType", "shape": "[1, 3, 8, 8]", "hasShapeFlexibility": "0"}``."""
    sizes = str(given.get("shape", "")).strip("[]").replace(" ", "").split(",")
    shape = tuple(int(size) if size.isdecimal() and len(size) < 19 else UNKNOWN for size in sizes if size)
    return Feature(
        direction,
        str(given.get("name", "")),
        str(given.get("type", "")),
        ValueType(_DTYPES.get(str(given.get("dataType", "")), ""), shape or None),
        str(given.get("hasShapeFlexibility", "0")) == "1",
    )
