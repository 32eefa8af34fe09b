"""What to do after an answer: commands that can be pasted into a shell, and where to look when there is no answer."""

from collections.abc import Iterator
from shlex import quote
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.call_tree import by_symbol
from tracekit.analysis.running import running
from tracekit.attribution.patterns import pattern_of
from tracekit.model.profile import SNAPSHOT
from tracekit.report.numbers import quantity_of, readable_symbol, share_text, visible
from tracekit.report.terminal.shorten import short_symbol

_HEAVIEST: Final = 5
_BEFORE_NAMES: Final = 10


def next_commands(analysis: Analysis) -> list[str]:
    """The two commands that are most useful after this answer."""
    trace = quote(analysis.profile.meta.source)
    look = f"tracekit report {trace} -o report.html"
    if analysis.profile.meta.format == SNAPSHOT:
        return []
    if analysis.verdict.answer == "yes":
        return [f"tracekit check {trace} --require-ane '*' --max-cpu 0.1", look]
    if analysis.verdict.answer == "unknown":
        return [*focus_commands(analysis)[:1], recording_command(analysis), look][:2]
    model = "" if analysis.explained is not None else " --model MODEL.mlpackage"
    return [f"tracekit ops {trace}{model}", look]


def focus_commands(analysis: Analysis) -> list[str]:
    """Where no prediction was found: a command for each function that may be one."""
    trace = quote(analysis.profile.meta.source)
    symbols = dict.fromkeys(analysis.candidates["symbol"])
    return [f"tracekit analyze {trace} --focus {quote(pattern_of(symbol))}" for symbol in symbols]


def recording_command(analysis: Analysis) -> str:
    """How to record what would tell: the engines' own tables beside the samples."""
    process = analysis.profile.meta.facts.process or ""
    target = quote(process) if process else "Harness --model MODEL.mlpackage"
    return f"tracekit record --app {target} -o again.trace"


def is_lost(analysis: Analysis) -> bool:
    """Whether there are samples, and no prediction was found among them."""
    return analysis.roots.empty and len(analysis.profile) > 0 and not analysis.scope.whole


def way_out(analysis: Analysis, width: int | None) -> RenderableType:
    """Where to look when no prediction was found: what is heaviest, what may be one, and what would tell."""
    return Group(*_way_out(analysis, width))


def _way_out(analysis: Analysis, width: int | None) -> Iterator[Text]:
    ran = running(analysis.profile)
    heaviest = by_symbol(ran).head(_HEAVIEST)
    if len(heaviest):
        yield Text(f"heaviest functions, by {quantity_of(ran)} in themselves", style="dim")
    for row in heaviest.to_dict("records"):
        name = visible(readable_symbol(row["symbol"]))
        shown = name if width is None else short_symbol(name, max(width - _BEFORE_NAMES, 10))
        yield Text(f"{share_text(row['self'] / (ran.weight or 1)):>8}  {shown}")
    found = focus_commands(analysis)
    if found:
        yield Text("if the model is called by one of these", style="dim")
    for command in found:
        yield Text(f"  {visible(command)}")
    yield Text("what would tell: a recording with the engines' own tables, on a Mac", style="dim")
    yield Text(f"  {visible(recording_command(analysis))}")
