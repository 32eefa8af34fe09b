"""Every command on an input that is well: what it writes, and where."""

import csv
import gzip
import io
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import Tracekit
from tests.cli.inputs import CONTENTS, NO_PREDICTION, SAMPLE, TWO_RUNS, first_rows, make_recording
from tracekit._version import __version__
from tracekit.cli import demo
from tracekit.readers import open_trace

ROWS = 40


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A small export."""
    path = tmp_path / "small.xml"
    path.write_text(first_rows(ROWS))
    return path


# ---- analyze, report, demo.


def test_analyze_prints_the_verdict_and_the_accounting(tracekit: Tracekit) -> None:
    done = tracekit("analyze", SAMPLE)
    assert done.code == 0
    assert done.out.startswith("Partly: ")
    assert "949 rows read = 660 attributed + 280 outside the focus + 9 without a stack + 0 filtered" in done.out
    assert "949.0 ms = 660.0 ms + 280.0 ms + 9.0 ms + 0 ns" in done.out
    assert done.err == ""


def test_analyze_names_the_nearest_symbols_where_there_is_no_prediction(tracekit: Tracekit) -> None:
    done = tracekit("analyze", NO_PREDICTION)
    assert done.code == 0
    assert done.out.startswith("Unknown: ")


def test_analyze_writes_json_to_stdout_instead_of_text(tracekit: Tracekit, export: Path) -> None:
    done = tracekit("analyze", export, "--json", "-")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["accounting"]["rows"] == ROWS


def test_analyze_writes_json_to_a_file_beside_the_text(tracekit: Tracekit, export: Path, tmp_path: Path) -> None:
    done = tracekit("analyze", export, "--json", tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text())["schema"] == "tracekit.analysis/2"
    assert f"{ROWS} rows read" in done.out


def test_warnings_go_to_stderr_and_into_the_json(tracekit: Tracekit) -> None:
    damaged = first_rows(ROWS).replace('<core ref="', '<core ref="9', 1)
    done = tracekit("analyze", "-", "--json", "-", stdin=damaged.encode())
    assert done.code == 0
    assert done.err.startswith("! row ")
    assert done.err.endswith("; the row was skipped\n")
    (warning,) = [each for each in json.loads(done.out)["warnings"] if each["code"] == "skipped-row:dangling-ref"]
    assert f"! {warning['message']}\n" == done.err


def test_strict_refuses_what_would_be_skipped(tracekit: Tracekit) -> None:
    damaged = first_rows(ROWS).replace('<core ref="', '<core ref="9', 1).encode()
    for command in (["analyze"], ["tree"], ["convert"], ["report", "-o", "-"], ["table", "--schema", "time-profile"]):
        done = tracekit(*command, "-", "--strict", stdin=damaged)
        assert (done.code, done.out) == (1, "")
        assert done.err.endswith("Without --strict such rows are skipped.\n")


def test_report_writes_one_page(tracekit: Tracekit, export: Path, tmp_path: Path) -> None:
    done = tracekit("report", export, "-o", tmp_path / "out.html")
    assert (done.code, done.out, done.err) == (0, "", f"report: {tmp_path}/out.html\n")
    assert (tmp_path / "out.html").read_text().lower().startswith("<!doctype html>")


def test_report_can_go_to_stdout(tracekit: Tracekit, export: Path) -> None:
    done = tracekit("report", export, "-o", "-")
    assert (done.code, done.err) == (0, "")
    assert done.out.lower().startswith("<!doctype html>")
    assert done.out.rstrip().endswith("</html>")


def test_analyze_and_report_write_the_same_page(tracekit: Tracekit, export: Path, tmp_path: Path) -> None:
    done = tracekit("analyze", export, "--report", tmp_path / "a.html")
    assert f"{ROWS} rows read" in done.out
    assert done.err == f"report: {tmp_path}/a.html\n"
    assert (tmp_path / "a.html").stat().st_size > 1000


def test_demo_analyses_the_bundled_sample(tracekit: Tracekit, tmp_path: Path) -> None:
    for _ in range(2):  # it replaces its own report
        done = tracekit("demo", "-o", tmp_path / "report.html")
        assert done.code == 0
        assert re.match("(Yes|Partly|No|Unknown): ", done.out)
        sample = demo.sample_folder() / demo.SAMPLE
        assert done.err.splitlines()[0] == f"tracekit analyze {sample} --report {tmp_path}/report.html"
        assert done.err.endswith(f"report: {tmp_path}/report.html\n")
        assert "\\u{" not in done.err


# ---- tree.


def test_tree_shows_the_prediction(tracekit: Tracekit) -> None:
    done = tracekit("tree", SAMPLE)
    header, *lines = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert header.split() == ["total", "self", "weight", "engine", "function"]
    assert "-[MLModel predictionFromFeatures:error:]" in lines[0]
    assert lines[-1].endswith("of self time together (--min-share 0 draws them)")


def test_tree_draws_every_node_when_asked(tracekit: Tracekit, export: Path) -> None:
    profile = open_trace(export).profile()
    done = tracekit("tree", export, "--no-focus", "--min-share", "0")
    assert len(done.out.splitlines()) == 1 + len(profile.stacks)
    assert "not drawn" not in done.out


def test_tree_draws_the_heaviest_paths_and_counts_the_rest(tracekit: Tracekit) -> None:
    done = tracekit("tree", SAMPLE, "--min-share", "0", "--top", "3")
    header, *lines, note = done.out.splitlines()
    names = [line[header.index("function") :] for line in lines]
    depths = [len(name) - len(name.lstrip()) for name in names]
    assert sum(after <= before for before, after in pairwise([*depths, 0])) == 3  # paths end where it is not deeper
    assert note.endswith("(--top draws more)")
    assert tracekit("tree", SAMPLE, "--top", "0").code == 2


def test_tree_can_begin_at_the_leaves(tracekit: Tracekit, export: Path) -> None:
    profile = open_trace(export).profile()
    leaves = set(profile.stacks["frame_id"].take(profile.samples["stack_id"][lambda ids: ids >= 0].unique()))
    done = tracekit("tree", export, "--no-focus", "--min-share", "0", "--invert")
    header, *lines = done.out.splitlines()
    roots = [line for line in lines if not line[header.index("function") :].startswith(" ")]
    assert len(roots) == len(leaves)


def test_tree_shows_everything_where_there_is_no_prediction(tracekit: Tracekit) -> None:
    done = tracekit("tree", NO_PREDICTION)
    assert done.err == "No prediction was found: this is the whole profile.\n"
    assert len(done.out.splitlines()) > 2


# ---- info, tables, table.


def test_info_shows_the_facts_of_every_run(tracekit: Tracekit) -> None:
    done = tracekit("info", CONTENTS)
    assert done.code == 0
    assert done.out.splitlines()[0].endswith("mlprogram-split.toc.xml  (export, 1 run)")
    facts = dict(line.split(maxsplit=1) for line in done.out.splitlines() if len(line.split(maxsplit=1)) == 2)
    assert facts["template"].strip() == "Time Profiler"
    assert facts["platform"].strip() == "macOS"


def test_info_says_where_nothing_is_known(tracekit: Tracekit) -> None:
    done = tracekit("info", TWO_RUNS)
    assert [line for line in done.out.splitlines() if line.startswith("run ")] == ["run 1", "run 2"]
    assert done.out.count("The file says nothing of the recording itself.") == 2


def test_tables_lists_what_is_there_and_what_is_not(tracekit: Tracekit, tmp_path: Path) -> None:
    done = tracekit("tables", make_recording(tmp_path / "recording"))
    assert done.code == 0
    assert [line.split() for line in done.out.splitlines()] == [
        ["schema", "rows", "attributes"],
        ["time-profile", str(ROWS)],
        ["tick", "not", "exported", "frequency=10"],
    ]


def test_table_writes_csv_to_stdout(tracekit: Tracekit, export: Path) -> None:
    done = tracekit("table", export, "--schema", "time-profile")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert (done.code, done.err, len(rows)) == (0, "", ROWS)
    assert list(rows[0]) == [
        "time", "thread", "thread.tid", "process", "process.pid", "core", "thread-state", "weight", "stack",
    ]  # fmt: skip


@pytest.mark.parametrize("ending", [".csv", ".json", ".parquet", ".CSV"])
def test_table_writes_what_the_ending_says(tracekit: Tracekit, export: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending}"
    done = tracekit("table", export, "--schema", "time-profile", "-o", path)
    assert (done.code, done.out, done.err) == (0, "", f"{ROWS} rows: {path}\n")
    expected = open_trace(export).table("time-profile")
    if ending == ".parquet":
        pd.testing.assert_frame_equal(pd.read_parquet(path), expected, check_dtype=True)
    elif ending == ".json":
        assert json.loads(path.read_text()) == json.loads(expected.to_json(orient="records"))
    else:
        assert path.read_text() == expected.to_csv(index=False)


def test_missing_values_are_empty_or_null(tracekit: Tracekit, tmp_path: Path) -> None:
    whole = first_rows(ROWS)
    start = whole.index("<core ")
    missing = whole[:start] + "<sentinel/>" + whole[whole.index("</core>", start) + 7 :]
    missing = missing.replace("<core ref", "<core-was ref").replace("core-was", "core")
    (tmp_path / "x.xml").write_text(missing)
    csv_text = tracekit("table", tmp_path / "x.xml", "--schema", "time-profile").out
    assert next(csv.DictReader(io.StringIO(csv_text)))["core"] == ""
    tracekit("table", tmp_path / "x.xml", "--schema", "time-profile", "-o", tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text())[0]["core"] is None


def test_every_command_takes_a_run(tracekit: Tracekit) -> None:
    documents = {}
    for run in (1, 2):
        done = tracekit("analyze", TWO_RUNS, "--run", run, "--json", "-")
        documents[run] = json.loads(done.out)
        assert documents[run]["source"]["run"] == run
        rows = documents[run]["accounting"]["rows"]
        table = tracekit("table", TWO_RUNS, "--schema", "time-profile", "--run", run)
        assert len(list(csv.reader(io.StringIO(table.out)))) == 1 + rows
        assert tracekit("tables", TWO_RUNS, "--run", run).out.split()[-1] == f"{rows:,}"
    assert documents[1]["accounting"] != documents[2]["accounting"]


# ---- convert.


def test_convert_writes_all_weight_as_folded_stacks(tracekit: Tracekit) -> None:
    done = tracekit("convert", SAMPLE)
    lines = done.out.splitlines()
    assert (done.code, done.err) == (0, "9 of 949 samples have no stack and were left out\n")
    assert lines == sorted(lines)
    assert sum(int(line.rpartition(" ")[2]) for line in lines) == 940 * 1_000_000  # 9 of 949 have no stack
    counts = tracekit("convert", SAMPLE, "--weight", "samples").out.splitlines()
    assert [line.rpartition(" ")[0] for line in counts] == [line.rpartition(" ")[0] for line in lines]
    assert sum(int(line.rpartition(" ")[2]) for line in counts) == 940


def test_convert_can_name_the_image_of_every_frame(tracekit: Tracekit) -> None:
    done = tracekit("convert", SAMPLE, "--images")
    assert "CoreML`-[MLModel predictionFromFeatures:error:]" in done.out


def test_what_was_converted_can_be_read_again(tracekit: Tracekit) -> None:
    folded = tracekit("convert", SAMPLE, "--images").out
    assert tracekit("convert", "-", "--images", stdin=folded.encode()).out == folded


def test_convert_focuses_only_when_asked(tracekit: Tracekit) -> None:
    done = tracekit("convert", SAMPLE, "--focus", "-[MLModel predictionFromFeatures:error:]")
    assert {line.partition(";")[0] for line in done.out.splitlines()} == {"-[MLModel predictionFromFeatures:error:]"}


def test_convert_says_of_a_real_export_what_inferno_says(tracekit: Tracekit, real_data: Path) -> None:
    path = real_data / "exports" / "time-profile_xcode14.3.xml"
    done = tracekit("convert", path, "--format", "folded", "--weight", "samples", "-o", "-")
    expected = path.with_name("time-profile_xcode14.3.expected.folded").read_text()
    assert Counter(done.out.splitlines()) == Counter(expected.splitlines())
    assert sum(int(line.rpartition(" ")[2]) for line in done.out.splitlines()) == 9_581


# ---- Standard input and output.


def test_the_same_is_said_of_a_file_its_gzip_and_standard_input(
    tracekit: Tracekit, export: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "small.xml.gz"
    packed.write_bytes(gzip.compress(export.read_bytes()))
    documents = [
        json.loads(tracekit("analyze", path, "--json", "-", stdin=stdin).out)
        for path, stdin in ((export, b""), (packed, b""), ("-", export.read_bytes()), ("-", packed.read_bytes()))
    ]
    assert [document["source"].pop("path") for document in documents] == [
        str(export), str(packed), "standard input", "standard input",
    ]  # fmt: skip
    assert all(document == documents[0] for document in documents)


def test_version(tracekit: Tracekit) -> None:
    assert tracekit("--version") == (0, f"tracekit {__version__}\n", "")
