import json

import pytest

from tests.report.html.pages import NO_PREDICTION, analysed, timed
from tracekit.report.html.timeline import COLOURS, lanes
from tracekit.report.time_figures import _SPANS, predictions_figure, timeline_figure


def test_the_parts_of_a_prediction_add_up_to_its_time() -> None:
    analysis = timed()
    figure = predictions_figure(analysis)
    walls = (analysis.measured.iterations.table["wall_ns"] / 1e6).tolist()
    assert [sum(heights) for heights in zip(*(bar.y for bar in figure.data), strict=True)] == pytest.approx(walls)
    assert figure.data[0].name == "on the CPU: driving ANE"


def test_warm_up_is_pale_and_the_percentiles_are_lines() -> None:
    analysis = timed()
    iterations = analysis.measured.iterations
    figure = predictions_figure(analysis)
    opacity = figure.data[0].marker.opacity
    assert [value < 1 for value in opacity] == iterations.table["warmup"].tolist()
    assert iterations.steady is not None
    assert [line.y0 for line in figure.layout.shapes] == [
        iterations.steady.p50_ns / 1e6,
        iterations.steady.p95_ns / 1e6,
    ]


def test_the_timeline_has_the_spans_of_the_report() -> None:
    analysis = timed()
    assert len(_SPANS) == len(COLOURS)
    figure = timeline_figure(analysis)
    names = figure.layout.yaxis.ticktext
    drawn = {
        (names[lane], _SPANS[code][0], round(start * 1e6), round(length * 1e6))
        for code in range(len(COLOURS))
        for bar in figure.data
        if bar.name == _SPANS[code][0]
        for lane, start, length in zip(bar.y, bar.base, bar.x, strict=True)
    }
    told = {
        (lane.name, _SPANS[colour][0], start, length)
        for lane in lanes(analysis)
        for start, length, colour in lane.spans[["start_ns", "duration_ns", "colour"]].to_numpy().tolist()
    }
    assert drawn == told
    assert len(drawn) > 20


def test_without_predictions_or_times_a_figure_says_so() -> None:
    analysis = analysed(NO_PREDICTION)
    assert predictions_figure(analysis).layout.title.text == "No prediction was found"
    assert timeline_figure(analysis).layout.title.text == "The recording has no times"


@pytest.mark.parametrize("draw", [predictions_figure, timeline_figure])
def test_a_figure_is_the_same_every_time_and_can_be_stored(draw) -> None:
    first, second = (draw(timed()).to_json() for _ in range(2))
    assert first == second
    assert json.loads(first)["data"]
