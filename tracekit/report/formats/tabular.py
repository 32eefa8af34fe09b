"""A table as CSV, JSON or Parquet."""

import io
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from tracekit.errors import MissingExtraError, OutputError

TableFormat = Literal["csv", "json", "parquet"]


def format_of(path: Path) -> TableFormat:
    """The format that a file's name asks for; CSV for stdout.

    Raises:
        MissingExtraError: Parquet without pyarrow, said before the work and not after it.
        OutputError: another ending.
    """
    kinds: dict[str, TableFormat] = {".csv": "csv", ".json": "json", ".parquet": "parquet"}
    if str(path) == "-":
        return "csv"
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise OutputError("the format is not known by its ending", where=path, hint="Use .csv, .json or .parquet")
    if kind == "parquet" and find_spec("pyarrow") is None:
        raise MissingExtraError("Parquet needs pyarrow", "parquet")
    return kind


def encode(table: pd.DataFrame, kind: TableFormat) -> bytes:
    """The file's bytes. Missing values are empty in CSV and null in JSON and Parquet.

    Raises:
        MissingExtraError: Parquet without pyarrow.
    """
    if kind == "csv":
        return table.to_csv(index=False, lineterminator="\n").encode("utf-8", "backslashreplace")
    if kind == "json":
        return (table.to_json(orient="records", force_ascii=False) + "\n").encode("utf-8", "backslashreplace")
    stream = io.BytesIO()
    plain = table.copy(deep=False)
    plain.attrs = {}
    try:
        plain.to_parquet(stream, index=False)
    except ImportError as error:  # pyarrow is there, but not one that pandas can use
        raise MissingExtraError("Parquet needs pyarrow", "parquet") from error
    return stream.getvalue()


def plain_rows(table: pd.DataFrame) -> list[list[Any]]:
    """The rows as JSON would have them; missing values are None."""
    rows: list[list[Any]] = json.loads(table.to_json(orient="values", force_ascii=False))
    return rows
