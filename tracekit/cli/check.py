"""``tracekit check``: a gate for CI."""

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from tracekit.cli import options

EXIT_FAILED = 3

_gate = partial(typer.Option, rich_help_panel="Gates")
_share = partial(_gate, min=0, max=1)


@options.reading
@options.selecting
def command(
    path: options.PathArgument,
    scope: "options.Scope",
    how: options.Reading,
    min_ane: Annotated[float | None, _share("--min-ane", help="Least share that hands work to the ANE.")] = None,
    max_cpu: Annotated[float | None, _share("--max-cpu", help="Most share computed on the CPU.")] = None,
    max_gpu: Annotated[float | None, _share("--max-gpu", help="Most share that hands work to the GPU.")] = None,
    max_unknown: Annotated[float | None, _share("--max-unknown", help="Most share that could be any engine's.")] = None,
    max_p95: Annotated[
        str | None, _gate("--max-p95", metavar="TIME", help="Longest 95th percentile, such as 12ms.")
    ] = None,
    max_load: Annotated[
        str | None, _gate("--max-load", metavar="TIME", help="Longest loading and compiling of a model.")
    ] = None,
    max_regression: Annotated[
        float | None, _share("--max-regression", help="Most that may be worse than --baseline.")
    ] = None,
    baseline: Annotated[
        str | None, _gate("--baseline", metavar="FILE", help="A saved `analyze --json`, or a recording.")
    ] = None,
    model: Annotated[
        list[str] | None, _gate("--model", metavar="NAME", help="Ask the gates above of this model. Repeatable.")
    ] = None,
    require_ane: Annotated[
        list[str] | None,
        _gate("--require-ane", metavar="MODEL", help="This model must use the Neural Engine; '*': each. Repeatable."),
    ] = None,
    min_decode_rate: Annotated[
        float | None,
        _gate("--min-decode-rate", min=0, metavar="N", help="Least tokens a second that a language model decodes."),
    ] = None,
    require_evidence: Annotated[
        Literal["hardware", "waiting", "stacks"] | None,
        _gate("--require-evidence", help="Least evidence the verdict must rest on."),
    ] = None,
    format: Annotated[
        Literal["text", "json", "junit", "github", "markdown"], typer.Option("--format", help="How to report.")
    ] = "text",
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write; - is stdout.")] = Path("-"),
    run: options.Run = None,
    log: options.Log = None,
    force: options.Force = False,
) -> None:
    """Exit with 3 unless a recording passes the gates given here, in pyproject.toml or in tracekit.toml.

    A share is part of the CPU time inside predictions, 0 to 1, as the verdict says it. What cannot be measured
    fails its gate.
    """
    from tracekit.analysis.select import nanoseconds
    from tracekit.analysis.verdict.gates import Gates, Measures, ask
    from tracekit.cli.output import check_free, write_result
    from tracekit.cli.session import read_analysis, say_if_empty
    from tracekit.cli.settings import check_settings
    from tracekit.report.formats.analysis_json import analysis_document
    from tracekit.report.formats.gates import gates_text
    from tracekit.report.formats.measures import measures_of
    from tracekit.report.formats.saved_analysis import is_json, read_saved

    settings = check_settings(Path.cwd())
    gates = Gates(
        min_ane=settings.share("min-ane") if min_ane is None else min_ane,
        max_cpu=settings.share("max-cpu") if max_cpu is None else max_cpu,
        max_gpu=settings.share("max-gpu") if max_gpu is None else max_gpu,
        max_unknown=settings.share("max-unknown") if max_unknown is None else max_unknown,
        max_p95_ns=settings.time("max-p95") if max_p95 is None else nanoseconds(max_p95),
        max_load_ns=settings.time("max-load") if max_load is None else nanoseconds(max_load),
        max_regression=settings.share("max-regression") if max_regression is None else max_regression,
        require_ane=tuple(require_ane or settings.names("require-ane")),
        min_decode_rate=settings.number("min-decode-rate") if min_decode_rate is None else min_decode_rate,
        require_evidence=require_evidence or settings.evidence("require-evidence"),
    )
    models = tuple(model or settings.names("model"))
    if gates == Gates():
        raise typer.BadParameter("no gate is given: use --max-cpu 0.1, or [tool.tracekit.check] in pyproject.toml")
    of_the_whole = Gates(
        require_ane=gates.require_ane, min_decode_rate=gates.min_decode_rate, require_evidence=gates.require_evidence
    )
    if models and gates == of_the_whole:
        raise typer.BadParameter("--model needs a gate to ask of it, such as --max-cpu 0.1")
    against = baseline or settings.file("baseline")
    if (gates.max_regression is None) != (against is None):
        raise typer.BadParameter("--max-regression and --baseline need each other")
    check_free(output, force=force)

    def measured(source: str, run: int | None, log: Path | None) -> Measures:
        if is_json(source):
            return measures_of(read_saved(source))
        analysis = read_analysis(source, scope, run=run, how=how, log=log)
        say_if_empty(analysis)
        return measures_of(analysis_document(analysis))

    before = None if against is None else measured(against, None, None)
    outcomes = ask(gates, measured(path, run, log), before, models)
    write_result(output, gates_text(outcomes, path, format), force=force)
    if not all(each.is_passed for each in outcomes):
        raise typer.Exit(EXIT_FAILED)
