"""Parts of a bundle that are missing or may not be read: each is said, and none turns into an answer."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sample_traces.bundle import write_folder
from tests.support.bundle_writer import APP, KEXT, LIB, in_memory, sample_files, sample_run, template
from tracekit.api import analyze, read_beside
from tracekit.errors import InputError
from tracekit.model.facts import Notice
from tracekit.model.trace import Trace
from tracekit.readers.bundle import open_bundle
from tracekit.readers.bundle.run import trace_of

NOBODY = 65534
ISSUES = "Trace1.run/RunIssues.storedata"


def said(trace: Trace) -> list[tuple[str, int]]:
    """Kinds and counts of what is said of the first run, which repeats what is said of the bundle."""
    of_run = trace.profile().meta.notices
    assert of_run[: len(trace.notices)] == trace.notices
    return [(notice.code, notice.count) for notice in of_run]


def without(start: str) -> dict[str, bytes]:
    return {name: data for name, data in sample_files().items() if not name.startswith(start)}


def test_a_whole_bundle_says_nothing() -> None:
    assert said(trace_of(in_memory(sample_files()))) == []


def test_every_image_without_its_symbols_is_counted() -> None:
    """Two images are hit; the third, the kernel extension, is not."""
    assert said(trace_of(in_memory(without("symbols/")))) == [("no-symbols", 2)]
    one = trace_of(in_memory(without(f"symbols/stores/{LIB.uuid}")))
    assert said(one) == [("no-symbols", 1)]
    assert "functions of Net are addresses" in one.profile().meta.notices[0].message
    assert said(trace_of(in_memory(without(f"symbols/stores/{KEXT.uuid}")))) == []


def test_a_missing_form_template_is_said_of_the_bundle() -> None:
    """`info` reads no samples, and says it."""
    trace = trace_of(in_memory(without("form.template")))
    assert [notice.code for notice in trace.notices] == ["no-form-template"]
    assert "no-form-template" in dict(said(trace))


@pytest.mark.parametrize(
    "files",
    [
        {**sample_files(), "corespace/run2/core/uniquing/strings": b""},
        {**sample_files(), "Trace2.run/RunIssues.storedata": b""},
        sample_files(form=template([1, 2])),
    ],
)
def test_a_run_that_has_no_tables_is_said(files: dict[str, bytes]) -> None:
    trace = trace_of(in_memory(files))
    assert [run.number for run in trace.runs] == [1]
    assert trace.notices == (Notice("run-without-tables", "run 2 has no tables in the bundle, so it was not read"),)


@contextmanager
def without_root() -> Iterator[None]:
    """As a user who is not root, since root may read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A bundle that everybody may read; pytest's own folders only their owner may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        path = Path(name) / "x.trace"
        write_folder(sample_files(), path)
        said(open_bundle(path))  # what is imported on the way is here
        yield path
        for each in path.rglob("*"):
            each.chmod(0o700)


needs_permissions = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are told otherwise here")


@needs_permissions
@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_a_folder_that_may_not_be_read_is_named_with_its_reason(mode: int, on_disk: Path) -> None:
    (on_disk / "symbols/stores").chmod(mode)
    with without_root():
        trace = open_bundle(on_disk)
        assert dict(said(trace)) == {"unreadable-part": 1, "no-symbols": 2}
    assert trace.notices[0].message == (
        f"{on_disk}/symbols/stores cannot be read (Permission denied); what is in it is not known"
    )


@needs_permissions
def test_what_is_needed_and_may_not_be_read_is_no_missing_file(on_disk: Path) -> None:
    folder = on_disk / "corespace/run1/core/uniquing"
    folder.chmod(0)
    with without_root(), pytest.raises(InputError) as error:
        open_bundle(on_disk).profile()
    assert str(error.value) == f"{folder}: the folder cannot be read: Permission denied."


