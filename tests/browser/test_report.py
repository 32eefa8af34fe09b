"""The report in a real browser. A test fails whose page warns, throws or asks for anything."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reports import ROW, SAMPLES, Open, boxes, chart_box, hover, labels, open_text, place_of, plain
from tests.report.html.pages import MIXED, NO_PREDICTION, PROVENANCE, analysed, report_of
from tests.report.html.test_report import HOSTILE, hostile_profile
from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import analyze_profile
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES
from tracekit.readers import open_trace
from tracekit.report.html.report import render
from tracekit.report.layout import flame_layout
from tracekit.report.numbers import points_text, share_text, weight_text

pytestmark = pytest.mark.browser

ANE_CALL = "E5RT::Ops::AneInferenceOperation::ExecuteSync()"
CPU_CALL = "E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()"


@pytest.fixture
def opened(page: Page) -> Open:
    """Opens the text of a report, and waits until it is drawn."""
    return lambda text: open_text(page, text)


@pytest.fixture(scope="module")
def mixed_page(shared_page: Page) -> tuple[Page, Profile]:
    analysis = analysed(MIXED)
    return open_text(shared_page, render(analysis, PROVENANCE)), analysis.focused


@pytest.fixture
def mixed(mixed_page: tuple[Page, Profile]) -> tuple[Page, Profile]:
    plain(mixed_page[0])
    return mixed_page


def test_every_call_that_can_be_seen_is_drawn(mixed: tuple[Page, Profile]) -> None:
    page, profile = mixed
    width = page.evaluate("document.querySelector('.flame-chart').clientWidth")
    layout = flame_layout(profile)
    seen = layout["total"] >= profile.weight / width
    assert len(boxes(page)) == int(seen.sum()) + 1  # and the focus itself
    texts = labels(page)
    assert texts[:2] == ["focus", "-[MLModel predictionFromFeatures:error:]"]
    assert ANE_CALL in texts


def test_the_script_lays_out_the_tree_as_python_does(shared_page: Page, mixed: tuple[Page, Profile]) -> None:
    for name in ("legacy-nn-ane.xcode16.4.xml.gz", "mlprogram-split.xcode27.xml.gz", "cpu-only.xcode16.4.xml.gz"):
        focused = analyze_profile(open_trace(SAMPLES / name).profile()).focused
        tree = laid_out(shared_page, focused)
        layout = flame_layout(focused)
        for column, key in (("x0", "x0"), ("total", "span"), ("self", "self")):
            assert [value * tree["scale"] for value in tree[key][1:]] == layout[column].tolist()
        assert tree["count"][1:] == layout["count"].tolist()
        assert tree["row"][1:] == (layout["depth"] + 1).tolist()
        assert tree["parent"][1:] == (layout["parent"] + 1).tolist()
        assert [ENGINES[code] for code in tree["engine"][1:]] == [ENGINES[code] for code in layout["engine"]]


def laid_out(page: Page, profile: Profile) -> dict[str, Any]:
    from tracekit.report.html.payload import pack

    tree: dict[str, Any] = page.evaluate(
        """async (packed) => {
            const profile = readProfile(await unpack(packed));
            const tree = growTree(profile, PLAIN);
            const nodes = [...Array(tree.size).keys()];
            return {
                scale: profile.scale,
                ...Object.fromEntries(["row", "parent", "x0", "span", "self"].map((key) => [key, [...tree[key]]])),
                count: [...tree.amounts.count],
                engine: nodes.map((node) => dominant(tree.amounts.engines, node).best),
            };
        }""",
        pack(profile),
    )
    return tree


def test_the_script_writes_numbers_as_python_does(mixed: tuple[Page, Profile]) -> None:
    page, _ = mixed
    weights = [0, 1, 999, 1000, 1250, 1350, 1_150_000, 1_250_000, 1_750_000, 999_950_000, 1_062_500_000, 61_234_567_890]
    for unit in ("ns", "cycles", "events", "samples"):
        written = page.evaluate("([weights, unit]) => weights.map((w) => weightText(w, unit))", [weights, unit])
        assert written == [weight_text(weight, unit) for weight in weights]
    changes = [0, 0.0004, -0.0004, 0.0005, 0.00125, -0.00375, 0.123456, -0.5, 1]
    assert page.evaluate("(changes) => changes.map(pointsText)", changes) == [points_text(each) for each in changes]
    shares = [0, 0.0001, 0.00049, 0.0005, 0.00125, 0.00375, 0.0115, 0.123456, 0.5, 1]
    assert page.evaluate("(shares) => shares.map(shareText)", shares) == [share_text(share) for share in shares]


def test_the_tooltip_tells_a_call_in_full(mixed: tuple[Page, Profile]) -> None:
    page, profile = mixed
    assert hover(page, place_of(page, profile, ANE_CALL)) == [
        *(ANE_CALL, "Espresso"),
        *("Total", "47.0 ms", "Self", "7.0 ms", "Samples", "2", "Share of focus", share_text(47e6 / profile.weight)),
        *("driving ANE", "47.0 ms"),
    ]
    page.mouse.move(5, 5)
    expect(page.locator("#flame .tooltip")).to_be_hidden()


def test_a_click_zooms_and_reset_restores(mixed: tuple[Page, Profile]) -> None:
    page, profile = mixed
    before, at_first = boxes(page), labels(page)
    reset = page.get_by_role("button", name="Reset zoom")
    expect(reset).to_be_disabled()
    page.mouse.click(*place_of(page, profile, CPU_CALL))
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(CPU_CALL)
    whole = profile.weight
    expect(page.locator(".zoom-amount")).to_have_text(f"11.0 ms · {share_text(11e6 / whole)} of focus")
    assert ANE_CALL not in labels(page)
    assert labels(page)[:3] == ["focus", "-[MLModel predictionFromFeatures:error:]", CPU_CALL]
    inner = hover(page, place_of(page, profile, "BNNSGraphContextExecute_v2", zoom=CPU_CALL))
    assert inner[inner.index("Share of focus") + 1] == share_text(9e6 / whole)
    assert inner[inner.index("Share of zoom") + 1] == share_text(9 / 11)
    reset.click()
    expect(page.locator(".zoom-amount")).to_have_text(weight_text(whole, "ns"))
    assert (boxes(page), labels(page)) == (before, at_first)


def test_a_click_on_a_call_above_zooms_out_to_it(mixed: tuple[Page, Profile]) -> None:
    page, profile = mixed
    page.mouse.click(*place_of(page, profile, CPU_CALL))
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(CPU_CALL)
    box = chart_box(page)
    page.mouse.click(box["x"] + box["width"] - 30, box["y"] + 0.5 * ROW)
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text("focus")


def test_a_call_of_several_engines_has_the_colour_of_none_of_them(mixed: tuple[Page, Profile]) -> None:
    page, _ = mixed
    colour = {box["name"]: box["colour"] for box in boxes(page)}
    read = "(name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()"
    assert colour["-[MLModel predictionFromFeatures:error:]"] == page.evaluate(read, "--several")
    assert colour[ANE_CALL] == page.evaluate(read, "--engine-ANE")
    strips = page.evaluate("tracekit.viewer.paint.of(tracekit.viewer.tree, 1).parts.map(([, share]) => share)")
    assert strips == pytest.approx([47e6 / 58623456, 11e6 / 58623456, 0.5e6 / 58623456, 123456 / 58623456])


def test_hostile_names_are_shown_as_text(opened: Open) -> None:
    profile = hostile_profile(HOSTILE)
    page = opened(report_of(profile))
    page.on("dialog", lambda dialog: pytest.fail(f"a script of the trace ran: {dialog.message}"))
    focused = analyze_profile(profile).focused
    assert {*HOSTILE[:3], "\\u{202e}gpj.exe", "a\\u{1b}[31mb"} <= set(labels(page))
    assert hover(page, place_of(page, focused, HOSTILE[0]))[:2] == [HOSTILE[0], "Espresso"]
    assert hover(page, place_of(page, focused, f"{HOSTILE[1]}1"))[:2] == [f"{HOSTILE[1]}1", HOSTILE[1]]
    page.mouse.click(*place_of(page, focused, HOSTILE[2]))
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(HOSTILE[2])
    page.locator(".colour").select_option("image")
    page.locator("[data-view=sandwich]").click()
    assert page.locator("img, b").count() == 0
    assert {*HOSTILE[:3]} <= set(page.locator("table.symbols tbody button").all_text_contents())


def test_what_stands_between_dollars_is_no_formula(opened: Open) -> None:
    # Plotly would look for MathJax, and say on the console (as a trace) that it is missing.
    name = "$s4main5ModelV$s7predict"
    page = opened(report_of(profile_from_text(f"CoreML`-[MLModel predictionFromFeatures:error:];{name} 9")))
    assert name in labels(page)


def test_symbols_sort_by_the_column_that_is_pressed(mixed: tuple[Page, Profile]) -> None:
    page, _ = mixed
    rows = page.locator("table.symbols tbody tr")

    def numbers(column: int) -> list[float]:
        return [float(str(cell.get_attribute("data-value"))) for cell in rows.locator(f"td:nth-child({column})").all()]

    assert numbers(2) == sorted(numbers(2), reverse=True)
    page.get_by_role("button", name="Total", exact=True).click()
    assert numbers(4) == sorted(numbers(4), reverse=True)
    expect(page.locator("table.symbols th[aria-sort]")).to_have_text("Total")
    page.get_by_role("button", name="Total", exact=True).click()
    assert numbers(4) == sorted(numbers(4))
    page.get_by_role("button", name="Symbol", exact=True).click()
    assert rows.first.inner_text().startswith("-[_ANEClient")


def test_symbols_are_those_that_python_lists(mixed: tuple[Page, Profile]) -> None:
    from tracekit.analysis.call_tree import by_symbol

    page, profile = mixed
    page.get_by_placeholder("Filter symbols").fill("")
    rows = page.locator("table.symbols tbody tr")
    found = {
        row.locator("button").inner_text(): [
            float(str(cell.get_attribute("data-value"))) for cell in row.locator(".number.wide").all()
        ]
        for row in rows.all()
    }
    assert found == {row.symbol: [row.self, row.total] for row in by_symbol(profile).itertuples()}
    page.get_by_placeholder("Filter symbols").fill("espresso`e5rt")
    assert sorted(page.locator("table.symbols tbody button").all_text_contents()) == [ANE_CALL, CPU_CALL]
    expect(page.locator("section > .note > .listed")).to_have_text("2 of 7 functions")
    page.get_by_placeholder("Filter symbols").fill("")


def test_the_flame_graph_follows_the_width_of_the_window(mixed: tuple[Page, Profile]) -> None:
    page, _ = mixed
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_function(
        "() => document.querySelector('.flame-chart .main-svg').clientWidth"
        " === document.querySelector('.flame-chart').clientWidth"
    )
    assert page.evaluate("document.querySelector('.flame-chart').clientWidth") < 700
    page.set_viewport_size({"width": 1280, "height": 800})


def test_without_a_prediction_the_whole_profile_is_drawn(opened: Open) -> None:
    page = opened(render(analysed(NO_PREDICTION), PROVENANCE))
    assert labels(page)[:3] == ["whole profile", "start", "main"]


def test_a_change_of_the_colour_scheme_redraws(mixed: tuple[Page, Profile]) -> None:
    page, _ = mixed
    light = boxes(page)[0]["colour"]
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("(light) => tracekit.viewer.paint.several !== light", arg=light)
    page.emulate_media(color_scheme="light")
    page.wait_for_function("(light) => tracekit.viewer.paint.several === light", arg=light)
