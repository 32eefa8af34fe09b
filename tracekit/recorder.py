"""Recording from start to end: build, record, judge by what was written, export.

    plan ─► build ─► xctrace record ─► bundle? ─► table of contents? ─► final name ─► tables with rows? ─► zip

``recording`` drives the tools and knows no trace; ``readers`` know traces and no tools. This is where they meet.
"""

import atexit
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from tracekit._version import __version__
from tracekit.errors import InputError, OutputError, RecordingError
from tracekit.model.facts import Facts
from tracekit.model.trace import Run
from tracekit.readers import open_trace
from tracekit.recording import evidence, portable
from tracekit.recording.evidence import Finding
from tracekit.recording.harness.build import build
from tracekit.recording.harness.command import Step, read_progress
from tracekit.recording.harness.compute_plan import ask_plan
from tracekit.recording.harness.models import model_hash
from tracekit.recording.harness.sidecar import Sidecar, read_sidecar
from tracekit.recording.plan import Plan
from tracekit.recording.portable import Exported
from tracekit.recording.products import Products
from tracekit.recording.runner import Runner, SystemRunner
from tracekit.recording.xctrace import session
from tracekit.recording.xctrace.session import Ended, Moment, Patience
from tracekit.recording.xctrace.tool import Xctrace, find_xctrace


class Listener(Protocol):
    """Told what goes on, so that somebody can look on."""

    def stage(self, text: str) -> None:
        """A new step begins."""

    def moment(self, moment: Moment, step: Step | None) -> None:
        """The recorder runs; ``step`` is the harness's."""

    def stopping(self, count: int) -> None:
        """We were asked to stop, for the count-th time."""

    def table(self, progress: portable.Progress) -> None:
        """A table is being exported."""

    def warning(self, error: Exception) -> None:
        """Something is wrong, but the work goes on."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that is there, with its exports."""

    products: Products
    facts: Facts
    exported: tuple[Exported, ...]
    sidecar: Sidecar | None
    was_interrupted: bool


def record(
    plan: Plan, runner: Runner, listener: Listener, *, keep_going: bool = False, patience: Patience | None = None
) -> Recorded:
    """Carry out a plan.

    Raises:
        RecordingError: it failed; the message says why, and where what there is lies.
        OutputError: something cannot be written.
    """
    products = plan.products
    for text in plan.notes:
        listener.warning(RecordingError(text))
    if plan.build is not None and not plan.build.is_there:
        listener.stage("building the harness")
        build(plan.build, runner)
    _prepare(plan)
    listener.stage("recording")
    ended = _run(plan, runner, listener, patience or Patience())
    if not products.unfinished.exists():
        raise evidence.without_bundle(ended)
    listener.stage("reading the table of contents")
    contents = products.work / "toc.xml"
    refused = portable.export_contents(plan.xctrace, products.unfinished, contents)
    if refused is not None:
        raise evidence.without_contents(ended, refused.text, str(products.unfinished))
    products.unfinished.rename(products.bundle)
    last = open_trace(contents).runs[-1]
    sidecar = _take_sidecar(plan, runner, listener)
    _act(_judge(plan, last.facts, ended, sidecar), products, listener, keep_going=keep_going)
    exported = _export(plan.xctrace, products.bundle, products.exports, contents, last, listener)
    rows = {each.schema: each.rows for each in exported}
    listed = [info.schema for info in last.tables()]
    _act(evidence.judge_tables(rows, listed), products, listener, keep_going=keep_going)
    shutil.rmtree(products.work, ignore_errors=True)
    return Recorded(products, last.facts, tuple(exported), sidecar, ended.interrupted)


def export_recording(xctrace: Xctrace, bundle: Path, output: Path, listener: Listener) -> tuple[Exported, ...]:
    """Export a bundle into one zip that is readable on any machine.

    Raises:
        RecordingError: the bundle cannot be exported.
        OutputError: the zip cannot be written.
    """
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
    export_recording(find_xctrace(SystemRunner()), bundle, output, _Silent())
    return output


