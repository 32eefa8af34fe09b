"""Recording from start to end: build, record, judge by what was written, export.

    plan ─► build ─► xctrace record ─► bundle? ─► table of contents? ─► final name ─► tables with rows? ─► zip

``recording`` drives the tools and knows no trace; ``readers`` know traces and no tools. This is where they meet.
"""

import atexit
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tracekit._version import __version__
from tracekit.errors import InputError, RecordingError
from tracekit.files import writing
from tracekit.model.facts import Facts
from tracekit.model.trace import Run
from tracekit.readers import open_trace
from tracekit.recording import evidence, portable, system_log
from tracekit.recording.evidence import Finding
from tracekit.recording.harness.command import Step, read_progress
from tracekit.recording.harness.host import read_plan
from tracekit.recording.harness.models import model_hash
from tracekit.recording.harness.sidecar import Sidecar, read_sidecar
from tracekit.recording.plan import Plan
from tracekit.recording.portable import Exported
from tracekit.recording.products import Products, free_name
from tracekit.recording.runner import SystemRunner
from tracekit.recording.xctrace import session
from tracekit.recording.xctrace.failures import last_line
from tracekit.recording.xctrace.session import Ended, Moment
from tracekit.recording.xctrace.tool import Xctrace, find_xctrace


class Listener:
    """Told what goes on, so that somebody can look on. This one lets it pass."""

    def stage(self, text: str) -> None:
        """A new step begins."""

    def moment(self, moment: Moment, step: Step | None) -> None:
        """The recorder runs; ``step`` is the harness's."""

    def stopping(self, count: int) -> None:
        """We were asked to stop, for the count-th time."""

    def table(self, schema: str, number: int, of: int) -> None:
        """A table is being exported."""

    def warning(self, error: Exception) -> None:
        """Something is wrong, but the work goes on."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that is there, with its exports."""

    products: Products
    run: int
    """Its number in the bundle; more than 1 where it was appended."""
    facts: Facts
    exported: tuple[Exported, ...]
    sidecar: Sidecar | None
    was_interrupted: bool

    def rows_of(self, *schemas: str) -> int | None:
        """Rows of a table that bears one of these names; None where it was not recorded."""
        rows = [each.rows for each in self.exported if each.schema in schemas and each.status in ("ok", "empty")]
        return max(rows, default=None)


def record(plan: Plan, listener: Listener, *, keep_going: bool = False) -> Recorded:
    """Carry out a plan.

    Raises:
        RecordingError: it failed; the message says why, and where what there is lies.
        OutputError: something cannot be written.
    """
    products, runner = plan.products, plan.xctrace.runner
    for text in plan.notes:
        listener.warning(RecordingError(text))
    if plan.host is not None and any(plan.host.preparations()):
        listener.stage("building the harness")
        plan.host.prepare(runner)
    plan, ended, contents = _recorded(plan, listener)
    runs = open_trace(contents).runs
    _name(plan, earlier=len(runs) - 1)
    last = runs[-1]
    sidecar = _take_sidecar(plan, listener)
    _act(_judge(plan, last.facts, ended, sidecar), products, listener, keep_going=keep_going)
    if plan.command.device is None and plan.command.kind != "all":
        refused = system_log.collect(runner, last.facts, products.system_log)
        if refused is not None:
            listener.warning(RecordingError(f"the system's log of the target was not read: {refused}"))
    exported = _export(plan.xctrace, products.bundle, products.exports, contents, last, listener)
    rows = {each.schema: each.rows for each in exported}
    listed = [info.schema for info in last.tables()]
    _act(evidence.judge_tables(rows, listed), products, listener, keep_going=keep_going)
    shutil.rmtree(products.work, ignore_errors=True)
    if plan.command.append_run:
        shutil.rmtree(products.before, ignore_errors=True)
    return Recorded(products, last.number, last.facts, tuple(exported), sidecar, ended.interrupted)


def export_recording(xctrace: Xctrace, bundle: Path, output: Path, listener: Listener) -> tuple[Exported, ...]:
    """Export a bundle into one zip that is readable on any machine.

    Raises:
        RecordingError: the bundle cannot be exported.
        OutputError: the zip cannot be written.
    """
    if not bundle.exists():
        raise InputError("there is no such recording", where=bundle)
    if not bundle.is_dir():
        raise InputError("is no .trace bundle", where=bundle, hint="A .trace is a folder that xctrace recorded")
    with portable.working_folder(output) as place:
        contents = Path(place) / "toc.xml"
        listener.stage("reading the table of contents")
        refused = portable.export_contents(xctrace, bundle, contents)
        if refused is not None:
            raise evidence.without_contents(None, refused.text, str(bundle))
        return tuple(_export(xctrace, bundle, output, contents, open_trace(contents).runs[-1], listener))


def export_for_reading(bundle: Path) -> Path:
    """The same for ``readers.open_trace``: the zip lies in a temporary folder until the program ends.

    Raises:
        RecordingError: there is no xctrace, or it cannot export the bundle.
    """
    folder = TemporaryDirectory(prefix="tracekit-")
    atexit.register(folder.cleanup)
    output = Path(folder.name) / f"{bundle.stem}.tracekit.zip"
    export_recording(find_xctrace(SystemRunner()), bundle, output, Listener())
    return output


