import pandas as pd
import pytest

from tests.report.html.test_report import HOSTILE
from tracekit.attribution.catalogue import parse_catalogue
from tracekit.attribution.names import own_name
from tracekit.attribution.rules import first_match
from tracekit.report.starter_rules import starter_rules

SYMBOLS = [
    "Espresso::something_new(int)",
    "-[MLFuture doIt:withThis:]",
    'E5RT::Quoted<"a\\b">::operator()(int&&)',
    "a\x7fb\x00c",
    *HOSTILE,
]


def unmatched(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["symbol", "binary"])


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("image", ["", "Espresso", "lib[x].dylib"])
def test_a_starter_rule_is_valid_and_matches_its_function_alone(symbol: str, image: str) -> None:
    (rule,) = parse_catalogue(starter_rules(unmatched((symbol, image))), "rules.toml").rules
    assert first_match([rule], own_name(symbol), image)
    assert not first_match([rule], own_name(f"x{symbol}"), image)
    assert image == "" or not first_match([rule], own_name(symbol), "Other")
    assert (rule.engine, rule.phase) == ("CPU", "execute")


def test_rules_of_several_functions_go_together() -> None:
    rows = [("Espresso::a(int)", "Espresso"), ("Espresso::a(long)", "Espresso"), ("Espresso::a(int)", "Other")]
    assert len({rule.id for rule in parse_catalogue(starter_rules(unmatched(*rows)), "rules.toml").rules}) == 3


def test_an_address_is_no_name_for_a_rule() -> None:
    assert starter_rules(unmatched(("0x1000", "Espresso"))) == ""
