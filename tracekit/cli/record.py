"""``tracekit record``: record, export, analyse, report."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracekit.cli import options
from tracekit.recording.harness.command import ComputeUnits, Evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracekit.recorder import Recorded
    from tracekit.recording.plan import Request

_harness = partial(typer.Option, rich_help_panel="The harness")
_recorder = partial(typer.Option, rich_help_panel="The recorder")


def command(
    app: Annotated[
        str | None,
        typer.Option(
            "--app",
            help="Harness (the default); or the path of an .app or program; or the name or PID of a running process. "
            "Arguments for a program follow after --.",
        ),
    ] = None,
    model: Annotated[
        Path | None, _harness("--model", help="A .mlpackage, .mlmodel or .mlmodelc; a small one is built in.")
    ] = None,
    compute_units: Annotated[ComputeUnits, _harness("--compute-units", help="What Core ML may use.")] = "all",
    iterations: Annotated[int, _harness("--iterations", min=1, help="Predictions to measure.")] = 100,
    min_seconds: Annotated[
        float, _harness("--min-seconds", min=0.0, help="And at least so long, so that there are samples.")
    ] = 2.0,
    warmup: Annotated[int, _harness("--warmup", min=0, help="Predictions before that.")] = 10,
    evaluate: Annotated[Evaluate, _harness("--evaluate", help="How Core ML is called: docs/harness.md.")] = "sync",
    batch_size: Annotated[int, _harness("--batch-size", min=1, help="Inputs in a batch.")] = 8,
    function: Annotated[str | None, _harness("--function", help="A function of the model (macOS 15).")] = None,
    input: Annotated[
        list[str] | None,
        _harness("--input", metavar="NAME=FILE.npy", help="Values for an input; others are made up. Repeatable."),
    ] = None,
    plan: Annotated[
        bool, _harness("--plan/--no-plan", help="Ask for Core ML's compute plan, too, in a second run.")
    ] = True,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The .trace to write; default: Harness.trace, or as --app.")
    ] = None,
    template: Annotated[
        str,
        _recorder(
            "--template",
            help="A template's name, a .tracetemplate, or auto: Time Profiler with the instruments of the Neural "
            "Engine, GPU, Core ML and Core AI.",
        ),
    ] = "auto",
    instrument: Annotated[list[str] | None, _recorder("--instrument", help="An instrument to add. Repeatable.")] = None,
    time_limit: Annotated[
        str | None,
        _recorder("--time-limit", help="When to stop: 90s, 2m. Default: 10m for a program, 10s for a running process."),
    ] = None,
    all_processes: Annotated[bool, _recorder("--all-processes", help="Everything that runs, instead of one.")] = False,
    device: Annotated[str | None, _recorder("--device", help="A device's name or UDID.")] = None,
    launch: Annotated[
        str | None, _recorder("--launch", metavar="BUNDLE_ID", help="An app on the device to launch.")
    ] = None,
    team: Annotated[
        str | None,
        _harness("--team", metavar="ID", help="With --device: your signing team, to build the harness as an app."),
    ] = None,
    append_run: Annotated[bool, _recorder("--append-run", help="Add a run to the recording named by -o.")] = False,
    notify_tracing_started: Annotated[
        str | None,
        _recorder("--notify-tracing-started", metavar="NAME", help="A Darwin notification to post when it records."),
    ] = None,
    env: Annotated[
        list[str] | None, _recorder("--env", metavar="NAME=VALUE", help="For the program. Repeatable.")
    ] = None,
    waiting_threads: Annotated[
        bool, _recorder("--waiting-threads", help="Sample blocked threads too (Xcode 27): bounds of busy time.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the exact commands and do nothing, on any system.")
    ] = False,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Export and analyse even if the target failed.")
    ] = False,
    analyze: Annotated[bool, typer.Option("--analyze/--no-analyze", help="Analyse and report afterwards.")] = True,
    opened: Annotated[bool, typer.Option("--open", help="Show the report in the browser afterwards.")] = False,
    force: options.Force = False,
    arguments: Annotated[list[str] | None, typer.Argument(help="Arguments of the program.")] = None,
) -> None:
    """Record a model or an app on a Mac, then say which engine ran the model.

    Writes NAME.trace, NAME.tracekit.zip (readable anywhere), NAME.sidecar.json, NAME.html and, where you may read the
    system's log, NAME.log.ndjson.
    """
    from tracekit.cli.session import open_page
    from tracekit.recording.harness.command import HarnessRun, parse_input
    from tracekit.recording.harness.models import checked_model
    from tracekit.recording.plan import Request
    from tracekit.recording.target import HARNESS

    harness = None
    if app in (None, HARNESS) and launch is None and not all_processes:
        harness = HarnessRun(
            model=checked_model(model),
            compute_units=compute_units,
            iterations=iterations,
            min_seconds=min_seconds,
            warmup=warmup,
            evaluate=evaluate,
            batch_size=batch_size,
            function=function,
            inputs=tuple(parse_input(each) for each in input or ()),
        )
    elif model is not None or function is not None or input:
        raise typer.BadParameter("--model, --function and --input are for --app Harness")
    request = Request(
        app=app,
        launch=launch,
        all_processes=all_processes,
        arguments=tuple(arguments or ()),
        output=output,
        append_run=append_run,
        harness=harness,
        template=template,
        instruments=tuple(instrument or ()),
        time_limit=time_limit,
        device=device,
        team=team,
        notification=notify_tracing_started,
        environment=tuple(_pair(each) for each in env or ()),
        waiting_threads=waiting_threads,
        compute_plan=plan,
    )
    if opened and not analyze:
        raise typer.BadParameter("--open shows the report, which --no-analyze leaves out")
    if dry_run:
        rehearse([request])
        return
    recorded = carry_out(request, keep_going=keep_going, force=force or append_run)
    if analyze:
        _analyze(recorded, force=force or append_run)
    if opened:
        open_page(recorded.products.report)


def rehearse(requests: "Sequence[Request]") -> None:
    """Print the commands that requests would run; where there is no xctrace, with what was assumed as comments."""
    from tracekit.errors import RecordingError
    from tracekit.recording.plan import make_plan
    from tracekit.recording.rehearsal import Rehearsal
    from tracekit.recording.runner import SystemRunner
    from tracekit.recording.xctrace.tool import find_xctrace

    runner = SystemRunner()
    try:
        find_xctrace(runner)
        rehearsal = None
    except RecordingError as error:
        rehearsal = Rehearsal(error.what)
    plans = [make_plan(request, runner, rehearsal, is_dry=True) for request in requests]
    lines = [f"# assumed: {each}" for each in (rehearsal.assumptions if rehearsal is not None else ())]
    for plan in plans:
        lines += plan.lines()
    for line in dict.fromkeys(lines):  # a sweep builds the harness once
        typer.echo(line)


def carry_out(request: "Request", *, keep_going: bool, force: bool) -> "Recorded":
    """Plan and record, looked on."""
    from tracekit import recorder
    from tracekit.cli.console import note
    from tracekit.cli.live import Live
    from tracekit.cli.output import check_free
    from tracekit.recording.plan import make_plan
    from tracekit.recording.runner import SystemRunner

    with Live() as live:
        plan = make_plan(request, SystemRunner())
        check_free(plan.products.exports, plan.products.report, force=force)
        note(f"{plan.version}: {plan.command.choice}")
        recorded = recorder.record(plan, live, keep_going=keep_going)
    note(f"recording: {recorded.products.bundle}")
    note(f"exports:   {recorded.products.exports}")
    return recorded


def _analyze(recorded: "Recorded", *, force: bool) -> None:
    from tracekit.analysis.analyze import Scope
    from tracekit.cli.console import note, show_analysis
    from tracekit.cli.session import read_analysis, write_report

    analysis = read_analysis(str(recorded.products.exports), Scope(), run=recorded.run)
    write_report(analysis, recorded.products.report, force=force)
    show_analysis(analysis)
    note(f"the answer rests on {analysis.accounting.samples.attributed:,} samples in predictions")


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not name or not sign:
        raise typer.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--env")
    return name, value
