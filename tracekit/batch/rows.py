"""One recording → a row for each of its runs; rows → the table."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from tracekit import api
from tracekit._version import __version__
from tracekit.analysis.analyze import EVERYTHING_PREDICTED, Scope
from tracekit.analysis.predictions.sidecar import Harness
from tracekit.batch.work import Row, failed_row
from tracekit.errors import InputError, MissingExtraError, TracekitError
from tracekit.files import check_file, reason
from tracekit.model.profile import Profile, threads_of
from tracekit.model.schema import ENGINES
from tracekit.model.trace import Trace
from tracekit.recording.harness.sidecar import find_sidecar
from tracekit.report.formats.analysis_json import analysis_document

_TEXTS: Final = ("path", "fingerprint", "status", "reason", "tracekit")
_FACTS: Final = ("format", "table", "device", "os", "xcode", "template", "process")
_TALLY: Final = ("attributed", "outside_focus", "no_stack", "filtered")
_TIMES: Final = ("p50_ns", "p95_ns", "p99_ns")
_SUMS: Final = ("wall_ns", "ane_busy_ns", "gpu_busy_ns")

_AGAIN: Final = "Make it again: tracekit batch … -o FILE reads what its journal knows"

COLUMNS: Final[Mapping[str, str]] = {
    **dict.fromkeys(_TEXTS, "str"),
    "run": "Int64",
    **dict.fromkeys(("answer", "evidence", "sentence", "model", "compute_units", "recorded"), "str"),
    **dict.fromkeys(_FACTS, "str"),
    "unit": "str",
    "samples": "Int64",
    **{f"share_{engine}": "Float64" for engine in ENGINES},
    **{f"weight_{engine}": "Int64" for engine in ENGINES},
    "rows": "Int64",
    **dict.fromkeys((*_TALLY, "skipped"), "Int64"),
    "weight": "Int64",
    **{f"weight_{name}": "Int64" for name in _TALLY},
    "predictions": "Int64",
    "warmup": "Int64",
    "predictions_source": "str",
    **dict.fromkeys((*_TIMES, *(f"per_prediction_{name}" for name in _SUMS)), "Int64"),
    **dict.fromkeys(("logged_requests", "logged_failed"), "Int64"),
    "warnings": "Int64",
}
"""The table's columns. Shares are parts of the focus, 0 to 1; ``weight…`` count ``unit``; ``…_ns`` are nanoseconds,
and ``per_prediction_…`` means over the predictions after warm-up. Missing is "not known". No column holds how long
reading took: the same recordings give the same file."""


_FITS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "str": lambda value: isinstance(value, str),
    "Int64": lambda value: isinstance(value, int) and -(1 << 63) <= value < 1 << 63,
    "Float64": lambda value: isinstance(value, float) or (isinstance(value, int) and abs(value) < 1 << 53),
}


@dataclass(frozen=True, slots=True)
class Options:
    """How every recording is read."""

    scope: Scope = EVERYTHING_PREDICTED
    rules: str | Path | None = None
    strict: bool = False
    log: str | Path | None = None
    symbols: tuple[str | Path, ...] = ()


def read_rows(path: str, options: Options) -> list[Row]:
    """A row for each run of a recording, or one that says why there is none. Never raises.

    ``path``, ``fingerprint`` and ``tracekit`` are filled by the batch.
    """
    try:
        trace = api.open_trace(path, strict=options.strict, symbols=options.symbols)
        harness = _harness(trace)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one recording, the others are read
        return [_failure(None, error, path)]
    return [_row(trace, run.number, harness, options) for run in trace.runs]


def results_table(rows: Iterable[Row]) -> pd.DataFrame:
    """The rows as a table with ``COLUMNS``, by path and run."""
    ordered = sorted(rows, key=lambda row: (row["path"], row["run"] or 0))
    return pd.DataFrame(
        {name: pd.Series([_storable(row.get(name)) for row in ordered], dtype=dtype) for name, dtype in COLUMNS.items()}
    )


def is_row(row: Any) -> bool:
    """Whether a value is a row that can stand in the table: what else a journal holds is not this module's."""
    return isinstance(row, dict) and all(
        row.get(name) is None or _FITS[dtype](row[name]) for name, dtype in COLUMNS.items()
    )


