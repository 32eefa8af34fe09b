"""A page: one HTML file that needs nothing else and asks for nothing else.

Every string of a trace is made visible (``numbers.visible``), then escaped by jinja's autoescape; names in the flame
graph travel in the packed tree and become text nodes. The content security policy names the page's scripts by their
hashes, so a script that got in by any other way would not run, and it allows no request at all (with ``cdn`` and
``file`` one: Plotly's script). Nothing is taken from a clock or a random number, so the same analysis gives the same
bytes.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Final, Literal

import jinja2
from markupsafe import Markup

from tracekit.analysis.verdict.models import model_label
from tracekit.model.schema import Unit
from tracekit.report import palette
from tracekit.report.html.payload import Show
from tracekit.report.next_steps import remedy
from tracekit.report.numbers import DRIVING, points_text, readable_symbol, share_text, signed, visible, weight_text
from tracekit.report.redaction import without_folders
from tracekit.report.sentences import sentences
from tracekit.report.terms import TERMS

PlotlyJs = Literal["inline", "cdn", "file"]
"""How the page gets Plotly's script: ``inline`` puts it into the page, ``cdn`` asks Plotly's server for it when the
page is opened, ``file`` looks for ``PLOTLY_FILE`` beside the page."""

PLOTLY_FILE: Final = "plotly.min.js"

_SCRIPTS: Final = (
    *("numbers.js", "packing.js", "profile.js", "tree.js", "boxes.js", "difference.js", "colours.js", "tooltip.js"),
    *("narrow.js", "flame.js", "minimap.js", "detail.js", "state.js", "viewer.js", "saving.js", "controls.js"),
    *("symbols.js", "latency.js", "timeline.js", "operations.js", "history.js", "page.js"),
)


def keyboard(*, of_two: bool = False) -> list[tuple[tuple[str, ...], str]]:
    """What the keys do, of one recording or ``of_two`` that are compared; assets/controls.js listens to them."""
    views: tuple[tuple[str, ...], str] = (("1", "2", "3", "4"), "left-heavy, time order, inverted, sandwich")
    if of_two:
        views = (("1", "3", "4"), "left-heavy, inverted, sandwich")
    colours = "difference, engine, phase, image" if of_two else "engine, phase, image"
    return [
        (("/",), "search; Enter and Shift Enter go from hit to hit"),
        (("n", "N"), "next hit, hit before"),
        views,
        (("f",), "first function above or below"),
        (("c",), f"colour by {colours}"),
        *([(("w",), "as wide as the mean of both, as in A, as in B")] if of_two else []),
        (("r",), "charge runtime libraries to their callers, or not"),
        (("t",), "next thread"),
        *([] if of_two else [(("p",), "next prediction")]),
        (("[", "]"), "back, forward"),
        (("0",), "reset the zoom"),
        (("y",), "copy the stack of the selected call"),
        (("l",), "copy a link to it"),
        (("e",), "save the view"),
        (("← ↑ → ↓",), "in the flame graph: select a call"),
        (("Enter",), "zoom to it"),
        (("Backspace",), "zoom out to the caller"),
        (("Esc",), "leave the selection, then the zoom"),
        (("?",), "this list"),
    ]


def shown_as(*, redact_paths: bool) -> Show:
    """How a page writes the strings of a trace; ``redact_paths`` leaves of every path only its last part."""
    return _visible_without_folders if redact_paths else visible


def _visible_without_folders(text: str) -> str:
    return without_folders(visible(text))


def page(template: str, *, unit: Unit, show: Show, plotlyjs: PlotlyJs, draws: bool, **content: object) -> str:
    """A template of ``assets`` as the text of an HTML file.

    ``unit`` is what the filter ``weight`` writes. ``draws`` is whether the page has anything for Plotly to draw.
    """
    scripts = [Markup("\n").join(Markup(_asset(name)) for name in _SCRIPTS)]  # noqa: S704  # our own files
    source = None
    if draws:
        if plotlyjs == "inline":
            scripts.insert(0, Markup(plotly_script()))  # noqa: S704
        else:
            source = _PlotlySource.of(plotlyjs)
    return _environment(unit, show).get_template(template).render(
        palette=palette,
        style=Markup(_asset("report.css")),  # noqa: S704
        plotly_source=source,
        scripts=scripts,
        policy=_policy(scripts, source),
        **content,
    )  # fmt: skip


def plotly_script() -> str:
    """Plotly's own script, as it is installed."""
    from plotly.offline import get_plotlyjs

    script: str = get_plotlyjs()
    return script


@dataclass(frozen=True, slots=True)
class _PlotlySource:
    """Where a page that does not hold Plotly's script gets it."""

    address: str
    integrity: str
    allowed: str
    """The source expression of the policy."""

    @classmethod
    def of(cls, plotlyjs: PlotlyJs) -> "_PlotlySource":
        from plotly.offline import get_plotlyjs_version

        if plotlyjs == "file":
            return cls(PLOTLY_FILE, "", "'self' file:")
        address = f"https://cdn.plot.ly/plotly-{get_plotlyjs_version()}.min.js"
        return cls(address, f"sha256-{_digest(plotly_script())}", address)


@cache
def _environment(unit: Unit, show: Show) -> jinja2.Environment:
    def finalized(value: object) -> object:
        """Every plain string that goes into the page, whatever it is, as it is to be shown."""
        return show(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tracekit.report.html", "assets"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        finalize=finalized,
    )
    environment.filters |= {
        "weight": lambda weight: weight_text(int(weight), unit),
        "time": lambda nanoseconds: weight_text(int(nanoseconds), "ns"),
        "signed_time": lambda nanoseconds: signed(int(nanoseconds), weight_text(abs(nanoseconds), "ns")),
        "points": lambda change: points_text(float(change)),
        "share": lambda share: share_text(float(share)),
        "driving": DRIVING.__getitem__,
        "symbol": readable_symbol,
        "opening": lambda text: sentences(text)[0],
        "remedy": partial(_remedy, show),
        "term": _term,
        "model_label": model_label,
        "count": lambda count: f"{count:,}",
    }
    return environment


def _remedy(show: Show, fix: str, source: str, run: int, names_model: bool) -> tuple[Markup, Markup]:  # a filter
    """What to do about a finding: its first sentence, and the others."""
    first, *others = (_with_code(map(show, said)) for said in remedy(fix, source, run, names_model=names_model))
    return first, Markup(" ").join(others)


def _with_code(pieces: Iterable[str]) -> Markup:
    """Text and commands by turns."""
    return Markup().join(
        Markup("<code>{}</code>").format(piece) if at % 2 else piece for at, piece in enumerate(pieces)
    )


def _term(words: str, term: str = "") -> Markup:
    """Words with what they mean as a tooltip (``TERMS``)."""
    return Markup('<abbr title="{}">{}</abbr>').format(TERMS[term or words], words)


def _policy(scripts: list[Markup], source: _PlotlySource | None) -> str:
    """Only these scripts, no request; styles inline, because Plotly sets them; pictures only from the page itself."""
    allowed = [f"'sha256-{_digest(script)}'" for script in scripts] + ([source.allowed] if source else [])
    return (
        f"default-src 'none'; script-src {' '.join(allowed)}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return resources.files("tracekit.report.html").joinpath("assets", name).read_text("utf-8")
