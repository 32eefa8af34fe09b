"""A sweep in words: the rows of its table, and what its control and its conditions say."""

from collections.abc import Sequence
from typing import Final

from tracekit.analysis.compare.settings import Setting, Swept, differing_conditions, foreign_rows

HEADINGS: Final = ("compute units", "Neural Engine", "ANE", "GPU", "CPU", "median", "against all", "ANE rows")
REMARKS: Final = (
    "ANE, GPU and CPU are shares of the CPU time inside predictions: time driving an engine, not its busy time.",
    "The median is the mean of the recordings' medians; “against all” is the difference, with its 95 % interval "
    "(Welch's t over recordings).",
    "Predictions are slower while they are recorded: compare them with one another only.",
)
ENGINES: Final = ("ANE", "GPU", "CPU")


def control_sentences(recordings: Sequence[Swept], control: str) -> list[str]:
    """What the control says against the others."""
    foreign = foreign_rows(recordings, control)
    said = (
        f"the control is not clean: {foreign} rows of the Neural Engine's table in a {control} recording are other "
        "programs'; so may be those of the other settings"
    )
    return [said] if foreign else []


def condition_sentences(recordings: Sequence[Swept]) -> list[str]:
    """What was not the same in all recordings, so that a difference may be its."""
    sentences = []
    for condition, values in differing_conditions(recordings).items():
        usual = max(values, key=lambda value: len(values[value]))
        others = [f"{value} in {', '.join(names)}" for value, names in values.items() if value != usual]
        sentences.append(
            f"the {condition} was not the same in all recordings: {usual} in {len(values[usual])}, "
            f"{'; '.join(others)}; a difference may be due to that"
        )
    return sentences


def cells(setting: Setting) -> tuple[str, ...]:
    """A row of the comparison, as it is written."""
    shares = [_spread([share * 100 for share in setting.shares(engine)], "%") for engine in ENGINES]
    median = "" if setting.median_ns is None else f"{setting.median_ns / 1e6:.2f} ms"
    rows = _spread([each.ane_rows for each in setting.recordings], "")
    return (setting.units, ", ".join(setting.answers), *shares, median, _change(setting), rows)


def _change(setting: Setting) -> str:
    change = setting.against_baseline
    if change is None:
        return ""
    text = f"{change.value / 1e6:+.2f} ms"
    if change.interval is None:
        return f"{text} (one recording: how sure is not known)"
    low, high = (each / 1e6 for each in change.interval)
    shown = "" if change.is_shown else ", no difference shown"
    return f"{text} ({low:+.2f} to {high:+.2f}{shown})"


def _spread(values: Sequence[float | None], unit: str) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "not recorded"
    low, high = f"{min(known):.0f}", f"{max(known):.0f}"
    return f"{low if low == high else f'{low}-{high}'} {unit}".strip()
