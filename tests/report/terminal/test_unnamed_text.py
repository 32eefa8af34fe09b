"""What has no name, as drawn, with what would name it."""

from dataclasses import replace

import pandas as pd
import pytest

from tests.support.profiles import profile_from_text
from tracekit.analysis.unnamed import Unnamed, unnamed
from tracekit.report.terminal.drawing import to_plain
from tracekit.report.terminal.unnamed_text import unnamed_view

UUID = "A0000000-0000-4000-8000-000000000001"
IMAGES = pd.DataFrame(
    {
        "image": ["Demo", "Espresso", "lib\x1b[2J", ""],
        "path": ["/Applications/Demo.app/Demo", "/System/Library/Espresso", "/usr/local/lib.dylib", ""],
        "uuid": [UUID, UUID, "", ""],
        "load_addr": [1, 1, 1, 0],
        "functions": [1000, 2, 3, 4],
        "samples": [5000, 4, 3, 1],
        "weight": [5000, 4, 3, 1],
        "share": [0.5, 0.0004, 0.0003, 0.0001],
        "leaf_share": [0.25, 0.0, 0.0, 0.0],
    }
)


def drawn(found: Unnamed, path: str = "run.trace") -> list[str]:
    return to_plain(unnamed_view(found, path), 200).splitlines()


def test_each_image_has_a_row_and_each_kind_of_image_a_line_that_helps() -> None:
    lines = drawn(Unnamed(10_000, 10_000, 5_001, 0.5, IMAGES))
    assert lines[0] == "50.0 % of the weight of 10,000 samples has a function without a name on its stack."
    assert lines[3].split() == ["50.0", "%", "25.0", "%", "5,000", "1,000", "Demo", UUID]
    assert lines[6].split()[-4:] == ["4", "(in", "no", "image)"]
    assert [line.split(":")[0].strip() for line in lines[8:]] == [
        "Demo",
        "On a Mac, this finds a dSYM of that UUID",
        "Apple publishes no dSYM of its libraries, and many of their inner functions have no name at all.",
        "What the Mac that recorded can name",
        "Where no UUID or no load address was recorded, no dSYM can be matched.",
        "Code in no image was made while the program ran, or the recording lists no images",
    ]
    assert lines[8] == "Demo: tracekit analyze run.trace --dsym Demo.dSYM"
    assert lines[9].endswith(f"mdfind 'com_apple_xcode_dsym_uuids == {UUID}'")
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize(
    "path, image, command",
    [
        ("my run.trace", "Demo", "tracekit analyze 'my run.trace' --dsym Demo.dSYM"),
        ("-run.trace", "Demo; rm x", "tracekit analyze ./-run.trace --dsym 'Demo; rm x.dSYM'"),
        ("-", "--help", "tracekit analyze - --dsym ./--help.dSYM"),
        ("a\x1b[2J", "Demo", "tracekit analyze 'a\\u{1b}[2J' --dsym Demo.dSYM"),
    ],
)
def test_its_command_can_be_pasted_whatever_the_names_are(path: str, image: str, command: str) -> None:
    lines = drawn(Unnamed(9, 9, 9, 0.5, IMAGES.head(1).assign(image=image)), path)
    assert f"{image}: {command}" in lines


def test_where_all_is_named_it_is_said() -> None:
    whole = unnamed(profile_from_text("main;work 3"))
    assert drawn(whole) == ["Every function on the stacks of 1 sample has a name."]
    assert drawn(replace(whole, stacks=0)) == ["No sample has a stack."]
