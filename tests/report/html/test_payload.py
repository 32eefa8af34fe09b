import base64
import zlib

import pytest
from hypothesis import given

from tests.report.plain import plain_samples, unpacked
from tests.support.profiles import profile_from_text, profiles
from tracekit.attribution.engines import attribute
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE
from tracekit.report.html.payload import pack
from tracekit.report.palette import PHASE_KINDS
from tracekit.report.redaction import without_folders


def packed(text: str) -> str:
    return pack(attribute(profile_from_text(text)))


KIND_OF = {phase: kind.label for kind in PHASE_KINDS for phase in kind.phases}


@given(profiles())
def test_the_cells_hold_every_sample_with_a_stack(profile: Profile) -> None:
    profile = attribute(profile)
    expected: dict[tuple[object, ...], tuple[int, int]] = {}
    for sample in plain_samples(profile):
        if sample.path:
            tid, name, _ = sample.thread
            key = (sample.path, sample.engine, KIND_OF[sample.phase], sample.rule, f"{name or 'unnamed'} · {tid}")  # type: ignore[index]
            weight, count = expected.get(key, (0, 0))
            expected[key] = (weight + sample.weight, count + 1)
    assert unpacked(pack(profile)).sums("path", "engine", "phase", "rule", "thread") == expected


@given(profiles())
def test_every_sample_keeps_its_time_to_a_microsecond(profile: Profile) -> None:
    late = profile.with_samples(profile.samples.assign(time_ns=profile.samples["time_ns"] * 1000))
    with_stack = late.samples[late.samples["stack_id"] >= 0]
    times = [cell.time for cell in unpacked(pack(attribute(late))).cells()]
    if late.samples["time_ns"].nunique() > 1:
        assert times == sorted(with_stack["time_ns"] // 1000)
    else:
        assert set(times) <= {None}


def test_too_many_samples_are_summed_over_time(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = ProfileBuilder()
    stack = builder.stack([builder.frame("main", -1)])
    for time in range(5):
        builder.sample(time_ns=time * 1_000_000, thread_id=builder.thread(1), stack=stack, weight=3)
    profile = attribute(builder.build(Meta("ns")))
    assert [cell.time for cell in unpacked(pack(profile)).cells()] == [0, 1000, 2000, 3000, 4000]
    monkeypatch.setattr("tracekit.report.html.payload.MOST_TIMED", 4)
    assert [(cell.time, cell.weight, cell.samples) for cell in unpacked(pack(profile)).cells()] == [(None, 15, 5)]


@pytest.mark.parametrize(
    "image,is_runtime",
    [
        ("libsystem_kernel.dylib", True),
        ("libobjc.A.dylib", True),
        ("libc++.1.dylib", True),
        ("CoreFoundation", True),
        ("CoreML", False),
        ("libBNNS.dylib", False),
        ("MyFoundation", False),
        ("FoundationModels", False),
        ("libobjcryption.dylib", False),
    ],
)
def test_which_images_every_program_runs_on(image: str, is_runtime: bool) -> None:
    assert unpacked(packed(f"{image}`f 1")).header["runtime"] == [0, int(is_runtime)]


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
    assert sorted(cell.weight for cell in read.cells()) == [1, weight]


def test_weights_are_stored_in_their_greatest_common_divisor() -> None:
    read = unpacked(packed("main;a 3000000\nmain;b 2000000"))
    assert read.header["scale"] == 1_000_000
    assert read.columns["cell_weight"] == [3, 2]


def test_a_frame_has_its_source_where_it_is_known() -> None:
    builder = ProfileBuilder()
    known, other = builder.frame("known", NONE, file="/src/net.swift", line=12), builder.frame("other", NONE)
    builder.sample(time_ns=0, thread_id=builder.thread(1), stack=builder.stack([known, other]), weight=1)
    read = unpacked(pack(attribute(builder.build(Meta("ns"))), without_folders))
    sources = zip(read.header["symbols"], read.columns["file"], read.columns["line"], strict=True)
    assert {name: (read.header["files"][file], line) for name, file, line in sources} == {
        "known": ("…/net.swift", 12),
        "other": ("", 0),
    }


def test_weights_of_nothing() -> None:
    assert [cell.weight for cell in unpacked(packed("main 0")).cells()] == [0]


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


@pytest.mark.no_cover
def test_a_hundred_thousand_calls_fit() -> None:
    stacks = []
    for n in range(1, 14_000):
        frames = (f"module_{(n * 31 + level * 17) % 997}::function_{(n >> level) % 61}" for level in range(9))
        stacks.append(f"main;{';'.join(frames)} {n}")
    profile = attribute(profile_from_text("\n".join(stacks)))
    assert len(profile.stacks) > 100_000
    assert len(pack(profile)) < 2_500_000
