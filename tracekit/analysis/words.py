"""Numbers and lists as sentences have them."""

from collections.abc import Sequence

import pandas as pd


def listed(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def percent(share: float) -> str:
    """``43 %``; below a tenth ``4.3 %``, and never 0 for what is there."""
    if 0 < share < 0.001:
        return "under 0.1 %"
    return f"{share:.0%}".replace("%", " %") if share >= 0.1 else f"{share:.1%}".replace("%", " %")


def milliseconds(nanoseconds: int) -> str:
    """``1.20 s``, ``30.2 ms``, ``0.42 ms``."""
    if nanoseconds >= 10**9:
        return f"{nanoseconds / 1e9:,.2f} s"
    return f"{nanoseconds / 1e6:.1f} ms" if nanoseconds >= 10**6 else f"{nanoseconds / 1e6:.2f} ms"


def counted(count: int, what: str) -> str:
    """``1 run``, ``5 runs``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def tally(names: pd.Series, most: int) -> str:
    """The commonest: ``conv × 6, linear × 1``."""
    return ", ".join(f"{name} × {count:,}" for name, count in names.value_counts().head(most).items())


def sentence(parts: Sequence[str]) -> str:
    """``First part; second part.``"""
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."