def _storable(value: Any) -> Any:
    """A text without what UTF-8 cannot hold: parts of a file's name that are no text."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def read_results(path: Path) -> pd.DataFrame:
    """A table that a batch wrote: Parquet, CSV or JSON, by its name.

    Raises:
        InputError: it cannot be read, or is another table.
        MissingExtraError: Parquet without pyarrow.
    """
    suffix = path.suffix.lower()
    if suffix not in (".parquet", ".csv", ".json"):
        raise InputError("is no table of a batch", where=path, hint="It ends in .parquet, .csv or .json")
    check_file(path)
    try:
        found = _read(path, suffix)
    except ImportError as error:
        raise MissingExtraError("Parquet needs pyarrow", "parquet") from error
    except OSError as error:
        raise InputError(f"cannot be read: {_in_a_line(reason(error))}", where=path) from error
    except (ValueError, LookupError, NotImplementedError) as error:
        raise InputError(f"cannot be read as {path.suffix[1:]}", where=path) from error
    missing = [name for name in COLUMNS if name not in found]
    if missing:
        raise InputError(f"is no table of a batch: it has no column {missing[0]!r}", where=path)
    if found[["path", "status"]].isna().any(axis=None):
        raise InputError("is cut off or damaged: a row has no path or no status", where=path, hint=_AGAIN)
    try:
        with np.errstate(invalid="raise"):  # a number beyond int64 has no integer, and what a cast makes of it differs
            table: pd.DataFrame = found[list(COLUMNS)].astype(dict(COLUMNS))
    except (ValueError, TypeError, ArithmeticError) as error:
        raise InputError(f"is damaged: {_in_a_line(str(error))}", where=path, hint=_AGAIN) from error
    return table


def _in_a_line(text: str) -> str:
    """What a library says of a table, which may be long."""
    return " ".join(text.split())[:200]


def _read(path: Path, suffix: str) -> pd.DataFrame:
    if suffix == ".parquet":
        import pyarrow as pa
        from pyarrow.parquet import read_table

        whole = {pa.int64(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype()}
        # Without what pandas noted of its own, which it would believe of a damaged file, too.
        table: pd.DataFrame = read_table(path).to_pandas(ignore_metadata=True, types_mapper=whole.get)
        return table
    content = path.read_bytes()
    if suffix == ".csv" and not content.endswith(b"\n"):
        raise InputError("is cut off: its last row has no end", where=path, hint=_AGAIN)
    found = pd.read_csv(BytesIO(content)) if suffix == ".csv" else pd.read_json(BytesIO(content))
    if not isinstance(found, pd.DataFrame):
        raise InputError("is no table of a batch", where=path, hint=_AGAIN)
    return found


def _harness(trace: Trace) -> Harness | None:
    """What the harness wrote down; a sidecar that cannot be read is among the analysis's warnings."""
    try:
        return find_sidecar(Path(trace.path))
    except InputError:
        return None


def _row(trace: Trace, run: int, harness: Harness | None, options: Options) -> Row:
    try:
        analysis = api.analyze(trace, scope=options.scope, run=run, rules=options.rules, log=options.log)
        recorded = analysis.profile.meta.facts.start_date
        known = {"model": _model(harness), "compute_units": harness and harness.compute_units, "recorded": recorded}
        row = {"run": run, "status": "ok", **known, **_summary(analysis_document(analysis))}
        return row if row["process"] else {**row, "process": _predicting(analysis.focused)}
    except Exception as error:  # noqa: BLE001 - as above
        return _failure(run, error, trace.path)


def _failure(run: int | None, error: Exception, path: str) -> Row:
    """A problem is told as it is told at the command line, without the path, which has a column."""
    if isinstance(error, TracekitError):
        return failed_row(run, str(error).removeprefix(f"{path}: "))
    if isinstance(error, MemoryError):
        return failed_row(run, "there is not enough memory for this recording")
    return failed_row(run, f"internal error ({type(error).__name__}: {error})")


def _model(harness: Harness | None) -> str | None:
    """The name of the harness's model, without its folder."""
    model = harness.document.get("model") if harness is not None else None
    path = model.get("path") if isinstance(model, Mapping) else None
    return str(path).rstrip("/").rpartition("/")[2] if path else None


def _predicting(focused: Profile) -> str | None:
    """The process with most of the weight in predictions, for a recording that does not say what it is of."""
    samples = focused.samples
    weight = samples["weight"].groupby(threads_of(focused, samples["thread_id"].to_numpy())["process"].to_numpy()).sum()
    return str(weight.idxmax()) or None if len(weight) else None


def _summary(document: Mapping[str, Any]) -> Row:
    """The columns that an analysis fills."""
    accounting, verdict, log = document["accounting"], document["verdict"], document["log"]
    engines = {row["engine"]: row for row in document["engines"]}
    has_focus = bool(engines)
    return {
        **{name: verdict[name] for name in ("answer", "evidence", "sentence")},
        **{name: document["source"][name] for name in _FACTS},
        "unit": accounting["weight"]["unit"],
        "samples": accounting["attributed"],
        **{f"share_{name}": engines[name]["share"] if name in engines else 0.0 for name in ENGINES if has_focus},
        **{f"weight_{name}": engines[name]["weight"] if name in engines else 0 for name in ENGINES if has_focus},
        "rows": accounting["rows"],
        **{name: accounting[name] for name in (*_TALLY, "skipped")},
        "weight": accounting["weight"]["total"],
        **{f"weight_{name}": accounting["weight"][name] for name in _TALLY},
        **_predictions(document["iterations"], document["hardware"] or {}),
        **({"logged_requests": log["requests"], "logged_failed": log["failed"]} if log is not None else {}),
        "warnings": len(document["warnings"]),
    }


def _predictions(iterations: Mapping[str, Any] | None, hardware: Mapping[str, Any]) -> Row:
    """Means where the predictions are told apart, and hardware only where it was recorded: nothing is not zero."""
    if iterations is None:
        return {}
    count = iterations["count"]
    is_known = {"wall_ns": True, "ane_busy_ns": bool(hardware.get("ane")), "gpu_busy_ns": bool(hardware.get("gpu"))}
    means = {
        f"per_prediction_{name}": round(iterations["sums"][name] / count) for name in _SUMS if count and is_known[name]
    }
    times = {name: iterations.get(name) for name in _TIMES}
    source = {"predictions": count, "warmup": iterations["warmup"], "predictions_source": iterations["source"]}
    return source | times | means


def stamped(rows: Iterable[Row], path: str, fingerprint: str) -> list[Row]:
    """Rows with what the batch knows of their recording."""
    return [{**row, "path": path, "fingerprint": fingerprint, "tracekit": __version__} for row in rows]
