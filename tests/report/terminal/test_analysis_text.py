"""An analysis in the terminal: the verdict first, everything as wide as the place, bars below each other."""

import re
from contextlib import chdir
from dataclasses import replace

import pandas as pd
import pytest
from rich.cells import cell_len
from rich.text import Text

from tests.cli.inputs import SAMPLES
from tests.report.html.pages import ANE, timed
from tests.support.bless import Golden
from tests.support.profiles import profile_from_text
from tests.support.samples import analysis_of
from tracekit import api
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.analysis.predictions.steady import Steady
from tracekit.report.sentences import predictions_lines, predictions_text
from tracekit.report.terminal.analysis_text import analysis_view, answer_view
from tracekit.report.terminal.drawing import bar, to_plain


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    with chdir(SAMPLES):
        return api.analyze("ane-with-cpu-fallback")


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_recording_looks_like_this(analysis: Analysis, width: int, golden: Golden) -> None:
    text = to_plain(analysis_view(analysis, width), width)
    assert text.startswith("Partly: ")
    assert max(cell_len(line) for line in text.splitlines() if "tracekit " not in line) <= width  # it is to be pasted
    golden(f"terminal/analyze-{width}.txt", text)


def test_a_recording_in_a_pipe_looks_like_this(analysis: Analysis, golden: Golden) -> None:
    golden("terminal/analyze-pipe.txt", to_plain(analysis_view(analysis), 10_000))


def test_every_width_has_the_same_words(analysis: Analysis) -> None:
    """But bars, and the column of samples where there is no room for it."""

    def words(width: int) -> list[str]:
        text, _, _ = to_plain(analysis_view(analysis, width), width).partition("one after warm-up")
        return text.split()

    assert words(50) == words(60) == words(120) == words(200)


@pytest.mark.no_cover
def test_no_line_ends_between_a_number_and_its_unit(analysis: Analysis) -> None:
    for width in range(30, 121):
        lines = to_plain(analysis_view(analysis, width), width).splitlines()
        assert not any(line.lstrip().startswith(("% ", "ms ", "ms,")) for line in lines)


def test_bars_stand_below_each_other(analysis: Analysis) -> None:
    lines = to_plain(analysis_view(analysis, 100), 100).splitlines()
    columns = {min(line.index(sign) for sign in "█▏▎" if sign in line) for line in lines if set(line) & set("█▏▎")}
    assert len(columns) == 1


@pytest.mark.parametrize(
    "share, drawn",
    [(0, ""), (0.0001, "▏"), (1 / 16, "▎"), (0.25, "█"), (0.5, "██"), (0.99, "████"), (1, "████")],
)
def test_a_bar_is_drawn_in_eighths(share: float, drawn: str) -> None:
    assert bar(share, 4) == drawn


def test_lists_are_cut_and_say_so() -> None:
    unknown = "\n".join(
        f"-[MLModel predictionFromFeatures:error:];Espresso`Espresso::odd{n}(int) {n}" for n in range(1, 13)
    )
    analysis = analyze_profile(profile_from_text(unknown))
    plain = to_plain(analysis_view(analysis, top=5))
    assert "odd12(int)\n" in plain
    assert "odd8(int)\n" in plain
    assert "odd7(int)" not in plain
    assert plain.count("and 7 more (--top)") == 1
    assert "more (--top)" not in to_plain(analysis_view(analysis, top=12))


def test_the_answer_alone_is_its_first_sentence(analysis: Analysis) -> None:
    answer = answer_view(analysis)
    assert isinstance(answer, Text)
    assert answer.plain == (
        "Partly: 110 of 110 predictions used the Neural Engine (hardware intervals), and other engines too."
    )


def test_samples_alone_print_a_bound_and_no_time_of_one_prediction() -> None:
    split = analysis_of("mlprogram-split.xcode26.5.xml")
    lines = to_plain(analysis_view(split, 100), 100).splitlines()
    at_least = split.measured.iterations.at_least
    assert any(line.startswith(f"At least {at_least:,} predictions: nothing tells them apart") for line in lines)
    assert not any("p50" in line or "p95" in line or "one prediction" in line for line in lines)


def test_the_user_s_word_gives_means_and_says_whose_word_it_is() -> None:
    said = api.analyze(SAMPLES / "mlprogram-split.xcode26.5.xml", scope=Scope(predictions=100))
    mean = said.accounting.weight.attributed / 100 / 1e6
    lines = to_plain(analysis_view(said, 100), 100).splitlines()
    assert f"100 predictions, as you said: {mean:.1f} ms of CPU time in each, on average" in lines


@pytest.mark.parametrize("said, is_mean", [(9, True), (40, True), (41, False), (10**9, False)])
def test_a_mean_is_not_shorter_than_a_sample(said: int, is_mean: bool) -> None:
    """40 samples of 1 ms: in a thousand million predictions they would say of each that it took nothing."""
    profile = profile_from_text("\n".join([f"{ANE} 1000000"] * 40))
    (line,) = predictions_lines(analyze_profile(profile, Scope(predictions=said)))
    assert line.startswith(f"{said:,} predictions, as you said")
    assert ("in each, on average" in line) == is_mean
    assert ("the samples prove at least 1. Together they hold 40.0 ms of CPU time: less" in line) == (not is_mean)


def test_what_nothing_ties_to_the_process_is_of_no_known_one() -> None:
    shown = to_plain(analysis_view(analysis_of("all-ane"), 200), 200)
    assert "16.0 ms for no known process" in shown


def test_a_rule_outside_the_focus_is_told_apart_by_its_engine() -> None:
    found = analyze_profile(profile_from_text("start;main;draw 5"))
    rows = [("prepare-it", "GPU", "prepare", 13), ("prepare-it", "none", "prepare", 5)]
    outside = pd.DataFrame(
        [(*row, row[-1], 0.0, "") for row in rows],
        columns=["rule", "engine", "phase", "samples", "weight", "share", "example"],
    )
    lines = to_plain(analysis_view(replace(found, outside=outside), 100), 100).splitlines()
    assert [line.split(maxsplit=3)[-1] for line in lines if line.endswith("prepare-it")] == [
        "prepare (GPU): prepare-it",
        "prepare: prepare-it",
    ]


@pytest.mark.parametrize(
    "count,told",
    [(1, "p50"), (19, "p50"), (20, "p50 p95"), (99, "p50 p95"), (100, "p50 p95 p99")],
)
def test_no_percentile_is_told_that_is_the_longest_of_so_few(count: int, told: str) -> None:
    text = predictions_text(Steady(count, 0, 1_000_000, 2_000_000, 3_000_000, 0, 0, None, ()))
    assert re.findall(r"p\d\d", text) == told.split()


def test_requests_and_hardware_tell_one_number(analysis: Analysis) -> None:
    """Rows of the Neural Engine nest: each request is counted once, and its line says how many rows that are."""
    text = to_plain(analysis_view(analysis))
    counts = re.findall(r"^ANE  .*: (\d+) requests?, busy", text, re.MULTILINE)
    (said,) = re.findall(r"^ANE  (\d+) requests in 444 rows: busy", text, re.MULTILINE)
    assert int(said) == sum(map(int, counts)) == 224
    assert analysis.measured.hardware is not None
    assert analysis.measured.hardware.ane is not None
    assert analysis.measured.hardware.ane.intervals == 444


def test_rows_that_hold_no_other_are_requests() -> None:
    assert "\nANE  6 requests: busy" in to_plain(analysis_view(timed()))
