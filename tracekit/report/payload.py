"""The whole call tree of a report, packed: columns of small integers, compressed, as text for a script element.

    base64( zlib( length of the header, uint32 little-endian
                  header, JSON in UTF-8, blanks to the next multiple of 8
                  columns, each little-endian, zeros to the next multiple of 8 ))

The header names the columns with their type and length, in their order. Nothing of the tree that follows from
something else is stored: totals, positions and engines are sums over the cells.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE
from tracekit.report.layout import flame_layout
from tracekit.report.numbers import DRIVING, readable_symbol, visible

_WORD: Final = 8
_TYPES: Final = (("uint8", 1 << 8), ("uint16", 1 << 16), ("uint32", 1 << 32))

Numbers = NDArray[np.integer[Any]]


def pack(profile: Profile) -> str:
    """The call tree of an attributed profile as text, without any character that HTML knows.

    Columns: for every call in drawing order (``flame_layout``) its ``depth`` and ``frame``; for every frame its
    ``image``, 0 where none is known; for every cell, which is one engine's part of a call's self weight, ``cell_step``
    (calls passed since the cell before), ``cell_engine``, ``cell_weight`` (times ``scale`` of the header) and
    ``cell_count`` (samples).
    """
    layout = flame_layout(profile)
    used, frame = np.unique(layout["frame_id"].to_numpy(), return_inverse=True)
    frames = profile.frames.take(used)
    cells = _cells(profile, layout)
    weight = cells["weight"].to_numpy()
    scale = max(int(np.gcd.reduce(weight)), 1) if len(weight) else 1
    header = {
        "unit": profile.meta.unit,
        "scale": scale,
        "engines": [{"name": engine, "label": DRIVING[engine]} for engine in ENGINES],
        "symbols": [visible(readable_symbol(name)) for name in frames["name"]],
        "images": ["", *(visible(name) for name in profile.binaries["name"])],
    }
    return _encoded(
        header,
        {
            "depth": layout["depth"].to_numpy(),
            "frame": frame,
            "image": frames["binary_id"].to_numpy() + 1,
            "cell_step": np.diff(cells["call"].to_numpy(), prepend=0),
            "cell_engine": cells["engine"].to_numpy(),
            "cell_weight": weight // scale,
            "cell_count": cells["count"].to_numpy(),
        },
    )


def _cells(profile: Profile, layout: pd.DataFrame) -> pd.DataFrame:
    """Each engine's part of a call's self weight: ``call`` (row of the layout), ``engine``, ``weight``, ``count``."""
    samples = profile.samples[profile.samples["stack_id"] != NONE]
    call = np.full(len(profile.stacks), NONE, np.int64)
    call[layout["stack_id"].to_numpy()] = np.arange(len(layout))
    rows = pd.DataFrame(
        {
            "call": call[samples["stack_id"].to_numpy()],
            "engine": samples["engine"].cat.codes.to_numpy(),
            "weight": samples["weight"].to_numpy(),
        }
    )
    return rows.groupby(["call", "engine"], sort=True)["weight"].agg(weight="sum", count="size").reset_index()


def _encoded(header: Mapping[str, object], columns: Mapping[str, Numbers]) -> str:
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
