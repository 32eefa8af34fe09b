"""The section of operations, driven as a reader would: sorted, filtered, by runs, and tied to the flame graph."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENSHOTS
from tests.browser.reports import SAMPLES, chart_box, open_text, plain
from tests.report.html.pages import PROVENANCE
from tests.support.samples import analysis_of
from tracekit import api
from tracekit.report.html.report import render

pytestmark = pytest.mark.browser

LEAVES = SAMPLES / "legacy-nn-ane.xcode16.4.xml.gz"
TOPK = "Espresso::topk_kernel_cpu::"


@pytest.fixture(scope="module")
def letters() -> str:
    return render(analysis_of("ane-with-cpu-fallback.trace.zip", "Letters.mlpackage"), PROVENANCE)


@pytest.fixture
def page(shared_page: Page, letters: str) -> Page:
    return open_text(shared_page, letters)


def listed(page: Page) -> list[str]:
    return page.locator("table.operations tbody tr:visible td:first-child").all_inner_texts()


def column(page: Page, number: int) -> list[str]:
    return page.locator(f"table.operations tbody tr:visible td:nth-child({number})").all_inner_texts()


def test_operations_are_sorted_by_what_is_pressed(page: Page) -> None:
    order = listed(page)
    assert (len(order), order[0], order[-1]) == (40, "cast_in", "letters")
    cost = page.locator("table.operations [data-by=cost]")
    cost.get_by_role("button").click()
    assert listed(page)[0] == "topk_17"
    assert cost.get_attribute("aria-sort") == "descending"
    cost.get_by_role("button").press("Enter")
    assert cost.get_attribute("aria-sort") == "ascending"
    assert column(page, 5) == sorted(column(page, 5), key=lambda share: float(share.split()[0]))
    page.locator("table.operations [data-by=name] button").click()
    assert listed(page)[:3] == ["cast_in", "conv_1", "conv_10"]
    assert cost.get_attribute("aria-sort") is None


def test_operations_are_filtered_by_name_type_and_engine(page: Page) -> None:
    section = page.locator("section:has(> #operations)")
    seek = section.get_by_placeholder("Filter operations, types and engines")
    seek.fill("cpu")
    assert set(column(page, 4)) == {"CPU"}
    expect(section.get_by_role("status")).to_have_text("9 of 40 operations")
    seek.fill("TOPK")
    assert listed(page) == ["topk_17"]
    seek.fill("")
    assert len(listed(page)) == 40


def test_a_run_lists_its_operations_alone(page: Page) -> None:
    runs = page.get_by_role("group", name="Runs of operations on one engine").get_by_role("button")
    assert runs.count() == 5
    middle = page.get_by_role("button", name="Run 3: 7 operations on the CPU")
    assert "reads 1 value from another engine" in (middle.get_attribute("aria-label") or "")
    widths = [runs.nth(at).bounding_box()["width"] for at in range(5)]  # type: ignore[index]  # they are drawn
    assert widths[3] > widths[1] > widths[2] > widths[0]
    middle.press("Enter")
    assert middle.get_attribute("aria-pressed") == "true"
    assert listed(page)[0] == "reshape_15"
    assert len(listed(page)) == 7
    middle.press("Enter")
    assert len(listed(page)) == 40


def test_the_section_is_used_by_keyboard_alone(page: Page) -> None:
    """Tab reaches the strip once, the filter, the list and its headings; arrows walk along the strip."""
    page.locator("#operations").evaluate("(head) => { head.tabIndex = -1; head.focus(); }")
    names = []
    for _ in range(4):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.placeholder ?? ''"))
        if len(names) == 1:
            for key in ("ArrowRight", "ArrowRight", "End", "ArrowRight", "Home", "ArrowLeft", "ArrowRight"):
                page.keyboard.press(key)
            assert page.evaluate("document.activeElement.dataset.run") == "2"
            page.keyboard.press("Enter")
    assert names[0].startswith("Run 1: 1 operation on the CPU")
    assert names[1:3] == ["Filter operations, types and engines", "List of operations"]
    assert set(column(page, 6)) == {"2"}
    page.keyboard.press("Enter")  # the first heading
    assert page.locator("table.operations [data-by=name]").get_attribute("aria-sort") == "ascending"


def test_a_screen_reader_is_told_what_is_shown(page: Page) -> None:
    section = page.locator("section:has(> #operations)")
    expect(section).to_have_accessible_name("Operations")
    expect(section.get_by_role("region", name="List of operations")).to_be_visible()
    assert section.get_by_role("columnheader").count() == 7
    section.get_by_role("button", name="Run 4").press("Enter")
    expect(section.get_by_role("status")).to_have_text("16 of 40 operations")
    assert section.get_by_role("button", name="Run 4", pressed=True).count() == 1


def test_the_section_is_there_without_scripts(letters: str) -> None:
    assert letters.count("<tr data-place=") == 40
    assert "plan&#39;s cost" in letters or "plan's cost" in letters


def test_operations_and_functions_mark_each_other(shared_page: Page) -> None:
    analysis = api.analyze(LEAVES, model=SAMPLES / "Leaves.mlmodel", plan=SAMPLES / "Leaves.plan.json")
    page = open_text(shared_page, render(analysis, PROVENANCE))
    marked = page.locator("table.operations tr[aria-current]")
    assert marked.count() == 0
    page.locator("table.operations").get_by_role("button", name="best").click()
    assert page.evaluate("tracekit.viewer.state.search") == TOPK
    assert page.evaluate("tracekit.viewer.found.functions") >= 1
    assert marked.locator("td:first-child").all_inner_texts() == ["best"]
    page.locator("table.operations").get_by_role("button", name="best", pressed=True).click()
    assert (page.evaluate("tracekit.viewer.state.search"), marked.count()) == ("", 0)
    plain(page)
    chart_box(page)
    page.evaluate(
        """(mark) => {
            const { viewer } = tracekit;
            const node = [...viewer.tree.symbol.keys()].find((node) => viewer.nameOf(node).includes(mark));
            viewer.select(node);
        }""",
        TOPK,
    )
    assert marked.locator("td:first-child").all_inner_texts() == ["best"]
    page.locator("section:has(> #operations)").screenshot(path=SCREENSHOTS / "operations.png")
    assert len(analysis.focused)


def test_a_page_without_a_plan_has_no_section(shared_page: Page) -> None:
    page = open_text(shared_page, render(analysis_of(LEAVES.name), PROVENANCE))
    assert page.locator("#operations").count() == 0


def test_names_of_a_model_are_text(shared_page: Page, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    hostile = '</script><img src=x onerror=\\"document.title=1\\">\\u202e'
    plan.write_text(
        f'{{"operations": [{{"name": "{hostile}", "op": "<b>", "preferred": "ANE", "supported": ["ANE"]}}]}}'
    )
    page = open_text(shared_page, render(api.analyze(LEAVES, plan=plan), PROVENANCE))
    assert page.locator("table.operations img, table.operations b").count() == 0
    assert "\\u{202e}" in page.locator("table.operations").inner_text()