def _recorded(plan: Plan, listener: Listener) -> tuple[Plan, Ended, Path]:
    """Record, and export the table of contents; where xctrace fails as it might not with a simpler template, again with
    that. The plan that was carried out, how it ended, and the table of contents.
    """
    ended, refusal, may_be_the_template = _attempt(plan, listener)
    if refusal is not None and plan.simpler is not None and may_be_the_template:
        alone = f"Recording again with {plan.simpler.template} alone"
        hint = f"{alone}: CPU samples, and no times of the Neural Engine or the GPU"
        listener.warning(RecordingError(f"recording with {plan.command.choice} failed: {refusal.what}", hint=hint))
        products = replace(plan.products, unfinished=free_name(plan.products.unfinished))
        command = replace(plan.command, choice=plan.simpler, output=products.unfinished)
        plan = replace(plan, command=command, simpler=None, products=products)
        ended, refusal, _ = _attempt(plan, listener)
    if refusal is not None:
        raise refusal
    return plan, ended, plan.products.contents


def _attempt(plan: Plan, listener: Listener) -> tuple[Ended, RecordingError | None, bool]:
    """How recording ended, why nothing that opens came of it, and whether that may be the template's fault."""
    products = plan.products
    with writing(products.work):
        shutil.rmtree(products.work, ignore_errors=True)
        products.work.mkdir()
        if plan.command.append_run:
            shutil.copytree(products.bundle, products.unfinished, symlinks=True)
        if plan.recording_options is not None:
            products.recording_options.write_text(plan.recording_options, "utf-8")
    listener.stage("recording")
    ended = session.run(
        lambda: plan.xctrace.runner.start(plan.argv(), log=products.log),
        products.log,
        limit_s=plan.limit_s,
        progress=lambda moment: listener.moment(moment, read_progress(products.progress)),
        stopping=listener.stopping,
    )
    if not products.unfinished.exists():
        return ended, evidence.without_bundle(ended), evidence.may_be_the_template(ended)
    listener.stage("reading the table of contents")
    refused = portable.export_contents(plan.xctrace, products.unfinished, products.contents)
    if refused is None:
        return ended, None, False
    error = evidence.without_contents(ended, refused.text, str(products.unfinished))
    return ended, error, evidence.may_be_the_template(ended, refused.text)


def _name(plan: Plan, *, earlier: int) -> None:
    """Give the bundle its final name. Where a run was appended, the bundle without it is put aside until all is done,
    and the sidecar of the ``earlier`` runs keeps its number.
    """
    products = plan.products
    if plan.command.append_run:
        products.bundle.rename(products.before)
        if products.sidecar.exists():
            products.sidecar.rename(products.sidecar_of(earlier))
    products.unfinished.rename(products.bundle)


def _judge(plan: Plan, facts: Facts, ended: Ended, sidecar: Sidecar | None) -> list[Finding]:
    """How the target ended, by the recording and by its own account."""
    products = plan.products
    if plan.host is None:
        return evidence.judge_target(facts, ended, _last_words(products.target_log))
    last_words = _last_words(products.harness_log)
    account = (
        sidecar.account() if sidecar is not None else f"it left no sidecar{f' ({last_words})' if last_words else ''}"
    )
    found = evidence.judge_target(facts, ended, account, is_whole=sidecar is not None and sidecar.is_whole)
    return found + evidence.judge_conditions(sidecar.conditions() if sidecar is not None else {})


def _take_sidecar(plan: Plan, listener: Listener) -> Sidecar | None:
    """The harness's account under its final name, with the model's hash and Core ML's plan for it; a recording is good
    without it.
    """
    products, working, runner = plan.products, plan.products.working_sidecar, plan.xctrace.runner
    if plan.host is None:
        return None
    for command in plan.host.collecting(products):
        answer = runner.ask(command)
        if answer.code != 0:
            listener.warning(RecordingError(f"{command[-1]} was not fetched: {last_line(answer.text)}"))
    if not working.exists():
        return None
    try:
        document = dict(read_sidecar(working).document)
    except InputError as error:
        listener.warning(error)
        return None
    document["model"] = {**document.get("model", {}), "sha256": model_hash(plan.host.run.model)}
    if plan.asks_compute_plan:
        listener.stage("asking for Core ML's plan")
        found = read_plan(runner, plan.host.planning(products), products.compute_plan)
        document["compute_plan"] = {"operations": found["operations"]} if "operations" in found else None
        if "note" in found:
            document["compute_plan_note"] = found["note"]
    working.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    working.replace(products.sidecar)
    return read_sidecar(products.sidecar)


def _act(findings: Sequence[Finding], products: Products, listener: Listener, *, keep_going: bool) -> None:
    for finding in findings:
        if finding.severity == "fatal" and not keep_going:
            hint = f"{finding.error.hint or ''}. The recording is kept: {products.bundle}".lstrip(". ")
            raise RecordingError(finding.error.what, hint=hint)
        listener.warning(finding.error)


def _export(
    xctrace: Xctrace, bundle: Path, output: Path, contents: Path, run: Run, listener: Listener
) -> list[Exported]:
    """Export what the table of contents lists and analysis or ``table`` can use."""
    listener.stage("exporting")
    wanted = portable.queries(run.tables())
    with portable.working_folder(output) as place:
        folder = Path(place)
        (folder / "toc.xml").write_bytes(contents.read_bytes())
        exported = portable.export_tables(xctrace, bundle, folder, wanted, listener.table)
        for each in exported:
            if each.status == "failed":
                listener.warning(RecordingError(f"the table {each.schema} was not exported: {each.problem}"))
        sidecar = bundle.with_name(bundle.name.removesuffix(".trace") + ".sidecar.json")
        own = sidecar if sidecar.is_file() else None
        facts = {"tracekit": __version__, "recording": bundle.name}
        portable.write_zip(output, folder, exported=exported, sidecar=own, facts=facts)
    return exported


def _last_words(log: Path) -> str | None:
    try:
        lines = log.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return None
    return lines[-1].strip() if lines else None
