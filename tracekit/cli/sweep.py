"""``tracekit sweep``: one model with each of Core ML's four settings."""

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracekit.cli import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from tracekit.recorder import Recorded
    from tracekit.recording.harness.command import ComputeUnits
    from tracekit.recording.plan import Request
    from tracekit.recording.sweep import Step

NAME = "sweep"
SCHEMA = "tracekit.sweep/1"

_ANE_TABLES = ("ane-hw-intervals", "ane-hw-intervals-internal")


def command(
    model: Annotated[
        Path | None, typer.Option("--model", help="The model; a small one is built in.", show_default=False)
    ] = None,
    repeat: Annotated[int, typer.Option("--repeat", min=1, help="Recordings of each setting.")] = 3,
    iterations: Annotated[int, typer.Option("--iterations", min=1, help="Predictions to measure.")] = 100,
    warmup: Annotated[int, typer.Option("--warmup", min=0, help="Predictions before that.")] = 10,
    input: Annotated[
        list[str] | None, typer.Option("--input", metavar="NAME=FILE.npy", help="Values for an input. Repeatable.")
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="A folder for everything.")] = Path("sweep"),
    template: Annotated[str, typer.Option("--template", help="A template, or auto.")] = "auto",
    seed: Annotated[int, typer.Option("--seed", help="Of the order of recordings.")] = 1,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Leave out recordings that fail.")] = False,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the comparison as JSON; - is stdout.")
    ] = None,
    force: options.Force = False,
) -> None:
    """Record cpuOnly, cpuAndGPU, cpuAndNeuralEngine and all, in shuffled order, and compare them in one table.

    cpuOnly is the control: intervals of the Neural Engine in it belong to other programs.
    """
    from tracekit.cli.console import note, show
    from tracekit.cli.output import check_free, write_result
    from tracekit.cli.record import harness_run
    from tracekit.errors import OutputError
    from tracekit.recording.harness.command import COMPUTE_UNITS
    from tracekit.recording.plan import Request
    from tracekit.recording.sweep import shuffled

    report = output / "sweep.md"
    if json is not None:
        check_free(json, force=force)
    try:
        output.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot be made: {error.strerror}", where=output) from error
    check_free(report, force=force)
    steps = shuffled(repeat, seed)
    harnesses = {
        units: harness_run(model, units, iterations, warmup, None, tuple(input or ())) for units in COMPUTE_UNITS
    }
    requests = {
        step: Request(output=output / f"{step.name}.trace", harness=harnesses[step.units], template=template)
        for step in steps
    }
    recorded = _record(requests, keep_going=keep_going, force=force)
    document = _document(recorded, steps)
    write_result(report, _markdown(document), force=force)
    if json is not None:
        write_result(json, json_text.dumps(document, indent=2, ensure_ascii=False) + "\n", force=force)
    note(f"report: {report}")
    if str(json) != "-":
        show(_view(document))
        for sentence in document["control"]:
            note(f"! {sentence}")


def _record(requests: "dict[Step, Request]", *, keep_going: bool, force: bool) -> "dict[Step, Recorded]":
    """Record one after the other; Ctrl-C ends the sweep, and what was recorded before is kept."""
    from tracekit.cli.console import note
    from tracekit.cli.record import carry_out
    from tracekit.recording.failures import RecordingError

    recorded: dict[Step, Recorded] = {}
    for number, (step, request) in enumerate(requests.items(), start=1):
        note(f"{step.units}, recording {step.repeat} ({number} of {len(requests)} in all)")
        try:
            one = carry_out(request, keep_going=False, force=force)
        except RecordingError as error:
            if not keep_going:
                raise
            note(f"! {step.name} is left out: {error}")
            continue
        if one.was_interrupted:
            note("The sweep was stopped: what was recorded before is compared.")
            break
        recorded[step] = one
    if not recorded:
        raise RecordingError("no recording succeeded", hint="tracekit doctor says what is missing")
    return recorded


def _document(recorded: "dict[Step, Recorded]", steps: "Sequence[Step]") -> dict[str, Any]:
    """The comparison as plain values; times in nanoseconds."""
    from tracekit.recording.harness.command import COMPUTE_UNITS
    from tracekit.recording.sweep import CONTROL

    rows = [_row(step, one) for step, one in recorded.items()]
    by_units = {units: [row for row in rows if row["units"] == units] for units in COMPUTE_UNITS}
    settings = [_setting(units, by_units) for units in COMPUTE_UNITS if by_units[units]]
    noisy = [row["ane_intervals"] for row in rows if row["units"] == CONTROL and row["ane_intervals"]]
    control = []
    if noisy:
        control.append(
            f"the control is not clean: {max(noisy)} intervals of the Neural Engine in a {CONTROL} recording are other "
            "programs'; so may be those of the other settings"
        )
    return {
        "schema": SCHEMA,
        "order": [step.name for step in steps],
        "settings": settings,
        "control": control,
        "recordings": [
            {key: row[key] for key in ("name", "units", "answer", "sentence", "ane_intervals")} for row in rows
        ],
    }


