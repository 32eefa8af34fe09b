"""A sweep as JSON (schema ``tracekit.sweep/1``) and as Markdown; docs/recording.md describes both."""

from collections.abc import Sequence
from typing import Any, Final

from tracekit.analysis.compare.settings import Setting, Swept
from tracekit.report.sweep_sentences import ENGINES, HEADINGS, REMARKS, cells, condition_sentences, control_sentences

SCHEMA: Final = "tracekit.sweep/1"
_RECORDING: Final = ("name", "units", "answer", "sentence", "samples", "ane_rows")
_LEFT_OUT: Final = "left out: it failed, or the sweep was stopped before"


def sweep_document(
    settings: Sequence[Setting], recordings: Sequence[Swept], order: Sequence[str], control: str
) -> dict[str, Any]:
    """The comparison as plain values; times in nanoseconds. ``order`` names all recordings that were begun."""
    return {
        "schema": SCHEMA,
        "order": list(order),
        "settings": [_setting(each) for each in settings],
        "control": control_sentences(recordings, control),
        "conditions": condition_sentences(recordings),
        "recordings": [
            {name: getattr(each, name) for name in _RECORDING} | {"conditions": dict(each.conditions)}
            for each in recordings
        ],
    }


def sweep_markdown(settings: Sequence[Setting], recordings: Sequence[Swept], order: Sequence[str], control: str) -> str:
    """The report: the table, what it means, and a line a recording."""
    lines = ["# The model with each setting", ""]
    lines += [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    lines += [f"| {' | '.join(cells(setting))} |" for setting in settings]
    lines += ["", *REMARKS, ""]
    told = (*control_sentences(recordings, control), *condition_sentences(recordings))
    lines += [f"**{sentence}**" for sentence in told]
    lines += ["", "## Recordings, in the order in which they were made", ""]
    said = {each.name: f"{each.sentence} ({each.samples} samples in predictions)" for each in recordings}
    lines += [f"- `{name}`: {said.get(name, _LEFT_OUT)}" for name in order]
    return "\n".join(lines) + "\n"


def _setting(setting: Setting) -> dict[str, Any]:
    change = setting.against_baseline
    return {
        "units": setting.units,
        "recordings": len(setting.recordings),
        "answers": setting.answers,
        "shares": {engine: setting.shares(engine) for engine in ENGINES},
        "median_ns": setting.median_ns,
        "against_all_ns": change.value if change else None,
        "interval_ns": list(change.interval) if change and change.interval else None,
        "is_different": change.is_shown if change and change.interval else None,
        "ane_rows": [each.ane_rows for each in setting.recordings],
    }
