"""Every command and option that the documentation names exists, and every command is documented."""

import re
from functools import cache
from pathlib import Path

import pytest
import typer

from tests.docs.pages import PAGES, blocks_of, markdown_of, name_of, spans_of
from tracekit.cli.app import app

_OPTION = re.compile(r"--?[a-z][a-z0-9-]*")
_HELP = {"--help", "-h"}


@cache
def known_options() -> dict[str, set[str]]:
    """Each command's options; those of the program itself under the empty name."""
    group = typer.main.get_command(app)
    commands = {"": group, **group.commands}  # type: ignore[attr-defined]  # a group has them
    return {
        name: _HELP.union(*([*parameter.opts, *parameter.secondary_opts] for parameter in command.params))
        for name, command in commands.items()
    }


def command_lines(markdown: str) -> list[str]:
    """What is written to be typed: code that begins with ``tracekit``, or with an option."""
    lines = [
        line.removeprefix("$ ")
        for block in blocks_of(markdown)
        for line in block.text.replace("\\\n", " ").splitlines()
        if line.startswith(("$ tracekit ", "tracekit "))
    ]
    return lines + [span for span in spans_of(markdown) if span.startswith(("tracekit ", "--"))]


def unknown_words(line: str) -> list[str]:
    """The command, or the options, of a line that do not exist."""
    known = known_options()
    words = re.split(r"\s(?:[|>&]|-- |#)", line)[0].split()
    options = [match[0] for word in words if (match := re.match(_OPTION, word.strip("[]")))]
    if words[0] != "tracekit":
        everywhere = set().union(*known.values())
        return [option for option in options if option not in everywhere]
    command = next((word for word in words[1:] if not word.startswith("-")), "")
    if command not in known:
        return [command]
    return [option for option in options if option not in known[command] | known[""]]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_named_commands_and_options_exist(page: Path) -> None:
    assert [(line, word) for line in command_lines(markdown_of(page)) for word in unknown_words(line)] == []


@pytest.mark.parametrize("name", sorted(name for name in known_options() if name))
def test_every_command_is_documented(name: str) -> None:
    lines = [line for page in PAGES for line in command_lines(markdown_of(page))]
    assert any(line.split()[:2] == ["tracekit", name] for line in lines)


def test_every_option_is_documented() -> None:
    """An option that stands for its opposite is by that, and typer's own explain themselves."""
    documented = {word for page in PAGES for word in re.findall(r"--[a-z][a-z0-9-]*", markdown_of(page))}
    options = {option for each in known_options().values() for option in each if option.startswith("--")}
    missing = {option for option in options - documented if f"--no-{option[2:]}" not in documented}
    assert missing - {"--show-completion"} == set()


@pytest.mark.parametrize(
    "line,unknown",
    [
        ("tracekit analyse run.xml", ["analyse"]),
        ("tracekit analyze run.xml --jason -", ["--jason"]),
        ("tracekit info run.xml --focus net", ["--focus"]),
        ("--no-such", ["--no-such"]),
        ("tracekit analyze run.xml [--json FILE] --focus 're:--x' | jq --tab", []),
        ("tracekit --version", []),
        ("tracekit record --app ./bench -- --size 512   # the target's own", []),
        ("--time-range 1s..2s", []),
    ],
)
def test_what_does_not_exist_is_found(line: str, unknown: list[str]) -> None:
    assert unknown_words(line) == unknown


def test_command_lines_are_found_in_blocks_and_spans() -> None:
    markdown = (
        "Use `tracekit tree` and `--prune P`, or `xctrace --toc`, or `tracekit` itself.\n\n"
        "```console\n$ tracekit report run.xml \\\n    -o out.html\nYes: …\n```\n"
    )
    assert command_lines(markdown) == ["tracekit report run.xml      -o out.html", "tracekit tree", "--prune P"]
