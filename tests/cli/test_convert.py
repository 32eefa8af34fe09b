"""``tracekit convert``: which format a file gets, and what is said beside it. What is in it: tests/report/viewers."""

import gzip
import io
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from tests.cli.conftest import Tracekit
from tests.cli.inputs import SAMPLE
from tests.report.viewers.test_pprof import File
from tracekit.report.viewers.converters import COUNTING, ENDINGS, ViewerFormat

PREDICT = "-[MLModel predictionFromFeatures:error:]"
FORMATS = get_args(ViewerFormat)
LEFT_OUT = "9 of 949 samples have no stack and were left out\n"

pytestmark = pytest.mark.usefixtures("analysed_once")


@pytest.mark.parametrize("ending, kind", ENDINGS.items())
def test_the_ending_tells_the_format(tracekit: Tracekit, tmp_path: Path, ending: str, kind: str) -> None:
    guessed, named = tmp_path / f"My.Run{ending.upper()}", tmp_path / "named.x"
    assert tracekit("convert", SAMPLE, "-o", guessed).code == 0
    assert tracekit("convert", SAMPLE, "-o", named, "--format", kind).code == 0
    assert guessed.read_bytes() == named.read_bytes()
    assert len(guessed.read_bytes()) > 1000


@pytest.mark.parametrize("name", ["x.speedscope.json", "x.firefox.json", "x.trace.json", "x.folded", "x.csv", "x.pb"])
def test_gz_compresses(tracekit: Tracekit, tmp_path: Path, name: str) -> None:
    plain, compressed = tmp_path / name, tmp_path / f"{name}.gz"
    for path in (plain, compressed):
        assert tracekit("convert", SAMPLE, "-o", path).code == 0
    if name == "x.pb":  # always is
        assert compressed.read_bytes() == plain.read_bytes()
    else:
        assert gzip.decompress(compressed.read_bytes()) == plain.read_bytes()
        assert len(compressed.read_bytes()) < len(plain.read_bytes()) / 2


@pytest.mark.parametrize(
    "name, sentence",
    [
        (
            "x.json",
            "several formats are JSON. Name it .speedscope.json, .firefox.json or .trace.json, or add --format.",
        ),
        (
            "x.JSON.gz",
            "several formats are JSON. Name it .speedscope.json, .firefox.json or .trace.json, or add --format.",
        ),
        (
            "x.html",
            "the format is not known by its ending. Use .speedscope.json, .firefox.json, .trace.json, .chrome.json, "
            ".pprof, .pb, .folded, .txt, .csv, .parquet, or add --format.",
        ),
        ("x.Parquet.gz", "Parquet compresses itself. Leave out .gz."),
    ],
)
def test_an_ending_that_says_too_little_is_an_error_before_the_work(
    tracekit: Tracekit, tmp_path: Path, name: str, sentence: str
) -> None:
    path = tmp_path / name
    done = tracekit("convert", tmp_path / "missing.xml", "-o", path)
    assert done == (1, "", f"tracekit: {path}: {sentence}\n")


def test_what_was_not_selected_is_said(tracekit: Tracekit, tmp_path: Path) -> None:
    done = tracekit("convert", SAMPLE, "-o", tmp_path / "x.csv", "--prune", PREDICT)
    rows = len(pd.read_csv(tmp_path / "x.csv"))
    assert 0 < rows < 949
    assert done.err.startswith(f"{949 - rows} of 949 samples are not selected and were left out\n")


def test_folded_text_holds_nothing_that_a_terminal_obeys(tracekit: Tracekit, tmp_path: Path) -> None:
    source = tmp_path / "hostile.folded"
    source.write_text("main;Im\x1b[2Jage`evil\u202egpj\x1b[31m 3\n", encoding="utf-8")
    done = tracekit("convert", source, "--images")
    assert done.out == "main;Im\\u{1b}[2Jage`evil\\u{202e}gpj\\u{1b}[31m 3\n"


def test_engine_roots_are_for_speedscope(tracekit: Tracekit) -> None:
    done = tracekit("convert", SAMPLE, "--format", "csv", "--no-engine-roots")
    assert (done.code, done.out) == (2, "")
    assert "--no-engine-roots is for speedscope" in done.err


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_left_out_is_said(tracekit: Tracekit, tmp_path: Path, kind: str) -> None:
    whole = tracekit("convert", SAMPLE, "--format", kind, "-o", tmp_path / "whole")
    assert (whole.code, whole.out) == (0, "")
    assert whole.err == ("" if kind in ("csv", "parquet") else LEFT_OUT)
    focused = tracekit("convert", SAMPLE, "--format", kind, "-o", tmp_path / "focused", "--focus", PREDICT)
    assert focused.err.startswith(LEFT_OUT)
    assert focused.err.endswith(" of 949 samples are outside the focus and were left out\n")
    assert (tmp_path / "focused").stat().st_size < (tmp_path / "whole").stat().st_size


