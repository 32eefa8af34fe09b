"""The words of a first screen are explained once: by a tooltip, and in docs/report.md."""

from pathlib import Path

from lxml import html

from tests.report.html.pages import PROVENANCE
from tests.support.samples import analysis_of
from tracekit.report.html.report import render
from tracekit.report.terms import TERMS

ROOT = Path(__file__).parents[2]


def test_the_documentation_has_the_same_words() -> None:
    page = (ROOT / "docs" / "report.md").read_text("utf-8")
    assert [f"| {term} | {said} |" for term, said in TERMS.items()] == [
        line for line in page.partition("## Words")[2].partition("\n## ")[0].splitlines() if line.startswith("| ")
    ][1:]


def test_the_first_screen_explains_its_words() -> None:
    analysis = analysis_of("ane-with-cpu-fallback.trace.zip")
    page = html.fromstring(render(analysis, PROVENANCE, plotlyjs="cdn"))
    told = {abbreviation.get("title") for abbreviation in page.xpath("//abbr")}
    assert told <= set(TERMS.values())
    asked = ("Neural Engine", "evidence", "CPU time", "warm-up", "busy", "p50", "driving", "request", "prediction")
    assert {TERMS[term] for term in asked} <= told
