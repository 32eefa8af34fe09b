"""Real bundles, value by value against what xctrace exported from them. Skipped where they are not at hand."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from lxml import etree

from tracekit.model.profile import Profile
from tracekit.model.trace import Run
from tracekit.readers import open_trace
from tracekit.readers.bundle import backtraces, open_bundle

TIME_PROFILE = "bundles/time-profile_xcode16.4"
CPU_PROFILE = "bundles/cpu-profile_xcode26.3.trace.zip"
CORE_ML = "bundles/coreml-gpu_xcode16.4_no-form-template.trace.zip"
UNRESOLVED_BY_XCTRACE = 5
"""Frames of the first sample of the time-profile, taken before dyld moved: xctrace names them by their addresses."""


class ExportedFrame(NamedTuple):
    """A frame as XML says it."""

    name: str
    address: int
    binary: tuple[str, str, str, int] | None
    file: str | None


class ExportedRow(NamedTuple):
    """A row as XML says it, read here and not by tracekit."""

    time: int
    tid: int
    thread: str
    pid: int
    process: str
    core: int
    state: str
    weight: int
    frames: list[ExportedFrame]


def exported_rows(path: Path) -> Iterator[ExportedRow]:
    root = etree.parse(str(path)).getroot()
    known = {element.get("id"): element for element in root.iter() if element.get("id")}

    def resolved(element: Any) -> Any:
        return known[element.get("ref")] if element.get("ref") else element

    def child(element: Any, tag: str) -> Any:
        found = element.find(tag)
        return None if found is None else resolved(found)

    def frame(element: Any) -> ExportedFrame:
        binary, source = child(element, "binary"), element.find("source")
        image = binary is not None and (
            *(binary.get(name) for name in ("name", "path", "UUID")),
            int(binary.get("load-addr"), 16),
        )
        file = None if source is None else child(source, "path").text
        return ExportedFrame(element.get("name"), int(element.get("addr"), 16), image or None, file)

    for row in root.iter("row"):
        time, thread, process, core, state, weight, stack = map(resolved, row)
        frames = [] if stack.tag == "sentinel" else [frame(resolved(element)) for element in stack]
        yield ExportedRow(
            int(time.text),
            int(child(thread, "tid").text),
            thread.get("fmt"),
            int(child(process, "pid").text),
            process.get("fmt"),
            int(core.text),
            state.text,
            int(weight.text),
            frames,
        )


@pytest.mark.parametrize(
    "bundle, export, rows, frames",
    [
        (f"{TIME_PROFILE}.trace.zip", f"{TIME_PROFILE}.export.xml", 518, 1565),
        (CPU_PROFILE, "exports/cpu-profile_xcode26.3.xml", 91, 2292),
    ],
)
def test_every_value_of_every_row(real_data: Path, bundle: str, export: str, rows: int, frames: int) -> None:
    run = open_bundle(real_data / bundle).run()
    profile, addresses = run.profile(), backtraces(run)
    expected = list(exported_rows(real_data / export))
    assert (len(profile), len(addresses)) == (len(expected), sum(len(row.frames) for row in expected)) == (rows, frames)
    assert simple_values(profile) == [row[:2] + row[3:4] + row[5:8] for row in expected]
    assert thread_texts(profile) == [(row.thread, row.process) for row in expected]
    assert addresses["sample"].tolist() == [number for number, row in enumerate(expected) for _ in row.frames]
    flat = [frame for row in expected for frame in row.frames]
    assert addresses["address"].tolist() == [frame.address for frame in flat]
    ours = list(zip(*(addresses[name] for name in ("binary", "path", "uuid", "load_addr")), strict=True))
    named = [number for number, frame in enumerate(flat) if not frame.name.startswith("0x") or frame.binary]
    assert len(flat) - len(named) == (UNRESOLVED_BY_XCTRACE if export.startswith(TIME_PROFILE) else 0)
    assert [ours[number] for number in named] == [flat[number].binary for number in named]
    assert [addresses["name"].iloc[number] for number in named] == [flat[number].name for number in named]
    assert [addresses["file"].iloc[number] or None for number in named] == [flat[number].file for number in named]


def simple_values(profile: Profile) -> list[tuple[Any, ...]]:
    samples = profile.samples
    threads = profile.threads.iloc[samples["thread_id"]]
    columns = [samples["time_ns"], threads["tid"], threads["pid"], samples["core"], samples["state"], samples["weight"]]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def thread_texts(profile: Profile) -> list[tuple[str, str]]:
    threads = profile.threads.iloc[profile.samples["thread_id"]]
    return [
        (f"{row.name} {row.tid:#x} ({row.process}, pid: {row.pid})", f"{row.process} ({row.pid})")
        for row in threads.itertuples(index=False, name="Row")
    ]


def test_a_whole_profile_is_that_of_the_export(real_data: Path) -> None:
    ours = open_bundle(real_data / CPU_PROFILE).profile()
    theirs = open_trace(real_data / "exports/cpu-profile_xcode26.3.xml").profile()
    for table in ("samples", "stacks", "frames", "binaries", "threads"):
        pd.testing.assert_frame_equal(getattr(ours, table), getattr(theirs, table))


def test_source_lines_of_functions_are_those_of_the_export(real_data: Path) -> None:
    ours = open_bundle(real_data / f"{TIME_PROFILE}.trace.zip").profile().frames
    theirs = open_trace(real_data / f"{TIME_PROFILE}.export.xml").profile().frames
    assert ours[["file", "line"]].to_numpy().tolist() == theirs[["file", "line"]].to_numpy().tolist()


@pytest.mark.parametrize(
    "bundle, toc",
    [(CPU_PROFILE, "toc_xcode26.3.xml"), ("bundles/os-signpost_xcode26.3.trace.zip", "toc_signpost_xcode26.3.xml")],
)
def test_the_table_of_contents(real_data: Path, bundle: str, toc: str) -> None:
    ours, theirs = open_bundle(real_data / bundle).run(), open_trace(real_data / "exports" / toc).run()
    assert ours.facts == theirs.facts
    assert contents(ours) == contents(theirs)


def contents(run: Run) -> Counter[str]:
    return Counter(f"{info.schema} {sorted(info.attributes.items())}" for info in run.tables())


@pytest.mark.parametrize("schema, time", [("os-signpost", "time"), ("os-signpost-interval", "start")])
def test_signposts_are_those_of_the_export(real_data: Path, schema: str, time: str) -> None:
    """The export holds the first 50 rows; rows of the same time are told by their identifiers."""
    theirs = open_trace(real_data / f"exports/{schema}_xcode26.3.xml").table(schema)
    ours = open_bundle(real_data / "bundles/os-signpost_xcode26.3.trace.zip").table(schema)
    assert len(theirs) == 50
    assert list(ours.columns) == list(theirs.columns)
    by = [time, "identifier"]
    ours = ours[ours[time] <= theirs[time].max()].sort_values(by, ignore_index=True).head(50)
    theirs = theirs.sort_values(by, ignore_index=True)
    undecoded = [name for name in theirs if theirs[name].isna().all() and ours[name].isna().all()]
    pd.testing.assert_frame_equal(ours.drop(columns=undecoded), theirs.drop(columns=undecoded), check_dtype=False)


def test_forty_thousand_rows(real_data: Path) -> None:
    run = open_bundle(real_data / "bundles/time-profile-40913-rows_xcode16.3.trace.zip").run()
    frames = backtraces(run)
    assert (len(run.profile()), len(frames)) == (40_913, 556_180)
    assert not frames["binary"].isna().any()
    assert run.profile().frames["is_symbolicated"].all()
    assert run.profile().weight == 40_913_000_000


def test_a_finished_recording_without_rows(real_data: Path) -> None:
    profile = open_bundle(real_data / "bundles/time-profile-zero-rows_xcode26.2.trace.zip").profile()
    assert (len(profile), profile.meta.table, profile.meta.facts.process) == (0, "time-profile", "gtfs-guru")


def test_core_ml_without_form_template(real_data: Path) -> None:
    run = open_bundle(real_data / CORE_ML).run()
    profile, frames = run.profile(), backtraces(run)
    assert len(profile) == 682
    assert int((profile.samples["stack_id"] == -1).sum()) == 34
    assert len(frames) == 19_618
    assert not frames["binary"].isna().any()
    names = frames["name"].astype("str").map(without_last_bit)
    frames = frames.assign(name=names)
    stacks = Counter(tuple(zip(group["binary"], group["name"], strict=True)) for _, group in frames.groupby("sample"))
    assert stacks == expected_stacks(real_data / "coreml_predict_macos15.6.jsonl.gz")


def expected_stacks(path: Path) -> Counter[tuple[tuple[str, str], ...]]:
    stacks: Counter[tuple[tuple[str, str], ...]] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            named = tuple((frame["image"], without_last_bit(frame["symbol"])) for frame in line["frames"])
            stacks[named] += line["weight_ns"] // 10**6
    return stacks


def without_last_bit(name: str) -> str:
    """The list was made with leaves looked up one byte too low, which shows in symbols of one byte without a name."""
    return f"{int(name, 16) & ~1:#x}" if name.startswith("0x") else name


def test_gpu_intervals_of_core_ml(real_data: Path) -> None:
    intervals = open_bundle(real_data / CORE_ML).table("metal-gpu-intervals")
    own = intervals[intervals["process"] == "MambaASRRunner"].sort_values("start")
    ends = np.maximum.accumulate((own["start"] + own["duration"]).to_numpy())
    begins = np.maximum(own["start"].to_numpy(), np.append(0, ends[:-1]))
    assert len(own) == 340
    assert round(int((ends - begins).clip(min=0).sum()) / 1e6, 1) == 30.2


@pytest.mark.no_cover
def test_every_table_of_every_bundle_can_be_read(real_data: Path) -> None:
    for path in sorted((real_data / "bundles").glob("*.zip")):
        run = open_bundle(path).run()
        for info in run.tables():
            table = run.table(info.schema)
            assert len(table) >= (info.rows or 0)
            assert "object" not in {str(dtype) for dtype in table.dtypes}
