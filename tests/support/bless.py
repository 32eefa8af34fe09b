"""Golden files: the expected text stands in tests/golden, and one option rewrites it.

    def test_tree(golden: Golden) -> None:
        golden("tree.txt", format_tree(...))

A golden file is read in review, so it is small text: folded stacks, CSV, an indented tree. The comparison is
of bytes: trailing blanks, the newline at the end and ``\\r`` count.
"""

import difflib
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Golden:
    """Compares one test's texts with its golden files, or writes them."""

    expected: Path
    """Folder of the golden files."""
    actual: Path
    """Folder that takes a text which differs, for a look with other tools."""
    test: str
    """The test's pytest id, for the command that blesses it."""
    bless: bool

    def __call__(self, name: str, text: str) -> None:
        """Fail with a diff unless ``expected/name`` holds ``text``; with ``--bless`` write it instead."""
        expected = self.expected / name
        if self.bless:
            _write(expected, text)
            return
        before = expected.read_bytes().decode() if expected.exists() else None
        if before == text:
            return
        actual = self.actual / name
        _write(actual, text)
        what = "there is no golden file" if before is None else "the text differs from the golden file"
        pytest.fail(
            f"{what} {expected}\n\n{_diff(before or '', text)}\n\n"
            f"new text:  {actual}\n"
            f"to accept: pytest --bless {shlex.quote(self.test)}",
            pytrace=False,
        )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def _diff(before: str, after: str) -> str:
    """A unified diff in which a line shows its ending where that is not a plain newline."""
    lines = difflib.unified_diff(_visible(before), _visible(after), "golden", "new", lineterm="")
    return "\n".join(lines)


def _visible(text: str) -> list[str]:
    return [
        line[:-1] if line.endswith("\n") and line[-2:-1] not in " \t\r" else repr(line)
        for line in text.splitlines(keepends=True)
    ]
