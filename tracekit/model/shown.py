"""How a notebook shows what this package returns, without the model knowing any HTML.

A class asks for its view here, in a ``_repr_html_`` of its own. Who writes HTML is above the model (``report``), so the
package gives the views when it is imported (``tracekit/__init__.py``), as functions that load what they need when first
called.
"""

from collections.abc import Callable
from typing import Any, Final, Literal

Kind = Literal["Trace", "Profile", "Analysis", "Diff"]

VIEWS: Final[dict[Kind, Callable[[Any], str]]] = {}


def html_of(kind: Kind, value: object) -> str:
    """What Jupyter, marimo, VS Code and IPython show for a value."""
    return VIEWS[kind](value)
