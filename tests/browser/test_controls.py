"""Every control of the report, driven as a reader would."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reports import boxes, chart_box, open_text, plain
from tests.report.html.pages import PROVENANCE, timed
from tracekit.analysis.transforms import charge_image_to_caller, invert
from tracekit.model.folded import from_folded, to_folded
from tracekit.model.profile import Profile
from tracekit.report.html.report import render
from tracekit.report.layout import flame_layout

pytestmark = pytest.mark.browser

PREDICT = "-[MLModel predictionFromFeatures:error:]"
ANE = "E5RT::Ops::AneInferenceOperation::ExecuteSync()"
CPU = "E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()"
TASK = "E5RT::AsyncTask::SafeExecuteTask()"
TRAP = "mach_msg2_trap"
MS = 1_000_000


@pytest.fixture(scope="module")
def report(shared_page: Page) -> tuple[Page, Profile]:
    analysis = timed()
    return open_text(shared_page, render(analysis, PROVENANCE)), analysis.focused


@pytest.fixture
def page(report: tuple[Page, Profile]) -> Page:
    plain(report[0])
    return report[0]


@pytest.fixture
def focused(report: tuple[Page, Profile]) -> Profile:
    return report[1]


def drawn(page: Page) -> list[tuple[int, str, float]]:
    """(row, name, total in ms) of every box, from the left, the whole left out."""
    found = [(box["left"], box["row"], box["name"], box["total"] / MS) for box in boxes(page) if box["node"]]
    return [(row, name, total) for _, row, name, total in sorted(found, key=lambda box: (box[1], box[0]))]


def laid_out(profile: Profile) -> list[tuple[int, str, float]]:
    """The same of Python's layout."""
    layout = flame_layout(profile)
    names = profile.frames["name"].take(layout["frame_id"].to_numpy())
    rows = zip(layout["depth"] + 1, layout["x0"], names, layout["total"] / MS, strict=True)
    return [(depth, name, total) for depth, _, name, total in sorted(rows, key=lambda row: (row[0], row[1]))]


def heard(page: Page) -> dict[str, Any]:
    state: dict[str, Any] = page.evaluate("tracekit.viewer.state")
    return state


def click(page: Page, name: str) -> None:
    """On the first box of a name."""
    box = next(box for box in boxes(page) if box["name"] == name)
    corner = chart_box(page)
    page.mouse.click(corner["x"] + box["left"] + box["width"] / 2, corner["y"] + (box["row"] + 0.5) * 20)


# Views


def test_left_heavy_is_the_layout(page: Page, focused: Profile) -> None:
    assert drawn(page) == laid_out(focused)


def test_inverted_begins_with_the_functions_that_worked(page: Page, focused: Profile) -> None:
    page.get_by_role("button", name="Inverted").click()
    assert sorted(drawn(page)) == sorted(laid_out(invert(focused)))
    assert {row for row in drawn(page) if row[0] == 1} == {(1, CPU, 12), (1, TRAP, 12), (1, ANE, 6)}


def test_sandwich_has_callers_above_and_callees_below(page: Page) -> None:
    click(page, ANE)
    page.get_by_role("button", name="Sandwich").click()
    assert drawn(page) == [(0, PREDICT, 12), (2, TRAP, 6)]
    assert boxes(page)[0]["name"] == ANE
    assert boxes(page)[0]["row"] == 1


def test_time_order_draws_one_thread_from_left_to_right(page: Page) -> None:
    page.get_by_role("button", name="Time order").click()
    expect(page.locator(".thread")).to_have_value("0")
    rows = drawn(page)
    # Two samples of the same function that follow one another are one box; a prediction ends where a gap is.
    assert [name for row, name, _ in rows if row == 1] == [PREDICT] * 6
    assert [(name, total) for row, name, total in rows if row == 2][:3] == [(ANE, 2), (TRAP, 1), (CPU, 1)]
    assert page.locator(".flame-chart").inner_text().count(" ms") >= 3  # the axis


def test_flame_turns_it_upside_down(page: Page) -> None:
    rows = {(box["name"], box["left"]): box["row"] for box in boxes(page)}
    deepest = max(rows.values())
    page.get_by_role("button", name="Flame", exact=True).click()
    assert {(box["name"], box["left"]): deepest - box["row"] for box in boxes(page)} == rows


def test_runtime_frames_are_charged_to_their_callers(page: Page, focused: Profile) -> None:
    page.locator(".frames").select_option("charged")
    assert drawn(page) == laid_out(charge_image_to_caller(focused, "libsystem_kernel.dylib"))


def test_a_thread_alone(page: Page) -> None:
    page.locator(".thread").select_option("Other · 2")
    assert drawn(page) == [(1, TASK, 6), (2, CPU, 6)]
    expect(page.locator(".zoom-amount")).to_have_text("6.0 ms · 20.0 % of focus")


def test_a_prediction_alone(page: Page) -> None:
    page.locator(".prediction").select_option("prediction 2")
    assert drawn(page)[:2] == [(1, PREDICT, 4), (1, TASK, 1)]
    expect(page.locator(".all-time")).to_have_text("16.0 ms – 20.0 ms ✕")
    page.locator(".all-time").click()
    assert drawn(page)[0] == (1, PREDICT, 24)


