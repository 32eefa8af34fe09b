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
    from tracekit.report.html.sweep_page import Recording

NAME = "sweep"
SCHEMA = "tracekit.sweep/1"

_ANE_TABLES = ("ane-hw-intervals", "ane-hw-intervals-internal")


def command(
    model: Annotated[
        Path | None, typer.Option("--model", help="The model; a small one is built in.", show_default=False)
    ] = None,
    repeat: Annotated[int, typer.Option("--repeat", min=1, help="Recordings of each setting.")] = 3,
    iterations: Annotated[int, typer.Option("--iterations", min=1, help="Predictions to measure.")] = 100,
    min_seconds: Annotated[float, typer.Option("--min-seconds", min=0.0, help="And at least so long.")] = 2.0,
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
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the comparison as a page, too (HTML).")
    ] = None,
    plotlyjs: options.PlotlyJs = options.PlotlySource.INLINE,
    redact_paths: options.RedactPaths = False,
    force: options.Force = False,
) -> None:
    """Record cpuOnly, cpuAndGPU, cpuAndNeuralEngine and all, in shuffled order, and compare them in one table.

    cpuOnly is the control: intervals of the Neural Engine in it belong to other programs.
    """
    from tracekit.cli.console import note, show
    from tracekit.cli.output import check_free, write_result
    from tracekit.cli.session import write_page
    from tracekit.errors import OutputError
    from tracekit.recording.harness.command import COMPUTE_UNITS, HarnessRun, parse_input
    from tracekit.recording.harness.models import checked_model
    from tracekit.recording.plan import Request
    from tracekit.recording.sweep import shuffled

    markdown = output / "sweep.md"
    options.check_report(report, json, plotlyjs, redact_paths=redact_paths)
    chosen, inputs = checked_model(model), tuple(parse_input(each) for each in input or ())
    harnesses = {
        units: HarnessRun(chosen, units, iterations, min_seconds, warmup, inputs=inputs) for units in COMPUTE_UNITS
    }
    try:
        output.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot be made: {error.strerror}", where=output) from error
    check_free(markdown, json, report, force=force)
    steps = shuffled(repeat, seed)
    requests = {
        step: Request(output=output / f"{step.name}.trace", harness=harnesses[step.units], template=template)
        for step in steps
    }
    recorded = _record(requests, keep_going=keep_going, force=force)
    analysed = {step: _analysed(step, one) for step, one in recorded.items()}
    document = _document(recorded, analysed, steps)
    write_result(markdown, _markdown(document), force=force)
    if json is not None:
        write_result(json, json_text.dumps(document, indent=2, ensure_ascii=False) + "\n", force=force)
    note(f"report: {markdown}")
    if report is not None:
        page = _page(document, analysed, plotlyjs=plotlyjs, redact_paths=redact_paths)
        write_page(page, report, force=force, plotlyjs=plotlyjs.value)
    if "-" not in (str(json), str(report)):
        show(_view(document))
        for sentence in document["control"]:
            note(f"! {sentence}")


def _record(requests: "dict[Step, Request]", *, keep_going: bool, force: bool) -> "dict[Step, Recorded]":
    """Record one after the other; Ctrl-C ends the sweep, and what was recorded before is kept."""
    from tracekit.cli.console import note
    from tracekit.cli.record import carry_out
    from tracekit.errors import RecordingError

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


def _analysed(step: "Step", recorded: "Recorded") -> "Recording":
    from tracekit.analysis.analyze import Scope
    from tracekit.cli.session import provenance_of, read_analysis
    from tracekit.report.html.sweep_page import Recording

    analysis = read_analysis(str(recorded.products.exports), Scope(), run=None)
    durations = recorded.sidecar.durations_ns() if recorded.sidecar else []
    return Recording.of(step.name, step.units, analysis, provenance_of(analysis), durations)


def _document(
    recorded: "dict[Step, Recorded]", analysed: "dict[Step, Recording]", steps: "Sequence[Step]"
) -> dict[str, Any]:
    """The comparison as plain values; times in nanoseconds."""
    from tracekit.recording.harness.command import COMPUTE_UNITS
    from tracekit.recording.sweep import CONTROL

    rows = [_row(analysed[step], one) for step, one in recorded.items()]
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


def _row(analysed: "Recording", recorded: "Recorded") -> dict[str, Any]:
    counts = [each.rows for each in recorded.exported if each.schema in _ANE_TABLES and each.status in ("ok", "empty")]
    return {
        "name": analysed.name,
        "units": analysed.units,
        "answer": analysed.verdict.answer,
        "sentence": analysed.verdict.sentence,
        "shares": dict(analysed.shares),
        "durations_ns": analysed.durations,
        "ane_intervals": max(counts, default=None),
    }


_REMARKS = (
    "ANE, GPU and CPU are shares of the CPU time inside predictions: time driving an engine, not its busy time.",
    "“against all” is the difference of median predictions, with its 95 % interval from a bootstrap over recordings.",
    "Predictions are slower while they are recorded: compare them with one another only.",
)
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


def _page(
    document: dict[str, Any],
    analysed: "dict[Step, Recording]",
    *,
    plotlyjs: options.PlotlySource,
    redact_paths: bool,
) -> str:
    from tracekit.report.html.sweep_page import Table, render_sweep

    order = [setting["units"] for setting in document["settings"]]
    return render_sweep(
        sorted(analysed.values(), key=lambda each: order.index(each.units)),
        Table(_HEADINGS, [_cells(setting) for setting in document["settings"]], _REMARKS),
        order=document["order"],
        control=document["control"],
        plotlyjs=plotlyjs.value,
        redact_paths=redact_paths,
    )


_LEFT_OUT = "left out: it failed, or the sweep was stopped before"


def _markdown(document: dict[str, Any]) -> str:
    """The report: the table, what it means, and a line a recording."""
    lines = ["# The model with each setting", ""]
    lines += [f"| {' | '.join(_HEADINGS)} |", f"|{'---|' * len(_HEADINGS)}"]
    lines += [f"| {' | '.join(_cells(setting))} |" for setting in document["settings"]]
    lines += ["", *_REMARKS, ""]
    lines += [f"**{sentence}**" for sentence in document["control"]]
    lines += ["", "## Recordings, in the order in which they were made", ""]
    said = {row["name"]: row["sentence"] for row in document["recordings"]}
    lines += [f"- `{name}`: {said.get(name, _LEFT_OUT)}" for name in document["order"]]
    return "\n".join(lines) + "\n"
