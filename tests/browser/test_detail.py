"""The pane under the flame graph, and links to calls: what a reader tells a colleague."""

from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import clean_page
from tests.browser.reports import boxes, chart_box, open_text, plain
from tests.report.html.pages import MIXED, PROVENANCE, analysed, timed
from tests.report.plain import plain_samples
from tracekit.attribution.engines import attribute
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta, Profile
from tracekit.report.html.report import render
from tracekit.report.numbers import share_text

pytestmark = pytest.mark.browser

PREDICT = "-[MLModel predictionFromFeatures:error:]"
ANE = "E5RT::Ops::AneInferenceOperation::ExecuteSync()"
CPU = "E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()"
TRAP = "mach_msg2_trap"


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


def node_of(page: Page, name: str) -> int:
    return int(next(box["node"] for box in boxes(page) if box["name"] == name))


def select(page: Page, name: str) -> None:
    page.evaluate("(node) => tracekit.viewer.select(node)", node_of(page, name))


def rules(page: Page) -> dict[str, str]:
    names = page.locator(".detail-rules dt").all_text_contents()
    return dict(zip(names, page.locator(".detail-rules dd").all_text_contents(), strict=True))


def numbers(page: Page) -> list[list[str]]:
    rows = page.locator(".detail-facts > table tr")
    return [row.locator("th, td").all_text_contents() for row in rows.all()]


def decided(profile: Profile, *functions: str) -> dict[str, str]:
    """The shares of the rules in the samples with all of these functions on their stack, the heaviest first."""
    weights: Counter[str] = Counter()
    for sample in plain_samples(profile):
        if {*functions} <= {name for name, _ in sample.path}:
            weights[sample.rule or "no rule"] += sample.weight
    return {rule: share_text(weight / weights.total()) for rule, weight in weights.most_common()}


def test_the_pane_tells_of_the_whole_at_first(page: Page) -> None:
    expect(page.locator(".detail-name")).to_have_text("focus")
    expect(page.get_by_role("button", name="Callers and callees")).to_be_disabled()
    assert numbers(page) == [
        ["", "Weight", "Samples", "Of focus"],
        ["Total", "30.0 ms", "30", "100.0 %"],
        *[["Self", "0 ns", "", "0.0 %"]],
    ]
    expect(page.locator(".detail-stack")).to_be_hidden()


def test_the_pane_tells_of_the_selected_call(page: Page, focused: Profile) -> None:
    page.locator(".flame-chart").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator(".detail-name")).to_have_text(ANE)
    expect(page.locator(".detail-place")).to_have_text("Espresso")
    assert numbers(page)[1:] == [["Total", "12.0 ms", "12", "40.0 %"], ["Self", "6.0 ms", "", "20.0 %"]]
    assert page.locator(".detail-stack li").all_text_contents() == [PREDICT, ANE]
    assert rules(page) == decided(focused, ANE)
    page.keyboard.press("Enter")
    assert numbers(page)[0][-1] == "Of zoom"
    select(page, TRAP)
    assert numbers(page)[1:] == [
        ["Total", "6.0 ms", "6", "20.0 %", "50.0 %"],
        ["Self", "6.0 ms", "", "20.0 %", "50.0 %"],
    ]


@pytest.mark.parametrize("view", ["callers", "inverted"])
def test_rules_are_those_of_the_samples_in_the_call(page: Page, focused: Profile, view: str) -> None:
    page.evaluate("(view) => tracekit.viewer.set({ view })", view)
    select(page, TRAP)
    path = page.locator(".detail-stack li").all_text_contents()
    assert rules(page) == decided(focused, *path)


def test_rules_of_a_sandwich_on_both_sides(page: Page, focused: Profile) -> None:
    page.evaluate(
        "(symbol) => tracekit.viewer.sandwichOf(symbol)",
        page.evaluate("(node) => tracekit.viewer.tree.symbol[node]", node_of(page, ANE)),
    )
    assert rules(page) == decided(focused, ANE)
    for name, functions in ((TRAP, (TRAP, ANE)), (PREDICT, (PREDICT, ANE))):
        select(page, name)
        assert rules(page) == decided(focused, *functions)
    assert page.locator(".detail-stack li").all_text_contents() == [PREDICT, ANE]


def test_in_time_order_the_pane_tells_when(page: Page) -> None:
    page.get_by_role("button", name="Time order").click()
    select(page, CPU)
    assert "Begins at13.00 ms" in page.locator(".detail-facts").inner_text().replace("\n", "")
    assert numbers(page)[1][1] == "1.0 ms"


