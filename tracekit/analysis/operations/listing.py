"""A model's operations as lists: one by one, or gathered by type.

    conv   × 6   fp16 → fp16   210.1 kB
    cast   × 2   fp32 → fp16

Constants are operations of their own in an ML Program. They take no time and have no device: lists leave them out, and
say how many there are.
"""

import numpy as np
import pandas as pd

from tracekit.model.operations import Model


def listing(model: Model) -> pd.DataFrame:
    """Every operation, constants too, with what it reads and makes written out.

    Columns: ``part``, ``function`` str, ``depth`` int16, ``name``, ``type`` str, ``reads``, ``makes`` str (dtypes as
    in ``dtype_pairs``), ``inputs``, ``outputs`` str (``x fp16 [1, 3, 8, 8]``, several with ``;`` between),
    ``is_constant`` bool, ``constant_bytes`` int64 (of the constants that it reads, or holds), ``reason`` str.
    """
    rows = model.operations.astype(dict.fromkeys(("part", "function", "type"), "str"))
    return pd.DataFrame(
        {
            **rows[["part", "function", "depth", "name", "type"]],
            **dtype_pairs(model),
            "inputs": _written(model, "in"),
            "outputs": _written(model, "out"),
            **rows[["is_constant", "constant_bytes", "reason"]],
        }
    )


def dtype_pairs(model: Model) -> pd.DataFrame:
    """For each operation the dtype of the first thing that it reads and is no constant, and of the first it makes.

    Columns: ``reads``, ``makes`` str; empty where there is none or the file does not say.
    """
    values = model.values
    moving = values[(values["direction"] == "in") & ~values["is_constant"]]
    made = values[values["direction"] == "out"]
    return pd.DataFrame({"reads": _first(model, moving), "makes": _first(model, made)})


def _first(model: Model, values: pd.DataFrame) -> pd.Series:
    first = values.drop_duplicates("operation_id").set_index("operation_id")["dtype"].astype("str")
    return first.reindex(np.arange(len(model.operations)), fill_value="")


def _written(model: Model, direction: str) -> pd.Series:
    values = model.values[model.values["direction"] == direction]
    argument, dtype = values["argument"].astype("str"), values["dtype"].astype("str")
    parts = (argument if direction == "in" else values["name"]) + " " + dtype + " " + values["shape"]
    text = parts.str.replace(r"\s+", " ", regex=True).str.strip()
    joined = text.groupby(values["operation_id"]).agg("; ".join)
    return joined.reindex(np.arange(len(model.operations)), fill_value="").astype("str")
