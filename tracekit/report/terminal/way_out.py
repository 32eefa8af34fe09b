"""Where to look when no prediction was found: what is heaviest, what may be one, and what would tell."""

from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.call_tree import by_symbol
from tracekit.analysis.running import running
from tracekit.report.next_steps import focus_commands, has_no_samples, recording_command
from tracekit.report.numbers import quantity_of, readable_symbol, share_text, visible
from tracekit.report.terminal.drawing import command_text
from tracekit.report.terminal.shorten import short_symbol

_HEAVIEST: Final = 5
_BEFORE_NAMES: Final = 10


def is_lost(analysis: Analysis) -> bool:
    """Whether no prediction was found among the samples, or the recording holds none and nothing else answers."""
    if has_no_samples(analysis):
        return analysis.verdict.answer == "unknown"
    return analysis.roots.empty and len(analysis.profile) > 0 and not analysis.scope.whole


def way_out(analysis: Analysis, width: int | None) -> RenderableType:
    """The heaviest functions, a command for each that may begin a prediction, and the recording that would tell."""
    lines = []
    ran = running(analysis.profile)
    heaviest = by_symbol(ran).head(_HEAVIEST)
    if len(heaviest):
        lines.append(Text(f"heaviest functions, by {quantity_of(ran)} in themselves", style="dim"))
    for row in heaviest.to_dict("records"):
        name = visible(readable_symbol(row["symbol"]))
        shown = name if width is None else short_symbol(name, max(width - _BEFORE_NAMES, 10))
        lines.append(Text(f"{share_text(row['self'] / (ran.weight or 1)):>8}  {shown}"))
    found = focus_commands(analysis, analysis.profile.meta.source)
    if found:
        lines.append(Text("if the model is called by one of these", style="dim"))
    lines += [command_text(f"  {visible(command)}") for command in found]
    lines.append(Text("what would tell: a recording with the engines' own tables, on a Mac", style="dim"))
    lines.append(command_text(f"  {visible(recording_command(analysis))}"))
    return Group(*lines)
