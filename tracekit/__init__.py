"""tracekit: is my model using the Neural Engine? Evidence from an Instruments trace, on any operating system.

    import tracekit as tk
    trace = tk.open_trace("MobileNet.trace")
    profile = tk.attribute(trace.profile())   # samples gain engine, phase, rule
    tk.by_engine(profile.pipe(tk.focus))      # DataFrame
    tk.analyze(trace).verdict

Names are loaded when first used, so that ``tracekit --help`` does not wait for pandas.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tracekit._version import __version__
from tracekit.model.shown import VIEWS

if TYPE_CHECKING:
    from tracekit.analysis.analyze import Analysis as Analysis
    from tracekit.analysis.analyze import Scope as Scope
    from tracekit.analysis.call_tree import by_symbol as by_symbol
    from tracekit.analysis.call_tree import call_tree as call_tree
    from tracekit.analysis.compare.result import Diff as Diff
    from tracekit.analysis.compare.trees import diff_tree as diff_tree
    from tracekit.analysis.operations.listing import listing as listing
    from tracekit.analysis.predictions.intervals import intervals as intervals
    from tracekit.analysis.running import blocked as blocked
    from tracekit.analysis.running import running as running
    from tracekit.analysis.select import Selection as Selection
    from tracekit.analysis.select import select as select
    from tracekit.analysis.summary import by_binary as by_binary
    from tracekit.analysis.summary import by_engine as by_engine
    from tracekit.analysis.summary import by_phase as by_phase
    from tracekit.analysis.summary import by_rule as by_rule
    from tracekit.analysis.summary import by_thread as by_thread
    from tracekit.analysis.summary import by_wait as by_wait
    from tracekit.analysis.transforms import charge_image_to_caller as charge_image_to_caller
    from tracekit.analysis.transforms import charge_to_caller as charge_to_caller
    from tracekit.analysis.transforms import flatten_recursion as flatten_recursion
    from tracekit.analysis.transforms import focus as focus
    from tracekit.analysis.transforms import invert as invert
    from tracekit.analysis.transforms import prune as prune
    from tracekit.analysis.verdict.judge import Verdict as Verdict
    from tracekit.api import analyze as analyze
    from tracekit.api import compare as compare
    from tracekit.api import explain_operations as explain_operations
    from tracekit.api import open_trace as open_trace
    from tracekit.attribution.engines import attribute as attribute
    from tracekit.attribution.engines import unmatched_symbols as unmatched_symbols
    from tracekit.database.query import sql as sql
    from tracekit.errors import InputError as InputError
    from tracekit.errors import SelectionError as SelectionError
    from tracekit.errors import TracekitError as TracekitError
    from tracekit.errors import UnknownFormatError as UnknownFormatError
    from tracekit.errors import UnsupportedError as UnsupportedError
    from tracekit.mlmodel import open_model as open_model
    from tracekit.model.folded import from_folded as from_folded
    from tracekit.model.folded import to_folded as to_folded
    from tracekit.model.profile import Profile as Profile
    from tracekit.model.trace import Trace as Trace
    from tracekit.report.figures import flame_figure as flame_figure
    from tracekit.report.time_figures import predictions_figure as predictions_figure
    from tracekit.report.time_figures import timeline_figure as timeline_figure

_HOMES = {
    "tracekit.analysis.analyze": ["Analysis", "Scope"],
    "tracekit.analysis.call_tree": ["by_symbol", "call_tree"],
    "tracekit.analysis.compare.diff": ["Diff"],
    "tracekit.analysis.compare.trees": ["diff_tree"],
    "tracekit.attribution.engines": ["attribute", "unmatched_symbols"],
    "tracekit.analysis.operations.listing": ["listing"],
    "tracekit.analysis.predictions.intervals": ["intervals"],
    "tracekit.analysis.running": ["blocked", "running"],
    "tracekit.analysis.select": ["Selection", "select"],
    "tracekit.analysis.summary": ["by_binary", "by_engine", "by_phase", "by_rule", "by_thread", "by_wait"],
    "tracekit.analysis.transforms": [
        *("charge_image_to_caller", "charge_to_caller", "flatten_recursion", "focus", "invert", "prune"),
    ],
    "tracekit.analysis.verdict.judge": ["Verdict"],
    "tracekit.api": ["analyze", "compare", "explain_operations", "open_trace"],
    "tracekit.database.query": ["sql"],
    "tracekit.errors": ["InputError", "SelectionError", "TracekitError", "UnknownFormatError", "UnsupportedError"],
    "tracekit.mlmodel": ["open_model"],
    "tracekit.model.folded": ["from_folded", "to_folded"],
    "tracekit.model.profile": ["Profile"],
    "tracekit.model.trace": ["Trace"],
    "tracekit.report.figures": ["flame_figure"],
    "tracekit.report.time_figures": ["predictions_figure", "timeline_figure"],
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME)]  # noqa: PLE0604 - all are strings


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'tracekit' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


def _view(name: str) -> Callable[[Any], str]:
    def html(value: Any) -> str:
        view: Callable[[Any], str] = getattr(import_module("tracekit.report.notebook"), name)
        return view(value)

    return html


VIEWS.update(
    {
        "Trace": _view("trace_html"),
        "Profile": _view("profile_html"),
        "Analysis": _view("analysis_html"),
        "Diff": _view("diff_html"),
    }
)
