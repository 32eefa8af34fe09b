"""The formats of ``tracekit convert``: how a file's name tells them, and what writes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from tracekit.analysis.analyze import Analysis
from tracekit.errors import OutputError
from tracekit.model.profile import Profile
from tracekit.report.formats.tabular import encode
from tracekit.report.redaction import without_folders
from tracekit.report.viewers.chrome import chrome_trace
from tracekit.report.viewers.firefox import firefox
from tracekit.report.viewers.folded import folded_text
from tracekit.report.viewers.pprof import pprof
from tracekit.report.viewers.samples_table import csv_of, samples_table
from tracekit.report.viewers.shared import gzipped
from tracekit.report.viewers.speedscope import speedscope

ViewerFormat = Literal["folded", "speedscope", "firefox", "pprof", "chrome", "csv", "parquet"]

ENDINGS: Final[Mapping[str, ViewerFormat]] = {
    ".speedscope.json": "speedscope",
    ".firefox.json": "firefox",
    ".trace.json": "chrome",
    ".chrome.json": "chrome",
    ".pprof": "pprof",
    ".pb": "pprof",
    ".folded": "folded",
    ".txt": "folded",
    ".csv": "csv",
    ".parquet": "parquet",
}
"""A file's ending tells its format; after all but the last ``.gz`` may follow, and compresses."""

COUNTING: Final = frozenset({"folded", "speedscope", "firefox"})
"""The formats whose numbers may be counts of samples instead of weights."""

TABLES: Final = frozenset({"csv", "parquet"})
"""The formats that hold samples without a stack too."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a file shows what it holds; what a format has no use for is ignored."""

    count_samples: bool = False
    images: bool = False
    engine_roots: bool = True


_WRITERS: Final[Mapping[ViewerFormat, Callable[[Analysis, Look], bytes]]] = {
    "folded": lambda analysis, look: folded_text(
        analysis.focused, count_samples=look.count_samples, images=look.images
    ).encode("utf-8", "backslashreplace"),
    "speedscope": lambda analysis, look: speedscope(
        analysis, count_samples=look.count_samples, engine_roots=look.engine_roots
    ),
    "firefox": lambda analysis, look: firefox(analysis, count_samples=look.count_samples),
    "pprof": lambda analysis, _: pprof(analysis),
    "chrome": lambda analysis, _: chrome_trace(analysis),
    "csv": lambda analysis, _: csv_of(samples_table(analysis)),
    "parquet": lambda analysis, _: encode(samples_table(analysis), "parquet"),
}


def format_of(path: Path) -> ViewerFormat:
    """The format that a file's name asks for; folded text for stdout and for names without an ending.

    Raises:
        OutputError: an ending that says nothing, or too little.
    """
    if path.name.lower().endswith(".parquet.gz"):
        raise OutputError("Parquet compresses itself", where=path, hint="Leave out .gz")
    name = path.name.lower().removesuffix(".gz")
    for ending, kind in ENDINGS.items():
        if name.endswith(ending):
            return kind
    if name.endswith(".json"):
        what = "several formats are JSON"
        hint = "Name it .speedscope.json, .firefox.json or .trace.json, or add --format"
        raise OutputError(what, where=path, hint=hint)
    if "." in name:
        what = "the format is not known by its ending"
        raise OutputError(what, where=path, hint=f"Use {', '.join(ENDINGS)}, or add --format")
    return "folded"


def converted(analysis: Analysis, kind: ViewerFormat, look: Look, *, compress: bool = False) -> bytes:
    """An analysis as a file of another program. The same analysis gives the same bytes.

    Raises:
        InputError: the format needs what the input does not have.
        MissingExtraError: Parquet without pyarrow.
    """
    data = _WRITERS[kind](analysis, look)
    return gzipped(data) if compress and kind not in {"pprof", "parquet"} else data


def redacted(analysis: Analysis) -> Analysis:
    """The analysis with no folder in any of its texts, and no name of the device but its model."""
    measured, verdict = analysis.measured, analysis.verdict
    return replace(
        analysis,
        profile=_redacted(analysis.profile),
        focused=_redacted(analysis.focused),
        measured=replace(measured, intervals=_cleaned(measured.intervals)),
        verdict=replace(verdict, sentence=without_folders(verdict.sentence)),
    )


def _redacted(profile: Profile) -> Profile:
    meta, facts = profile.meta, profile.meta.facts
    process = without_folders(facts.process) if facts.process else facts.process
    return replace(
        profile,
        frames=_cleaned(profile.frames),
        binaries=_cleaned(profile.binaries),
        threads=_cleaned(profile.threads),
        meta=replace(meta, source=Path(meta.source).name, facts=replace(facts, device=None, process=process)),
    )


def _cleaned(table: pd.DataFrame) -> pd.DataFrame:
    texts = [name for name in table.columns if table[name].dtype == "str"]
    return table.assign(**{name: table[name].map(without_folders).astype("str") for name in texts})
