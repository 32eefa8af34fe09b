"""Tables, journals and folders that are not as a batch left them."""

import json
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from tests.batch.readers import here
from tracekit.batch.journal import journal_path
from tracekit.batch.rows import read_results
from tracekit.batch.run import Batch, run_batch
from tracekit.errors import InputError
from tracekit.report.formats.tabular import encode

ROW = {"path": "x", "status": "ok", "run": 1}
FOLDED = "main;-[MLModel predictionFromFeatures:error:];work 3\n"


class Done(NamedTuple):
    """A folder of two recordings of which a batch was made, and what that left."""

    folder: Path
    table: pd.DataFrame
    journal: str


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folder_of_two(tmp_path)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = folder_of_two(tmp_path_factory.mktemp("done"))
    return Done(folder, batch(folder).table, journal_path(folder / "r.csv").read_text())


def folder_of_two(folder: Path) -> Path:
    """Two recordings."""
    (folder / "in").mkdir()
    for name in ("a", "b"):
        (folder / "in" / f"{name}.folded").write_text(FOLDED)
    return folder


def batch(folder: Path) -> Batch:
    return run_batch([f"{folder}/in/*"], folder / "r.csv", here)


def test_a_table_that_was_cut_is_refused_and_never_a_shorter_one(done: Done, tmp_path: Path) -> None:
    whole = encode(done.table, "csv")
    path = tmp_path / "t.csv"
    path.write_bytes(whole)
    assert len(read_results(path)) == 2
    ends = {at + 1 for at, byte in enumerate(whole) if byte == ord("\n")}
    for cut in range(1, len(whole), 7):
        path.write_bytes(whole[:cut])
        if cut not in ends:
            with pytest.raises(InputError):
                read_results(path)


@pytest.mark.parametrize("number", ["9.3e18", "-1e19", "1e300", "inf", "9223372036854775808", "9" * 40, "1.5", "x"])
@pytest.mark.parametrize("empty", [True, False], ids=["beside none", "alone"])
def test_a_count_that_is_no_int64_is_refused(number: str, empty: bool, done: Done, tmp_path: Path) -> None:
    table = done.table.astype({"rows": "str"})
    table["rows"] = [number, "" if empty else "3"]
    path = tmp_path / "t.csv"
    path.write_bytes(encode(table, "csv"))
    with pytest.raises(InputError, match="damaged"):
        read_results(path)


@pytest.mark.parametrize(
    "line",
    [
        {"path": "in/a.folded"},
        {"path": "in/a.folded", "fingerprint": "x", "lost": "", "rows": 5},
        {"path": "in/a.folded", "fingerprint": "x", "lost": "", "rows": [{"x": 1}]},
        {"path": "x", "fingerprint": "x", "lost": "", "rows": [ROW | {"run": 9 * 10**40}]},
        {"path": "x", "fingerprint": "x", "lost": "", "rows": [ROW | {"answer": 5}]},
        {"path": "x", "fingerprint": "x", "lost": "", "rows": [ROW | {"share_ANE": "much"}]},
        {"path": 7, "fingerprint": None, "lost": None, "rows": []},
    ],
)
def test_a_foreign_line_ends_what_the_journal_knows(line: dict[str, object], done: Done) -> None:
    head, *rest = done.journal.splitlines(keepends=True)
    journal_path(done.folder / "r.csv").write_text("".join([head, json.dumps(line) + "\n", *rest]))
    again = batch(done.folder)
    assert (again.known, again.failed) == (0, 0)
    assert encode(again.table, "csv") == encode(done.table, "csv")


def test_a_link_to_nothing_is_a_row_with_a_reason(folder: Path) -> None:
    (folder / "in" / "c.folded").symlink_to("nowhere")
    found = batch(folder)
    assert (found.recordings, found.failed) == (3, 1)
    assert "there is no such file" in found.table["reason"].tolist()[2]
    (folder / "in" / "nowhere").write_text(FOLDED)
    assert batch(folder).failed == 0, "tried again"
