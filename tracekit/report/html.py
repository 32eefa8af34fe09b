"""The report: one HTML file that needs nothing else and asks for nothing else.

Every string of the trace is made visible (``numbers.visible``), then escaped by jinja's autoescape; names in the flame
graph travel in the packed tree and become text nodes. The content security policy names the page's scripts by their
hashes, so a script that got in by any other way would not run, and it allows no request at all. Nothing is taken from
a clock or a random number: the same analysis gives the same bytes.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

import jinja2
import pandas as pd
from markupsafe import Markup

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.call_tree import by_symbol
from tracekit.analysis.verdict import Evidence
from tracekit.model.profile import Profile, stack_weights
from tracekit.model.schema import NONE, Phase, Unit
from tracekit.report.layout import Provenance
from tracekit.report.numbers import DRIVING, readable_symbol, share_text, visible, weight_text
from tracekit.report.palette import DARK, LIGHT, ON_COLOUR
from tracekit.report.payload import pack

PlotlyJs = Literal["inline"]
"""How the page gets Plotly's script: ``inline`` puts it into the page."""

SYMBOLS_SHOWN: Final = 20
"""So many symbols with the most self weight are listed, and so many with the most total weight."""

_SCRIPTS: Final = ("tree.js", "flame.js", "page.js")

EVIDENCE: Final[dict[Evidence, str]] = {
    "hardware": "Interval tables of the hardware itself were recorded: they say when an engine was busy.",
    "waiting": "Waiting threads were recorded: time spent waiting for an engine is an upper bound of its busy time.",
    "stacks": "CPU samples only. The functions on their stacks tell which engine was driven, not how long it was busy.",
    "threads": "Only a service thread of the Neural Engine was seen: the process opened it, nothing says it worked.",
    "none": "Nothing in the recording speaks for or against the Neural Engine.",
}

PHASES: Final[dict[Phase, str]] = {
    "execute": "computing layers on the CPU",
    "dispatch": "encoding work for the engine and handing it over",
    "wait": "waiting for the engine",
    "copy": "copying data between buffers",
    "convert": "changing the type or layout of data",
    "load": "loading the model",
    "compile": "compiling or specialising the model, as on first use",
    "prepare": "preparing operations, as on first use",
    "teardown": "releasing the model and its buffers",
    "framework": "Core ML's own bookkeeping",
    "contention": "queued behind another prediction",
    "completion": "handling what an engine finished",
    "idle": "a service thread without work",
    "other": "nothing that a rule names",
}


_QUANTITY: Final[dict[Unit, str]] = {
    "ns": "CPU time",
    "cycles": "CPU cycles",
    "events": "counted events",
    "samples": "samples",
}


def render(analysis: Analysis, provenance: Provenance, *, plotlyjs: PlotlyJs = "inline") -> str:
    """The report of an analysis as the text of an HTML file."""
    shown = _shown(analysis)
    scripts = [Markup(_asset(name)) for name in _SCRIPTS]  # noqa: S704  # our own files
    scripts = [_plotly(plotlyjs), Markup("\n").join(scripts)] if shown else [Markup("\n").join(scripts)]
    environment = _environment(provenance.unit)
    return environment.get_template("report.html.jinja").render(
        analysis=analysis,
        provenance=provenance,
        answer=_Answer.of(analysis),
        evidence=EVIDENCE[analysis.verdict.evidence],
        engines=_engines(analysis),
        phase_meaning=PHASES,
        quantity=_QUANTITY[provenance.unit],
        shown=shown,
        notices=analysis.profile.meta.notices,
        palette=(LIGHT, DARK, ON_COLOUR),
        style=Markup(_asset("report.css")),  # noqa: S704
        scripts=scripts,
        policy=_policy(scripts),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """The verdict's sentence, cut after the answer: ``No: nothing of …`` is ``No`` and ``Nothing of …``."""

    word: str
    sentence: str

    @classmethod
    def of(cls, analysis: Analysis) -> "_Answer":
        word, _, rest = analysis.verdict.sentence.partition(": ")
        return cls(word, rest[:1].upper() + rest[1:])


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the flame graph and the symbols are of."""

    whole: str
    packed: str
    weight: int
    symbols: pd.DataFrame
    symbols_left_out: int


def _shown(analysis: Analysis) -> _Shown | None:
    """The focus; the whole profile where the focus is empty; None where no sample has a stack."""
    profile = analysis.focused if _has_stacks(analysis.focused) else analysis.profile
    if not _has_stacks(profile):
        return None
    in_predictions = int(analysis.roots["weight"].sum()) == analysis.accounting.weight.attributed
    own, _ = stack_weights(profile)
    symbols = by_symbol(profile)
    heaviest = pd.concat([symbols.head(SYMBOLS_SHOWN), symbols.nlargest(SYMBOLS_SHOWN, "total")])
    listed = symbols.loc[heaviest.index.unique().sort_values()]
    return _Shown(
        whole="focus" if profile is analysis.focused and in_predictions else "whole profile",
        packed=pack(profile),
        weight=int(own.sum()),
        symbols=listed,
        symbols_left_out=len(symbols) - len(listed),
    )


def _has_stacks(profile: Profile) -> bool:
    return bool((profile.samples["stack_id"] != NONE).any())


def _engines(analysis: Analysis) -> list[tuple[Any, list[Any]]]:
    """Each engine's row with the rows of its phases, in the order of the engines."""
    engines: list[Any] = list(analysis.engines.itertuples(index=False))
    phases: list[Any] = list(analysis.phases.itertuples(index=False))
    return [(engine, [phase for phase in phases if phase.engine == engine.engine]) for engine in engines]


def _environment(unit: Unit) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tracekit.report", "assets"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalized,
    )
    environment.filters["weight"] = lambda weight: weight_text(int(weight), unit)
    environment.filters["share"] = lambda share: share_text(float(share))
    environment.filters["driving"] = DRIVING.__getitem__
    environment.filters["symbol"] = readable_symbol
    environment.filters["count"] = lambda count: f"{count:,}"
    return environment


def _finalized(value: object) -> object:
    """Every plain string that goes into the page, whatever it is, with its hidden characters made visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _plotly(plotlyjs: PlotlyJs) -> Markup:
    from plotly.offline import get_plotlyjs

    assert plotlyjs == "inline"
    return Markup(get_plotlyjs())  # noqa: S704


def _policy(scripts: list[Markup]) -> str:
    """Only these scripts, no request; styles inline, because Plotly sets them; pictures only from the page itself."""
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _asset(name: str) -> str:
    return resources.files("tracekit.report").joinpath("assets", name).read_text("utf-8")
