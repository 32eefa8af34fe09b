"""Graphs with more calls than pixels: what is not drawn is counted, what is merged is the most of it, and the whole is
above."""

from collections import defaultdict
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reports import boxes, chart_box, open_text, plain
from tests.report.html.pages import PROVENANCE, analysed
from tests.support.profiles import profile_from_text
from tracekit.attribution.engines import attribute
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta, Profile
from tracekit.report.html.report import render
from tracekit.report.layout import flame_layout

pytestmark = pytest.mark.browser

MS = 1_000_000
SAMPLES = 40_000


def crowded() -> Profile:
    """One heavy callee and 3,000 light ones, two deep, beside it."""
    light = "\n".join(f"main;many;light_{number};inner 1" for number in range(3000))
    return attribute(profile_from_text(f"main;heavy 9000\n{light}"))


def long_run() -> Profile:
    """40 s, sampled every millisecond: three of four samples are of ``copy``, then three of four of ``compute``."""
    builder = ProfileBuilder()
    frames = {name: builder.frame(name, builder.binary(name.title())) for name in ("main", "copy", "compute")}
    stacks = {name: builder.stack([frames[name], frames["main"]]) for name in ("copy", "compute")}
    thread = builder.thread(1, "Main Thread")
    for number in range(SAMPLES):
        usual, other = ("copy", "compute") if number < SAMPLES // 2 else ("compute", "copy")
        name = other if number % 4 == 1 else usual
        builder.sample(time_ns=number * MS, thread_id=thread, stack=stacks[name], weight=MS)
    return attribute(builder.build(Meta("ns")))


@pytest.fixture(scope="module")
def crowd(shared_page: Page) -> tuple[Page, Profile]:
    profile = crowded()
    return open_text(shared_page, render(analysed(profile), PROVENANCE)), profile


def blocks(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(
        """tracekit.viewer.flame.blocks.map(({ caller, calls, weight, left, top, width }) => (
            { caller: tracekit.viewer.nameOf(caller), calls, left, top, width,
              weight: weight * tracekit.viewer.profile.scale }))"""
    )
    return found


def test_what_is_not_drawn_is_one_block_with_its_number_and_share(crowd: tuple[Page, Profile]) -> None:
    page, profile = crowd
    plain(page)
    (block,) = blocks(page)
    assert (block["caller"], block["calls"], block["weight"]) == ("many", 6000, 3000)
    assert len(boxes(page)) + block["calls"] == len(flame_layout(profile)) + 1
    expect(page.locator(".flame-chart text", has_text="6,000 calls")).to_be_visible()
    corner = chart_box(page)
    place = (corner["x"] + block["left"] + 30, corner["y"] + block["top"] + 10)
    page.mouse.move(place[0] - 2, place[1])
    page.mouse.move(*place)
    expect(page.locator("#flame .tooltip")).to_contain_text("6,000 calls are not drawn")
    expect(page.locator("#flame .tooltip")).to_contain_text("25.0 %")
    page.mouse.click(*place)
    expect(page.locator(".detail-name")).to_have_text("many")
    expect(page.locator(".detail-hidden")).to_contain_text("Not drawn: 6,000 calls, 25.0 %")
    page.locator(".detail-hidden button").first.click()
    assert page.evaluate("tracekit.viewer.nameOf(tracekit.viewer.zoom)").startswith("light_")


def test_every_weight_is_drawn_or_in_a_block(crowd: tuple[Page, Profile]) -> None:
    page, profile = crowd
    plain(page)
    for share in ("0", "0.001", "0.05"):
        page.locator(".share").select_option(share)
        drawn = {box["name"]: box["total"] for box in boxes(page)}
        hidden = defaultdict(int, {block["caller"]: block["weight"] for block in blocks(page)})
        assert drawn["main"] == profile.weight == drawn["heavy"] + drawn["many"]
        assert (
            drawn["many"] == sum(total for name, total in drawn.items() if name.startswith("light_")) + hidden["many"]
        )


def test_the_smallest_share_is_chosen(shared_page: Page) -> None:
    text = "\n".join(["main;big 970", "main;small 25", "main;tiny 5"])
    page = open_text(shared_page, render(analysed(profile_from_text(text)), PROVENANCE), "#share=0.01")
    assert {box["name"] for box in boxes(page)} == {"whole profile", "main", "big", "small"}
    page.locator(".share").select_option("a pixel")
    assert {box["name"] for box in boxes(page)} == {"whole profile", "main", "big", "small", "tiny"}
    assert "share=" not in page.url


@pytest.fixture(scope="module")
def timed(shared_page: Page) -> Page:
    return open_text(shared_page, render(analysed(long_run()), PROVENANCE), "#view=time")


def test_time_order_of_forty_thousand_rows_shows_what_most_of_each_pixel_is(timed: Page) -> None:
    page = timed
    drawn = [box for box in boxes(page) if box["row"] == 2]
    assert [box["name"] for box in drawn] == ["copy", "compute"]
    width = page.evaluate("document.querySelector('.flame-chart').clientWidth")
    assert drawn[1]["left"] == pytest.approx(width / 2, abs=4)
    sums = page.evaluate(
        """tracekit.viewer.flame.boxes.filter(({ calls }) => calls).map(({ calls, amounts, at }) =>
            [calls, amounts.count[at], amounts.weight[at] * tracekit.viewer.profile.scale])"""
    )
    assert sum(samples for _, samples, _ in sums) == SAMPLES  # nothing that is narrow is lost
    assert sum(weight for *_, weight in sums) == SAMPLES * MS
    assert set(page.locator(".flame-chart text").all_text_contents()) >= {"main", "copy", "compute"}


def test_a_merged_box_leads_to_its_time(timed: Page) -> None:
    page = timed
    corner = chart_box(page)
    page.mouse.click(corner["x"] + corner["width"] * 0.75, corner["y"] + 2.5 * 20)
    start, end = page.evaluate("tracekit.viewer.state.range")
    assert start == pytest.approx(20e6, rel=0.01)
    assert end == pytest.approx(40e6, rel=0.01)
    page.locator(".all-time").click()


# The minimap


def test_the_minimap_shows_which_part_of_time_is_drawn(timed: Page) -> None:
    page = timed
    page.evaluate("document.querySelector('.minimap').scrollIntoView({ block: 'center' })")
    box: Any = page.locator(".minimap").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    page.mouse.up()
    start, end = page.evaluate("tracekit.viewer.state.range")
    assert (start, end) == (pytest.approx(10e6, rel=0.01), pytest.approx(20e6, rel=0.01))
    window: Any = page.locator(".window").bounding_box()
    assert window["x"] - box["x"] == pytest.approx(box["width"] / 4, abs=4)
    assert window["width"] == pytest.approx(box["width"] / 4, abs=4)
    page.locator(".all-time").click()


def test_the_minimap_of_a_large_tree_leads_to_its_calls(shared_page: Page) -> None:
    page = open_text(shared_page, render(analysed(crowded()), PROVENANCE))
    expect(page.locator(".minimap")).to_be_visible()
    page.evaluate("document.querySelector('.minimap').scrollIntoView({ block: 'center' })")
    box: Any = page.locator(".minimap").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] - 4)
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text("heavy")
    window: Any = page.locator(".window").bounding_box()
    assert window["width"] == pytest.approx(box["width"] * 0.75, abs=4)


def test_a_small_tree_has_none(shared_page: Page) -> None:
    page = open_text(shared_page, render(analysed(profile_from_text("main;work 3")), PROVENANCE))
    expect(page.locator(".minimap")).to_be_hidden()
