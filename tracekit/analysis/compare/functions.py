"""Which functions of several profiles are the same: those with the same symbol in an image of the same name.

Addresses, UUIDs and paths differ between OS versions, builds and machines, so they take no part. Rust's legacy symbols
end in a hash that changes with every build; it is left off. A frame whose symbol is not known cannot be matched: all
such frames of an image are one function without a name.
"""

import re
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.model.profile import Profile

Ids = NDArray[np.int32]

_RUST_HASH = re.compile(r"::h[0-9a-f]{16}$")
_NAMELESS: Final = frozenset({"", "?", "<redacted>", "<deduplicated_symbol>", "<unknown>"})
"""What tools write where a symbol was stripped, or stands for several functions."""


class Functions(NamedTuple):
    """The functions of some profiles, and where each profile's frames are among them."""

    table: pd.DataFrame
    """One row a function: ``name`` and ``image`` str, ``is_named`` bool."""
    of_frame: tuple[Ids, ...]
    """For each profile, the row of ``table`` for every row of its ``frames``."""


def shared_functions(*profiles: Profile) -> Functions:
    """The functions of all profiles together, numbered in the order in which they are first met."""
    every = pd.concat([_functions_of(profile) for profile in profiles])
    number = every.groupby(["name", "image"], sort=False).ngroup().to_numpy().astype(np.int32)
    table = every.drop_duplicates(["name", "image"], ignore_index=True)
    ends = np.cumsum([len(profile.frames) for profile in profiles])
    return Functions(table, tuple(np.split(number, ends[:-1])))


def _functions_of(profile: Profile) -> pd.DataFrame:
    images = [*profile.binaries["name"], ""]
    rows = zip(profile.frames["name"], profile.frames["is_symbolicated"], strict=True)
    names = ["" if not known or name in _NAMELESS else _RUST_HASH.sub("", name) for name, known in rows]
    return pd.DataFrame(
        {
            "name": pd.Series(names, dtype="str"),
            "image": pd.Series([images[binary] for binary in profile.frames["binary_id"]], dtype="str"),
            "is_named": np.array([bool(name) for name in names], bool),
        }
    )
