"""Options that several commands share, and what they become."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial, wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from tracekit.analysis.analyze import Scope as Scope

select = partial(typer.Option, rich_help_panel="Select")
"""An option of what takes part."""

PathArgument = Annotated[
    str,
    typer.Argument(
        metavar="PATH",
        help="A .trace bundle, an xctrace export (.xml, .xml.gz, a folder or zip of them), Deep Copy text, "
        "`sample` output, folded stacks, a crash or spindump report, or `bt all` of LLDB; - is standard input.",
    ),
]
Run = Annotated[int | None, select("--run", help="Run of the recording; the first by default.")]
Process = Annotated[list[str] | None, select("--process", help="Only this process: name or pid. Repeatable.")]
Thread = Annotated[list[str] | None, select("--thread", help="Only this thread: name or tid. Repeatable.")]
TimeRange = Annotated[str | None, select("--time-range", help="Only this time: 1.5s..2s, 200ms.. or ..3s.")]
Focus = Annotated[
    list[str] | None,
    select(
        "--focus",
        metavar="PATTERN",
        help="Root of the subtree to analyse: symbol prefix, glob, or re:REGEX. Default: Core ML's prediction methods.",
    ),
]
NoFocus = Annotated[bool, select("--no-focus", help="Analyse everything.")]
Prune = Annotated[list[str] | None, select("--prune", metavar="PATTERN", help="Leave out samples with this symbol.")]
Charge = Annotated[
    list[str] | None, select("--charge-to-caller", metavar="PATTERN", help="Merge this symbol into its callers.")
]
Flatten = Annotated[bool, select("--flatten-recursion", help="Merge a function that calls itself.")]
Predictions = Annotated[
    int | None,
    select(
        "--predictions",
        min=1,
        metavar="N",
        help="How often the model was called, where you know it: then there are means per prediction.",
    ),
]
Rules = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", help="Your own engine rules (TOML), asked before the built-in ones."),
]
Sidecar = Annotated[
    Path | None,
    typer.Option("--sidecar", metavar="FILE", help="The harness's own account; by default the one beside the trace."),
]
Log = Annotated[
    Path | None,
    typer.Option(
        "--log",
        metavar="FILE",
        help="What the system logged meanwhile: log show --style ndjson; or gzip. By default the recording's own table "
        "os-log, or NAME.log.ndjson beside it; none reads neither.",
    ),
]
Model = Annotated[
    Path | None,
    typer.Option("--model", metavar="MODEL", help="The model that was recorded: its operations, joined with the rest."),
]
Plan = Annotated[
    Path | None,
    typer.Option(
        "--plan", metavar="FILE", help="Core ML's compute plan as JSON, or a sidecar that holds one; else the trace's."
    ),
]
Dsym = Annotated[
    list[Path] | None,
    typer.Option(
        "--dsym",
        metavar="PATH",
        help="A .dSYM, a folder of them, or a program: names functions that the recording could not. Repeatable.",
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse damaged rows instead of skipping and counting them.")]
Reader = Annotated[
    Literal["auto", "native", "xctrace", "fast", "lxml"],
    typer.Option(
        "--reader",
        help="Bundles: native, or xctrace (Mac with Xcode), which auto takes where native refuses. "
        "Exports: fast refuses what is not just as xctrace writes it, and auto then takes lxml.",
    ),
]
Json = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", help="Write the result as JSON; - writes it to stdout instead of text."),
]
MinShare = Annotated[
    float, typer.Option("--min-share", min=0.0, max=1.0, help="Leave out calls below this share of the whole.")
]
Top = Annotated[
    int | None,
    typer.Option("--top", min=1, metavar="N", help="Only the N heaviest paths of a tree, or rows of each list."),
]


class PlotlySource(StrEnum):
    """Where a page gets Plotly's script."""

    INLINE = "inline"
    CDN = "cdn"
    FILE = "file"


PlotlyJs = Annotated[
    PlotlySource,
    typer.Option(
        "--plotlyjs",
        help="Plotly's script: in the page (inline), asked for when the page is opened (cdn), or in plotly.min.js "
        "beside it (file).",
    ),
]
RedactPaths = Annotated[
    bool, typer.Option("--redact-paths", help="In the report: no folders, which may name you, and no device name.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace existing files.")]


def check_page(output: Path, plotlyjs: PlotlySource) -> None:
    """Refuse a page on stdout that needs a file beside it."""
    if plotlyjs is PlotlySource.FILE and str(output) == "-":
        raise typer.BadParameter("with --plotlyjs file the report needs a file of its own, not -")


def check_report(report: Path | None, json: Path | None, plotlyjs: PlotlySource, *, redact_paths: bool) -> None:
    """Refuse options of a report without one, and a report where the JSON goes."""
    if report is None:
        if redact_paths or plotlyjs is not PlotlySource.INLINE:
            raise typer.BadParameter("--plotlyjs and --redact-paths are for the report: give --report FILE")
        return
    if json == report:
        raise typer.BadParameter("--json and --report name the same file")
    check_page(report, plotlyjs)


@dataclass(frozen=True, slots=True)
class Reading:
    """How recordings are read, and by which rules their frames are told."""

    rules: Path | None = None
    strict: bool = False
    symbols: tuple[Path, ...] = ()


def _reading(rules: Rules = None, strict: Strict = False, dsym: Dsym = None) -> Reading:
    return Reading(rules, strict, tuple(dsym or ()))


def _scope(
    process: Process = None,
    thread: Thread = None,
    time_range: TimeRange = None,
    focus: Focus = None,
    no_focus: NoFocus = False,
    prune: Prune = None,
    charge_to_caller: Charge = None,
    flatten_recursion: Flatten = False,
    predictions: Predictions = None,
) -> "Scope":
    from tracekit.analysis.analyze import Scope
    from tracekit.analysis.select import Selection, parse_time_range

    if focus and no_focus:
        raise typer.BadParameter("--focus and --no-focus exclude each other")
    return Scope(
        selection=Selection(
            processes=tuple(process or ()),
            threads=tuple(thread or ()),
            time_range=parse_time_range(time_range) if time_range else (None, None),
            prune=tuple(prune or ()),
        ),
        focus=tuple(focus or ()),
        whole=no_focus,
        charge_to_caller=tuple(charge_to_caller or ()),
        flatten_recursion=flatten_recursion,
        predictions=predictions,
    )


def _taking(name: str, gathered: Callable[..., Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A decorator that gives a command the options of ``gathered``; it gets what that makes of them as ``name``."""
    shared = signature(gathered)

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        own = signature(command)

        @wraps(command)
        def with_options(**given: Any) -> None:
            chosen = {each: given.pop(each) for each in shared.parameters}
            command(**{name: gathered(**chosen)}, **given)

        parameters = [each for each in own.parameters.values() if each.name != name]
        first = [each for each in parameters if each.default is Parameter.empty]
        rest = [each for each in parameters if each.default is not Parameter.empty]
        combined = Signature([*first, *rest, *shared.parameters.values()])
        with_options.__signature__ = combined  # type: ignore[attr-defined]  # what typer reads
        with_options.__annotations__ = {each: of.annotation for each, of in combined.parameters.items()}
        return with_options

    return decorated


selecting = _taking("scope", _scope)
"""Gives a command the selection options that every analysing command has, as one ``scope``."""

reading = _taking("how", _reading)
"""Gives a command the options that every command has which names frames, as one ``how``."""
