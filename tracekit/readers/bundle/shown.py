"""How errors and notices show a name that a file chose."""

from collections.abc import Iterable
from typing import Final

_MAX_LENGTH: Final = 80
_MAX_NAMES: Final = 40


def shown(text: str, most: int = _MAX_LENGTH) -> str:
    """A name in one line of reasonable length."""
    printable = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return printable if len(printable) <= most else f"{printable[:most]}…"


def listed(names: Iterable[str]) -> str:
    """Distinct names in order, as many as one reads; ``none`` where there is none."""
    distinct = [shown(name) for name in sorted(set(names))]
    more = f" and {len(distinct) - _MAX_NAMES} more" if len(distinct) > _MAX_NAMES else ""
    return (", ".join(distinct[:_MAX_NAMES]) or "none") + more
