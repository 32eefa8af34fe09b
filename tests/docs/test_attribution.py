"""What docs/attribution.md says of rules, phases and thresholds is what the code does."""

import re
from typing import get_args

import pytest

from tests.docs.catalogue import CATALOGUE, with_generated_parts
from tests.docs.pages import ROOT
from tests.support.bless import Golden
from tracekit.analysis.verdict.decision import ANSWERS, ENOUGH_SAMPLES, OTHERS_ALLOWED, Reason
from tracekit.analysis.verdict.judge import EvidenceClass
from tracekit.model.schema import ENGINES, PHASES

NAME = "attribution.md"
PAGE = with_generated_parts((ROOT / "docs" / NAME).read_text("utf-8"))
"""As it is once it was blessed, so that blessing and the other tests of the page are one run."""


def test_roots_places_and_rules_are_those_of_the_catalogue(request: pytest.FixtureRequest) -> None:
    """``pytest --bless`` writes them into the page."""
    page = Golden(
        expected=ROOT / "docs",
        actual=ROOT / "build" / "golden",
        test=request.node.nodeid,
        bless=request.config.getoption("--bless"),
    )
    page(NAME, PAGE)


def test_every_rule_is_in_the_catalogue() -> None:
    catalogue = PAGE.partition("## The catalogue")[2]
    assert sorted(re.findall(r"^\| `([\w-]+)` \|", catalogue, re.M)) == sorted(rule.id for rule in CATALOGUE.rules)


@pytest.mark.parametrize(
    "heading,names",
    [
        ("### Places", CATALOGUE.place_names),
        ("## The verdict", (*ANSWERS, *get_args(EvidenceClass))),
        ("## Engines and phases", (*ENGINES, *PHASES)),
    ],
)
def test_a_table_explains_every_name(heading: str, names: tuple[str, ...]) -> None:
    section = re.split(r"^##", PAGE.partition(f"\n{heading}\n")[2], maxsplit=1, flags=re.M)[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.M)) == tuple(names)


def test_the_thresholds_are_those_of_the_code() -> None:
    assert f"Why {ENOUGH_SAMPLES} samples." in PAGE
    assert f"Why {OTHERS_ALLOWED:.0%}.".replace("%", " %") in PAGE
    assert f"at least {ENOUGH_SAMPLES} samples" in PAGE


def test_the_table_of_the_verdict_has_a_row_for_every_reason() -> None:
    table = PAGE.partition("### What decides")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `([^`]+)` \|", table, re.M)) == sorted(get_args(Reason))
