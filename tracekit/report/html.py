"""The report: one HTML file that needs nothing else and asks for nothing else.

Every string of the trace is made visible (``numbers.visible``), then escaped by jinja's autoescape; names in the flame
graph travel in the packed tree and become text nodes. The content security policy names the page's scripts by their
hashes, so a script that got in by any other way would not run, and it allows no request at all (with ``cdn`` and
``file`` one: Plotly's script). Nothing is taken from a clock or a random number, so the same analysis gives the same
bytes.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, NamedTuple

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.call_tree import by_symbol
from tracekit.analysis.measure import NO_HARDWARE
from tracekit.analysis.verdict import Evidence
from tracekit.model.facts import Notice
from tracekit.model.profile import Profile, stack_weights
from tracekit.model.schema import NONE, Phase, Unit
from tracekit.report import palette
from tracekit.report.layout import Provenance
from tracekit.report.numbers import DRIVING, quantity_of, readable_symbol, share_text, visible, weight_text
from tracekit.report.payload import Show, pack
from tracekit.report.predictions import pack_predictions, parts_of
from tracekit.report.redaction import without_folders
from tracekit.report.starter_rules import starter_rules
from tracekit.report.timeline import pack_timeline

PlotlyJs = Literal["inline", "cdn", "file"]
"""How the page gets Plotly's script: ``inline`` puts it into the page, ``cdn`` asks Plotly's server for it when the
page is opened, ``file`` looks for ``PLOTLY_FILE`` beside the page."""

PLOTLY_FILE: Final = "plotly.min.js"

SYMBOLS_SHOWN: Final = 20
"""So many symbols with the most self weight are listed without scripts, and so many with the most total weight."""

_SCRIPTS: Final = (
    *("numbers.js", "packing.js", "profile.js", "tree.js", "boxes.js", "colours.js", "tooltip.js", "flame.js"),
    *("state.js", "viewer.js", "saving.js", "controls.js", "symbols.js", "latency.js", "timeline.js", "page.js"),
)

KEYBOARD: Final = (
    (("/",), "search; Enter and Shift Enter go from hit to hit"),
    (("n", "N"), "next hit, hit before"),
    (("1", "2", "3", "4"), "left-heavy, time order, inverted, sandwich"),
    (("f",), "first function above or below"),
    (("c",), "colour by engine, phase, image"),
    (("r",), "charge runtime libraries to their callers, or not"),
    (("t",), "next thread"),
    (("p",), "next prediction"),
    (("[", "]"), "back, forward"),
    (("0",), "reset the zoom"),
    (("y",), "copy the stack of the selected call"),
    (("e",), "save the view"),
    (("← ↑ → ↓",), "in the flame graph: select a call"),
    (("Enter",), "zoom to it"),
    (("Backspace",), "zoom out to the caller"),
    (("Esc",), "leave the selection, then the zoom"),
    (("?",), "this list"),
)
"""What the keys do; assets/controls.js listens to them."""

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


def render(
    analysis: Analysis, provenance: Provenance, *, plotlyjs: PlotlyJs = "inline", redact_paths: bool = False
) -> str:
    """The report of an analysis as the text of an HTML file.

    ``redact_paths`` leaves of every path only its last part: folders name users and projects.
    """
    show: Show = (lambda text: without_folders(visible(text))) if redact_paths else visible
    shown = _shown(analysis, show)
    timeline = pack_timeline(analysis, show)
    scripts = [Markup("\n").join(Markup(_asset(name)) for name in _SCRIPTS)]  # noqa: S704  # our own files
    source = None
    if shown or timeline:
        if plotlyjs == "inline":
            scripts.insert(0, Markup(plotly_script()))  # noqa: S704
        else:
            source = _PlotlySource.of(plotlyjs)
    environment = _environment(provenance.unit, show)
    return environment.get_template("report.html.jinja").render(
        analysis=analysis,
        provenance=provenance,
        answer=_Answer.of(analysis),
        evidence=EVIDENCE[analysis.verdict.evidence],
        prediction=_Prediction.of(analysis),
        engines=_engines(analysis),
        timeline=timeline,
        phase_meaning=PHASES,
        quantity=quantity_of(analysis.profile),
        shown=shown,
        starter_rules=_lines(starter_rules(analysis.unmatched), show),
        keyboard=KEYBOARD,
        notices=_notices(analysis),
        palette=palette,
        style=Markup(_asset("report.css")),  # noqa: S704
        plotly_source=source,
        scripts=scripts,
        policy=_policy(scripts, source),
    )


def plotly_script() -> str:
    """Plotly's own script, as it is installed."""
    from plotly.offline import get_plotlyjs

    script: str = get_plotlyjs()
    return script


