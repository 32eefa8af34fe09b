"""What Instruments calls its tables stands in one module."""

import ast
from collections.abc import Iterator
from pathlib import Path

import tracekit
from tracekit.model import instruments

PACKAGE = Path(tracekit.__file__).parent
NAMES = {
    *instruments.PROFILE_TABLES,
    *instruments.INTERVAL_TABLES,
    instruments.CLOCK_TABLE,
    instruments.THREAD_NAME_TABLE,
}


def test_no_table_of_instruments_is_named_twice():
    named = {path: found for path in PACKAGE.rglob("*.py") if (found := NAMES & set(_texts(path)))}
    assert set(named) == {Path(instruments.__file__)}, named
    assert named[Path(instruments.__file__)] == NAMES


def test_no_table_holds_both_samples_and_intervals():
    assert not set(instruments.PROFILE_TABLES) & set(instruments.INTERVAL_TABLES)


def _texts(path: Path) -> Iterator[str]:
    """The texts of a module that are values: neither docstrings nor parts of a sentence."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
