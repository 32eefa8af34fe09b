import pytest

from tracekit.report.numbers import visible


@pytest.mark.parametrize(
    "hidden",
    [
        *("\x00", "\x1b", "\x7f", "\x9f", "\u00ad", "\u061c", "\u200b", "\u200f", "\u202e", "\u2066", "\u206a"),
        *("\u206f", "\ufeff", "\ufffb", "\ud800", "\U000e0001", "\U000e007f"),
    ],
)
def test_what_nobody_sees_is_written_out(hidden: str) -> None:
    assert visible(f"a{hidden}b") == f"a\\u{{{ord(hidden):x}}}b"


@pytest.mark.parametrize("text", ["plain", "Größe", "名前", "a b", "🙂", "\u2070", "\U000e0080"])
def test_other_text_stays(text: str) -> None:
    assert visible(text) == text
