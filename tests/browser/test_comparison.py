"""The report of a comparison in a browser: the differential flame graph, its controls, and what stands around it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import clean_page
from tests.browser.reports import boxes, chart_box, open_text, plain, settled
from tests.report.html.comparisons import (
    AFTER,
    BEFORE,
    Found,
    compare,
    compare_text,
    path_sums,
    planted,
    profiles_of,
    recorded,
)
from tests.report.html.pages import MIXED, analysed, timed
from tests.report.html.sweeps import TABLE, recording
from tests.report.html.test_report import HOSTILE
from tests.support.samples import analysis_of
from tracekit.report.html.sweep_page import render_sweep

pytestmark = pytest.mark.browser

PREDICT = "-[MLModel predictionFromFeatures:error:]"
ANE = "E5RT::Ops::AneInferenceOperation::ExecuteSync()"
CPU = "E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()"
TRAP = "mach_msg2_trap"
GONE, NEW = "-[MLOld gone]", "BNNSNew"


@pytest.fixture(scope="module")
def found() -> Found:
    return compare_text(BEFORE, AFTER)


@pytest.fixture(scope="module")
def opened(shared_page: Page, found: Found) -> Page:
    return open_text(shared_page, found.page)


@pytest.fixture
def page(opened: Page) -> Page:
    plain(opened)
    return opened


def widths(page: Page, name: str) -> None:
    page.get_by_role("group", name="Widths").get_by_role("button", name=name, exact=True).click()


def drawn(page: Page) -> Mapping[str, float]:
    """The total of every call that is drawn, by its name: no two calls of the samples here share one."""
    return {box["name"]: box["total"] for box in boxes(page) if box["node"]}


def expected(found: Found) -> tuple[dict[str, float], dict[str, float]]:
    """Totals of A and of B by the last function of each path."""
    sums = [path_sums(profile)[1] for profile in profiles_of(found.diff)]
    return tuple({path[-1][0]: share for path, share in side.items()} for side in sums)  # type: ignore[return-value]


def step_of(page: Page, name: str) -> str:
    """The colour of the box of a name, as the palette calls it."""
    colour = next(box["colour"] for box in boxes(page) if box["name"] == name)
    names: dict[str, str] = page.evaluate(
        """() => Object.fromEntries(CHANGES.map((name) => [
            getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim(), name]))"""
    )
    return names[colour]


def click(page: Page, name: str) -> None:
    box = next(box for box in boxes(page) if box["name"] == name)
    corner = chart_box(page)
    page.mouse.click(corner["x"] + box["left"] + box["width"] / 2, corner["y"] + (box["row"] + 0.5) * 20)


def state(page: Page) -> Any:
    return page.evaluate("tracekit.viewer.state")


def test_calls_are_as_wide_as_in_b(page: Page, found: Found) -> None:
    _, b = expected(found)
    widths(page, "B")
    assert drawn(page) == pytest.approx(b)
    width = page.evaluate("document.querySelector('.flame-chart').clientWidth")
    assert {box["name"]: box["width"] for box in boxes(page) if box["node"]} == pytest.approx(
        {name: share * width for name, share in b.items()}, abs=1.01
    )
    assert GONE not in drawn(page)


def test_at_first_nothing_of_either_side_is_missing(page: Page, found: Found) -> None:
    a, b = expected(found)
    expect(page.locator("[data-widths=both]")).to_have_attribute("aria-pressed", "true")
    assert "widths" not in page.url
    both = {name: (a.get(name, 0) + b.get(name, 0)) / 2 for name in {*a, *b}}
    assert drawn(page) == pytest.approx(both)
    widths(page, "A")
    assert drawn(page) == pytest.approx(a)
    assert NEW not in drawn(page)


def test_a_call_is_coloured_by_its_change(page: Page) -> None:
    # ANE 60 → 30 %, CPU 20 → 65 %, gone 15 → 0 %, new 0 → 5 %; the steps are 1, 5 and 20 points
    assert page.evaluate("tracekit.viewer.paint.scale.limits") == pytest.approx([0.01, 0.05, 0.2])
    steps = {name: step_of(page, name) for name in (PREDICT, ANE, TRAP, CPU, GONE, NEW)}
    assert steps == {
        PREDICT: "same",
        ANE: "less-3",
        TRAP: "less-3",
        CPU: "more-3",
        GONE: "less-2",
        NEW: "more-2",
    }


def test_the_legend_has_numbers(page: Page) -> None:
    assert page.locator(".flame .legend li").all_text_contents() == [
        *("−20 points or more: less in B", "−5 to −20", "−1 to −5", "within 1 point"),
        *("+1 to +5", "+5 to +20", "+20 points or more: more in B"),
    ]


@pytest.mark.parametrize("by,legend", [("engine", "driving ANE"), ("phase", "dispatch"), ("image", "Espresso")])
def test_other_colours_are_there_too(page: Page, by: str, legend: str) -> None:
    page.locator(".colour").select_option(by)
    assert legend in page.locator(".flame .legend li").all_text_contents()
    assert f"colour={by}" in page.url


def test_the_tooltip_tells_both_sides_and_what_was_tested(page: Page) -> None:
    box = next(box for box in boxes(page) if box["name"] == ANE)
    corner = chart_box(page)
    page.mouse.move(corner["x"] + box["left"] + 20, corner["y"] + (box["row"] + 0.5) * 20)
    tooltip = page.locator("#flame .tooltip")
    expect(tooltip).to_be_visible()
    assert tooltip.locator("tr").all_inner_texts() == [
        "\tA\tB\tChange",
        "Total\t60.0 %\t30.0 %\t−30.0 points",
        "Self\t20.0 %\t15.0 %\t−5.0 points",
    ]
    expect(tooltip).to_contain_text("This function wherever it is called: total, not tested; self, not tested.")
    expect(tooltip).to_contain_text("Espresso")


def test_the_tooltip_tells_the_share_of_the_zoom_of_both_sides(page: Page) -> None:
    click(page, ANE)  # of 60 in A, 40 are below it; of 60 in B, 30
    page.locator(".flame-chart").focus()
    for key in ("ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    rows = page.locator("#flame .tooltip tr").all_inner_texts()
    assert rows[-1] == "Of zoom\t66.7 %\t50.0 %\t−16.7 points"


def test_inverted_and_sandwich(page: Page) -> None:
    page.get_by_role("button", name="Inverted").click()
    widths(page, "B")
    first = {box["name"]: box["total"] for box in boxes(page) if box["row"] == 1}
    assert first == pytest.approx({CPU: 0.6, TRAP: 0.15, ANE: 0.15, PREDICT: 0.05, NEW: 0.05})
    assert step_of(page, CPU) == "more-3"
    widths(page, "A")
    assert {box["name"] for box in boxes(page) if box["row"] == 1} == {CPU, TRAP, ANE, PREDICT, GONE}
    click(page, GONE)
    page.get_by_role("button", name="Sandwich").click()
    assert [(box["name"], box["total"]) for box in boxes(page)] == [(GONE, 0.15), (PREDICT, 0.15)]


def test_there_is_no_order_in_time(page: Page) -> None:
    expect(page.locator("[data-view=time]")).to_be_hidden()
    page.keyboard.press("2")
    assert state(page)["view"] == "callers"


def test_runtime_frames_are_charged_to_their_callers(page: Page) -> None:
    widths(page, "B")
    page.locator(".frames").select_option("charged")
    assert TRAP not in drawn(page)
    assert drawn(page)[ANE] == pytest.approx(0.3)


def test_search_zoom_and_the_way_back(page: Page) -> None:
    page.get_by_role("searchbox", name="Search functions").fill("Inference")
    expect(page.locator(".found")).to_have_text("2 functions · A 80.0 %, B 95.0 % of focus")
    widths(page, "A")
    expect(page.locator(".found")).to_have_text("2 functions · A 80.0 %, B 95.0 % of focus")
    page.get_by_role("searchbox", name="Search functions").fill("BNNSNew")
    page.evaluate("document.activeElement.blur()")
    click(page, CPU)
    expect(page.locator(".found")).to_have_text("1 function · A 0.0 %, B 5.0 % of focus · A 0.0 %, B 7.7 % of zoom")
    expect(page.locator(".zoom-amount")).to_have_text("A 20.0 %, B 65.0 %, +45.0 points")
    assert page.locator(".breadcrumb button").all_text_contents() == ["focus", PREDICT, CPU]
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text("focus")
    page.get_by_role("button", name="Forward", exact=True).click()
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(CPU)


def test_a_zoom_that_has_no_width_leads_to_its_caller(page: Page) -> None:
    widths(page, "A")
    click(page, GONE)
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(GONE)
    widths(page, "B")
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(PREDICT)
    assert GONE not in drawn(page)


def test_the_keyboard_does_what_is_new(page: Page) -> None:
    page.locator(".flame-chart").focus()
    for key, changed in [("w", "a"), ("w", "b"), ("w", "both")]:
        page.keyboard.press(key)
        page.wait_for_function("(widths) => tracekit.viewer.state.widths === widths", arg=changed)
    for key, changed in [("c", "engine"), ("c", "phase"), ("c", "image"), ("c", "difference")]:
        page.keyboard.press(key)
        page.wait_for_function("(colour) => tracekit.viewer.state.colour === colour", arg=changed)
    for key in ("ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert page.locator(".spoken").inner_text() == f"{ANE}, A 60.0 %, B 30.0 %, −30.0 points"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard")
    expect(keys).to_contain_text("as wide as the mean of both, as in A, as in B")
    expect(keys).not_to_contain_text("time order")
    page.keyboard.press("Escape")


def test_the_url_holds_the_view(page: Page) -> None:
    widths(page, "A")
    page.locator(".colour").select_option("image")
    click(page, GONE)
    before, held = boxes(page), state(page)
    address = page.url
    assert "widths=a" in address
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".is-ready")
    assert state(page) == held
    assert boxes(page) == before


@pytest.mark.parametrize("fragment", ["widths=nonsense&colour=nonsense", "view=time&time=1-2", "widths=a&zoom=99"])
def test_a_broken_link_shows_what_it_can(page: Page, fragment: str) -> None:
    page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    page.wait_for_timeout(50)
    assert state(page)["view"] == "callers"
    assert state(page)["colour"] == "difference"
    assert boxes(page)


def test_copying_a_stack(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    click(page, CPU)
    page.get_by_role("button", name="Copy stack").click()
    assert page.evaluate("navigator.clipboard.readText()") == f"{PREDICT}\n{CPU}"


def test_the_folded_text_has_the_weights_of_both(page: Page, found: Found, tmp_path: Path) -> None:
    lines = saved(page, "folded", tmp_path).read_text("utf-8").splitlines()
    read: dict[str, list[int]] = {}
    for line in lines:
        stack, a, b = line.rsplit(" ", 2)
        read[stack.split(";")[-1].split("`")[-1]] = [int(a), int(b)]
    assert read == {TRAP: [40, 30], ANE: [20, 30], CPU: [20, 120], GONE: [15, 0], NEW: [0, 10], PREDICT: [5, 10]}
    assert lines == sorted(lines)
    assert all(line.startswith(f"CoreML`{PREDICT}") for line in lines)


def test_the_view_as_a_picture(page: Page, tmp_path: Path) -> None:
    assert saved(page, "png", tmp_path).read_bytes().startswith(b"\x89PNG")
    assert ANE in saved(page, "svg", tmp_path).read_text("utf-8")


def saved(page: Page, kind: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.locator(".save").select_option(kind)
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


# The table of symbols


def column(page: Page, number: int) -> list[float]:
    cells = page.locator(f"table.symbols tbody tr td:nth-child({number})").all()
    return [float(str(cell.get_attribute("data-value"))) for cell in cells]


def test_symbols_are_sorted_and_filtered(page: Page) -> None:
    sizes = [abs(change) for change in column(page, 4)]
    assert sizes == sorted(sizes, reverse=True)
    expect(page.locator("table.symbols th[aria-sort]")).to_have_text("Self change")
    for heading, number in (("Self A", 2), ("Total B", 6)):
        page.get_by_role("button", name=heading, exact=True).click()
        assert column(page, number) == sorted(column(page, number), reverse=True)
        page.get_by_role("button", name=heading, exact=True).click()
        assert column(page, number) == sorted(column(page, number))
    page.get_by_role("button", name="Total change", exact=True).click()
    sizes = [abs(change) for change in column(page, 7)]
    assert sizes == sorted(sizes, reverse=True)
    page.get_by_placeholder("Filter symbols").fill("espresso`")
    assert sorted(page.locator("table.symbols tbody button").all_text_contents()) == [ANE, CPU]
    page.get_by_placeholder("Filter symbols").fill("")
    page.get_by_role("button", name="Self change", exact=True).click()


def test_symbols_have_the_shares_of_both(page: Page, found: Found) -> None:
    rows = {row.locator("button").inner_text(): row for row in page.locator("table.symbols tbody tr").all()}
    totals = expected(found)
    for name, row in rows.items():
        a, b, change = (float(str(row.locator("td").nth(at).get_attribute("data-value"))) for at in (4, 5, 6))
        assert (a, b) == pytest.approx((totals[0].get(name, 0), totals[1].get(name, 0)))
        assert change == pytest.approx(b - a)
    assert rows.keys() == {PREDICT, ANE, CPU, TRAP, GONE, NEW}


def test_a_symbol_leads_to_its_sandwich(page: Page) -> None:
    page.locator("table.symbols tbody button", has_text=TRAP).click()
    assert (state(page)["view"], boxes(page)[0]["name"]) == ("sandwich", TRAP)


# Whole pages


@pytest.fixture
def fresh(context: BrowserContext) -> Any:
    with clean_page(context) as page:
        yield lambda text: open_text(page, text)


def test_a_recording_and_itself_have_neutral_colours_only(fresh: Any) -> None:
    analysis = recorded("mlprogram-split.xcode26.5.xml")
    page = fresh(compare(analysis, analysis).page)
    same = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--same').trim()")
    for view in ("callers", "inverted", "sandwich"):
        page.evaluate("(view) => tracekit.viewer.set({ view })", view)
        for side in ("b", "a", "both"):
            page.evaluate("(widths) => tracekit.viewer.set({ widths })", side)
            colours = [box["colour"] for box in boxes(page)]
            assert len(colours) > 5
            assert {*colours} == {same}
    assert page.locator(".flame .legend li").all_text_contents() == ["no call changed"]
    assert page.locator("table.symbols tbody .is-shown").count() == 0


def test_the_planted_function_is_marked(fresh: Any) -> None:
    (_, text), on_stack = planted()
    page = fresh(text)
    marked = [
        row.locator("button").inner_text()
        for row in page.locator("table.symbols tbody tr").all()
        if row.locator("td").nth(3).evaluate("(cell) => cell.classList.contains('is-shown')")
        and float(str(row.locator("td").nth(3).get_attribute("data-value"))) > 0
    ]
    assert marked
    assert set(marked) <= on_stack


def test_predictions_of_both_are_on_one_scale(fresh: Any) -> None:
    page = fresh(compare(*(analysis_of(f"{name}.trace.zip") for name in ("all-ane", "gpu"))).page)
    page.evaluate("document.getElementById('latency').scrollIntoView()")
    ticks = [page.locator(f"#latency-{side} .chart text").all_text_contents() for side in "AB"]
    assert [text for text in ticks[0] if text.endswith("ms")] == [text for text in ticks[1] if text.endswith("ms")]
    box: Any = page.locator("#latency-B .chart").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 100)
    expect(page.locator("#latency-B .tooltip")).to_contain_text("Prediction")
    page.mouse.click(box["x"] + 300, box["y"] + 100)
    assert state(page)["range"] is None


def test_names_in_the_charts_of_predictions_do_not_meet(fresh: Any) -> None:
    near = recording("cpuOnly-1", analysed(MIXED), [2_300_000, 2_500_000, 2_400_000] * 20)
    page = fresh(render_sweep([near], TABLE, order=[], control=[]))
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    for chart in page.locator(".plot .chart").all():
        frame: Any = chart.bounding_box()
        places: dict[str, Any] = {
            text.text_content() or "": text.bounding_box() for text in chart.locator("text").all()
        }
        assert places["p95"]["y"] + places["p95"]["height"] <= places["p50"]["y"] + 1
        assert max(box["x"] + box["width"] for box in places.values()) <= frame["x"] + frame["width"] + 0.5


def test_threads_of_the_same_name_are_one(fresh: Any) -> None:
    page = fresh(compare(timed(), timed()).page)
    assert page.locator(".thread option").all_text_contents() == ["all threads", "Main Thread", "Other"]
    page.locator(".thread").select_option("Other")
    assert list(drawn(page).values()) == pytest.approx([0.2, 0.2])
    expect(page.locator(".zoom-amount")).to_have_text("A 20.0 %, B 20.0 %, 0.0 points")


def test_hostile_names_are_shown_as_text(fresh: Any) -> None:
    def lines(names: list[str]) -> str:
        return "\n".join(
            f"CoreML`{PREDICT};Espresso`{name.replace(';', ',')} {9 + at}" for at, name in enumerate(names)
        )

    page = fresh(compare_text(lines(HOSTILE), lines(HOSTILE[::-1])).page)
    page.on("dialog", lambda dialog: pytest.fail(f"a script of the trace ran: {dialog.message}"))
    shown = {*HOSTILE[:3], "\\u{202e}gpj.exe", "a\\u{1b}[31mb"}
    assert shown <= set(page.locator(".flame-chart .scatterlayer text").all_text_contents())
    assert shown <= set(page.locator("table.symbols tbody button").all_text_contents())
    click(page, HOSTILE[0])
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(HOSTILE[0])
    assert page.locator("img").count() == 0


def test_a_change_of_the_colour_scheme_redraws(page: Page) -> None:
    light = boxes(page)[0]["colour"]
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("(light) => tracekit.viewer.paint.ofStep(0) !== light", arg=light)
    assert step_of(page, CPU) == "more-3"
    page.emulate_media(color_scheme="light")
    page.wait_for_function("(light) => tracekit.viewer.paint.ofStep(0) === light", arg=light)


def test_paper_has_the_light_colours_of_a_dark_screen_too(page: Page) -> None:
    light = boxes(page)[0]["colour"]
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("(light) => tracekit.viewer.paint.ofStep(0) !== light", arg=light)
    page.emulate_media(color_scheme="dark", media="print")
    page.wait_for_function("(light) => tracekit.viewer.paint.ofStep(0) === light", arg=light)
    assert step_of(page, CPU) == "more-3"
    page.emulate_media(color_scheme="light", media="screen")


def test_no_button_is_cut_beside_a_long_way_to_the_zoom(fresh: Any) -> None:
    names = [f"-[MLModelAsset aMethodWithQuiteALongName{at}:options:completionHandler:error:]" for at in range(9)]
    stack = ";".join([f"CoreML`{PREDICT}", *(f"CoreML`{name}" for name in names)])
    page = fresh(compare_text(f"{stack} 30", f"{stack} 40").page)
    page.evaluate("tracekit.viewer.set({ zoom: tracekit.viewer.tree.size - 1 })")
    button = page.locator(".reset")
    expect(button).to_be_enabled()
    assert button.evaluate("(each) => [each.scrollHeight <= each.clientHeight, each.clientHeight]") == [True, 28]
