"""Commands on the samples that the documentation shows with their output print just that, on a terminal of 96 columns.

A line that is ``…``, or ends with `` …``, stands for whatever comes until the next line that is shown.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.docs.pages import PAGES, ROOT, blocks_of, markdown_of, name_of
from tests.docs.running import printed

COLUMNS = 96
_LEFT_OUT = re.compile(r"(?:^| )…\n", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Shown(NamedTuple):
    """A command with the output that a page shows."""

    page: str
    command: str
    output: str


def shown(markdown: str, page: str) -> list[Shown]:
    """Commands on samples: those of other recordings nobody can repeat."""
    commands = [
        (command, output)
        for block in blocks_of(markdown)
        if block.info == "console"
        for command, output in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE)
    ]
    return [Shown(page, command, output) for command, output in commands if "sample_traces/" in command and output]


def is_shown_as(output: str, expected: str) -> bool:
    """Whether an output is what is shown, but for what is left out."""
    pattern = r"[\s\S]*?".join(re.escape(part) for part in _LEFT_OUT.split(expected))
    return re.fullmatch(pattern, output) is not None


ALL = [each for page in PAGES for each in shown(markdown_of(page), name_of(page))]


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.command)
def test_a_command_prints_what_is_shown(each: Shown, tmp_path: Path) -> None:
    (tmp_path / "sample_traces").symlink_to(ROOT / "sample_traces")
    assert each.command.startswith("tracekit ")
    coloured = printed(each.command, tmp_path, columns=COLUMNS, NO_COLOR="1")
    output = re.sub(r" +$", "", _COLOUR.sub("", coloured), flags=re.MULTILINE)
    assert is_shown_as(output, each.output), f"{each.page}: it prints\n{output}"


def test_the_tour_is_run() -> None:
    tour = {each.command.split()[1] for each in ALL if each.page == "README.md"}
    assert tour >= {"analyze", "tree", "report", "diff", "check"}


@pytest.mark.parametrize(
    "expected, is_true",
    [
        ("a\nb\nc\n", True),
        ("a\n…\n", True),
        ("…\nc\n", True),
        ("a\n…\nc\n", True),
        ("a\nb …\n", True),
        ("a\n…\nd\n", False),
        ("b\nc\n", False),
        ("a\nb\n", False),
        ("a b\nc\n", False),
    ],
)
def test_an_output_that_lies_is_found(expected: str, is_true: bool) -> None:
    assert is_shown_as("a\nb\nc\n", expected) == is_true
    assert is_shown_as("a: b; and more\nand c\n", "a: b; …\n")
    assert not is_shown_as("a: d\n", "a: b …\n")
