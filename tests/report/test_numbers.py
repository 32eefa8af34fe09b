import pytest

from tracekit.report.numbers import points_text, readable_symbol, signed, visible


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


@pytest.mark.parametrize(
    "symbol,written",
    [
        ("core::iter::_$LT$impl$u20$Iterator$GT$::next::h0123456789abcdef", "core::iter::_<impl Iterator>::next"),
        ("core::iter::_$LT$impl$u20$Iterator$GT$::next", "core::iter::_<impl Iterator>::next"),
        ("_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$X$GT$::from_iter", "<alloc::vec::Vec<T> as X>::from_iter"),
        ("app::run::h0123456789abcdef", "app::run"),
        ("app::run::h0123456789abcdef (.llvm.1234567890)", "app::run"),
    ],
)
def test_rust_is_written_as_rust_writes_it(symbol: str, written: str) -> None:
    assert readable_symbol(symbol) == written


@pytest.mark.parametrize(
    "symbol",
    [
        "app::run",  # nothing tells that it was mangled
        "app::run::h0123456789abcdeg",  # no hash
        "$s4main5ModelV7predict$C$",  # Swift
        "operator..$LT$",  # no pair of brackets
        "f(...)",
    ],
)
def test_other_symbols_stay(symbol: str) -> None:
    assert readable_symbol(symbol) == symbol


@pytest.mark.parametrize(
    "change,written",
    [
        (0.098, "+9.8 points"),
        (-0.098, "−9.8 points"),
        (0.0, "0.0 points"),
        (0.0004, "0.0 points"),
        (-0.0004, "0.0 points"),
        (1.0, "+100.0 points"),
    ],
)
def test_points_have_a_sign_where_there_is_a_change(change: float, written: str) -> None:
    assert points_text(change) == written


def test_a_sign_stands_before_the_size() -> None:
    assert [signed(number, "5 ms") for number in (-5, 0, 5)] == ["−5 ms", "5 ms", "+5 ms"]
