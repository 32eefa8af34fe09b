"""The samples as a table: CSV and Parquet."""

import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given

from tests.report.viewers import recordings
from tests.report.viewers.recordings import BUNDLES, EXPORTS, REAL, analysed, attributed, engines
from tests.support.bless import Golden
from tests.support.profiles import profiles
from tracekit.analysis.analyze import Analysis
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE
from tracekit.report.formats.tabular import encode
from tracekit.report.numbers import DRIVING
from tracekit.report.viewers.samples_table import csv_of, samples_table

MAKERS = (
    *(recordings.tiny, recordings.small, recordings.without_samples, recordings.without_threads),
    *(recordings.without_times, recordings.in_cycles, recordings.hostile),
)
PREDICT = "-[MLModel predictionFromFeatures:error:]"


def engines_in(table: pd.DataFrame) -> dict[str, int]:
    with_stack = table[table["stack"].notna()]
    sums = with_stack.groupby("engine", observed=True)["weight"].sum()
    return {DRIVING[engine]: int(weight) for engine, weight in sums.items()}  # type: ignore[index]


def test_a_small_profile_in_full(golden: Golden) -> None:
    golden("convert/tiny.csv", csv_of(samples_table(recordings.tiny())).decode())


@pytest.mark.parametrize("name", [*BUNDLES, *EXPORTS])
def test_every_sample_is_a_row_and_totals_are_those_that_tracekit_prints(name: str) -> None:
    analysis = analysed(name)
    table = samples_table(analysis)
    assert len(table) == len(analysis.profile)
    for written in (
        pd.read_csv(io.BytesIO(csv_of(table))),
        pd.read_parquet(io.BytesIO(encode(table, "parquet"))),
    ):
        assert len(written) == analysis.accounting.samples.total
        assert written["weight"].sum() == analysis.accounting.weight.total
        assert engines_in(written) == engines(analysis)


@pytest.mark.parametrize("name", REAL)
def test_totals_of_engines_of_real_recordings(real_data: Path, name: str) -> None:
    analysis = recordings.real(real_data, name)
    assert engines_in(samples_table(analysis)) == engines(analysis)


@pytest.mark.parametrize("make", MAKERS)
def test_csv_is_what_pandas_writes(make: Callable[[], Analysis]) -> None:
    table = samples_table(make())
    assert csv_of(table) == encode(table, "csv")
    assert not set(map(str, table.dtypes)) & {"object"}
    assert all(line.isprintable() for line in csv_of(table).decode("utf-8").splitlines())


@given(profiles())
def test_csv_of_anything_is_what_pandas_writes(profile: Profile) -> None:
    analysis = attributed(profile)
    table = samples_table(analysis)
    assert csv_of(table) == encode(table, "csv")
    assert len(table) == len(profile)
    assert table["stack"].notna().tolist() == (profile.samples["stack_id"] != NONE).tolist()


@pytest.mark.parametrize("make", MAKERS)
def test_parquet_holds_the_same(make: Callable[[], Analysis]) -> None:
    table = samples_table(make())
    data = encode(table, "parquet")
    assert data == encode(samples_table(recordings.anew(make)), "parquet")
    read = pd.read_parquet(io.BytesIO(data))
    assert csv_of(read) == csv_of(table)


def test_whether_a_sample_is_of_a_prediction_is_said_whatever_the_focus() -> None:
    everything = samples_table(analysed("all-ane.trace.zip"))
    focused = samples_table(analysed("all-ane.trace.zip", (PREDICT,)))
    inside = everything[everything["in_prediction"]].reset_index(drop=True)
    assert 0 < len(inside) < len(everything)
    assert focused["in_prediction"].all()
    assert focused["time_ns"].tolist() == inside["time_ns"].tolist()
    assert focused["stack"].astype("str").str.startswith(f"CoreML`{PREDICT}").all()


def test_what_is_not_known_is_missing() -> None:
    table = samples_table(recordings.without_threads())
    assert table[["process", "pid", "thread", "tid"]].isna().all(axis=None)
    assert table["unit"].unique().tolist() == ["ns"]
    without_stack = samples_table(recordings.tiny()).query("stack.isna()")
    assert without_stack[["symbol", "image", "rule"]].isna().all(axis=None)
    assert without_stack["engine"].tolist() == ["unknown"]
