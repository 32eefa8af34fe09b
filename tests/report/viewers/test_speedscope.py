"""speedscope's format, by its own schema; tests/browser opens the files in the viewer itself."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given

from tests.report.viewers import recordings
from tests.report.viewers.recordings import (
    BUNDLES,
    EXPORTS,
    REAL,
    analysed,
    attributed,
    engines,
    expected_stacks,
    unversioned,
)
from tests.support.bless import Golden
from tests.support.profiles import profiles
from tests.support.tools import package
from tracekit.analysis.analyze import Analysis
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES
from tracekit.report.numbers import DRIVING
from tracekit.report.viewers.speedscope import speedscope


def engines_in(file: bytes) -> dict[str, int]:
    """The weight under every engine's frame, from the file alone."""
    document = json.loads(file)
    frames = document["shared"]["frames"]
    sums: Counter[str] = Counter()
    for profile in document["profiles"]:
        for stack, weight in zip(profile["samples"], profile["weights"], strict=True):
            sums[frames[stack[0]]["name"]] += weight
    return dict(sums)


def test_a_small_profile_in_full(golden: Golden) -> None:
    golden("convert/tiny.speedscope.json", unversioned(speedscope(recordings.tiny())))


@pytest.mark.parametrize("name", [*BUNDLES, *EXPORTS])
def test_totals_of_engines_are_those_that_tracekit_prints(name: str) -> None:
    analysis = analysed(name)
    assert engines_in(speedscope(analysis)) == engines(analysis)
    assert engines_in(speedscope(analysis, count_samples=True)) == engines(analysis, "samples")


@pytest.mark.parametrize("name", REAL)
def test_totals_of_engines_of_real_recordings(real_data: Path, name: str) -> None:
    analysis = recordings.real(real_data, name)
    assert engines_in(speedscope(analysis)) == engines(analysis)


@given(profiles())
def test_every_sample_is_there_once(profile: Profile) -> None:
    analysis = attributed(profile)
    document = json.loads(speedscope(analysis))
    found = [
        (tuple(frame - len(ENGINES) for frame in stack[1:]), [DRIVING[e] for e in ENGINES][stack[0]], weight)
        for part in document["profiles"]
        for stack, weight in zip(part["samples"], part["weights"], strict=True)
    ]
    assert sorted(found) == sorted(row[1:] for row in expected_stacks(analysis))
    assert all(part["endValue"] == sum(part["weights"]) for part in document["profiles"])


@pytest.mark.parametrize(
    "make", [recordings.tiny, recordings.small, recordings.without_samples, recordings.without_threads,
             recordings.without_times, recordings.in_cycles, recordings.hostile],
)  # fmt: skip
@pytest.mark.parametrize("engine_roots", [True, False], ids=["engines", "plain"])
def test_the_file_is_as_its_schema_says(make: Callable[[], Analysis], engine_roots: bool, tmp_path: Path) -> None:
    folder = package("speedscope-1.25.0", tmp_path)
    schema = json.loads((folder / "dist" / "release" / "file-format-schema.json").read_text())
    file = speedscope(make(), engine_roots=engine_roots)
    jsonschema.validate(json.loads(file), schema)
    assert all(line.isprintable() for line in file.decode("utf-8").splitlines())


def test_samples_are_in_order_of_time_and_the_heaviest_thread_is_first() -> None:
    document = json.loads(speedscope(recordings.tiny()))
    first, second = document["profiles"]
    assert (first["name"], second["name"]) == ("Main Thread · 11", "unnamed · 12")
    assert first["weights"] == [1_000_000, 1_000_000, 2_000_000, 1_000_000, 1_000_000]


def test_engine_frames_can_be_left_out() -> None:
    document = json.loads(speedscope(recordings.tiny(), engine_roots=False))
    frames = document["shared"]["frames"]
    roots = {frames[stack[0]]["name"] for part in document["profiles"] for stack in part["samples"]}
    assert roots == {"main", "work"}


@pytest.mark.parametrize(
    "make, count_samples, unit, title",
    [
        (recordings.tiny, False, "nanoseconds", "App.xml: CPU time"),
        (recordings.tiny, True, "none", "App.xml: CPU time"),
        (recordings.in_cycles, False, "none", "App.xml: CPU cycles"),
        (recordings.without_times, False, "none", "profile: samples"),
    ],
)
def test_units_are_named(make: Callable[[], Analysis], count_samples: bool, unit: str, title: str) -> None:
    document = json.loads(speedscope(make(), count_samples=count_samples))
    assert {part["unit"] for part in document["profiles"]} == {unit}
    assert document["name"] == title


def test_hostile_names_are_text(golden: Golden) -> None:
    golden("convert/hostile.speedscope.json", unversioned(speedscope(recordings.hostile())))


def test_threads_of_several_processes_are_told_apart() -> None:
    analysis: Analysis = recordings.hostile()
    names = [part["name"] for part in json.loads(speedscope(analysis))["profiles"]]
    assert len(set(names)) == len(names) == len(analysis.profile.threads)
