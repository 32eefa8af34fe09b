from collections import Counter

import pytest
from hypothesis import given

from tests.model.strategies import built, hostile_names, named_paths, weighted_stacks
from tests.support.trees import format_tree
from tracekit.model.builder import ProfileBuilder
from tracekit.model.folded import from_folded, is_address, parse_line, split_image, to_folded
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE


def with_images() -> Profile:
    builder = ProfileBuilder()
    espresso = builder.binary("Espresso")
    main, forward = builder.frame("main"), builder.frame("Espresso::net::__forward", espresso)
    builder.sample(time_ns=0, stack=builder.stack([forward, main]), weight=5)
    builder.sample(time_ns=0, stack=builder.stack([forward, main]), weight=6)
    builder.sample(time_ns=0, stack=builder.stack([main]), weight=7)
    builder.sample(time_ns=0, weight=8)
    return builder.build(Meta(unit="ns"))


@pytest.mark.parametrize(
    "line, frames, weight",
    [
        ("main 1", ["main"], 1),
        ("main;net;conv 42", ["main", "net", "conv"], 42),
        ("-[A b:];ns::f(int) const 3", ["-[A b:]", "ns::f(int) const"], 3),
        ("thread 12;f 3", ["thread 12", "f"], 3),
        ("f 12 3", ["f 12"], 3),
        ("a ; b  7", ["a", "b"], 7),
        ("a\t7", ["a"], 7),
        (f"a {2**63 - 1}", ["a"], 2**63 - 1),
    ],
)
def test_a_line_is_frames_from_the_root_and_a_weight(line: str, frames: list[str], weight: int) -> None:
    assert parse_line(line) == (frames, weight)


@pytest.mark.parametrize(
    "line, why",
    [
        ("", "empty"),
        ("main", "no weight"),
        ("main 1.5", "a fraction"),
        ("main -1", "negative"),
        ("main1", "the number belongs to the name"),
        ("12", "a weight without a stack"),
        ("main ٣", "not an ASCII digit"),
        ("main 0x10", "not a decimal number"),
        (f"main {2**63}", "more than 64 bits"),
        ("main " + "9" * 5000, "far more than 64 bits"),
    ],
)
def test_a_line_without_a_whole_weight_is_not_folded(line: str, why: str) -> None:
    assert parse_line(line) is None, why


@pytest.mark.parametrize(
    "text, image, name",
    [
        ("Espresso`Espresso::net::__forward", "Espresso", "Espresso::net::__forward"),
        ("Google Chrome`main", "Google Chrome", "main"),
        ("A`b`c", "A", "b`c"),
        ("main", "", "main"),
        ("`main", "", "`main"),
        ("main`", "", "main`"),
        ("`a` b", "", "`a` b"),
    ],
)
def test_an_image_stands_before_the_first_backtick(text: str, image: str, name: str) -> None:
    assert split_image(text) == (image, name)


@pytest.mark.parametrize(
    "name, expected",
    [("0x1a2B", True), ("0x", False), ("1a2b", False), ("f 0x1", False), ("0x1 f", False), ("0xfg", False)],
)
def test_an_address_is_hexadecimal_and_nothing_else(name: str, *, expected: bool) -> None:
    assert is_address(name) is expected


def test_equal_stacks_are_one_line_and_lines_are_sorted() -> None:
    assert to_folded(with_images()) == "main 7\nmain;Espresso::net::__forward 11\n"


def test_without_weights_samples_are_counted() -> None:
    assert to_folded(with_images(), weight=False) == "main 1\nmain;Espresso::net::__forward 2\n"


def test_images_are_written_where_they_are_known() -> None:
    assert to_folded(with_images(), images=True) == "main 7\nmain;Espresso`Espresso::net::__forward 11\n"


def test_stacks_that_look_the_same_in_text_are_added_up() -> None:
    builder = ProfileBuilder()
    for image in ("A", "B"):
        frame = builder.frame("f", builder.binary(image))
        builder.sample(time_ns=0, stack=builder.stack([frame]), weight=1)
    profile = builder.build(Meta(unit="ns"))
    assert to_folded(profile) == "f 2\n"
    assert to_folded(profile, images=True) == "A`f 1\nB`f 1\n"


def test_a_profile_without_stacks_is_empty_text() -> None:
    assert to_folded(built([([], 3)])) == ""


