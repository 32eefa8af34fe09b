"""``tracekit sweep``: one model with each of Core ML's four settings."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracekit.cli import options

if TYPE_CHECKING:
    from tracekit.analysis.compare.settings import Swept
    from tracekit.recorder import Recorded
    from tracekit.recording.plan import Request
    from tracekit.recording.sweep import Step
    from tracekit.report.html.sweep_page import Recording


def command(
    model: Annotated[Path | None, typer.Option("--model", help="The model; a small one is built in.")] = None,
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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the exact commands and do nothing, on any system.")
    ] = False,
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

    cpuOnly is the control: rows of the Neural Engine's table in it are other programs'.
    """
    from tracekit.analysis.compare.settings import compare_settings
    from tracekit.cli.console import note, show
    from tracekit.cli.output import check_free, write_result
    from tracekit.cli.record import rehearse
    from tracekit.cli.session import write_page
    from tracekit.errors import OutputError
    from tracekit.recording.harness.command import COMPUTE_UNITS, HarnessRun, parse_input
    from tracekit.recording.harness.models import checked_model
    from tracekit.recording.plan import Request
    from tracekit.recording.runner import SystemRunner
    from tracekit.recording.sweep import BASELINE, CONTROL, kept_awake, shuffled
    from tracekit.report.formats.analysis_json import to_json
    from tracekit.report.formats.sweep import sweep_document, sweep_markdown
    from tracekit.report.html.sweep_page import Table, render_sweep
    from tracekit.report.sweep_sentences import HEADINGS, REMARKS, cells, condition_sentences, control_sentences
    from tracekit.report.terminal.sweep_text import sweep_view

    markdown = output / "sweep.md"
    options.check_report(report, json, plotlyjs, redact_paths=redact_paths)
    chosen, inputs = checked_model(model), tuple(parse_input(each) for each in input or ())
    harnesses = {
        units: HarnessRun(chosen, units, iterations, min_seconds, warmup, inputs=inputs) for units in COMPUTE_UNITS
    }
    steps = shuffled(repeat, seed)
    requests = {
        step: Request(
            output=output / f"{step.name}.trace",
            harness=harnesses[step.units],
            template=template,
            compute_plan=step.repeat == 1,  # it is the same every time
        )
        for step in steps
    }
    if dry_run:
        rehearse(list(requests.values()))
        return
    try:
        output.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot be made: {error.strerror}", where=output) from error
    check_free(markdown, json, report, force=force)
    with kept_awake(SystemRunner()):
        recorded = _record(requests, keep_going=keep_going, force=force)
    analysed = [_analysed(step, one) for step, one in recorded.items()]
    order = [step.name for step in steps]
    swept = [one for one, _ in analysed]
    settings = compare_settings(swept, COMPUTE_UNITS, BASELINE)
    write_result(markdown, sweep_markdown(settings, swept, order, CONTROL), force=force)
    if json is not None:
        write_result(json, to_json(sweep_document(settings, swept, order, CONTROL)), force=force)
    note(f"report: {markdown}")
    warnings = [*control_sentences(swept, CONTROL), *condition_sentences(swept)]
    if report is not None:
        units = [setting.units for setting in settings]
        page = render_sweep(
            sorted((page for _, page in analysed), key=lambda each: units.index(each.units)),
            Table(HEADINGS, [cells(setting) for setting in settings], REMARKS),
            order=order,
            control=warnings,
            plotlyjs=plotlyjs.value,
            redact_paths=redact_paths,
        )
        write_page(page, report, force=force, plotlyjs=plotlyjs.value)
    if "-" not in (str(json), str(report)):
        show(sweep_view(settings))
        for sentence in warnings:
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


def _analysed(step: "Step", recorded: "Recorded") -> "tuple[Swept, Recording]":
    """What the table, and what the page has of a recording."""
    from tracekit.analysis.analyze import Scope
    from tracekit.analysis.compare.settings import Swept
    from tracekit.cli.session import provenance_of, read_analysis
    from tracekit.model.instruments import ANE_TABLES
    from tracekit.report.html.sweep_page import Recording

    analysis = read_analysis(str(recorded.products.exports), Scope(), run=None)
    sidecar = recorded.sidecar
    durations = sidecar.durations_ns() if sidecar is not None else []
    page = Recording.of(step.name, step.units, analysis, provenance_of(analysis), durations)
    swept = Swept(
        name=step.name,
        units=step.units,
        answer=analysis.verdict.answer,
        sentence=analysis.verdict.sentence,
        samples=analysis.accounting.samples.attributed,
        shares=page.shares,
        durations=durations,
        ane_rows=recorded.rows_of(*ANE_TABLES),
        conditions=sidecar.conditions() if sidecar is not None else {},
    )
    return swept, page