@needs_permissions
def test_a_file_that_may_not_be_read_is_named(on_disk: Path) -> None:
    file = on_disk / f"symbols/stores/{APP.uuid}.symbolsarchive"
    file.chmod(0)
    with without_root(), pytest.raises(InputError) as error:
        open_bundle(on_disk).profile()
    assert str(error.value) == f"{file}: the file cannot be read: Permission denied."


# ---- What Instruments itself noted of a run.


def issues(
    *rows: tuple[int, str | bytes | None], create: str = "CREATE TABLE ZISSUE (Z_PK INTEGER, ZTYPE, ZMESSAGE)"
) -> bytes:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(create)
        for number, (kind, message) in enumerate(rows):
            database.execute("INSERT INTO ZISSUE VALUES (?, ?, ?)", (number, kind, message))
        database.commit()
        return bytes(database.serialize())


def noted(content: bytes) -> list[Notice]:
    return list(trace_of(in_memory({**sample_files(), ISSUES: content})).notices)


def test_failures_and_warnings_are_quoted_failures_first() -> None:
    content = issues(
        (2, "Data stream: Time Mapping"), (1, "Data stream:\\n gaps\x1b[31m"), (0, "Failed stoping ktrace session. ")
    )
    assert noted(content) == [
        Notice("run-issue", "Instruments noted of run 1: Failed stoping ktrace session."),
        Notice("run-issue", "Instruments noted of run 1: Data stream:\\n gaps�[31m"),
    ]


def test_a_database_with_a_log_beside_it_is_read_without(tmp_path: Path) -> None:
    """As Core Data keeps it: in memory there is no file for the log."""
    path = tmp_path / "issues"
    path.write_bytes(issues((0, "Failed.")))
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    assert path.read_bytes()[18:20] == b"\2\2"
    assert noted(path.read_bytes()) == [Notice("run-issue", "Instruments noted of run 1: Failed.")]


def test_a_recording_without_samples_says_what_instruments_noted() -> None:
    files = sample_files(runs=[sample_run(samples=())]) | {ISSUES: issues((0, "Failed."), (0, "Again"))}
    sentence = analyze(trace_of(in_memory(files))).verdict.sentence
    noted_and_next = "Instruments noted of run 1: Failed. Record it again with the Time Profiler."
    assert sentence == f"Unknown: the recording holds no samples. {noted_and_next}"


def test_what_is_no_message_is_passed_over() -> None:
    assert noted(issues((0, None), (0, b"bytes"))) == []
    assert noted(issues(create="CREATE TABLE OTHER (x)")) == []
    assert noted(issues(create="CREATE VIEW ZISSUE AS SELECT 0 AS ZTYPE, 'view' AS ZMESSAGE, 1 AS Z_PK")) == []


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\\0", b"text" * 100, issues((0, "x"))[:5000]])
def test_a_database_that_cannot_be_read_is_said_or_empty(content: bytes) -> None:
    assert {notice.code for notice in noted(content)} <= {"issues-not-read"}


def test_the_issues_of_each_run_are_its_own() -> None:
    files = sample_files(runs=[sample_run(1), sample_run(2)])
    files |= {ISSUES: issues((0, "one")), ISSUES.replace("1", "2"): issues((0, "two"))}
    trace = trace_of(in_memory(files))
    assert [notice.message[-3:] for notice in trace.notices] == ["one", "two"]
    assert [[notice.message[-3:] for notice in trace.profile(run).meta.notices] for run in (1, 2)] == [["one"], ["two"]]


def test_a_table_that_nobody_asks_for_may_be_damaged() -> None:
    """What tables there are is known without the description of each."""
    store = "corespace/run1/core/stores/indexed-store-1"
    files = sample_files()
    assert b'"process-info"' in files[f"{store}/schema.xml"]
    trace = trace_of(in_memory(files | {f"{store}/bulkstore_descriptor": b"bplist00"}))
    with pytest.raises(InputError):
        trace.tables()
    assert "process-info" in trace.schemas()
    assert read_beside(trace).notices == ()
