"""Every code has its page, is tested to fire, and an unknown one is refused."""

from pathlib import Path

import pytest

from tests.analysis.findings import test_of_trace
from tests.analysis.findings.cases import FIRES
from tests.support.bless import Golden
from tracekit.analysis.findings.catalogue import entries, entry
from tracekit.errors import SelectionError

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("code", entries())
def test_every_code_has_its_page(golden: Golden, code: str) -> None:
    """``pytest --bless`` writes the pages from the catalogue."""
    page = Golden(ROOT / "docs" / "findings", golden.actual, golden.test, bless=golden.bless)
    page(f"{code}.md", entry(code).page())


def test_every_page_has_a_code() -> None:
    assert {path.stem for path in (ROOT / "docs" / "findings").glob("*.md")} == set(entries())


def test_every_code_is_tested_to_fire() -> None:
    assert {*FIRES, "plan-not-followed", *test_of_trace.FIRES} == set(entries())


def test_an_unknown_code_is_refused_with_the_nearest() -> None:
    with pytest.raises(SelectionError, match=r"no finding has the code 'fp32'\. Did you mean fp32-compute"):
        entry("fp32")


def test_of_a_code_like_no_other_all_are_named() -> None:
    with pytest.raises(SelectionError) as raised:
        entry("zzzz")
    assert raised.value.hint == f"All codes: {', '.join(entries())}"
