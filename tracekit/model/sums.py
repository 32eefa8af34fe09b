"""Weights added up, as integers: at places, and by the combinations of some keys that occur."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]


def added(place: Ints, amount: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The sum of some amounts at each of ``count`` places; a place may be met often, or never."""
    sums = np.zeros(count, np.int64)
    np.add.at(sums, place, amount)
    return sums


def summed(weight: NDArray[np.int64], **keys: "Ints | pd.Series[Any]") -> pd.DataFrame:
    """Samples and weight of each combination of some keys that occurs, in their order.

    A key has an entry a sample: ids from -1 on, or categories. Columns: the keys, int64 or, of categories, str (empty
    where there is none); ``samples`` and ``weight`` int64.
    """
    codes = {name: key.cat.codes.to_numpy() if isinstance(key, pd.Series) else key for name, key in keys.items()}
    sizes = {name: int(each.max(initial=-1)) + 2 for name, each in codes.items()}
    place = np.zeros(len(weight), np.int64)
    for name, each in codes.items():
        place = place * sizes[name] + each + 1
    group, rest = pd.factorize(place, sort=True)
    sums: dict[str, Any] = {
        "weight": added(group, weight, len(rest)),
        "samples": np.bincount(group, minlength=len(rest)),
    }
    for name, key in reversed(keys.items()):
        rest, at = np.divmod(rest, sizes[name])
        names = pd.Series(["", *key.cat.categories], dtype="str").array if isinstance(key, pd.Series) else None
        sums[name] = at - 1 if names is None else names[at]
    return pd.DataFrame(dict(reversed(sums.items())))
