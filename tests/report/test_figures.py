import pytest

from tests.support.profiles import profile_from_text
from tracekit.attribution.engines import attribute
from tracekit.model.profile import Profile
from tracekit.report.figures import flame_figure
from tracekit.report.palette import LIGHT

PREDICT = "CoreML`-[MLModel predictionFromFeatures:error:]"
TEXT = f"""
    {PREDICT};Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()   700
    {PREDICT};Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()  200
    {PREDICT}  100
"""


def attributed(text: str) -> Profile:
    return attribute(profile_from_text(text))


def test_a_trace_for_every_engine_in_its_colour() -> None:
    *bars, _ = flame_figure(attributed(TEXT)).data
    assert [(trace.name, trace.marker.color) for trace in bars] == [
        ("driving ANE", LIGHT["ANE"]),
        ("CPU", LIGHT["CPU"]),
        ("several", "#e3e6ea"),
    ]
    ane, cpu, several = bars
    assert (list(ane.base), list(ane.y)) == ([0], [1])
    assert list(cpu.base) == [700]
    assert (list(several.base), list(several.y)) == ([0], [0])
    assert [*ane.x, *several.x] == pytest.approx([700 - 1000 / 900, 1000 - 1000 / 900])


def test_the_whole_is_as_wide_as_the_figure() -> None:
    assert flame_figure(attributed(TEXT)).layout.xaxis.range == (0, 1000)


def test_colour_by_phase_and_image() -> None:
    names = {by: [trace.name for trace in flame_figure(attributed(TEXT), by).data[:-1]] for by in ("phase", "image")}
    assert names == {"phase": ["execute", "dispatch", "several"], "image": ["CoreML", "Espresso"]}


def test_a_call_nearly_all_of_one_engine_has_its_colour() -> None:
    text = TEXT.replace("200", "20").replace("  100", "  20")
    assert [trace.name for trace in flame_figure(attributed(text)).data[:-1]] == ["driving ANE", "CPU"]


def test_upside_down() -> None:
    icicle, flame = (
        flame_figure(attributed(TEXT), orientation=each).layout.yaxis.range for each in ("icicle", "flame")
    )
    assert list(icicle) == [1.5, -0.5]
    assert list(flame) == [-0.5, 1.5]


def test_the_tooltip_tells_symbol_image_self_and_total() -> None:
    ane, _, several = flame_figure(attributed(TEXT)).data[:3]
    assert [*several.customdata.tolist(), *ane.customdata.tolist()] == [
        ["-[MLModel predictionFromFeatures:error:]", "CoreML", "100 ns (10.0 %)", "1.0 µs (100.0 %)"],
        ["E5RT::Ops::AneInferenceOperation::ExecuteSync()", "Espresso", "700 ns (70.0 %)", "700 ns (70.0 %)"],
    ]


def test_only_what_can_be_seen_is_drawn() -> None:
    figure = flame_figure(attributed("main;a 1200\nmain;b 2\nmain;c 1"))
    names = [row[0] for row in figure.data[0].customdata]
    assert names == ["main", "a", "b"]


def test_a_name_is_written_where_it_fits() -> None:
    long = "x" * 300
    figure = flame_figure(attributed(f"main;{long} 1100\nmain;short 100"))
    *_, names = figure.data
    assert list(names.text) == ["main", "x" * 115 + "…", "short"]


def test_what_plotly_would_read_as_html_is_escaped() -> None:
    hostile = "<img src=x onerror=alert(1)>&\u202e"
    figure = flame_figure(attributed(f"main;Evil<b>`{hostile} 9"))
    symbol, image, *_ = figure.data[0].customdata[1]
    assert symbol == "&lt;img src=x onerror=alert(1)&gt;&amp;\\u{202e}"
    assert image == "Evil&lt;b&gt;"
    assert figure.data[1].text[1] == symbol


def test_nothing_makes_an_empty_figure() -> None:
    (names,) = flame_figure(attributed("")).data
    assert len(names.x) == 0


def test_what_stands_between_dollars_is_no_formula() -> None:
    ane, *_ = flame_figure(attributed(f"{PREDICT};$s4main5ModelV$s7predict  9")).data
    assert [name for name, *_ in ane.customdata][-1] == "&#36;s4main5ModelV&#36;s7predict"
