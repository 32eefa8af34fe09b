"""Symbols cut to fit: what tells least goes first, and nothing is wider than its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tracekit.report.terminal.shorten import short_symbol, short_symbol_and_image

COPY = "void E5RT::Ops::copy<float, int>(E5RT::Buffer const&)"
PREDICT = "-[MLE5Engine _predictionFromFeatures:stream:options:error:]"


@pytest.mark.parametrize(
    "name, width, short",
    [
        (COPY, 53, COPY),
        (COPY, 52, "void E5RT::Ops::copy<float, int>(…)"),
        (COPY, 34, "void E5RT::Ops::copy<…>(…)"),
        (COPY, 25, "E5RT::Ops::copy<…>(…)"),
        (COPY, 20, "…::Ops::copy<…>(…)"),
        (COPY, 17, "…::copy<…>(…)"),
        (COPY, 12, "…::…py<…>(…)"),
        (PREDICT, 59, PREDICT),
        (PREDICT, 58, "-[MLE5Engine _predictionFromFeatures:…]"),
        (PREDICT, 20, "-[MLE5…omFeatures:…]"),
        ("-[MLModel modelDescription]", 10, "-[M…ption]"),
        ("Espresso::SerDes::operator>>(std::vector<a, b<c>>&)", 40, "Espresso::SerDes::operator>>(…)"),
        ("net::operator()(net::blob<float>*) const", 30, "net::operator()(…) const"),
        ("(anonymous namespace)::run(int, int)", 33, "(anonymous namespace)::run(…)"),
        ("a::f<(a::Mode)1>(int)", 17, "a::f<…>(…)"),
        ("std::unique_ptr<A, B<C>>* std::make_unique<A>(int)", 24, "std::make_unique<…>(…)"),
        ("closure #1 in Model.run(on:with:)", 32, "closure #1 in Model.run(…)"),
        ("protocol witness for A.run(on:) in conformance B", 46, "protocol witness for A.run(…) in conformance B"),
        ("<alloc::vec::Vec<T> as Iterator<U>>::next", 30, "<alloc::v…s Iterator<…>>::next"),
        ("0x1a87d4320", 11, "0x1a87d4320"),
        ("anything", 1, "…"),
        ("anything", 0, ""),
    ],
)
def test_what_tells_least_goes_first(name: str, width: int, short: str) -> None:
    assert short_symbol(name, width) == short


@pytest.mark.parametrize(
    "room, shown",
    [
        (63, (COPY, "Espresso")),
        (62, ("void E5RT::Ops::copy<float, int>(…)", "Espresso")),
        (50, ("void E5RT::Ops::copy<float, int>(…)", "Espresso")),
        (49, ("void E5RT::Ops::copy<float, int>(…)", "")),
        (20, ("…::Ops::copy<…>(…)", "")),
    ],
)
def test_the_image_stays_while_the_symbol_keeps_most_of_itself(room: int, shown: tuple[str, str]) -> None:
    assert short_symbol_and_image(COPY, "Espresso", room) == shown


@given(st.text(st.sampled_from("ab:<>()-[] ,…字é\u0301"), max_size=40), st.integers(0, 45))
def test_nothing_is_wider_than_its_place_and_what_fits_is_whole(name: str, width: int) -> None:
    short = short_symbol(name, width)
    assert cell_len(short) <= width
    assert short == name if cell_len(name) <= width else "…" in short or width == 0
