"""What is known of one side of a comparison beside the numbers that are compared."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.compare.sides import EXACT_SOURCES, Side
from tracekit.analysis.predictions.measure import NO_HARDWARE
from tracekit.analysis.running import running
from tracekit.analysis.summary import Accounting, Tally
from tracekit.model.facts import Notice
from tracekit.model.schema import ENGINES
from tracekit.report.layout import Provenance
from tracekit.report.numbers import quantity_of
from tracekit.report.redaction import without_owner

_PREDICTION_COLUMNS: Final = (
    *("index", "wall_ns", "on_cpu_ns", "cpu", "ane_alone_ns", "gpu_alone_ns", "waiting_ns", "unaccounted_ns"),
    *(f"cpu_{engine}" for engine in ENGINES),
)


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What is known of one side beside what is compared."""

    provenance: Provenance
    device_model: str
    """Empty where it is not known; all that stays of the device with ``--redact-paths``."""
    notices: tuple[Notice, ...]
    quantity: str
    """What its weights are; empty where that was not saved."""
    accounting: Accounting | None
    """Where every sample went; None where that was not saved."""
    predictions: pd.DataFrame | None
    """``warmup`` and ``_PREDICTION_COLUMNS`` of every prediction; None where they are not known exactly."""

    def redacted(self) -> "Compared":
        """Without the folders of its files and without the device's own name."""
        return replace(self, provenance=without_owner(self.provenance, self.device_model))

    @classmethod
    def of(cls, analysis: Analysis, provenance: Provenance) -> "Compared":
        """A recording that was analysed."""
        iterations = analysis.measured.iterations
        return cls(
            provenance=provenance,
            device_model=analysis.profile.meta.facts.device_model or "",
            notices=notices_of(analysis),
            quantity=quantity_of(running(analysis.profile)),
            accounting=analysis.accounting,
            predictions=iterations.table if iterations.source in EXACT_SOURCES and len(iterations.table) else None,
        )

    @classmethod
    def saved(cls, document: Mapping[str, Any], side: Side, *, command: str, tracekit_version: str) -> "Compared":
        """A saved ``analyze --json``, as ``read_saved`` checked it; ``side`` is ``side_of`` it."""
        return cls(
            provenance=_saved_provenance(document["source"], side, command, tracekit_version),
            device_model="",
            notices=tuple(_notice(saved) for saved in document.get("warnings") or () if isinstance(saved, Mapping)),
            quantity="",
            accounting=_saved_accounting(document["accounting"], side),
            predictions=None if side.iterations is None else _saved_predictions(document["iterations"]["rows"]),
        )


def notices_of(analysis: Analysis) -> tuple[Notice, ...]:
    """What the reading and the measuring have to say; that no hardware was recorded, the page says where it matters."""
    every = (*analysis.profile.meta.notices, *analysis.measured.notices)
    return tuple(notice for notice in every if notice.code != NO_HARDWARE.code)


def _saved_provenance(source: Mapping[str, Any], side: Side, command: str, tracekit_version: str) -> Provenance:
    names = ("format", "table", "xcode", "template", "device", "os", "process")
    run = source.get("run")
    return Provenance(
        source=side.name,
        run=run if isinstance(run, int) else 1,
        **{name: str(source.get(name) or "") for name in names},
        command=command,
        tracekit_version=tracekit_version,
        unit=side.unit,
    )


def _notice(saved: Mapping[str, Any]) -> Notice:
    count = saved.get("count")
    return Notice(str(saved.get("code")), str(saved.get("message")), count if isinstance(count, int) else 1)


def _saved_accounting(saved: Mapping[str, Any], side: Side) -> Accounting | None:
    """None where one of the numbers is missing."""
    kinds = ("attributed", "outside_focus", "no_stack", "filtered")
    found = [
        *(saved.get(kind) for kind in ("rows", *kinds)),
        *(saved["weight"].get(kind) for kind in ("total", *kinds)),
    ]
    numbers = [number for number in found if isinstance(number, int)]
    skipped = saved.get("skipped", 0)
    if len(numbers) < len(found) or not isinstance(skipped, int):
        return None
    return Accounting(replace(Tally(*numbers[:5]), skipped=skipped), Tally(*numbers[5:]), side.unit)


def _saved_predictions(rows: list[Mapping[str, Any]]) -> pd.DataFrame | None:
    """The predictions of a saved analysis; None where one of the columns is missing."""
    if not rows or not all(isinstance(row.get(name), int) for row in rows for name in _PREDICTION_COLUMNS):
        return None
    columns = {name: pd.Series([row[name] for row in rows], dtype="int64") for name in _PREDICTION_COLUMNS}
    return pd.DataFrame({"warmup": pd.Series([bool(row["warmup"]) for row in rows], dtype="bool"), **columns})