def test_a_call_of_the_stack_is_a_way_to_it(page: Page) -> None:
    select(page, TRAP)
    page.locator(".detail-stack button", has_text=PREDICT).click()
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(PREDICT)


def test_the_source_of_a_function(page: Page) -> None:
    builder = ProfileBuilder()
    main = builder.frame("main", builder.binary("App"), file="/src/App/main.swift", line=12)
    builder.sample(time_ns=0, thread_id=builder.thread(1), stack=builder.stack([main]), weight=1)
    text = render(analysed(attribute(builder.build(Meta("ns")))), PROVENANCE)
    with clean_page(page.context) as other:
        open_text(other, text)
        select(other, "main")
        expect(other.locator(".detail-place")).to_have_text("App · /src/App/main.swift:12")


# Links


def copied(page: Page, button: str) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name=button).click()
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_link_lands_on_its_call(page: Page) -> None:
    page.evaluate("tracekit.viewer.set({ view: 'inverted', thread: 0 })")
    select(page, TRAP)
    address = copied(page, "Copy link")
    assert "call=" in address
    assert "zoom=" not in address
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".is-ready")
    expect(page.locator(".detail-name")).to_have_text(TRAP)
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(TRAP)
    expect(page.locator(".thread")).to_have_value("0")
    assert page.evaluate("document.getElementById('flame-graph').getBoundingClientRect().top") < 60


def test_a_link_survives_a_new_run(page: Page) -> None:
    """The other report has other calls around this one, in another order."""
    select(page, ANE)
    fragment = copied(page, "Copy link").partition("#")[2]
    with clean_page(page.context) as other:
        open_text(other, render(analysed(MIXED), PROVENANCE), f"#{fragment}")
        expect(other.locator(".breadcrumb [aria-current]")).to_have_text(ANE)
        expect(other.locator(".zoom-amount")).to_contain_text("47.0 ms")


def test_a_link_in_time_order_is_of_the_call_at_that_time(page: Page) -> None:
    page.get_by_role("button", name="Time order").click()
    second = [box["node"] for box in boxes(page) if box["name"] == ANE][1]
    address = page.evaluate("(node) => tracekit.viewer.linkTo(node)", second)
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".is-ready")
    assert page.evaluate("tracekit.viewer.zoom") == second


def test_functions_of_one_name_are_told_apart_by_their_image(page: Page) -> None:
    builder = ProfileBuilder()
    for image in ("A", "B"):
        run = builder.frame("run", builder.binary(image))
        builder.sample(time_ns=0, thread_id=builder.thread(1), stack=builder.stack([run]), weight=1 + (image == "A"))
    packed = packed_of(builder.build(Meta("ns")))
    labels = page.evaluate("async (packed) => readProfile(await unpack(packed)).labels", packed)
    assert sorted(labels) == ["A`run", "B`run"]


def packed_of(profile: Profile) -> str:
    from tracekit.report.html.payload import pack

    return pack(attribute(profile))


# Sandwich, and a finger


def test_the_sandwich_has_its_functions_beside_it(page: Page) -> None:
    select(page, TRAP)
    page.get_by_role("button", name="Callers and callees").click()
    rows = page.locator(".functions tbody tr")
    expect(page.locator(".functions tbody tr[aria-current]")).to_contain_text(TRAP)
    assert rows.count() == 5
    chart, table = page.locator(".flame-chart").bounding_box(), page.locator(".functions").bounding_box()
    assert chart is not None
    assert table is not None
    assert chart["x"] + chart["width"] < table["x"]
    assert abs(chart["y"] - table["y"]) < 4
    page.locator(".functions tbody button", has_text=CPU).click()
    expect(page.locator(".functions tbody tr[aria-current]")).to_contain_text(CPU)
    expect(page.locator(".functions tbody tr[aria-current]")).to_be_in_viewport()
    assert any(box["name"] == CPU for box in boxes(page))
    page.get_by_role("button", name="Left-heavy").click()
    expect(page.locator(".functions")).to_be_hidden()


def test_the_first_tap_tells_and_the_second_zooms(browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = open_text(context.new_page(), render(timed(), PROVENANCE))
    box = next(box for box in boxes(page) if box["name"] == ANE)
    corner: Any = chart_box(page)
    place = (corner["x"] + box["left"] + box["width"] / 2, corner["y"] + (box["row"] + 0.5) * 20)
    page.touchscreen.tap(*place)
    expect(page.locator(".detail-name")).to_have_text(ANE)
    expect(page.locator("#flame .tooltip")).to_be_hidden()
    assert page.evaluate("tracekit.viewer.zoom") == 0
    page.touchscreen.tap(*place)
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text(ANE)
    context.close()
