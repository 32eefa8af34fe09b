"""The samples as one table, for pandas, DuckDB or a spreadsheet: CSV and Parquet."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.analyze import Analysis
from tracekit.attribution.roots import sample_roots
from tracekit.model import schema
from tracekit.model.folded import path_texts
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE
from tracekit.report.numbers import visible
from tracekit.report.viewers.shared import images_of, symbols_of


def samples_table(analysis: Analysis) -> pd.DataFrame:
    """One row a sample, in the order they were recorded: all that take part, or those inside the focus if one is given.

    Columns: ``time_ns`` int64; ``process``, ``thread`` category, ``pid``, ``tid`` Int64; ``weight`` int64 and its
    ``unit`` category; ``state`` category; ``core`` Int16; ``engine``, ``phase``, ``rule`` category; ``in_prediction``
    bool, whether a prediction's root is on the stack; ``symbol``, ``image`` category, of the leaf; ``stack`` category,
    folded, root first, each frame as ``Image`symbol``. What is not known is missing; a sample without a stack has
    neither ``symbol``, ``image`` nor ``stack``. Names are fit to be shown: control characters are written out.
    """
    profile, inside = analysis.profile, analysis.in_focus
    kept = np.ones(len(profile), bool) if analysis.scope.whole else inside
    samples = profile.samples[kept].reset_index(drop=True)
    thread = samples["thread_id"].to_numpy()
    stack_id = np.full(len(profile), NONE, np.int32)
    stack_id[inside] = analysis.focused.samples["stack_id"].to_numpy()
    in_prediction = sample_roots(profile, (), analysis.catalogue) != NONE
    return pd.DataFrame(
        {
            "time_ns": samples["time_ns"],
            "process": _picked(profile.threads["process"].tolist(), thread),
            "pid": _numbers(profile.threads["pid"], thread),
            "thread": _picked(profile.threads["name"].tolist(), thread),
            "tid": _numbers(profile.threads["tid"], thread),
            "weight": samples["weight"],
            "unit": schema.categorical(np.zeros(len(samples), np.int8), [profile.meta.unit]),
            "state": _shown(samples["state"]),
            "core": samples["core"].astype("Int16").where(samples["core"] != NONE),
            "engine": samples["engine"],
            "phase": samples["phase"],
            "rule": _shown(samples["rule"]),
            "in_prediction": in_prediction[kept],
            **_stack_columns(analysis.focused, stack_id[kept]),
        }
    )


def _stack_columns(profile: Profile, stack_id: NDArray[np.int32]) -> dict[str, object]:
    """What the stack ids of ``profile`` stand for."""
    frame = np.append(profile.stacks["frame_id"].to_numpy(), np.int32(NONE))[stack_id]
    image = np.append(profile.frames["binary_id"].to_numpy(), np.int32(NONE))[frame]
    distinct, position = np.unique(stack_id[stack_id != NONE], return_inverse=True)
    number = np.full(len(stack_id), NONE, np.int32)
    number[stack_id != NONE] = position
    shown = replace(
        profile,
        frames=profile.frames.assign(name=_texts(symbols_of(profile))),
        binaries=profile.binaries.assign(name=_texts(map(visible, profile.binaries["name"]))),
    )
    stacks = path_texts(shown, distinct.astype(np.int64), images=True)
    return {
        "symbol": _picked(symbols_of(profile), frame),
        "image": _picked(images_of(profile)[:-1], image),
        "stack": _picked(stacks, number),
    }


def _picked(texts: list[str], rows: NDArray[np.int32]) -> pd.Categorical:
    """The texts of some rows, -1 and the empty text being none, as a category; each distinct text once."""
    codes, distinct = pd.factorize(_texts(map(visible, texts)).replace("", None), sort=True)
    return schema.categorical(np.append(codes, NONE)[rows], distinct.tolist())


def _texts(texts: Iterable[str]) -> "pd.Series[str]":
    return pd.Series(list(texts), dtype="str")


def _numbers(column: "pd.Series[int]", rows: NDArray[np.int32]) -> "pd.Series[int]":
    return pd.Series(np.append(column.to_numpy(), NONE)[rows], dtype="Int64").where(rows != NONE)


def _shown(column: "pd.Series[str]") -> pd.Categorical:
    """A category of the trace with names that are fit to be shown."""
    return _picked([str(name) for name in column.cat.categories], column.cat.codes.to_numpy().astype(np.int32))


def csv_of(table: pd.DataFrame) -> bytes:
    """The bytes of ``tabular.encode``, which would quote the same stack once a sample and take ten times as long."""
    columns = [_fields(table[name]) for name in table.columns]
    lines = map(",".join, zip(*columns, strict=True))
    return "\n".join([",".join(table.columns), *lines, ""]).encode()


def _fields(column: "pd.Series[Any]") -> list[str]:
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype("str").fillna("").tolist()
    fields = [*map(_quoted, column.cat.categories), ""]
    return [fields[code] for code in column.cat.codes.tolist()]


def _quoted(text: str) -> str:
    """As RFC 4180 has it; line breaks were written out before."""
    return '"{}"'.format(text.replace('"', '""')) if '"' in text or "," in text else text
