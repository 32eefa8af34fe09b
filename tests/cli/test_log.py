"""``--log``: every command that analyses reads what the process logged."""

import json
from datetime import datetime
from pathlib import Path

from tests.cli.conftest import Tracekit
from tests.cli.inputs import SAMPLES, first_rows
from tests.support.logs import entry, inferences, moved, ndjson
from tracekit.batch.rows import Options, read_rows

TRACE, PROCESS = SAMPLES / "ane-with-cpu-fallback.trace.zip", 7702
BEGAN = datetime.fromisoformat("2026-10-07T09:40:30+02:00")
SMALL_PROCESS = 7310


def test_analyze_counts_and_says_it(tracekit: Tracekit, tmp_path: Path) -> None:
    log, answer = tmp_path / "run.log.ndjson", tmp_path / "run.json"
    log.write_bytes(ndjson(moved(inferences(13, 340, [(77, 0x12)]), PROCESS, BEGAN)))
    lines = tracekit("analyze", TRACE, "--log", log, "--json", answer).out.splitlines()
    assert "1 of 4,420 requests to the Neural Engine ended with" in " ".join(lines[:20])
    assert "ANE  4,420 requests: 13 regions × 340 inferences; status 0x0 × 4,419, 0x12 × 1" in lines
    found = json.loads(answer.read_text())["log"]
    assert (found["requests"], found["regions"], found["inferences"], found["failed"]) == (4_420, 13, 340, 1)
    assert found["statuses"] == [{"status": "0x0", "count": 4_419}, {"status": "0x12", "count": 1}]
    assert (found["pid"], found["clock"]) == (PROCESS, "the wall clock")


def test_the_other_commands_read_it_too(tracekit: Tracekit, tmp_path: Path) -> None:
    trace, log, page = tmp_path / "run.xml", tmp_path / "run.log.ndjson", tmp_path / "report.html"
    trace.write_text(first_rows(40))
    entries = [*inferences(1, 3, [(1, 0x12)]), entry("Unsupported op 12 (relu): why not")]
    log.write_bytes(ndjson(moved(entries, SMALL_PROCESS, BEGAN)))
    failed = "1 of 3 requests to the Neural Engine ended with status 0x12"
    assert tracekit("report", trace, "--log", log, "-o", page, "--plotlyjs", "cdn").code == 0
    assert failed in page.read_text()
    assert "<li>3 requests: 1 region × 3 inferences; status 0x0 × 2, 0x12 × 1</li>" in page.read_text()
    assert "not supported: relu (why not)" in page.read_text()
    gates = json.loads(tracekit("check", trace, "--log", log, "--max-unknown", "1", "--format", "json").out)
    assert gates
    (row,) = read_rows(str(trace), Options(log=str(log)))
    assert failed in row["sentence"]
    assert (row["logged_requests"], row["logged_failed"]) == (3, 1)
    ops = tracekit("ops", trace, "--log", log, "--model", SAMPLES / "Leaves.mlmodel").out
    assert "ended with an error: 0x12 × 1" in " ".join(ops.split())


def test_what_is_no_log_is_refused(tracekit: Tracekit, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing\n")
    (tmp_path / "run.xml").write_text(first_rows(2))
    done = tracekit("analyze", tmp_path / "run.xml", "--log", tmp_path / "notes.txt")
    assert (done.code, done.out) == (1, "")
    assert "notes.txt: holds no entry of a log. It is written by log show" in done.err


def test_the_log_beside_a_recording_is_read_and_can_be_refused(tracekit: Tracekit, tmp_path: Path) -> None:
    trace, gates = tmp_path / "run.xml", ("--max-unknown", "1", "--format", "json")
    trace.write_text(first_rows(40))
    without = tracekit("analyze", trace).out
    (tmp_path / "run.log.ndjson").write_bytes(ndjson(moved(inferences(1, 3, [(1, 0x12)]), SMALL_PROCESS, BEGAN)))
    failed = "1 of 3 requests to the Neural Engine ended with status 0x12"
    said = tracekit("analyze", trace).out
    assert failed in " ".join(said.split())
    assert "(run.log.ndjson)" in said
    assert tracekit("analyze", trace, "--log", "none").out == without
    assert tracekit("check", trace, *gates).out == tracekit("check", trace, "--log", "none", *gates).out
    assert [row["logged_failed"] for row in read_rows(str(trace), Options())] == [1]
    assert "logged_failed" not in read_rows(str(trace), Options(log="none"))[0]


def test_a_log_beside_a_recording_that_cannot_be_read_is_a_warning(tracekit: Tracekit, tmp_path: Path) -> None:
    (tmp_path / "run.xml").write_text(first_rows(40))
    (tmp_path / "run.log.ndjson").write_text("nothing\n")
    done = tracekit("analyze", tmp_path / "run.xml")
    assert done.code == 0
    assert "the log beside the recording was left out" in done.err


def test_what_was_logged_is_no_markup_and_hides_folders_where_asked(tracekit: Tracekit, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    (tmp_path / "run.xml").write_text(first_rows(40))
    said = "Unsupported op 12 (relu): <b onclick=x> of /Users/alice/secret/net.mlmodelc"
    entries = [*inferences(1, 3), entry(said, subsystem="com.apple.espresso")]
    (tmp_path / "run.log.ndjson").write_bytes(ndjson(moved(entries, SMALL_PROCESS, BEGAN)))
    done = tracekit("report", tmp_path / "run.xml", "-o", page, "--plotlyjs", "cdn", "--redact-paths")
    assert done.code == 0
    assert "not supported: relu (&lt;b onclick=x&gt; of " in page.read_text()
    assert "alice" not in page.read_text()