@dataclass(frozen=True, slots=True)
class _Answer:
    """The verdict's sentence, cut after the answer: ``No: nothing of …`` is ``No`` and ``Nothing of …``."""

    word: str
    sentence: str

    @classmethod
    def of(cls, analysis: Analysis) -> "_Answer":
        word, _, rest = analysis.verdict.sentence.partition(": ")
        return cls(word, rest[:1].upper() + rest[1:])


class _Part(NamedTuple):
    """One part of the mean prediction."""

    name: str
    label: str
    mean: int
    share: float


@dataclass(frozen=True, slots=True)
class _Prediction:
    """The mean prediction after warm-up, in nanoseconds."""

    count: int
    warmup: int
    note: str
    wall: int
    parts: list[_Part]
    p50: int
    p95: int
    p99: int
    busy: list[tuple[str, int]]
    packed: str

    @classmethod
    def of(cls, analysis: Analysis) -> "_Prediction | None":
        """None where no prediction was found."""
        iterations = analysis.measured.iterations
        chosen, steady = iterations.after_warmup, iterations.steady
        if steady is None or not int(chosen["wall_ns"].sum()):
            return None
        whole = int(chosen["wall_ns"].sum())
        hardware = analysis.measured.hardware
        engines = (("ANE", "ane_busy_ns", hardware and hardware.ane), ("GPU", "gpu_busy_ns", hardware and hardware.gpu))
        return cls(
            count=len(chosen),
            warmup=steady.warmup,
            note=iterations.note,
            wall=whole // len(chosen),
            parts=[
                _Part(part.name, part.label, int(part.times.sum()) // len(chosen), int(part.times.sum()) / whole)
                for part in parts_of(chosen)
            ],
            p50=steady.p50_ns,
            p95=steady.p95_ns,
            p99=steady.p99_ns,
            busy=[(name, int(chosen[column].sum()) // len(chosen)) for name, column, known in engines if known],
            packed=pack_predictions(iterations) if len(iterations.table) > 1 else "",
        )


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


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the flame graph and the symbols are of."""

    whole: str
    packed: str
    weight: int
    symbols: pd.DataFrame
    symbols_left_out: int


def _shown(analysis: Analysis, show: Show) -> _Shown | None:
    """The focus; the whole profile where the focus is empty; None where no sample has a stack."""
    profile = analysis.focused if _has_stacks(analysis.focused) else analysis.profile
    if not _has_stacks(profile):
        return None
    own, _ = stack_weights(profile)
    symbols = by_symbol(profile)
    heaviest = pd.concat([symbols.head(SYMBOLS_SHOWN), symbols.nlargest(SYMBOLS_SHOWN, "total")])
    listed = symbols.loc[heaviest.index.unique().sort_values()]
    return _Shown(
        whole="focus" if profile is analysis.focused and not analysis.scope.whole else "whole profile",
        packed=pack(profile, show),
        weight=int(own.sum()),
        symbols=listed,
        symbols_left_out=len(symbols) - len(listed),
    )


def _has_stacks(profile: Profile) -> bool:
    return bool((profile.samples["stack_id"] != NONE).any())


def _notices(analysis: Analysis) -> list[Notice]:
    """What the reading and the measuring have to say; that no hardware was recorded, the page says where it matters."""
    every = (*analysis.profile.meta.notices, *analysis.measured.notices)
    return [notice for notice in every if notice.code != NO_HARDWARE.code]


def _engines(analysis: Analysis) -> list[tuple[Any, list[Any]]]:
    """Each engine's row with the rows of its phases, in the order of the engines."""
    engines: list[Any] = list(analysis.engines.itertuples(index=False))
    phases: list[Any] = list(analysis.phases.itertuples(index=False))
    return [(engine, [phase for phase in phases if phase.engine == engine.engine]) for engine in engines]


def _environment(unit: Unit, show: Show) -> jinja2.Environment:
    def finalized(value: object) -> object:
        """Every plain string that goes into the page, whatever it is, as it is to be shown."""
        return show(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tracekit.report", "assets"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        finalize=finalized,
    )
    environment.filters["weight"] = lambda weight: weight_text(int(weight), unit)
    environment.filters["time"] = lambda nanoseconds: weight_text(int(nanoseconds), "ns")
    environment.filters["share"] = lambda share: share_text(float(share))
    environment.filters["driving"] = DRIVING.__getitem__
    environment.filters["symbol"] = readable_symbol
    environment.filters["count"] = lambda count: f"{count:,}"
    return environment


def _lines(text: str, show: Show) -> Markup:
    """Text of several lines as it is to be shown."""
    return Markup("\n").join(escape(show(line)) for line in text.split("\n"))


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
    return resources.files("tracekit.report").joinpath("assets", name).read_text("utf-8")
