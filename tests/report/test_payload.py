import base64
import zlib
from collections import Counter

import pytest
from hypothesis import given

from tests.report.plain import plain_samples, unpacked
from tests.support.profiles import profile_from_text, profiles
from tracekit.analysis.engines import attribute
from tracekit.model.profile import Profile
from tracekit.report.payload import pack


def packed(text: str) -> str:
    return pack(attribute(profile_from_text(text)))


@given(profiles())
def test_the_cells_hold_every_sample_with_a_stack(profile: Profile) -> None:
    profile = attribute(profile)
    expected: Counter[tuple[object, str]] = Counter()
    counts: Counter[tuple[object, str]] = Counter()
    for sample in plain_samples(profile):
        if sample.path:
            expected[sample.path, sample.engine] += sample.weight
            counts[sample.path, sample.engine] += 1
    cells = list(unpacked(pack(profile)).cells())
    assert {(path, engine): weight for path, engine, weight, _ in cells} == dict(expected)
    assert {(path, engine): count for path, engine, _, count in cells} == dict(counts)


@pytest.mark.parametrize(
    "weight,kind",
    [
        (255, "uint8"),
        (256, "uint16"),
        (65_535, "uint16"),
        (65_536, "uint32"),
        (2**32, "float64"),
        (2**53 - 1, "float64"),
    ],
)
def test_a_column_is_as_narrow_as_its_largest_number(weight: int, kind: str) -> None:
    read = unpacked(packed(f"main;a {weight}\nmain;b 1"))
    (column,) = [column for column in read.header["columns"] if column["name"] == "cell_weight"]
    assert column["type"] == kind
    assert sorted(weight for _, _, weight, _ in read.cells()) == [1, weight]


def test_weights_are_stored_in_their_greatest_common_divisor() -> None:
    read = unpacked(packed("main;a 3000000\nmain;b 2000000"))
    assert read.header["scale"] == 1_000_000
    assert read.columns["cell_weight"] == [3, 2]


def test_weights_of_nothing() -> None:
    assert [weight for _, _, weight, _ in unpacked(packed("main 0")).cells()] == [0]


def test_names_are_readable_and_hide_nothing() -> None:
    symbols = unpacked(packed("main;evil\u202ename;core::fmt::_$LT$impl$GT$::x::h0123456789abcdef 1")).header["symbols"]
    assert sorted(symbols) == ["core::fmt::_<impl>::x", "evil\\u{202e}name", "main"]


def test_only_names_in_use_are_packed() -> None:
    profile = attribute(profile_from_text("main;a 1\nmain;b 2"))
    only_a = profile.with_samples(profile.samples.head(1).reset_index(drop=True))
    assert sorted(unpacked(pack(only_a)).header["symbols"]) == ["a", "main"]


def test_the_text_has_no_character_of_html() -> None:
    text = packed("</script>;<b>&amp;\"' 1")
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
    assert zlib.decompress(base64.b64decode(text))


def test_a_hundred_thousand_calls_fit() -> None:
    stacks = []
    for n in range(1, 14_000):
        frames = (f"module_{(n * 31 + level * 17) % 997}::function_{(n >> level) % 61}" for level in range(9))
        stacks.append(f"main;{';'.join(frames)} {n}")
    profile = attribute(profile_from_text("\n".join(stacks)))
    assert len(profile.stacks) > 100_000
    assert len(pack(profile)) < 2_500_000
