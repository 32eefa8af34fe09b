"""Which functions of several profiles are the same."""

import pytest

from tests.support.profiles import profile_from_text
from tracekit.analysis.compare.functions import shared_functions


@pytest.mark.parametrize(
    "a,b,same",
    [
        ("Lib`work", "Lib`work", True),
        ("Lib`work", "Other`work", False),
        ("Lib`work", "Lib`work2", False),
        ("Lib`0x10", "Lib`0x20", True),
        ("Lib`0x10", "Other`0x10", False),
        ("Lib`<redacted>", "Lib`0x20", True),
        ("app::run::h0123456789abcdef", "app::run::hfedcba9876543210", True),
        ("app::run::h0123456789abcdeg", "app::run::hfedcba9876543210", False),
    ],
)
def test_which_functions_are_the_same(a: str, b: str, same: bool) -> None:
    functions = shared_functions(profile_from_text(f"{a} 1"), profile_from_text(f"{b} 1"))
    assert (functions.of_frame[0][0] == functions.of_frame[1][0]) == same


@pytest.mark.parametrize("name", ["<redacted>", "<deduplicated_symbol>", "<unknown>", "?", "0x10"])
def test_what_stands_for_a_stripped_symbol_is_no_name(name: str) -> None:
    (row,) = shared_functions(profile_from_text(f"Lib`{name} 1")).table.to_dict("records")
    assert row == {"name": "", "image": "Lib", "is_named": False}


def test_functions_are_numbered_in_the_order_in_which_they_are_first_met() -> None:
    texts = ["app`main;Lib`work 1", "plain;Lib`0x10;Lib`work 1", "plain;Lib`0x20;app`main 1"]
    profiles = [profile_from_text(text) for text in texts]
    functions = shared_functions(*profiles)
    rows = functions.table[["name", "image", "is_named"]].values.tolist()
    read = [
        dict(zip(profile.frames["name"], of.tolist(), strict=True))
        for profile, of in zip(profiles, functions.of_frame, strict=True)
    ]
    assert read == [{"work": 0, "main": 1}, {"work": 0, "0x10": 2, "plain": 3}, {"main": 1, "0x20": 2, "plain": 3}]
    assert rows == [["work", "Lib", True], ["main", "app", True], ["", "Lib", False], ["plain", "", True]]
    assert functions.table.index.tolist() == [0, 1, 2, 3]