def test_engines_are_decided_before_the_focus(tracekit: Tracekit, tmp_path: Path) -> None:
    """Below the focus no frame is left that names the engine's operation."""
    operation = "E5RT::Ops::AneInferenceOperation::ExecuteSync()"
    path = tmp_path / "x.csv"
    assert tracekit("convert", SAMPLE, "-o", path, "--charge-to-caller", operation).code == 0
    table = pd.read_csv(path)
    assert not table["stack"].str.contains(operation, regex=False, na=False).any()
    assert (table["engine"] == "ANE").sum() > 100


def test_own_rules_decide_engines_too(tracekit: Tracekit, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[[rule]]\nid = "mine"\nrole = "engine"\nengine = "GPU"\nphase = "execute"\n'
        "symbol = '^ANE::ANERequestReceiver::FrameDone$'\n"
    )
    path = tmp_path / "x.csv"
    assert tracekit("convert", SAMPLE, "-o", path, "--rules", rules).code == 0
    table = pd.read_csv(path)
    assert set(table["engine"][table["rule"] == "mine"]) == {"GPU"}


@pytest.mark.parametrize("kind", sorted(set(FORMATS) - COUNTING))
def test_counts_are_refused_where_a_file_holds_both(tracekit: Tracekit, kind: str) -> None:
    done = tracekit("convert", SAMPLE, "--format", kind, "--weight", "samples")
    assert (done.code, done.out) == (2, "")
    assert "--weight is for" in done.err


def test_images_are_for_folded_text(tracekit: Tracekit) -> None:
    done = tracekit("convert", SAMPLE, "--format", "speedscope", "--images")
    assert (done.code, done.out) == (2, "")
    assert "--images is for folded" in done.err


def test_binary_formats_go_to_stdout_too() -> None:
    def stdout(kind: str) -> bytes:
        command = [sys.executable, "-m", "tracekit", "convert", str(SAMPLE), "--format", kind]
        return subprocess.run(command, capture_output=True, timeout=60, check=True).stdout

    assert sum(sample.values[0] for sample in File(stdout("pprof")).samples) == 940
    assert len(pd.read_parquet(io.BytesIO(stdout("parquet")))) == 949


def test_parquet_without_pyarrow_says_what_to_install(
    tracekit: Tracekit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("Unable to find a usable engine")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", missing)
    done = tracekit("convert", SAMPLE, "-o", tmp_path / "x.parquet")
    assert done == (1, "", "tracekit: Parquet needs pyarrow. pip install 'tracekit-ane[parquet]'.\n")
    assert not [*tmp_path.iterdir()]


def test_text_without_times_has_no_trace(tracekit: Tracekit, tmp_path: Path) -> None:
    folded = b"main;work 3\nmain;idle 2\n"
    done = tracekit("convert", "-", "-o", tmp_path / "x.trace.json", stdin=folded)
    assert (done.code, done.out) == (1, "")
    assert done.err.endswith(
        "its samples have no times, which a trace viewer needs. Use --format speedscope, firefox or pprof.\n"
    )
    done = tracekit("convert", "-", "-o", tmp_path / "x.firefox.json", stdin=folded)
    assert done == (0, "", "the samples have no times: the file has them a millisecond apart, in their order\n")


@pytest.mark.parametrize("kind", FORMATS)
def test_paths_can_be_taken_out(tracekit: Tracekit, tmp_path: Path, kind: str) -> None:
    texts = []
    for name, more in (("plain", []), ("redacted", ["--redact-paths"])):
        path = tmp_path / name
        sample = SAMPLE.with_name("all-ane.trace.zip")
        assert tracekit("convert", sample, "--format", kind, "-o", path, *more).code == 0
        data = path.read_bytes()
        texts.append("\n".join(File(data).strings).encode() if kind == "pprof" else data)
    plain, redacted = texts
    if kind != "folded":
        assert b"/System/Library" in plain or kind == "chrome"
    assert b"/System/Library" not in redacted
    assert b"CoreML" in redacted


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_input_gives_the_same_bytes(tracekit: Tracekit, tmp_path: Path, kind: str) -> None:
    for name in ("a", "b"):
        assert tracekit("convert", SAMPLE, "--format", kind, "-o", tmp_path / name).code == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
