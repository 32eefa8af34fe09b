"""The sidecar that belongs to a recording, found by where it lies.

run.trace           run.sidecar.json beside it
run.tracekit.zip    sidecar.json in it; any zip or folder of exports likewise
run.xml             run.sidecar.json beside it
"""

import zipfile
from pathlib import Path
from typing import Final

from tracekit.errors import InputError
from tracekit.files import MOST_BYTES, parse_json
from tracekit.recording.beside import beside
from tracekit.recording.harness.sidecar import Sidecar, parse_sidecar, read_sidecar

NAME: Final = "sidecar.json"


def find_sidecar(path: Path) -> Sidecar | None:
    """The sidecar of a recording; None where there is none.

    Raises:
        InputError, UnsupportedError: there is one, and it cannot be read.
    """
    if path.is_dir() and (path / NAME).is_file():
        return read_sidecar(path / NAME)
    if path.is_file() and zipfile.is_zipfile(path):
        found = _in_zip(path)
        if found is not None:
            return found
    named = beside(path, f".{NAME}")
    return None if named is None else read_sidecar(named)


def _in_zip(path: Path) -> Sidecar | None:
    where = f"{path}/{NAME}"
    try:
        with zipfile.ZipFile(path) as archive:
            if NAME not in archive.namelist():
                return None
            if archive.getinfo(NAME).file_size > MOST_BYTES:
                raise InputError("is far too large for a sidecar", where=where)
            data = archive.read(NAME)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise InputError(f"cannot be read: {error}", where=where) from error
    return parse_sidecar(parse_json(data, where), where)
