from typing import Any

import pandas as pd
import pytest

from tests.report.html.pages import MILLISECOND, MIXED, NO_PREDICTION, analysed, signposts, timed, timed_profile
from tests.report.plain import unpacked
from tests.support.profiles import profile_without_threads
from tracekit.analysis.analyze import Analysis, analyze_profile
from tracekit.analysis.predictions.measure import Beside
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta
from tracekit.report.html import timeline
from tracekit.report.html.timeline import COLOURS, lanes, pack_timeline

MS = MILLISECOND


def told(analysis: Analysis) -> dict[str, list[tuple[float, float, str]]]:
    """The spans of every lane: start and length in ms, colour."""
    return {
        lane.name: [
            (start / MS, length / MS, COLOURS[colour])
            for start, length, colour in lane.spans[["start_ns", "duration_ns", "colour"]].to_numpy().tolist()
        ]
        for lane in lanes(analysis)
    }


def test_lanes_stand_in_order() -> None:
    assert [*told(timed())] == ["Predictions", "ANE busy", "Main Thread · 1", "Other · 2"]


def test_without_hardware_there_is_no_lane_for_it() -> None:
    assert [*told(timed(hardware=False))] == ["Predictions", "Main Thread · 1", "Other · 2"]


def marks(*spans: tuple[str, int, int], subsystem: str = "com.apple.coreai-models.performance") -> pd.DataFrame:
    """Signposts of a language model: name, begin and end in ms."""
    rows = [(begin * MS, (end - begin) * MS, name, subsystem, 7) for name, begin, end in spans]
    return pd.DataFrame(rows, columns=["start", "duration", "name", "subsystem", "process.pid"])


def test_phases_of_a_language_model_stand_below_predictions() -> None:
    spans = (("Extend", 20, 22), ("Prompt", 10, 20), ("Decode", 21, 22), ("Extend", 22, 25))
    tables = {"os-signpost-interval": pd.concat([signposts(), marks(*spans)], ignore_index=True)}
    spans_of = told(analyze_profile(timed_profile(), beside=Beside(tables)))
    assert [*spans_of][:3] == ["Predictions", "Language model", "Main Thread · 1"]
    # Each token is a span of its own; text made of tokens is no phase of the model.
    assert spans_of["Language model"] == [(10, 10, "prefill"), (20, 2, "decode"), (22, 3, "decode")]


def test_each_source_that_tells_of_a_language_model_has_a_lane() -> None:
    mlx = marks(("prefill", 10, 19), subsystem="ai.mlx.bench")
    tables = {"os-signpost-interval": pd.concat([signposts(), marks(("Prompt", 10, 20)), mlx], ignore_index=True)}
    spans_of = told(analyze_profile(timed_profile(), beside=Beside(tables)))
    assert spans_of["coreai-models"] == [(10, 10, "prefill")]
    assert spans_of["mlx-swift-lm"] == [(10, 9, "prefill")]


def test_without_times_there_is_no_timeline() -> None:
    assert pack_timeline(analysed(MIXED)) == ""
    assert pack_timeline(analysed(NO_PREDICTION)) == ""


def test_the_spans_of_each_lane() -> None:
    spans = told(timed())
    assert spans["Predictions"][1] == (16, 4, "prediction")
    assert spans["ANE busy"][1] == (16, 2.5, "ANE")
    # Two samples of the ANE that follow one another are one; a gap of a millisecond is one to the next prediction.
    assert spans["Main Thread · 1"][:4] == [(10, 2, "ANE"), (12, 1, "none"), (13, 1, "CPU"), (14, 1, "outside")]
    assert spans["Other · 2"] == [(13 + 6 * number, 1, "CPU") for number in range(6)]


def test_the_pack_holds_the_same_spans() -> None:
    analysis = timed()
    read = unpacked(pack_timeline(analysis))
    found: dict[str, list[tuple[float, float, str]]] = {}
    start, last = 0, -1
    columns: Any = read.columns
    for lane, step, length, colour in zip(
        columns["lane"], columns["step"], columns["length"], columns["colour"], strict=True
    ):
        start = start + step if lane == last else step
        last = lane
        spans = found.setdefault(read.header["lanes"][lane]["name"], [])
        spans.append((start / 1000, length / 1000, read.header["colours"][colour]))
    assert found == told(analysis)
    assert columns["prediction_start"] == [10_000 + 6000 * number for number in range(6)]
    assert columns["prediction_end"] == [14_000 + 6000 * number for number in range(6)]


def test_a_lane_has_no_more_spans_than_can_be_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST_SPANS", 5)
    spans = told(timed())["Main Thread · 1"]
    assert 3 <= len(spans) <= 6
    assert {colour for _, _, colour in spans} == {"ANE"}  # the longest of those that begin together


def test_where_nothing_is_in_focus_every_sample_has_its_colour() -> None:
    builder = ProfileBuilder()
    leaves = ("-[_ANEClient evaluateWithModel:options:request:qos:error:]", "Espresso::topk_kernel_cpu::__launch(int)")
    for number, leaf in enumerate(leaves):
        stack = builder.stack([builder.frame(leaf), builder.frame("main")])
        builder.sample(time_ns=number * 1_000_000, thread_id=builder.thread(1, "main", 7, "app"), stack=stack, weight=5)
    analysis = analyze_profile(builder.build(Meta("ns")))
    assert not analysis.in_focus.any()
    colours = {colour for spans in told(analysis).values() for _, _, colour in spans}
    assert "outside" not in colours
    assert {"ANE", "CPU"} <= colours


def test_samples_of_no_known_thread_have_a_lane_of_their_own() -> None:
    spans = told(analyze_profile(profile_without_threads(named=2)))
    assert spans["thread not known"] == [(0, 5, "none")]
    assert spans["worker · 5"] == [(5, 2, "none")]
