"""Names that a file chose cannot spoil a message."""

import pytest

from tracekit.readers.bundle.shown import listed, shown


@pytest.mark.parametrize(
    "text, expected",
    [("time-profile", "time-profile"), ("a\nb\x1b[1m", "a\ufffdb\ufffd[1m"), ("x" * 81, "x" * 80 + "…"), ("", "")],
)
def test_a_name_is_one_line_of_reasonable_length(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_names_are_listed_once_in_order() -> None:
    assert listed(["b", "a", "b"]) == "a, b"
    assert listed([]) == "none"
    assert listed(f"{number:03}" for number in range(50)).endswith("038, 039 and 10 more")
