"""``tracekit check``: exit codes, options, and the gates of a project."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree
from typer.testing import CliRunner, Result

from tracekit.cli.app import app
from tracekit.cli.settings import check_settings
from tracekit.errors import InputError, SelectionError

SAMPLES = Path(__file__).parents[2] / "sample_traces"
SPLIT = str(SAMPLES / "mlprogram-split.xcode26.5.xml")  # ANE 24.4 %, GPU 33.3 %, CPU 21.2 %, unknown 0
ON_ANE = str(SAMPLES / "legacy-nn-ane.xcode16.4.xml.gz")  # ANE 60.9 %
TIMED = str(SAMPLES / "all-ane")  # with the harness's sidecar; p95 4.7 ms
FALLBACK = str(SAMPLES / "ane-with-cpu-fallback")  # blocked threads were recorded; of CPU time ANE 42.1 %, CPU 28.8 %
GPU = str(SAMPLES / "gpu")

pytestmark = pytest.mark.usefixtures("analysed_once")


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a project above it that has gates."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["check", *arguments], catch_exceptions=False)


@pytest.mark.parametrize(
    "options,code",
    [
        ("--min-ane 0.24", 0),
        ("--min-ane 0.25", 3),
        ("--max-cpu 0.22", 0),
        ("--max-cpu 0.21", 3),
        ("--max-gpu 0.34", 0),
        ("--max-gpu 0.33", 3),
        ("--max-load 1s", 3),
        ("--require-ane *", 0),
        ("--require-ane Captioner.caption", 0),
        ("--require-ane Letters", 3),
        ("--max-cpu 0.17 --model Captioner.caption", 0),
        ("--max-cpu 0.16 --model Captioner.caption", 3),
        ("--max-cpu 1 --model Letters", 3),
        ("--max-unknown 0", 0),
        ("--require-evidence stacks", 0),
        ("--require-evidence hardware", 3),
        (f"--max-regression 0.05 --baseline {SPLIT}", 0),
        (f"--max-regression 0.05 --baseline {ON_ANE}", 3),
        ("--min-ane 0.24 --max-cpu 0.21", 3),
        ("", 2),
        ("--min-ane 80", 2),
        ("--model Letters", 2),
        ("--model Letters --require-ane Letters", 2),
        ("--max-regression 0.05", 2),
        (f"--min-ane 0.2 --baseline {SPLIT}", 2),
        ("--require-evidence hearsay", 2),
        ("--min-ane 0.2 --format xml", 2),
    ],
)
def test_exit_codes(options: str, code: int) -> None:
    assert check(SPLIT, *options.split()).exit_code == code


@pytest.mark.parametrize(
    "recording,longest,code",
    [(TIMED, "4.7ms", 0), (TIMED, "4.6ms", 3), (SPLIT, "1s", 3), (SPLIT, "1s --predictions 9", 3)],
)
def test_exit_codes_of_a_time(recording: str, longest: str, code: int) -> None:
    """Nothing tells the predictions of the last recording apart, and how many they are is not how long each is."""
    result = check(recording, "--max-p95", *longest.split())
    assert result.exit_code == code
    assert ("not measurable: how long predictions take is not known: nothing tells them apart" in result.stdout) == (
        recording == SPLIT
    )


@pytest.mark.parametrize(
    "options,fallback,on_ane,on_gpu",
    [
        ("--max-cpu 0.1", "failed", "passed", "passed"),
        ("--min-ane 0.6", "failed", "passed", "failed"),
        ("--require-ane *", "passed", "passed", "failed"),
        ("--require-ane Letters", "passed", "not measurable", "not measurable"),
        ("--max-gpu 0.1", "passed", "passed", "failed"),
        ("--max-load 4.1ms", "not measurable", "passed", "not measurable"),
        ("--max-load 4ms", "not measurable", "failed", "not measurable"),
    ],
)
def test_gates_tell_the_samples_apart(options: str, fallback: str, on_ane: str, on_gpu: str) -> None:
    for recording, result in ((FALLBACK, fallback), (TIMED, on_ane), (GPU, on_gpu)):
        document = json.loads(check(recording, *options.split(), "--format", "json").stdout)
        assert [gate["result"] for gate in document["gates"]] == [result], recording


def test_shares_are_those_of_the_verdict() -> None:
    """CPU time alone: what blocked threads waited for has no part in it."""
    analyzed = CliRunner().invoke(app, ["analyze", FALLBACK, "--json", "-"], catch_exceptions=False)
    sentence = json.loads(analyzed.stdout)["verdict"]["sentence"]
    gates = json.loads(check(FALLBACK, "--min-ane", "0.5", "--max-cpu", "0.2", "--format", "json").stdout)["gates"]
    assert [gate["sentence"].partition(",")[0] for gate in gates] == [
        "42.1 % handed work to the ANE",
        "28.8 % computed on the CPU",
    ]
    assert "42 % handed work to the ANE" in sentence
    assert "29 % computed on the CPU" in sentence


def test_every_gate_has_a_line() -> None:
    result = check(SPLIT, "--min-ane", "0.8", "--max-cpu", "0.1", "--max-unknown", "0.5")
    lines = result.stdout.splitlines()
    assert [line.split(":")[:2] for line in lines] == [
        ["min-ane", " failed"],
        ["max-cpu", " failed"],
        ["max-unknown", " passed"],
    ]
    assert not result.stderr


def test_what_cannot_be_measured_fails_and_says_so() -> None:
    result = check(str(SAMPLES / "no-prediction.xcode27.xml.gz"), "--max-cpu", "1")
    assert result.exit_code == 3
    assert result.stdout.startswith("max-cpu: not measurable: only 0 samples")


def test_input_problems_are_no_failed_gates() -> None:
    """As a program, since ``main`` makes the exit code."""
    command = [sys.executable, "-m", "tracekit", "check", "nothing.trace", "--min-ane", "0.5"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "tracekit: nothing.trace: there is no such file or folder.\n"


def test_a_saved_analysis_is_checked_like_its_recording(nowhere: Path) -> None:
    CliRunner().invoke(app, ["analyze", SPLIT, "--json", "saved.json"], catch_exceptions=False)
    assert check("saved.json", "--min-ane", "0.24").exit_code == 0
    assert check(SPLIT, "--max-regression", "0", "--baseline", "saved.json").exit_code == 0
    assert check(GPU, "--max-regression", "0.01", "--baseline", "saved.json").exit_code == 3


def test_blocked_threads_in_one_recording_alone_change_no_share() -> None:
    assert check(FALLBACK, "--max-regression", "1", "--baseline", TIMED).exit_code == 3  # p95 more than doubled
    result = check(FALLBACK, "--max-regression", "0.2", "--baseline", TIMED)
    assert "the share that handed work to the ANE fell by 23.0 points" in result.stdout
    assert check(FALLBACK, "--max-regression", "0", "--baseline", f"{FALLBACK}.trace.zip").exit_code == 0


def test_reports_go_to_a_file(nowhere: Path) -> None:
    assert check(SPLIT, "--min-ane", "0.8", "--format", "junit", "-o", "junit.xml").exit_code == 3
    assert etree.parse("junit.xml").xpath("/testsuites/testsuite/@failures") == ["1"]
    assert check(SPLIT, "--min-ane", "0.8", "--format", "json").exit_code == 3


def test_the_scope_is_that_of_analyze() -> None:
    assert check(SPLIT, "--max-cpu", "0").exit_code == 3
    assert check(SPLIT, "--max-cpu", "0", "--prune", "BNNSGraphContextExecute_v2").exit_code == 0
    document = json.loads(check(SPLIT, "--max-cpu", "0", "--format", "json", "--no-focus").stdout)
    assert document["gates"][0]["sentence"].split()[0] != "21.2"


@pytest.mark.parametrize(
    "name,text",
    [
        ("pyproject.toml", "[tool.tracekit.check]\nmin-ane = 0.8\n"),
        ("tracekit.toml", "[check]\nmin-ane = 0.8\n"),
    ],
)
def test_a_project_has_gates(name: str, text: str, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nowhere / name).write_text(text)
    deep = nowhere / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert check(SPLIT).exit_code == 3
    assert check(SPLIT, "--min-ane", "0.1").exit_code == 0


def test_the_nearest_file_counts(nowhere: Path) -> None:
    (nowhere / "pyproject.toml").write_text("[tool.tracekit.check]\nmin-ane = 0.8\n")
    inner = nowhere / "inner"
    inner.mkdir()
    assert check_settings(inner).share("min-ane") == 0.8
    (inner / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert check_settings(inner).share("min-ane") == 0.8
    (inner / "pyproject.toml").write_text("[tool.tracekit.check]\nmax-cpu = 0.1\n")
    assert check_settings(inner).values == {"max-cpu": 0.1}
    (inner / "tracekit.toml").write_text("[check]\nmax-unknown = 0\n")
    assert check_settings(inner).values == {"max-unknown": 0}


def test_all_keys_of_the_settings(nowhere: Path) -> None:
    (nowhere / "tracekit.toml").write_text(
        "[check]\nmin-ane = 0.2\nmax-cpu = 0.3\nmax-gpu = 0.1\nmax-unknown = 0.1\nmax-p95 = '1s'\nmax-load = '1s'\n"
        "max-regression = 0.05\nbaseline = 'base.json'\n"
        "require-ane = ['Flowers', '*']\nrequire-evidence = 'stacks'\n"
    )
    CliRunner().invoke(app, ["analyze", TIMED, "--json", "base.json"], catch_exceptions=False)
    result = check(TIMED, "--format", "json")
    assert len(json.loads(result.stdout)["gates"]) == 10
    assert result.exit_code == 0


def test_a_project_names_the_model_that_its_gates_are_of(nowhere: Path) -> None:
    (nowhere / "tracekit.toml").write_text("[check]\nmodel = 'Captioner.*'\nmax-cpu = 0.17\n")
    assert check(SPLIT).exit_code == 0
    assert check(SPLIT, "--model", "*").exit_code == 3


@pytest.mark.parametrize(
    "text,words",
    [
        ("[check]\nmin_ane = 0.8\n", "does not know 'min_ane'"),
        ("[check]\nmin-ane = 80\n", "not a number from 0 to 1"),
        ("[check]\nmin-ane = true\n", "not a number from 0 to 1"),
        ("[check]\nmin-ane = '0.8'\n", "not a number from 0 to 1"),
        ("[check]\nmax-p95 = 12\n", "not a string"),
        ("[check]\nmodel = 3\n", "neither a string nor a list of them"),
        ("[check]\nrequire-ane = ['A', 3]\n", "neither a string nor a list of them"),
        ("[check]\nrequire-evidence = 'none'\n", "It can be hardware"),
        ("check = 3\n", "no table"),
        ("[check\n", "is no TOML"),
    ],
)
def test_wrong_settings_are_refused(text: str, words: str, nowhere: Path) -> None:
    (nowhere / "tracekit.toml").write_text(text)
    with pytest.raises(InputError, match=words):
        check(SPLIT)


def test_a_time_needs_to_be_one() -> None:
    with pytest.raises(SelectionError, match="'soon' is not a time"):
        check(SPLIT, "--max-p95", "soon")


LANGUAGE = str(SAMPLES / "everyday" / "language-model.zip")


def test_a_language_model_s_rate_is_a_gate(nowhere: Path) -> None:
    passed = check(LANGUAGE, "--min-decode-rate", "300")
    assert passed.exit_code == 0
    failed = check(LANGUAGE, "--min-decode-rate", "400")
    assert failed.exit_code == 3
    assert "min-decode-rate: failed: 372.49 tokens a second by coreai-models (48 tokens), at least 400" in failed.stdout
    none = check(TIMED, "--min-decode-rate", "1")
    assert (none.exit_code, "nothing tells of tokens" in none.stdout) == (3, True)
    (nowhere / "tracekit.toml").write_text("[check]\nmin-decode-rate = 300\n")
    assert check(LANGUAGE).exit_code == 0
    assert check(LANGUAGE, "--model", "Story").exit_code == 2
    (nowhere / "tracekit.toml").write_text("[check]\nmin-decode-rate = -1\n")
    with pytest.raises(InputError, match="not a number of at least 0"):
        check(LANGUAGE)
