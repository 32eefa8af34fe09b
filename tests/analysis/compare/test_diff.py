"""What changed between two recordings: nothing where there is nothing, and what was planted."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.analysis.compare.made import ANE, CPU, predictions, records, row, saved, side, side_of_text
from tests.bench.diff_honesty import counted, pair
from tests.support.halves import (
    BLOCK_NS,
    focused,
    halves_by_block,
    halves_by_prediction,
    halves_by_sample,
    lengthened,
    shifted,
    with_rows,
)
from tests.support.mixes import KINDS
from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import Scope, analyze_profile
from tracekit.analysis.compare.diff import diff
from tracekit.analysis.compare.sides import Side
from tracekit.api import analyze
from tracekit.model.folded import frame_labels

SAMPLES = Path(__file__).parents[3] / "sample_traces"
RECORDINGS = ["mlprogram-split.xcode26.5.xml", "legacy-nn-ane.xcode16.4.xml.gz", "cpu-only.xcode16.4.xml.gz"]
TIMED = ["all-ane", "ane-with-cpu-fallback", "gpu"]


@cache
def recorded(name: str) -> Side:
    return Side.of(analyze(SAMPLES / name))


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_and_itself_differ_in_nothing(name: str) -> None:
    found = diff(recorded(name), recorded(name))
    assert found.differences.empty
    assert not found.rows["change"].any()
    assert found.rows["is_tested"].any()


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "name,halves,basis",
    [
        *((name, halves_by_block, "time") for name in RECORDINGS),
        (RECORDINGS[0], halves_by_sample, "time"),
        *((name, halves_by_prediction, "predictions") for name in TIMED),
    ],
)
def test_two_halves_of_a_recording_show_no_difference(name: str, halves, basis: str) -> None:
    found = [diff(*halves(recorded(name), seed)) for seed in range(50)]
    claims = [seed for seed, each in enumerate(found) if not each.differences.empty]
    assert len(claims) <= 2, f"claims with the seeds {claims}"
    assert {each.basis for each in found} <= {basis, "nothing"}


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", [*RECORDINGS[:2], TIMED[1]])
def test_a_planted_shift_is_found_and_its_function_named(name: str, seed: int) -> None:
    before = lengthened(recorded(name), seed=seed)
    after, on_stack = shifted(before, part=0.1, seed=seed)
    found = diff(before, after).differences
    engines = found[found["kind"] == "engine"].set_index("name")["change"]
    assert engines.round(2).to_dict() == {"ANE": -0.1, "CPU": 0.1}
    functions = found[found["kind"].isin(["self", "total"]) & (found["change"] > 0.09)]
    assert len(functions)
    assert set(functions["name"]) <= on_stack


def test_the_shares_are_those_of_the_analysis() -> None:
    side = recorded(RECORDINGS[0])
    found = diff(side, recorded(RECORDINGS[1]))
    for name, share in zip(side.engines["engine"], side.engines["share"], strict=True):
        assert row(found, "engine", name)["a"] == pytest.approx(share, abs=1e-6)
    for each in records(side.phases):
        assert row(found, "phase", f"{each['engine']} {each['phase']}")["a"] == pytest.approx(each["share"], abs=1e-6)


def test_swapped_sides_change_the_sign() -> None:
    one, other = (diff(*pair).rows for pair in (_pair(), _pair()[::-1]))
    keys = ["kind", "name", "image"]
    both = one.merge(other, on=keys, suffixes=("", "_back"), validate="one_to_one")
    assert len(both) == len(one) == len(other)
    assert both["change"].to_numpy() == pytest.approx(-both["change_back"].to_numpy())


def _pair() -> tuple[Side, Side]:
    return recorded(RECORDINGS[0]), recorded(RECORDINGS[1])


def test_the_same_two_recordings_give_the_same_numbers() -> None:
    pd.testing.assert_frame_equal(diff(*_pair()).rows, diff(*_pair()).rows)


def test_functions_match_whatever_their_address_build_and_path() -> None:
    a, b = recorded(RECORDINGS[0]), recorded(RECORDINGS[0])
    profile = focused(b)
    moved = profile.binaries.assign(
        path="/System/Volumes/Preboot/" + profile.binaries["path"],
        uuid="0000",
        load_addr=profile.binaries["load_addr"] + np.uint64(4096),
    )
    found = diff(a, replace(b, focused=replace(profile, binaries=moved.astype(profile.binaries.dtypes))))
    assert found.differences.empty
    assert not found.rows["change"].any()


def test_functions_without_a_symbol_are_set_apart_and_counted() -> None:
    found = diff(recorded(RECORDINGS[2]), recorded(RECORDINGS[2]))
    assert any("67.5 % of A and 67.5 % of B" in note for note in found.notes)
    assert "" not in set(found.rows[found.rows["kind"] == "self"]["name"])


def test_without_times_nothing_is_tested() -> None:
    found = diff(side_of_text(f"{ANE} 60\n{CPU} 40"), side_of_text(f"{ANE} 10\n{CPU} 90"))
    assert found.basis == "nothing"
    assert found.differences.empty
    assert row(found, "engine", "ANE")["change"] == pytest.approx(-0.5)
    assert any("Nothing is tested" in note for note in found.notes)


def test_no_prediction_is_said() -> None:
    found = diff(recorded(RECORDINGS[0]), side_of_text("start;work 9"))
    assert any("B holds no sample inside the focus" in note for note in found.notes)
    assert found.differences.empty


def test_lengths_that_wander_are_not_tested_and_shares_are() -> None:
    side = lengthened(recorded(RECORDINGS[0]))
    assert side.focused is not None
    count = int(side.focused.samples["time_ns"].max()) // 10_000_000
    climbing = predictions(10_000_000 + np.arange(count) * 1000).assign(start_ns=np.arange(count) * 10_000_000)
    longer = climbing.assign(wall_ns=climbing["wall_ns"] + 7)
    found = diff(replace(side, iterations=climbing), replace(side, iterations=longer))
    assert found.basis == "predictions"
    wall, mean = row(found, "prediction", "wall_ns"), climbing["wall_ns"].mean()
    assert (wall["a"], wall["b"], wall["change"]) == (mean, mean + 7, pytest.approx(7))
    assert np.isnan([wall["low"], wall["high"], wall["p"]]).all()
    assert not wall["is_tested"]
    assert not wall["is_difference"]
    assert row(found, "engine", "ANE")["is_tested"]
    assert any(note.startswith("No length is tested: those of A stay alike for about") for note in found.notes)


def test_what_changes_as_slowly_as_the_recording_is_long_is_not_tested() -> None:
    """A second of one engine, then a second of another: nobody knows what the third would hold."""
    profile = profile_from_text(f"{ANE} 1\n{CPU} 1")
    halves = np.repeat([0, 1], 1000)
    slow = profile.with_samples(profile.samples.take(halves).assign(time_ns=np.arange(2000) * 1_000_000, weight=1))
    found = diff(*[Side.of(analyze_profile(slow))] * 2)
    assert found.basis == "nothing"
    assert any(re.match(r"No share is tested: those of A stay alike for about \d\.\d s", note) for note in found.notes)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_recordings_are_seldom_called_different_whatever_their_work_depends_on(kind: str) -> None:
    """Twenty pairs; python -m tests.bench.diff_honesty has six hundred."""
    found = [counted(pair(kind, number, (3.0, 8.0), 0.0), 0.0) for number in range(20)]
    sums = sum(found, Counter())
    assert sums["claims"] <= 2
    assert sums["untested"] <= 2
    assert 0.88 <= sums["held"] / sums["intervals"] <= 1


@pytest.mark.parametrize("kind", ["independent", "blocks", "regimes"])
def test_ten_points_of_ten_seconds_are_found(kind: str) -> None:
    found = [counted(pair(kind, number, (10.0, 12.0), 0.1), 0.1) for number in range(10)]
    assert sum(each["function"] for each in found) >= 8


def test_one_pair_says_what_it_cannot_know() -> None:
    found = diff(recorded(RECORDINGS[0]), recorded(RECORDINGS[0]))
    assert any("--against B1 B2 B3" in note for note in found.notes)


def test_predictions_are_compared_one_by_one() -> None:
    rng = np.random.default_rng(3)
    sides = [
        replace(recorded(RECORDINGS[0]), iterations=predictions(rng.normal(mean, 3e5, 60).astype(np.int64)))
        for mean in (9e6, 10e6)
    ]
    found = diff(*sides)
    assert found.basis == "predictions"
    wall = row(found, "prediction", "wall_ns")
    assert wall["is_difference"]
    assert 0.8e6 < wall["low"] < 1e6 < wall["high"] < 1.2e6
    assert row(found, "prediction", "wall_p50_ns")["is_difference"]
    assert row(found, "prediction", "ane_busy_ns")["change"] == pytest.approx(wall["change"] / 2, rel=1e-3)


@pytest.mark.parametrize("a,b", [("ane-with-cpu-fallback", "all-ane"), ("gpu", "all-ane"), ("all-ane", "gpu")])
def test_the_parts_of_a_prediction_add_up_to_its_length_on_both_sides(a: str, b: str) -> None:
    rows = diff(recorded(a), recorded(b)).rows
    told = rows[rows["kind"] == "prediction"].set_index("name")
    parts = ["on_cpu_ns", "ane_alone_ns", "gpu_alone_ns", "waiting_ns", "unaccounted_ns"]
    assert told[["a", "b"]].reindex(parts).sum().to_numpy() == pytest.approx(
        told.loc["wall_ns", ["a", "b"]].to_numpy(float)
    )


def test_warmup_is_set_apart() -> None:
    steady = np.full(40, 10_000_000)
    slow_start = np.concatenate([[900_000_000], steady])
    side = recorded(RECORDINGS[0])
    found = diff(
        replace(side, iterations=predictions(slow_start, warmup=1)), replace(side, iterations=predictions(steady))
    )
    assert row(found, "prediction", "wall_ns")["change"] == 0


def test_predictions_known_of_one_side_only_are_not_compared() -> None:
    side = recorded(RECORDINGS[0])
    found = diff(side, replace(side, iterations=predictions(np.full(40, 10_000_000))))
    assert found.basis == "time"
    assert any("Only of B" in note for note in found.notes)


def played(on_ane: Sequence[bool] | np.ndarray) -> Side:
    """A sample every 20 ms, on the Neural Engine or on the CPU."""
    template = side_of_text(f"{ANE} 1\n{CPU} 1")
    rows = np.where(on_ane, 0, 1)
    return replace(template, focused=with_rows(focused(template), rows, np.arange(len(rows)) * BLOCK_NS))


def in_turns(count: int) -> np.ndarray:
    return np.arange(count) % 2 == 0


@pytest.mark.parametrize("a,b,basis", [(10, 10, "time"), (9, 10, "nothing"), (10, 9, "nothing")])
def test_ten_blocks_of_each_are_needed(a: int, b: int, basis: str) -> None:
    found = diff(played(in_turns(a)), played(in_turns(b)))
    assert found.basis == basis
    said = (
        f"Nothing is tested: A has {a} and B {b} blocks of time in which there are samples, and 10 of each are needed."
    )
    assert any(note.startswith(said) for note in found.notes) == (basis == "nothing")
    assert found.rows.index.tolist() == list(range(len(found.rows)))


@pytest.mark.parametrize("a,b,basis", [(10, 10, "predictions"), (9, 10, "nothing"), (10, 9, "nothing")])
def test_ten_steady_predictions_of_each_are_needed(a: int, b: int, basis: str) -> None:
    lengths = BLOCK_NS + in_turns(a) * 1000, BLOCK_NS + in_turns(b) * 1000
    one, other = (replace(played(in_turns(len(each))), iterations=predictions(each)) for each in lengths)
    found = diff(one, other)
    assert found.basis == basis
    said = f"Nothing is tested: A has {a} and B {b} steady predictions, and 10 of each are needed."
    assert any(note.startswith(said) for note in found.notes) == (basis == "nothing")


@pytest.mark.parametrize("seen", [4, 5])
def test_a_row_is_tested_where_ten_units_of_both_have_it(seen: int) -> None:
    pattern = np.isin(np.arange(20), np.arange(0, 4 * seen, 4))
    found = diff(played(pattern), played(pattern))
    assert found.basis == "time"
    assert row(found, "engine", "ANE")["is_tested"] == (2 * seen >= 10)
    assert row(found, "engine", "CPU")["is_tested"]


@pytest.mark.parametrize("count", [19, 20])
def test_percentiles_are_tested_from_twenty_predictions_of_each(count: int) -> None:
    lengths = BLOCK_NS + np.random.default_rng(4).integers(0, 1000, 40)
    one, other = (
        replace(played(in_turns(len(each))), iterations=predictions(each)) for each in (lengths[:count], lengths)
    )
    median = row(diff(one, other), "prediction", "wall_p50_ns")
    assert median["is_tested"] == (count >= 20)
    assert median["a"] == np.median(lengths[:count])


def test_a_refusal_names_the_side_that_holds_the_fewest_changes() -> None:
    """Half on one engine and half on another; beside a longer one that goes on for 30 blocks at a time."""
    halves, runs = played(np.arange(100) < 50), played(np.repeat(np.random.default_rng(3).random(40) < 0.5, 30))
    for pair_of, name in (((halves, runs), "A"), ((runs, halves), "B")):
        found = diff(*pair_of)
        (note,) = (note for note in found.notes if note.startswith("No share is tested"))
        said = re.match(rf"No share is tested: those of {name} stay alike for about (\d+\.\d) s", note)
        assert said is not None
        assert 0.5 < float(said[1]) < 10  # over a quarter of 2 s


@pytest.mark.parametrize("make", [lambda: saved(side(1, 1)), lambda: side(0, 0)], ids=["saved", "empty"])
def test_sums_are_compared_where_a_side_has_no_more(make: Callable[[], Side]) -> None:
    nothing = make()
    plain = played(in_turns(40))
    for pair_of in ((nothing, plain), (plain, nothing)):
        found = diff(*pair_of)
        assert found.basis == "nothing"
        assert not found.rows["is_tested"].any()
        assert set(found.rows["kind"]) == {"engine", "phase", "rule"}


def test_a_scope_without_focus_compares_everything() -> None:
    profile = profile_from_text("start;work 9\nstart;rest 1")
    side = Side.of(analyze_profile(profile, Scope(whole=True)))
    assert frame_labels(focused(side)) == frame_labels(profile)
    assert row(diff(side, side), "engine", "none")["a"] == 1