def _setting(units: "ComputeUnits", by_units: "dict[ComputeUnits, list[dict[str, Any]]]") -> dict[str, Any]:
    """One row of the comparison."""
    from tracekit.recording.sweep import BASELINE, difference_ns, median_ns

    mine = by_units[units]
    durations, baseline = (
        [row["durations_ns"] for row in by_units[each] if row["durations_ns"]] for each in (units, BASELINE)
    )
    change = difference_ns(durations, baseline) if durations and baseline and units != BASELINE else None
    return {
        "units": units,
        "recordings": len(mine),
        "answers": sorted({row["answer"] for row in mine}),
        "shares": {engine: [row["shares"].get(engine, 0.0) for row in mine] for engine in ("ANE", "GPU", "CPU")},
        "median_ns": median_ns(durations) if durations else None,
        "against_all_ns": change.value if change else None,
        "interval_ns": list(change.interval) if change and change.interval else None,
        "is_different": change.leaves_out_zero if change and change.interval else None,
        "ane_intervals": [row["ane_intervals"] for row in mine],
    }


def _row(step: "Step", recorded: "Recorded") -> dict[str, Any]:
    from tracekit.analysis.analyze import Scope
    from tracekit.cli.session import read_analysis

    analysis = read_analysis(str(recorded.products.exports), Scope(), run=None)
    counts = [each.rows for each in recorded.exported if each.schema in _ANE_TABLES and each.status in ("ok", "empty")]
    return {
        "name": step.name,
        "units": step.units,
        "answer": analysis.verdict.answer,
        "sentence": analysis.verdict.sentence,
        "shares": dict(zip(analysis.engines["engine"], analysis.engines["share"].tolist(), strict=True)),
        "durations_ns": recorded.sidecar.durations_ns() if recorded.sidecar else [],
        "ane_intervals": max(counts, default=None),
    }


_HEADINGS = ("compute units", "Neural Engine", "ANE", "GPU", "CPU", "median", "against all", "ANE intervals")


def _cells(setting: dict[str, Any]) -> tuple[str, ...]:
    shares = [_spread([share * 100 for share in setting["shares"][engine]], "%") for engine in ("ANE", "GPU", "CPU")]
    median = "" if setting["median_ns"] is None else f"{setting['median_ns'] / 1e6:.2f} ms"
    return (
        setting["units"],
        ", ".join(setting["answers"]),
        *shares,
        median,
        _change(setting),
        _spread(setting["ane_intervals"], ""),
    )


def _change(setting: dict[str, Any]) -> str:
    if setting["against_all_ns"] is None:
        return ""
    change = f"{setting['against_all_ns'] / 1e6:+.2f} ms"
    if setting["interval_ns"] is None:
        return f"{change} (one recording: how sure is not known)"
    low, high = (each / 1e6 for each in setting["interval_ns"])
    shown = "" if setting["is_different"] else ", no difference shown"
    return f"{change} ({low:+.2f} to {high:+.2f}{shown})"


def _spread(values: "Sequence[float | None]", unit: str) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "not recorded"
    low, high = f"{min(known):.0f}", f"{max(known):.0f}"
    return f"{low if low == high else f'{low}-{high}'} {unit}".strip()


def _view(document: dict[str, Any]) -> "Table":
    from rich.table import Table

    view = Table(box=None, pad_edge=False, header_style="bold")
    for heading in _HEADINGS:
        view.add_column(heading)
    for setting in document["settings"]:
        view.add_row(*_cells(setting))
    return view


def _markdown(document: dict[str, Any]) -> str:
    """The report: the table, what it means, and a line a recording."""
    lines = ["# The model with each setting", ""]
    lines += [f"| {' | '.join(_HEADINGS)} |", f"|{'---|' * len(_HEADINGS)}"]
    lines += [f"| {' | '.join(_cells(setting))} |" for setting in document["settings"]]
    lines += [
        "",
        "ANE, GPU and CPU are shares of the CPU time inside predictions: time driving an engine, not its busy time.",
        "“against all” is the difference of median predictions, with the middle 95 % of a bootstrap over recordings.",
        "Predictions are slower while they are recorded: compare them with one another only.",
        "",
    ]
    lines += [f"**{sentence}**" for sentence in document["control"]]
    lines += ["", "## Recordings, in the order in which they were made", ""]
    said = {row["name"]: row["sentence"] for row in document["recordings"]}
    lines += [f"- `{name}`: {said.get(name, 'left out, it failed')}" for name in document["order"]]
    return "\n".join(lines) + "\n"
