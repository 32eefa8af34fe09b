"""Tables for the scripts of a page: columns of small integers, compressed, as text for a script element.

    base64( zlib( length of the header, uint32 little-endian
                  header, JSON in UTF-8, blanks to the next multiple of 8
                  columns, each little-endian, zeros to the next multiple of 8 ))

The header names the columns with their type and length, in their order. The text has no character that HTML knows, so
templates write it as it is: what is done to names, as cutting what looks like a path, would break it.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_WORD: Final = 8
_TYPES: Final = (("uint8", 1 << 8), ("uint16", 1 << 16), ("uint32", 1 << 32))

Numbers = NDArray[np.integer[Any]]


def packed(header: Mapping[str, object], columns: Mapping[str, Numbers]) -> str:
    """A header and columns of integers, none below zero, as text."""
    narrow = {name: _narrowed(values) for name, values in columns.items()}
    described = [{"name": name, "type": str(values.dtype), "length": len(values)} for name, values in narrow.items()]
    text = json.dumps({**header, "columns": described}, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 4) % _WORD)
    parts = [len(text).to_bytes(4, "little"), text]
    for values in narrow.values():
        raw = values.astype(values.dtype.newbyteorder("<")).tobytes()
        parts.append(raw + bytes(-len(raw) % _WORD))
    return base64.b64encode(zlib.compress(b"".join(parts), 9)).decode("ascii")


def _narrowed(values: Numbers) -> NDArray[Any]:
    """The column in the smallest type a script can read; beyond 32 bits as floats, exact up to 2**53."""
    largest = int(values.max(initial=0))
    for name, limit in _TYPES:
        if largest < limit:
            return values.astype(name)
    return values.astype("float64")
