"""A recording read from its bundle is the recording read from its export."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sample_traces.bundle import recording_files, write_bundle
from sample_traces.export_xml import XCODE_16_4, export_xml, toc_xml
from sample_traces.recording import Recording
from sample_traces.scenarios import recordings
from tests.support.bundle_writer import in_memory, sample_trace
from tracekit.errors import SelectionError
from tracekit.model.folded import to_folded
from tracekit.model.trace import Trace
from tracekit.readers import open_trace
from tracekit.readers.bundle import backtraces, open_bundle, sniff
from tracekit.readers.bundle.run import trace_of

TABLES = ("samples", "stacks", "frames", "binaries", "threads")
SAMPLES = Path(__file__).parents[3] / "sample_traces"
every_recording = pytest.mark.parametrize(
    "recording", sorted(path.name.removesuffix(".truth.json") for path in SAMPLES.glob("*.truth.json")), indirect=True
)


@pytest.fixture
def recording(request: pytest.FixtureRequest) -> Recording:
    """The recording of that name, made when a test first asks."""
    (found,) = (recording for recording in recordings() if recording.name == request.param)
    return found


def exported(recording: Recording, folder: Path) -> Trace:
    (folder / "table.xml").write_text(export_xml(recording, XCODE_16_4), encoding="utf-8")
    (folder / "toc.xml").write_text(toc_xml(recording, XCODE_16_4), encoding="utf-8")
    return open_trace(folder)


@every_recording
def test_the_profile_is_that_of_the_export(recording: Recording, tmp_path: Path) -> None:
    bundle, export = trace_of(in_memory(recording_files(recording))), exported(recording, tmp_path)
    first, expected = bundle.profile(), export.profile()
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(first, table), getattr(expected, table))
    assert len(bundle.runs) == len(export.runs) == len(recording.runs)
    for number in range(1, len(recording.runs) + 1):
        assert to_folded(bundle.profile(number), images=True) == to_folded(export.profile(number), images=True)
        # What a launched process was told stands in an export's table of contents alone.
        assert bundle.run(number).facts == replace(export.run(number).facts, models=())


@every_recording
def test_the_rows_are_those_of_the_export(recording: Recording, tmp_path: Path) -> None:
    table = trace_of(in_memory(recording_files(recording))).table("time-profile")
    expected = exported(recording, tmp_path).table("time-profile")
    pd.testing.assert_frame_equal(table, expected, check_dtype=False)


def test_a_recording_can_be_written_as_folder_and_as_zip(tmp_path: Path) -> None:
    recording = recordings()[0]
    for name in ("x.trace", "x.trace.zip"):
        write_bundle(recording, tmp_path / name)
        assert sniff(tmp_path / name)
        assert len(open_bundle(tmp_path / name).profile()) == len(recording.runs[0].samples)


def test_open_trace_knows_bundles(tmp_path: Path) -> None:
    write_bundle(recordings()[0], tmp_path / "x.trace.zip")
    trace = open_trace(tmp_path / "x.trace.zip")
    assert (trace.format, trace.path) == ("bundle", str(tmp_path / "x.trace.zip"))


def test_progress_counts_what_was_read(tmp_path: Path) -> None:
    write_bundle(recordings()[0], tmp_path / "x.trace")
    told: list[int] = []
    open_trace(tmp_path / "x.trace", progress=lambda done, total, rows: told.append(done)).profile()
    stored = sum(path.stat().st_size for path in (tmp_path / "x.trace").rglob("*") if path.is_file())
    assert told == sorted(told)
    assert stored / 2 < told[-1] < 2 * stored, "every file that is needed, some of them twice"


def test_a_run_that_is_not_there_is_told() -> None:
    with pytest.raises(SelectionError, match=r"there is no run 2\. Runs: 1"):
        sample_trace().run(2)


def test_only_bundles_have_addresses(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        backtraces(exported(recordings()[0], tmp_path).run())
