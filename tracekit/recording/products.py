"""The files of one recording, and the names they bear until they are whole.

    run.unfinished.trace     what xctrace writes to: it wants the suffix .trace
    run.trace                the same folder, renamed once its table of contents can be exported
    run.sidecar.json         what the harness wrote
    run.log.ndjson           what the system logged of the target, where it may be read
    run.tracekit.zip         the exports
    run.html                 the report
    .run.recording/          logs and the harness's progress; it stays where a recording failed

A bundle under its final name opens. Nothing named ``.trace`` is ever deleted or replaced: where a recording fails, what
there is stays under the unfinished name. A run is appended to a copy, which takes the bundle's place when it opens; the
bundle without it (``run.before.trace``) goes when all is done.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracekit.errors import OutputError
from tracekit.recording.beside import LOG

SUFFIX: Final = ".trace"


@dataclass(frozen=True, slots=True)
class Products:
    """Where the parts of a recording go."""

    bundle: Path
    unfinished: Path
    before: Path
    """The bundle as it was before a run was appended, until all is done."""
    sidecar: Path
    """The harness's own account."""
    system_log: Path
    """What the system logged of the target."""
    exports: Path
    report: Path
    work: Path
    """The folder of logs and of what is not whole yet; all that follows lies in it."""
    contents: Path
    """The table of contents."""
    log: Path
    """What xctrace printed."""
    target_log: Path
    """What the target printed."""
    harness_log: Path
    """What the harness, and Core ML in it, complained about."""
    compute_plan: Path
    """Where the harness puts Core ML's compute plan."""
    progress: Path
    """Where the harness says how far it is."""
    working_sidecar: Path
    """The sidecar, until the recording is judged."""
    recording_options: Path
    """What ``--recording-options`` is given."""

    def sidecar_of(self, run: int) -> Path:
        """The sidecar of an earlier run of the same bundle."""
        return self.sidecar.with_name(f"{self.bundle.stem}.run-{run}.sidecar.json")


def products_for(output: Path | None, name: str, *, append: bool = False, is_rehearsal: bool = False) -> Products:
    """The files of a recording called ``output``, or of the next free ``NAME.trace`` in this folder.

    ``append``: the bundle must be there, and gets one more run. A rehearsal needs no folder.

    Raises:
        OutputError: the bundle is there already (or, to append, is not), or its folder is not.
    """
    bundle = (output if output is not None else free_name(Path(f"{name}{SUFFIX}"))).absolute()
    if bundle.suffix != SUFFIX:
        bundle = bundle.with_name(bundle.name + SUFFIX)
    if append and not bundle.is_dir() and not is_rehearsal:
        raise OutputError("is no recording that a run could be appended to", where=bundle, hint="Name it with -o")
    if bundle.exists() and not append:
        hint = "Give another name with -o, or add a run to it with --append-run"
        raise OutputError("already exists, and recordings are never replaced", where=bundle, hint=hint)
    if not bundle.parent.is_dir() and not is_rehearsal:
        raise OutputError("its folder does not exist", where=bundle, hint=f"Create it first: mkdir -p {bundle.parent}")
    folder, stem = bundle.parent, bundle.stem
    work = folder / f".{stem}.recording"
    return Products(
        bundle=bundle,
        unfinished=free_name(folder / f"{stem}.unfinished{SUFFIX}"),
        before=folder / f"{stem}.before{SUFFIX}",
        sidecar=folder / f"{stem}.sidecar.json",
        system_log=folder / f"{stem}{LOG}",
        exports=folder / f"{stem}.tracekit.zip",
        report=folder / f"{stem}.html",
        work=work,
        contents=work / "toc.xml",
        log=work / "xctrace.log",
        target_log=work / "target.log",
        harness_log=work / "harness.log",
        compute_plan=work / "plan.json",
        progress=work / "progress",
        working_sidecar=work / "sidecar.json",
        recording_options=work / "recording-options.json",
    )


def free_name(path: Path) -> Path:
    """``path``, or the first of ``name-2.trace``, ``name-3.trace`` … that is free."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
