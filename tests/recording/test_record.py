"""``tracekit record`` from start to end, as a user runs it, on a fake Mac."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.recording.conftest import Here
from tests.support.fake_mac import FakeMac
from tracekit import api

UNFINISHED = "run.unfinished.trace"


def files(mac: FakeMac) -> set[str]:
    return {path.name for path in mac.home.iterdir()}


@pytest.mark.parametrize("xcode", ["14.3", "16.4", "26.5", "27.0"])
def test_it_ends_with_a_verdict_and_a_report(mac: FakeMac, here: Here, xcode: str) -> None:
    done = here("record", "--app", "Harness", "-o", "run.trace", FAKE_XCODE=xcode)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Partly:")
    assert "90 predictions after 10 of warm-up" in done.stdout  # as the harness's sidecar says
    assert files(mac) == {"run.trace", "run.tracekit.zip", "run.sidecar.json", "run.html"}
    assert (mac.home / "run.html").stat().st_size > 10_000
    used = json.loads((mac.home / "run.trace" / "fake.json").read_text())
    added = ["Neural Engine", "GPU", "Core ML", *(["Core AI"] if xcode == "27.0" else [])]
    assert (used["template"], used["instruments"]) == ("Time Profiler", added)
    rows = re.search(r"the answer rests on ([\d,]+) samples in predictions", done.stderr)
    assert rows is not None
    assert f"= {rows[1]} attributed" in done.stdout


def test_the_report_is_shown_in_the_browser(mac: FakeMac, here: Here) -> None:
    browser = mac.home / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > asked\n')
    browser.chmod(0o755)
    done = here("record", "-o", "run.trace", "--open", BROWSER=f"{browser} %s")
    assert done.returncode == 0, done.stderr
    assert (mac.home / "asked").read_text().strip() == (mac.home / "run.html").resolve().as_uri()
    assert here("record", "-o", "other.trace", "--open", "--no-analyze").returncode == 2


def test_an_xcode_that_cannot_add_instruments(mac: FakeMac, here: Here) -> None:
    done = here("record", "--app", "Harness", "-o", "run.trace", "--no-analyze", FAKE_XCODE="13.4")
    assert done.returncode == 0, done.stderr
    used = json.loads((mac.home / "run.trace" / "fake.json").read_text())
    assert (used["template"], used["instruments"]) == ("Core ML", [])


def test_what_is_given_away_holds_no_secret_and_opens_anywhere(mac: FakeMac, here: Here) -> None:
    done = here("record", "-o", "run.trace", "--no-analyze", "--env", "PASSWORD=swordfish")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert files(mac) == {"run.trace", "run.tracekit.zip", "run.sidecar.json"}
    with zipfile.ZipFile(mac.home / "run.tracekit.zip") as archive:
        for name in archive.namelist():
            data = archive.read(name)
            assert not any(secret in data for secret in (b"hunter2", b"swordfish", b"jane.doe")), name
        manifest = json.loads(archive.read("tracekit.json"))
        sidecar = json.loads(archive.read("sidecar.json"))
    assert {each["schema"]: each["status"] for each in manifest["tables"]} == {
        "time-profile": "ok",
        "ane-hw-intervals": "ok",
        "metal-gpu-intervals": "empty",
        "os-signpost": "empty",
        "time-info": "ok",
    }
    assert len(sidecar["iterations"]) == 100
    assert len(sidecar["model"]["sha256"]) == 64
    trace = api.open_trace(mac.home / "run.tracekit.zip")
    assert trace.run().facts.template == "Time Profiler"
    assert len(trace.profile()) == 949
    assert len(trace.table("ane-hw-intervals")) == 100


def test_german_messages_change_nothing(here: Here) -> None:
    done = here("record", "-o", "run.trace", "--no-analyze", FAKE_LANGUAGE="de")
    assert done.returncode == 0, done.stderr


def test_a_dry_run_prints_what_is_then_run(mac: FakeMac, here: Here) -> None:
    dry = here("record", "-o", "run.trace", "--dry-run", "--compute-units", "cpuOnly")
    assert files(mac) == set()
    compiler, signer, recorder, less, contents, rename, planner, tables, samples = dry.stdout.splitlines()
    assert compiler.startswith("xcrun clang -arch arm64 -fobjc-arc")
    assert signer.startswith("codesign --sign -")
    instruments = "--instrument 'Neural Engine' --instrument GPU --instrument 'Core ML'"
    options = f"--output {mac.home}/{UNFINISHED} --time-limit 600s --no-prompt"
    assert f"record --template 'Time Profiler' {instruments} {options}" in recorder
    assert less == "# if xctrace fails with these instruments: the same with Time Profiler alone"
    assert f"export --input {mac.home}/{UNFINISHED} --toc --output" in contents
    assert rename == f"mv {mac.home}/{UNFINISHED} {mac.home}/run.trace"
    assert tables == "# for every table that the recording lists and analysis can use:"
    assert '/data/table[@schema="time-profile"]' in samples
    assert "--compute-units cpuOnly --iterations 100 --min-seconds 2 --warmup 10" in recorder
    assert planner.endswith(f"--compute-units cpuOnly --plan {mac.home}/.run.recording/plan.json")
    here("record", "-o", "run.trace", "--compute-units", "cpuOnly", "--no-analyze")
    launched = json.loads((mac.home / "run.trace" / "fake.json").read_text())["target"]
    assert recorder.endswith(" ".join(launched))


def test_waiting_threads_where_xcode_can(mac: FakeMac, here: Here) -> None:
    done = here("record", "-o", "run.trace", "--waiting-threads", "--no-analyze", FAKE_XCODE="27.0")
    assert done.returncode == 0, done.stderr
    attributes = api.open_trace(mac.home / "run.tracekit.zip").tables()
    assert [info.attributes["record-waiting-threads"] for info in attributes if info.schema == "time-profile"] == ["1"]
    refused = here("record", "-o", "old.trace", "--waiting-threads", FAKE_XCODE="26.5")
    assert refused.returncode == 1
    assert "cannot record waiting threads from the command line. Use --template 'App Launch'" in refused.stderr


def test_a_program_of_one_s_own_and_a_process(mac: FakeMac, here: Here) -> None:
    program = mac.home / "mine"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    done = here("record", "--app", "./mine", "-o", "a.trace", "--", "--fast")
    assert done.returncode == 0, done.stderr
    assert json.loads((mac.home / "a.trace" / "fake.json").read_text())["target"] == [str(program), "--fast"]
    nobody = here("record", "--app", "4194303", "-o", "c.trace")
    assert "there is no such process. Start it first" in nobody.stderr
    attached = here("record", "--app", str(os.getpid()), "-o", "b.trace", "--time-limit", "0.1")
    assert attached.returncode == 0, attached.stderr
    assert files(mac) == {
        "mine",
        "a.trace",
        "a.tracekit.zip",
        "a.html",
        "b.trace",
        "b.tracekit.zip",
        "b.html",
        ".c.recording",
    }


@pytest.mark.parametrize(
    "failure, sentence, left",
    [
        ("command-line-tools", "only the Command Line Tools are selected", set()),
        ("licence", "Run: sudo xcodebuild -license accept", set()),
        ("compiler", "the harness does not compile: harness.m:12:1: error: a fake error", set()),
        ("kperf-lock", "another recording is running", {".run.recording"}),
        ("restricted-target", "protected by System Integrity Protection", {".run.recording"}),
        ("developer-tools-security", "Run: sudo DevToolsSecurity -enable", {".run.recording"}),
        ("wrong-device", "there is no such device", {".run.recording"}),
        ("unknown", "xctrace ended with code 3 and wrote nothing: Something nobody has seen", {".run.recording"}),
        ("rosetta", "xctrace runs under Rosetta, where nothing can be recorded", {".run.recording"}),
        ("disk-full", "the disk is full; the bundle was not finished", {".run.recording", UNFINISHED}),
        (
            "unfinished-bundle",
            "the recording was never finished",
            {".run.recording", UNFINISHED, "run.unfinished-2.trace"},
        ),
        (
            "no-profile-table",
            "no table of CPU samples",
            {".run.recording", "run.trace", "run.sidecar.json", "run.tracekit.zip"},
        ),
        (
            "empty-table",
            "holds no CPU samples",
            {".run.recording", "run.trace", "run.sidecar.json", "run.tracekit.zip"},
        ),
        ("newer-trace", "made by a newer Xcode", {".run.recording", UNFINISHED}),
    ],
)
def test_each_failure_is_one_sentence_and_keeps_the_bundle(
    mac: FakeMac, here: Here, failure: str, sentence: str, left: set[str]
) -> None:
    done = here("record", "-o", "run.trace", FAKE_FAILURE=failure)
    assert done.returncode == 1
    assert done.stdout == ""
    last = done.stderr.splitlines()[-1]
    assert last.startswith("tracekit: ")
    assert sentence in last
    assert "Traceback" not in done.stderr
    assert files(mac) == left


def test_a_harness_that_fails_says_why(mac: FakeMac, here: Here) -> None:
    words = "input mask: no shape satisfies its constraint"
    done = here("record", "-o", "run.trace", FAKE_HARNESS_ERROR=words)
    assert done.returncode == 1
    assert f"the target tracekit-harness ended with status 1: {words}" in done.stderr
    assert "The recording is kept" in done.stderr
    assert (mac.home / "run.trace" / "form.template").exists()
    kept = here("record", "-o", "again.trace", "--keep-going", FAKE_HARNESS_ERROR=words)
    assert kept.returncode == 0, kept.stderr
    assert kept.stdout.startswith("Partly")


@pytest.mark.parametrize("failure", ["contents-once", "ktrace"])
def test_what_only_looks_like_a_failure(here: Here, failure: str) -> None:
    done = here("record", "-o", "run.trace", "--no-analyze", FAKE_FAILURE=failure)
    assert done.returncode == 0, done.stderr


def test_the_time_limit_is_a_warning(here: Here) -> None:
    done = here("record", "-o", "run.trace", "--time-limit", "300ms", "--no-analyze", FAKE_ITERATION_S="0.05")
    assert done.returncode == 0, done.stderr
    assert "! the time limit ended the target before it was done" in done.stderr


def test_recordings_are_never_replaced(mac: FakeMac, here: Here) -> None:
    (mac.home / "run.trace").mkdir()
    done = here("record", "-o", "run.trace", "--force")
    assert done.returncode == 1
    assert "recordings are never replaced" in done.stderr
    (mac.home / "Harness.trace").mkdir()
    assert "/Harness-2.unfinished.trace " in here("record", "--dry-run").stdout


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--template", "Neural"], "this xctrace has no template 'Neural'. It has: Activity Monitor"),
        (["--instrument", "Ears"], "this xctrace has no instrument 'Ears'"),
        (["--model", "no.mlpackage"], "there is no such model"),
        (["--input", "x"], "'x' is no input. Write --input NAME=FILE.npy"),
        (["--device", "Phone"], "there is no device 'Phone'. xctrace lists: kazu's MB pro"),
        (["--launch", "com.example.App"], "--launch is for an app on a device"),
        (["--app", "1", "--all-processes"], "--app and --all-processes exclude each other"),
        (["--append-run", "-o", "none.trace"], "is no recording that a run could be appended to"),
        (["-o", "nowhere/run.trace"], "its folder does not exist"),
    ],
)
def test_what_is_refused_before_anything_starts(mac: FakeMac, here: Here, arguments: list[str], message: str) -> None:
    done = here("record", *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert files(mac) == set()


def test_without_xctrace(mac: FakeMac, here: Here) -> None:
    for tool in ("xcrun", "xctrace"):
        (mac.bin / tool).unlink()
    done = here("record", PATH=f"{mac.bin}:/bin")
    assert done.returncode == 1
    assert "xctrace was not found: recording needs a Mac with Xcode. Install Xcode" in done.stderr


def on_a_terminal(mac: FakeMac, *arguments: str, **more: str) -> "tuple[subprocess.Popen[bytes], int]":
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        mac.command(*arguments),
        cwd=mac.home,
        env=mac.variables(TERM="xterm", COLUMNS="120", **more),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    return process, ours


def seen(ours: int, wanted: str, within_s: float = 20) -> str:
    """Read a terminal until it showed something."""
    text, until = "", time.monotonic() + within_s
    while wanted not in text:
        assert time.monotonic() < until, f"never saw {wanted!r} in:\n{text}"
        try:
            text += os.read(ours, 65536).decode("utf-8", "replace")
        except OSError:  # the other end is closed
            assert wanted in text, f"never saw {wanted!r} in:\n{text}"
    return text


def test_ctrl_c_on_a_terminal(mac: FakeMac) -> None:
    """The terminal shows progress; one Ctrl-C stops the recording, a second explains, and all is saved."""
    process, ours = on_a_terminal(
        mac, "record", "-o", "run.trace", "--iterations", "5000", FAKE_ITERATION_S="0.01", FAKE_SAVING_S="1.5"
    )
    try:
        seen(ours, "measure")
        os.killpg(process.pid, signal.SIGINT)
        seen(ours, "Stopping: xctrace saves what it recorded")
        os.killpg(process.pid, signal.SIGINT)
        seen(ours, "Killing xctrace now would leave a recording that nothing opens")
        seen(ours, "Partly:")
        process.wait(20)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert process.returncode == 0
    assert {"run.trace", "run.tracekit.zip", "run.html"} <= files(mac)


@pytest.mark.parametrize("after_s", [0.2, 0.5, 0.8, 1.1])
def test_killed_at_any_point_nothing_half_written_bears_a_final_name(mac: FakeMac, after_s: float) -> None:
    process = subprocess.Popen(
        mac.command("record", "-o", "run.trace"),
        cwd=mac.home,
        env=mac.variables(FAKE_SAVING_S="0.2", FAKE_ITERATION_S="0.001"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after_s)
    process.kill()
    process.wait()
    bundle = mac.home / "run.trace"
    assert not bundle.exists() or (bundle / "form.template").exists()
    zipped = mac.home / "run.tracekit.zip"
    assert not zipped.exists() or len(api.open_trace(zipped).profile()) == 949
    unfinished = mac.home / UNFINISHED
    until = time.monotonic() + 10
    while unfinished.exists() and not (unfinished / "form.template").exists():
        assert time.monotonic() < until, "xctrace did not go on by itself"
        time.sleep(0.05)


def test_terminating_tracekit_saves_the_recording(mac: FakeMac) -> None:
    process = subprocess.Popen(
        mac.command("record", "-o", "run.trace", "--iterations", "5000", "--no-analyze"),
        cwd=mac.home,
        env=mac.variables(FAKE_ITERATION_S="0.01"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    progress = mac.home / ".run.recording" / "progress"
    until = time.monotonic() + 20
    while not progress.exists() and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0, process.stderr.read()
    process.stderr.close()
    assert (mac.home / "run.trace" / "form.template").exists()


def test_exporting_a_bundle_again(mac: FakeMac, here: Here, recorded: Path) -> None:
    first = (mac.home / "run.tracekit.zip").read_bytes()
    done = here("export", "run.trace", "--force")
    assert done.returncode == 0, done.stderr
    assert (mac.home / "run.tracekit.zip").read_bytes() == first
    assert "time-profile" in done.stderr
    refused = here("export", "run.trace")
    assert refused.returncode == 1
    assert "already exists" in refused.stderr


def test_details_of_tracks_are_exported_and_read(mac: FakeMac, here: Here) -> None:
    done = here("record", "-o", "run.trace", "--no-analyze", FAKE_DETAILS="1")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(mac.home / "run.tracekit.zip") as archive:
        told = {each["schema"]: each["status"] for each in json.loads(archive.read("tracekit.json"))["tables"]}
        assert {name for name in archive.namelist() if name.startswith("detail")} == {"detail-2.xml", "detail-3.xml"}
        assert b"jane.doe" not in archive.read("detail-2.xml")
    listed = {"Allocations/Statistics": "absent", "Allocations/Allocations List": "ok", "Leaks/../Leaks": "ok"}
    assert {name: status for name, status in told.items() if "/" in name} == listed
    trace = api.open_trace(mac.home / "run.tracekit.zip")
    for name in ("Allocations/Allocations List", "Leaks/../Leaks"):
        table = trace.table(name)
        assert table.to_dict("records") == [{"address": 0x6000, "size": 80, "library": "~/Library/x"}]
    exported = here("export", "run.trace", "-o", "again.zip", FAKE_DETAILS="1")
    assert re.search(r"Allocations/Allocations List +ok +1 rows", exported.stderr)
    assert (mac.home / "again.zip").read_bytes() == (mac.home / "run.tracekit.zip").read_bytes()


def test_exporting_what_was_never_finished(mac: FakeMac, here: Here) -> None:
    here("record", "-o", "run.trace", FAKE_FAILURE="unfinished-bundle")
    done = here("export", UNFINISHED, "-o", "x.zip")
    assert done.returncode == 1
    assert "the recording was never finished" in done.stderr
    assert not (mac.home / "x.zip").exists()
    assert "nothing.trace: there is no such recording" in here("export", "nothing.trace").stderr
    (mac.home / "file.trace").write_text("")
    assert "is no .trace bundle" in here("export", "file.trace").stderr


def test_an_export_that_crashes_is_tried_again(mac: FakeMac, here: Here, recorded: Path) -> None:
    done = here("export", "run.trace", "-o", "x.zip", FAKE_FAILURE="export-crashes-once")
    assert done.returncode == 0, done.stderr
    done = here("export", "run.trace", "-o", "y.zip", FAKE_FAILURE="export-crashes")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("tracekit: ")
    assert not (mac.home / "y.zip").exists()


@pytest.mark.parametrize("failure", ["instruments-fail", "instruments-leave-nothing"])
def test_where_the_instruments_fail_time_profiler_alone_is_recorded(mac: FakeMac, here: Here, failure: str) -> None:
    done = here("record", "-o", "run.trace", FAKE_FAILURE=failure)
    assert done.returncode == 0, done.stderr
    assert "! recording with Time Profiler + Neural Engine + GPU + Core ML failed: " in done.stderr
    assert "Recording again with Time Profiler alone: CPU samples, and no times" in done.stderr
    used = json.loads((mac.home / "run.trace" / "fake.json").read_text())
    assert (used["template"], used["instruments"]) == ("Time Profiler", [])
    left = {UNFINISHED} if failure == "instruments-fail" else set()
    assert files(mac) == {"run.trace", "run.tracekit.zip", "run.sidecar.json", "run.html"} | left
    asked = here("record", "-o", "b.trace", "--template", "Core ML", FAKE_FAILURE=failure)
    assert asked.returncode == 1  # what was asked for by name is not replaced by something else


def test_all_processes_and_a_notification(mac: FakeMac, here: Here) -> None:
    done = here(
        *("record", "--all-processes", "--time-limit", "100ms", "--notify-tracing-started", "com.example.on"),
        *("-o", "all.trace", "--no-analyze"),
    )
    assert done.returncode == 0, done.stderr
    used = json.loads((mac.home / "all.trace" / "fake.json").read_text())
    assert used["options_given"]["--notify-tracing-started"] == ["com.example.on"]
    assert "--launch" not in used["options_given"]
    assert "--attach" not in used["options_given"]


def test_a_run_is_appended(mac: FakeMac, here: Here, recorded: Path) -> None:
    first = (mac.home / "run.sidecar.json").read_bytes()
    done = here("record", "-o", "run.trace", "--append-run")
    assert done.returncode == 0, done.stderr
    assert files(mac) == {
        *("run.trace", "run.tracekit.zip", "run.html", "run.sidecar.json", "run.run-1.sidecar.json"),
    }
    assert (mac.home / "run.run-1.sidecar.json").read_bytes() == first
    assert len(api.open_trace(mac.home / "run.tracekit.zip").runs) == 2


def test_an_append_that_fails_leaves_the_recording_as_it_was(mac: FakeMac, here: Here, recorded: Path) -> None:
    before = {path: path.read_bytes() for path in recorded.iterdir()}
    assert here("record", "-o", "run.trace", "--append-run", FAKE_FAILURE="disk-full").returncode == 1
    assert {path: path.read_bytes() for path in recorded.iterdir()} == before


def test_a_dry_run_without_a_mac_says_what_it_assumes(tmp_path: Path) -> None:
    """As on most people's machines: no xctrace, no xcrun."""
    environment = {"PATH": "/bin", "HOME": str(tmp_path)}
    argv = [sys.executable, "-m", "tracekit", "record", "--app", "Harness", "--dry-run"]
    done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assumed = [line for line in lines if line.startswith("# assumed: ")]
    assert "# assumed: xctrace is that of Xcode 26.5" in assumed
    (recorder,) = [line for line in lines if line.startswith("xctrace record")]
    assert recorder.startswith(
        "xctrace record --template 'Time Profiler' --instrument 'Neural Engine' --instrument GPU"
    )
    assert " --launch -- " in recorder
    assert list(tmp_path.iterdir()) == []
