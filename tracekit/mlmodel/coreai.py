"""Models of Core AI (iOS and macOS 27): as far as files tell.

Their operations are MLIR bytecode, which nothing here reads. A compiled model has a file ``ANE_region….bc`` for each
part that goes to the Neural Engine; two independent public reports say that a model without one runs on the GPU,
silently.
"""

from pathlib import Path
from typing import Final

from tracekit.errors import InputError
from tracekit.model.operations import CoreAIModel

_PROGRAM: Final = "main.mlirb"
_LIMIT: Final = 100_000


def is_coreai(folder: Path) -> bool:
    """Whether a folder is a model of Core AI."""
    return folder.suffix in (".aimodel", ".aimodelc") or (folder / _PROGRAM).is_file()


def read_coreai(folder: Path) -> CoreAIModel:
    """Look at the files of a model.

    Raises:
        InputError: it has none, or absurdly many.
    """
    compiled = folder.suffix == ".aimodelc"
    regions = size = count = 0
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        count += 1
        if count > _LIMIT:
            raise InputError(f"holds more than {_LIMIT:,} files, far more than a model", where=folder)
        size += path.stat().st_size
        regions += path.name.startswith("ANE_region") and path.suffix == ".bc"
    if not count:
        raise InputError("the model has no files", where=folder)
    return CoreAIModel(str(folder), "aimodelc" if compiled else "aimodel", regions, size)