def test_the_zoom_stays_when_a_filter_changes(page: Page) -> None:
    click(page, ANE)
    page.locator(".prediction").select_option("prediction 2")
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(ANE)
    expect(page.locator(".zoom-amount")).to_have_text("2.0 ms · 6.7 % of focus")


@pytest.mark.parametrize(
    "by,legend", [("engine", "driving ANE"), ("phase", "dispatch"), ("image", "Espresso")], ids=lambda value: value
)
def test_colours_are_explained(page: Page, by: str, legend: str) -> None:
    page.locator(".colour").select_option(by)
    listed = page.locator(".legend li").all_text_contents()
    assert legend in listed
    assert len(listed) == len(set(listed))
    assert len({box["colour"] for box in boxes(page)}) > 1


# Search


def test_search_tells_the_matched_share_of_the_whole_and_of_the_zoom(page: Page) -> None:
    page.get_by_role("searchbox", name="Search functions").fill("mach_msg")
    expect(page.locator(".found")).to_have_text("1 function · 40.0 % of focus")
    page.evaluate("document.activeElement.blur()")
    click(page, ANE)
    expect(page.locator(".found")).to_have_text("1 function · 40.0 % of focus · 50.0 % of zoom")


def test_a_sample_that_matches_twice_counts_once(page: Page) -> None:
    page.get_by_role("searchbox", name="Search functions").fill("e")
    expect(page.locator(".found")).to_contain_text("100.0 % of focus")


def test_search_by_regular_expression_and_image(page: Page) -> None:
    page.get_by_role("button", name="Search by regular expression").click()
    page.get_by_role("searchbox", name="Search functions").fill("^Espresso`.*(Ane|Bnns)")
    expect(page.locator(".found")).to_have_text("2 functions · 80.0 % of focus")
    page.get_by_role("searchbox", name="Search functions").fill("(")
    expect(page.locator(".found")).to_have_text("not a regular expression")


def test_enter_goes_from_hit_to_hit(page: Page) -> None:
    search = page.get_by_role("searchbox", name="Search functions")
    search.fill("ExecuteSync")
    visited = []
    for key in ("Enter", "Enter", "Enter", "Enter", "Shift+Enter"):
        search.press(key)
        visited.append(page.evaluate("tracekit.viewer.selected"))
    hits = [box["node"] for box in boxes(page) if box["name"] in (ANE, CPU)]
    assert visited == [*hits, hits[0], hits[-1]]
    assert len(hits) == 3
    assert page.locator("#flame .tooltip").is_visible()


# Ways through