class _Silent:
    """Nobody looks on."""

    def stage(self, text: str) -> None: ...

    def moment(self, moment: Moment, step: Step | None) -> None: ...

    def stopping(self, count: int) -> None: ...

    def table(self, progress: portable.Progress) -> None: ...

    def warning(self, error: Exception) -> None: ...


def _prepare(plan: Plan) -> None:
    work = plan.products.work
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        if plan.recording_options is not None:
            plan.products.recording_options.write_text(plan.recording_options, "utf-8")
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=work) from error


def _run(plan: Plan, runner: Runner, listener: Listener, patience: Patience) -> Ended:
    products = plan.products
    return session.run(
        lambda: runner.start(plan.argv(), log=products.log),
        products.log,
        limit_s=plan.limit_s,
        patience=patience,
        progress=lambda moment: listener.moment(moment, read_progress(products.progress)),
        stopping=listener.stopping,
    )


def _judge(plan: Plan, facts: Facts, ended: Ended, sidecar: Sidecar | None) -> list[Finding]:
    """How the target ended, by the recording and by its own account."""
    products = plan.products
    if plan.harness is None:
        return evidence.judge_target(facts, ended, _last_words(products.target_log))
    last_words = _last_words(products.harness_log)
    account = (
        sidecar.account() if sidecar is not None else f"it left no sidecar{f' ({last_words})' if last_words else ''}"
    )
    return evidence.judge_target(facts, ended, account, is_whole=sidecar is not None and sidecar.is_whole)


def _take_sidecar(plan: Plan, runner: Runner, listener: Listener) -> Sidecar | None:
    """The harness's account under its final name, with the model's hash and Core ML's plan for it; a recording is good
    without it.
    """
    working = plan.products.working_sidecar
    if plan.harness is None or plan.build is None or not working.exists():
        return None
    try:
        document = dict(read_sidecar(working).document)
    except InputError as error:
        listener.warning(error)
        return None
    document["model"] = {**document.get("model", {}), "sha256": model_hash(plan.harness.model)}
    if plan.asks_compute_plan:
        listener.stage("asking for Core ML's plan")
        answer = ask_plan(plan.harness, plan.build.program, runner, plan.products.compute_plan)
        document["compute_plan"] = {"operations": answer["operations"]} if "operations" in answer else None
        if "note" in answer:
            document["compute_plan_note"] = answer["note"]
    working.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    working.replace(plan.products.sidecar)
    return read_sidecar(plan.products.sidecar)


def _act(findings: Sequence[Finding], products: Products, listener: Listener, *, keep_going: bool) -> None:
    for finding in findings:
        if finding.severity == "fatal" and not keep_going:
            raise RecordingError(
                finding.error.what,
                hint=f"{finding.error.hint or ''}. The recording is kept: {products.bundle}".lstrip(". "),
            )
        listener.warning(finding.error)


def _export(
    xctrace: Xctrace, bundle: Path, output: Path, contents: Path, run: Run, listener: Listener
) -> list[Exported]:
    """Export what the table of contents lists and analysis can use."""
    listener.stage("exporting")
    listed = {info.schema for info in run.tables()}
    wanted = [schema for schema in portable.TABLES if schema in listed]
    with portable.working_folder(output) as place:
        folder = Path(place)
        (folder / "toc.xml").write_bytes(contents.read_bytes())
        exported = portable.export_tables(xctrace, bundle, folder, wanted, listener.table)
        for each in exported:
            if each.status == "failed":
                listener.warning(RecordingError(f"the table {each.schema} was not exported: {each.problem}"))
        sidecar = bundle.with_name(bundle.name.removesuffix(".trace") + ".sidecar.json")
        portable.write_zip(
            output,
            folder,
            exported=exported,
            sidecar=sidecar if sidecar.is_file() else None,
            facts={"tracekit": __version__, "recording": bundle.name},
        )
    return exported


def _last_words(log: Path) -> str | None:
    try:
        lines = log.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return None
    return lines[-1].strip() if lines else None
