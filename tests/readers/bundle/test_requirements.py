"""Bundles that cannot be read are refused, each with a reason and what to do."""

import plistlib
from pathlib import Path

import pytest

from sample_traces.bundle import FEATURES
from sample_traces.bundle_files import Object, keyed_archive
from tests.support.bundle_writer import in_memory, sample_files, sample_trace
from tracekit.errors import InputError, UnsupportedError
from tracekit.readers.bundle import open_bundle, sniff
from tracekit.readers.bundle.run import trace_of

DATABASE = "Trace1.run/RunIssues.storedata"


def test_a_recording_that_was_never_finished(tmp_path: Path) -> None:
    path = tmp_path / "crashed.trace"
    (path / "Trace1.run").mkdir(parents=True)
    (path / DATABASE).write_bytes(b"SQLite format 3\0")
    assert sniff(path)
    with pytest.raises(UnsupportedError, match=r"crashed\.trace: the recording was never finished: .*\. Record again"):
        open_bundle(path)


@pytest.mark.parametrize(
    "files", [{}, {"form.template": b"x"}, {DATABASE: b"", "form.template": b"x"}, {"corespace/currentRun/core/x": b""}]
)
def test_a_bundle_without_known_tables(files: dict[str, bytes]) -> None:
    with pytest.raises(UnsupportedError, match=r"no table that is known; .* before version 8\. Record it again"):
        trace_of(in_memory(files))


@pytest.mark.parametrize(
    "feature, version",
    [
        ("com.apple.dt.Instruments.Teleportation", 1),
        ("com.apple.dt.ac.topology.XRT64_CC64_R_TypeID", 1),
        ("com.apple.dt.trace", 6),
        ("com.apple.dt.path-manager.compression", 2),
        ("com.apple.dt.etype.XRBacktraceTypeID", 2),
    ],
)
def test_an_unknown_feature_is_named(feature: str, version: int) -> None:
    with pytest.raises(UnsupportedError, match=rf"needs {feature} {version}, which is not known\. Export it on a Mac"):
        sample_trace(features={**dict.fromkeys(FEATURES, 1), feature: version})


def test_known_features_and_new_types_of_columns_are_no_hindrance() -> None:
    features = {"com.apple.dt.trace": 5, "com.apple.dt.xrindexset-coded": 3, "com.apple.dt.etype.XRNeverSeenTypeID": 1}
    assert len(sample_trace(features=features).profile()) == 5


def test_a_recording_of_an_instruments_before_8_is_named_as_such() -> None:
    assert _refused({"osVersion": {"ProductVersion": "10.11.4"}}) == (
        "demo.trace: the recording is of Instruments 7 or before (on macOS 10.11.4), whose bundles are not read. "
        "Open it in the Xcode that made it, select the call tree and choose Edit ▸ Deep Copy: tracekit reads that text."
    )


def test_a_recording_of_allocations_alone_is_named_as_such() -> None:
    said = ["Target Model: MacBook Pro", "Instruments: 9.3.1 (9E501)"]
    assert _refused({"recordingInfoSummary": said}).startswith(
        "demo.trace: the recording is of Instruments 9.3.1 (9E501) and holds no tables: what Allocations and others"
    )


def _refused(record: dict[str, object]) -> str:
    runs = {1: {"symbolsByPid": {4711: []}, **record}}
    form = keyed_archive({"com.apple.xray.run.data": Object("XRRunListData", {"$1": runs})})
    files = {"form.template": form, "corespace/run1/core/table-manager/tables.plist": b""}
    with pytest.raises(UnsupportedError) as error:
        trace_of(in_memory(files))
    return str(error.value)


def test_a_bundle_without_the_list_is_read() -> None:
    files = sample_files()
    del files["open.creq"]
    assert len(trace_of(in_memory(files)).profile()) == 5


@pytest.mark.parametrize(
    "content",
    [b"", b"bplist00", b"<plist", plistlib.dumps([1]), plistlib.dumps({"a": ["x"]}), plistlib.dumps({"a": [2.5]})],
)
def test_a_damaged_list_is_told(content: bytes) -> None:
    with pytest.raises(InputError, match=r"demo\.trace/open\.creq: .* is damaged"):
        trace_of(in_memory({**sample_files(), "open.creq": content}))


def test_a_requirement_without_a_version_is_version_1() -> None:
    content = plistlib.dumps({"com.apple.dt.trace": "a message"})
    assert len(trace_of(in_memory({**sample_files(), "open.creq": content})).runs) == 1


def test_symbols_of_an_unknown_version_are_refused() -> None:
    files = sample_files()
    name = next(name for name in files if name.endswith(".symbolsarchive"))
    files[name] = b"\x09" + files[name][1:]
    with pytest.raises(UnsupportedError, match=r"symbols/stores/A0000000.*unknown version \(9\)"):
        trace_of(in_memory(files)).profile()


def test_a_form_template_of_another_kind_is_told() -> None:
    with pytest.raises(InputError, match=r"demo\.trace/form\.template: the file is not a binary property list"):
        trace_of(in_memory({**sample_files(), "form.template": b"typedstream"}))