def test_the_url_holds_the_view(page: Page, shared_page: Page) -> None:
    page.get_by_role("button", name="Inverted").click()
    page.locator(".colour").select_option("phase")
    page.get_by_role("searchbox", name="Search functions").fill("mach")
    click(page, TRAP)
    state, before = heard(page), boxes(page)
    address = page.url
    assert "view=inverted" in address
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".is-ready")
    assert heard(page) == state
    assert boxes(page) == before
    expect(page.locator(".found")).to_contain_text("1 function")
    expect(page.locator("[data-view=inverted]")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(
    "fragment",
    [
        "view=nonsense&zoom=99999&thread=77&symbol=-4&time=9-",
        "zoom=1e9",
        "view=sandwich&symbol=999",
        "=&&=",
        "search=%",
    ],
)
def test_a_broken_link_shows_what_it_can(page: Page, fragment: str) -> None:
    page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    page.wait_for_timeout(50)
    assert heard(page)["zoom"] == 0
    assert boxes(page)


def test_back_and_forward(page: Page) -> None:
    click(page, PREDICT)
    click(page, CPU)
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(PREDICT)
    page.go_back()
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text("focus")
    page.get_by_role("button", name="Forward", exact=True).click()
    page.get_by_role("button", name="Forward", exact=True).click()
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(CPU)
    expect(page.get_by_role("button", name="Forward", exact=True)).to_be_disabled()


def test_a_link_to_a_section_leaves_the_view(page: Page) -> None:
    page.get_by_role("button", name="Inverted").click()
    page.get_by_role("link", name="Symbols").click()
    page.wait_for_timeout(50)
    assert heard(page)["view"] == "inverted"


def test_the_breadcrumb_leads_back(page: Page) -> None:
    click(page, CPU)
    assert page.locator(".breadcrumb button").all_text_contents() == ["focus", PREDICT, CPU]
    page.locator(".breadcrumb button").nth(1).click()
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(PREDICT)


def test_the_keyboard_does_everything(page: Page) -> None:
    chart = page.locator(".flame-chart")
    chart.focus()
    for key, changed in [
        ("3", {"view": "inverted"}),
        ("4", {"view": "sandwich"}),
        ("2", {"view": "time"}),
        ("1", {"view": "callers"}),
        ("f", {"isFlame": True}),
        ("f", {"isFlame": False}),
        ("c", {"colour": "phase"}),
        ("r", {"charged": True}),
        ("r", {"charged": False}),
        ("t", {"thread": 0}),
        ("t", {"thread": 1}),
        ("t", {"thread": -1}),
        ("p", {"range": [10_000, 14_000]}),
        ("[", {"range": None}),
        ("]", {"range": [10_000, 14_000]}),
    ]:
        page.keyboard.press(key)
        page.wait_for_function(
            "(changed) => Object.entries(changed).every("
            "([key, value]) => String(tracekit.viewer.state[key]) === String(value))",
            arg=changed,
        )
    page.keyboard.press("/")
    page.keyboard.type("fc1")  # letters in a field are letters
    assert heard(page)["search"] == "fc1"
    page.keyboard.press("Escape")
    assert heard(page)["search"] == ""


def test_arrows_select_and_enter_zooms(page: Page) -> None:
    page.locator(".flame-chart").focus()
    for key, name in [
        ("ArrowDown", "focus"),
        ("ArrowDown", PREDICT),
        ("ArrowRight", TASK),
        ("ArrowLeft", PREDICT),
        ("ArrowDown", ANE),
        ("ArrowUp", PREDICT),
        ("ArrowDown", ANE),
    ]:
        page.keyboard.press(key)
        assert page.evaluate("tracekit.viewer.nameOf(tracekit.viewer.selected)") == name
    assert page.locator(".spoken").inner_text() == f"{ANE}, total 12.0 ms, 40.0 %"
    page.keyboard.press("Enter")
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(ANE)
    page.keyboard.press("Backspace")
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(PREDICT)
    page.keyboard.press("0")
    assert heard(page)["zoom"] == 0


def test_the_sheet_of_keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()


# Taking along


def test_copying_a_stack(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    click(page, CPU)
    page.get_by_role("button", name="Copy stack").click()
    assert page.evaluate("navigator.clipboard.readText()") == f"{PREDICT}\n{CPU}"


def test_the_view_as_folded_text(page: Page, focused: Profile, tmp_path: Path) -> None:
    text = saved(page, "folded", tmp_path).read_text("utf-8")
    assert to_folded(from_folded(text), images=True) == to_folded(focused, images=True)
    page.get_by_role("button", name="Inverted").click()
    text = saved(page, "folded", tmp_path).read_text("utf-8")
    assert to_folded(from_folded(text), images=True) == to_folded(invert(focused), images=True)


def test_the_view_as_a_picture(page: Page, tmp_path: Path) -> None:
    assert saved(page, "png", tmp_path).read_bytes().startswith(b"\x89PNG")
    picture = saved(page, "svg", tmp_path).read_text("utf-8")
    assert picture.startswith("<svg")
    assert ANE in picture


def saved(page: Page, kind: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.locator(".save").select_option(kind)
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == f"flame.{kind}"
    return file


# Around the flame graph


def test_a_symbol_leads_to_its_sandwich(page: Page) -> None:
    page.locator("table.symbols tbody button", has_text=TRAP).click()
    assert (heard(page)["view"], boxes(page)[0]["name"]) == ("sandwich", TRAP)


def test_a_bar_of_the_latency_chart_leads_to_its_prediction(page: Page) -> None:
    page.evaluate("document.getElementById('latency').scrollIntoView()")
    box: Any = page.locator("#latency-chart .chart").bounding_box()
    at = box["x"] + 58 + (box["width"] - 58) * 1.5 / 6
    page.mouse.move(at, box["y"] + 100)
    told = page.locator("#latency-chart .tooltip").inner_text()
    assert told.startswith("Prediction 2: 4.0 ms")
    page.mouse.click(at, box["y"] + 100)
    assert heard(page)["range"] == [16_000, 20_000]


def test_the_timeline_zooms_and_leads_to_the_flame_graph(page: Page) -> None:
    page.evaluate("document.getElementById('timeline').scrollIntoView()")
    chart = page.locator("#timeline-chart .chart")
    names = chart.locator("text").all_text_contents()
    assert names[-4:] == ["Predictions", "ANE busy", "Main Thread · 1", "Other · 2"]
    box: Any = chart.bounding_box()
    left, width = box["x"] + 172, box["width"] - 172
    page.mouse.move(left + 2, box["y"] + 30)
    assert page.locator("#timeline-chart .tooltip").inner_text().split("\n")[0] == "ANE busy"
    page.mouse.down()
    page.mouse.move(left + width / 2, box["y"] + 30)
    expect(page.locator(".marked")).to_be_visible()
    page.mouse.up()
    page.get_by_role("button", name="Flame graph of this time").click()
    start, end = heard(page)["range"]
    assert start == pytest.approx(10_000, abs=200)
    assert end == pytest.approx(27_500, abs=500)
    page.get_by_role("button", name="All time", exact=True).click()
    chart.focus()
    page.keyboard.press("+")
    expect(page.get_by_role("button", name="All time", exact=True)).to_be_enabled()
    page.keyboard.press("Home")
    expect(page.get_by_role("button", name="All time", exact=True)).to_be_disabled()
