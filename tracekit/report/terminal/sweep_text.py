"""A sweep in the terminal."""

from collections.abc import Sequence

from rich.table import Table

from tracekit.analysis.compare.settings import Setting
from tracekit.report.sweep_sentences import HEADINGS, cells


def sweep_view(settings: Sequence[Setting]) -> Table:
    """A row a setting."""
    view = Table(box=None, pad_edge=False, header_style="bold")
    for heading in HEADINGS:
        view.add_column(heading)
    for setting in settings:
        view.add_row(*cells(setting))
    return view
