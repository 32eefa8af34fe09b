"""Rules to start from, for functions that no rule knows."""

import re
from typing import Any

import pandas as pd

from tracekit.attribution.names import is_unnamed, own_name
from tracekit.attribution.proposals import toml_text

_NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")
_SPECIAL = re.compile(r"[.^$*+?{}\[\]\\|()]")
_LONGEST_ID = 40


def starter_rules(unmatched: pd.DataFrame) -> str:
    """A ``[[rule]]`` in TOML for every function of ``unmatched_symbols`` that has a name; valid as it is.

    The engine is a guess for the user to correct; the function is matched by its own name, whatever its arguments.
    """
    rows: list[Any] = list(unmatched.itertuples(index=False))
    named = [row for row in rows if not is_unnamed(row.symbol)]
    return "\n".join(_rule(number, row.symbol, row.binary) for number, row in enumerate(named, start=1))


def _rule(number: int, symbol: str, image: str) -> str:
    name = _NOT_IN_AN_ID.sub("-", symbol.lower()).strip("-")[:_LONGEST_ID]
    lines = [
        "[[rule]]",
        f"id = {toml_text(f'my-{number}-{name}'.rstrip('-'))}",
        'engine = "CPU"  # or ANE, GPU, none',
        'phase = "execute"  # or dispatch, wait, copy, convert, load, compile, prepare, framework, …',
        f"symbol = {toml_text(f'^{_escaped(own_name(symbol))}$')}",
    ]
    if image:
        lines.append(f"image = {toml_text(_escaped(image))}")
    example = f"{image}`{symbol}" if image else symbol
    return "\n".join([*lines, f"examples = [{toml_text(example)}]", ""])


def _escaped(text: str) -> str:
    """As a regular expression for just this text; ``re.escape`` would also escape blanks."""
    return _SPECIAL.sub(lambda match: "\\" + match[0], text)