@pytest.mark.parametrize(
    "name, written",
    [
        ("a;b", "a:b"),
        ("a\nb", "a b"),
        ("a\r\nb", "a  b"),
        (" a ", "a"),
        ("", "?"),
        (" \n ", "?"),
        ("\x1b[31mred", "\x1b[31mred"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    ],
)
def test_a_name_is_written_without_what_would_end_a_frame_or_a_line(name: str, written: str) -> None:
    assert to_folded(built([(["root", name], 1)])) == f"root;{written} 1\n"


def test_an_image_is_written_without_what_would_end_it() -> None:
    assert to_folded(built([(["f"], 1)], image="a;b`c\nd "), images=True) == "a:b'c d`f 1\n"


def test_from_folded_reads_frames_images_and_addresses() -> None:
    profile = from_folded("main;Espresso`net;0x1f 3\nmain 4\n", unit="ns", thread="worker")
    assert Counter(zip(profile.frames["name"], profile.frames["is_symbolicated"], strict=True)) == Counter(
        {("main", True): 1, ("net", True): 1, ("0x1f", False): 1}
    )
    assert list(profile.binaries["name"]) == ["Espresso"]
    assert list(profile.threads["name"]) == ["worker"]
    assert (profile.weight, len(profile), profile.meta.unit) == (7, 2, "ns")


def test_from_folded_takes_every_line_as_a_sample_in_order() -> None:
    profile = from_folded("b 1\na 2\nb 3\n")
    paths = named_paths(profile)
    assert [paths[row] for row in profile.samples["stack_id"]] == [("b",), ("a",), ("b",)]
    assert profile.samples["weight"].tolist() == [1, 2, 3]


def test_from_folded_ignores_blank_lines_and_comments_and_counts_the_rest() -> None:
    profile = from_folded("# made by hand\n\n  \nmain 1\nnot folded\nmain x\n")
    assert len(profile) == 1
    (notice,) = profile.meta.notices
    assert (notice.code, notice.count) == ("skipped-row:malformed-line", 2)
    assert notice.message.startswith("line 5 ")


def test_from_folded_reads_lines_that_end_in_carriage_return_too() -> None:
    assert to_folded(from_folded("a;b 1\r\nc 2\r\n")) == "a;b 1\nc 2\n"


def test_a_root_that_begins_like_a_comment_is_not_lost() -> None:
    assert from_folded(to_folded(built([(["#1 closure", "f"], 3)]))).weight == 3


@given(weighted_stacks())
def test_reading_what_was_written_gives_the_same_stacks(stacks: list[tuple[list[str], int]]) -> None:
    profile = built(stacks)
    again = from_folded(to_folded(profile))
    expected: Counter[tuple[str, ...]] = Counter()
    for root_first, weight in stacks:
        if root_first:
            expected[tuple(root_first)] += weight
    paths = named_paths(again)
    weights = zip(again.samples["stack_id"], again.samples["weight"], strict=True)
    assert {paths[row]: weight for row, weight in weights} == {path: w for path, w in expected.items() if w}
    assert again.meta.notices == ()


@given(weighted_stacks(hostile_names), hostile_names)
def test_written_text_reads_back_as_the_same_text(stacks: list[tuple[list[str], int]], image: str) -> None:
    profile = built(stacks, image=image)
    text = to_folded(profile, images=True)
    again = from_folded(text)
    assert to_folded(again, images=True) == text
    assert again.meta.notices == ()
    assert again.weight == sum(weight for root_first, weight in stacks if root_first)


@given(weighted_stacks(hostile_names))
def test_names_never_cost_weight_even_without_images(stacks: list[tuple[list[str], int]]) -> None:
    again = from_folded(to_folded(built(stacks)))
    assert again.weight == sum(weight for root_first, weight in stacks if root_first)


def test_a_tree_is_drawn_heaviest_child_first() -> None:
    assert format_tree(
        from_folded("main;load;parse 2\nmain;predict;net;copy 1\nmain;predict;net;conv 3\nidle 9\n")
    ) == [
        "idle        total 9  self 9",
        "main        total 6  self 0",
        "  predict   total 4  self 0",
        "    net     total 4  self 0",
        "      conv  total 3  self 3",
        "      copy  total 1  self 1",
        "  load      total 2  self 0",
        "    parse   total 2  self 2",
    ]


def test_a_tree_of_nothing_is_no_lines() -> None:
    assert format_tree(built([])) == []


def test_samples_without_a_stack_are_in_no_line() -> None:
    profile = with_images()
    assert (profile.samples["stack_id"] == NONE).sum() == 1
    assert profile.weight - from_folded(to_folded(profile)).weight == 8
