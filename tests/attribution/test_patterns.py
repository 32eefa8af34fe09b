"""Patterns for symbols: prefixes, globs, expressions, with an image or without; what can match nothing is refused."""

import pytest

from tests.support.profiles import profile_from_text
from tracekit.attribution.patterns import frames_matching, parse
from tracekit.errors import SelectionError

FRAMES = """
    MyApp`main;CoreML`-[MLModel predict:];Espresso`Espresso::net::__forward(int) 1
    My App`main;Espresso::net::reset() 1
"""


@pytest.mark.parametrize(
    "pattern,matched",
    [
        ("main", {"MyApp`main", "My App`main"}),
        ("  main ", {"MyApp`main", "My App`main"}),
        ("mai?", {"MyApp`main", "My App`main"}),
        ("ain", set()),
        ("*ain", {"MyApp`main", "My App`main"}),
        ("MyApp`main", {"MyApp`main"}),
        ("My App`main", {"My App`main"}),
        ("-[MLModel predict", {"CoreML`-[MLModel predict:]"}),
        ("Espresso::net", {"Espresso`Espresso::net::__forward(int)", "Espresso::net::reset()"}),
        ("Espresso`Espresso::net", {"Espresso`Espresso::net::__forward(int)"}),
        ("Espresso`*", {"Espresso`Espresso::net::__forward(int)"}),
        ("Espresso`re:net::", {"Espresso`Espresso::net::__forward(int)"}),
        ("CoreML`re:net::", set()),
        ("re:net::", {"Espresso`Espresso::net::__forward(int)", "Espresso::net::reset()"}),
        ("re:^net", set()),
    ],
)
def test_which_frames_a_pattern_means(pattern: str, matched: set[str]) -> None:
    profile = profile_from_text(FRAMES)
    images = [*profile.binaries["name"], ""]
    names = [
        f"{images[binary]}`{name}" if images[binary] else name
        for name, binary in zip(profile.frames["name"], profile.frames["binary_id"], strict=True)
    ]
    found = frames_matching(profile, [parse(pattern)])
    assert {name for name, chosen in zip(names, found, strict=True) if chosen} == matched


@pytest.mark.parametrize(
    "pattern,complaint",
    [
        ("", "the pattern is empty"),
        ("   ", "the pattern is empty"),
        ("re:", "the pattern is empty"),
        ("Espresso`re:", "the pattern is empty"),
        ("re:(", "'re:\\(' is not a regular expression"),
        ("Espresso`re:(", "is not a regular expression"),
        ("Espresso`", "can match nothing: no symbol holds a `"),
        ("`main", "can match nothing"),
        ("re:^Espresso`Espresso::net", "can match nothing"),
        ("Espresso`CoreML`f", "can match nothing"),
    ],
)
def test_what_can_match_nothing_is_refused(pattern: str, complaint: str) -> None:
    with pytest.raises(SelectionError, match=complaint) as problem:
        parse(pattern)
    if "match nothing" in complaint:
        assert "An image stands first, as in Espresso`Espresso::net or Espresso`re:^Espresso::" in str(problem.value)
    if "empty" in complaint:
        assert str(problem.value) == "the pattern is empty. Give a symbol prefix, a glob, or re:EXPRESSION."


@pytest.mark.parametrize("pattern", ["main", "ma*", "re:main", " Espresso`re:x "])
def test_a_pattern_keeps_what_was_written(pattern: str) -> None:
    assert parse(pattern).text == pattern


def test_a_glob_reaches_over_line_breaks_and_an_image_must_be_named() -> None:
    assert parse("a*b").matches("a\nb", "")
    assert not parse("X`a*").matches("ab", "")
