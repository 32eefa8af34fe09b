"""A saved ``analyze --json`` read again: the sums that a comparison needs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

import pandas as pd

from tracekit.analysis.compare.sides import EXACT_SOURCES, PER_PREDICTION, Side
from tracekit.analysis.verdict.gates import EVIDENCE_BY_STRENGTH
from tracekit.analysis.verdict.judge import ANSWERS, Verdict
from tracekit.errors import InputError, UnsupportedError
from tracekit.files import read_json
from tracekit.model.schema import ENGINES, Unit
from tracekit.report.formats.analysis_json import SCHEMA
from tracekit.report.formats.measures import measures_of

_AGAIN: Final = "Save it again: tracekit analyze TRACE --json FILE"


def is_json(path: str) -> bool:
    """Whether an input is a file that begins as a JSON object does."""
    place = Path(path)
    if not place.is_file():
        return False
    with place.open("rb") as stream:
        return stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read_saved(path: str) -> Mapping[str, Any]:
    """The document of a saved analysis, checked as far as the functions of this module read it.

    Raises:
        InputError: it cannot be read, or is no saved analysis.
        UnsupportedError: it is one of a version that is not known.
    """
    document = read_json(path)
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        if isinstance(schema, str) and schema.startswith("tracekit.analysis/"):
            raise UnsupportedError(f"is a saved analysis of version {schema}, not {SCHEMA}", where=path, hint=_AGAIN)
        raise InputError("is JSON, but no saved analysis", where=path, hint=_AGAIN)
    try:
        side_of(document)
        measures_of(document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(f"is a damaged analysis ({type(error).__name__}: {error})", where=path, hint=_AGAIN) from error
    checked: Mapping[str, Any] = document
    return checked


def side_of(document: Mapping[str, Any]) -> Side:
    """A saved analysis as one side of a comparison: sums without samples."""
    unit = document["accounting"]["weight"]["unit"]
    if unit not in get_args(Unit):
        raise ValueError(f"unit {unit!r}")
    return Side(
        name=str(document["source"]["path"]),
        verdict=_verdict(document),
        unit=unit,
        engines=_sums(document["engines"], ["engine"]),
        phases=_sums(document["phases"], ["engine", "phase"]),
        rules=_sums(document["rules"], ["rule", "engine", "phase"]),
        focused=None,
        iterations=_iterations(document["iterations"]),
    )


def _verdict(document: Mapping[str, Any]) -> Verdict:
    saved = document["verdict"]
    if saved["answer"] not in ANSWERS or saved["evidence"] not in EVIDENCE_BY_STRENGTH:
        raise ValueError("verdict")
    return Verdict(saved["answer"], saved["evidence"], str(saved["sentence"]), str(saved["decided_by"]))


def _iterations(saved: Mapping[str, Any] | None) -> pd.DataFrame | None:
    """The predictions with the columns that are compared."""
    if saved is None or saved["source"] not in EXACT_SOURCES:
        return None
    rows = saved["rows"]
    times = {
        name: pd.Series([int(row[name]) for row in rows], dtype="int64")
        for name in ("start_ns", *PER_PREDICTION)
        if rows and name in rows[0]
    }
    return pd.DataFrame({"warmup": pd.Series([bool(row["warmup"]) for row in rows], dtype="bool"), **times})


def _sums(rows: Sequence[Mapping[str, Any]], keys: list[str]) -> pd.DataFrame:
    if any(row["engine"] not in ENGINES for row in rows):
        raise ValueError("engine")
    columns: dict[str, object] = {key: pd.Series([str(row[key]) for row in rows], dtype="str") for key in keys}
    columns |= {name: pd.Series([int(row[name]) for row in rows], dtype="int64") for name in ("samples", "weight")}
    return pd.DataFrame(columns)
