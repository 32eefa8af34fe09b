"""A recording that can be given away: one zip of exports, readable on any machine.

    run.tracekit.zip
        tracekit.json      what is in it, and what could not be exported
        toc.xml            the table of contents, without the target's environment
        time-profile.xml   … one document a schema
        detail-1.xml       … and one a detail of a track, such as the list of Allocations
        sidecar.json       the harness's own account, if there is one

Taken out: the target's environment, which may hold secrets, and the names in paths of users (``/Users/NAME/x`` becomes
``~/x``). Left in: the device's name, arguments of the target, names of processes and symbols.
"""

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final, Literal

from tracekit.errors import RecordingError
from tracekit.files import writing
from tracekit.model.instruments import CLOCK_TABLE, INTERVAL_TABLES, PROFILE_TABLES
from tracekit.model.trace import TableInfo
from tracekit.recording.runner import Answer
from tracekit.recording.xctrace.commands import detail_xpath, table_xpath
from tracekit.recording.xctrace.failures import explain, last_line
from tracekit.recording.xctrace.tool import Xctrace

SCHEMA: Final = "tracekit.export/1"

TABLES: Final = (
    *PROFILE_TABLES,
    *INTERVAL_TABLES,
    CLOCK_TABLE,
    # Not read today: kept for whoever opens the recording later, where it cannot be recorded again.
    "metal-gpu-state-intervals",
    "PointsOfInterestEvents",
)
"""Every table that analysis can use, and two that it may learn to."""

_USER: Final = re.compile(rb"/(?:Users|home)/(?!Shared\b)[^/<>\"'&;:,\s]+")
_ENVIRONMENT: Final = re.compile(
    rb"""<environment(?=[\s/>])(?:[^<>"']|"[^"]*"|'[^']*')*?(?:/>|>.*?</environment\s*>)""", re.S
)
_ROW: Final = re.compile(rb"<row[\s>/]")
_RESULT: Final = re.compile(rb"<node[\s>]")
_BLOCK: Final = 1 << 20
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)

Status = Literal["ok", "empty", "absent", "failed"]
"""``empty``: recorded, no rows. ``absent``: the query matched nothing, which xctrace calls a success."""


@dataclass(frozen=True, slots=True)
class Exported:
    """One table's export."""

    schema: str
    status: Status
    rows: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What is exported into one document."""

    schema: str
    xpath: str
    file: str
    """The document's name without its end. A detail may be called anything, so it is numbered."""


def queries(tables: Iterable[TableInfo]) -> list[Query]:
    """Of what a table of contents lists, the tables of ``TABLES`` and all details of tracks."""
    listed = list(tables)
    schemas = {info.schema for info in listed}
    wanted = [Query(schema, table_xpath(schema), schema) for schema in TABLES if schema in schemas]
    details = {info.schema: info.detail for info in listed if info.detail is not None}
    return wanted + [
        Query(schema, detail_xpath(*names), f"detail-{at}") for at, (schema, names) in enumerate(details.items(), 1)
    ]


def export_contents(xctrace: Xctrace, bundle: Path, output: Path) -> Answer | None:
    """Export the table of contents, scrubbed; None on success, else the last answer. It is asked twice: answers to
    this question were reported to be intermittent.
    """
    for _ in range(2):
        answer = xctrace.export(bundle, output)
        if answer.code == 0 and output.is_file() and b"<trace-toc" in output.read_bytes():
            output.write_bytes(scrub_contents(output.read_bytes()))
            return None
    return answer


def scrub_contents(data: bytes) -> bytes:
    """A table of contents without environments and users' names.

    Raises:
        RecordingError: an environment is written in a way that cannot be taken out safely.
    """
    data = _ENVIRONMENT.sub(b"", data)
    if b"<environment" in data:
        what = "the target's environment in the table of contents cannot be removed"
        raise RecordingError(f"{what}; nothing was exported")
    return _USER.sub(b"~", data)


def export_tables(
    xctrace: Xctrace, bundle: Path, folder: Path, wanted: Sequence[Query], progress: Callable[[str, int, int], None]
) -> list[Exported]:
    """Export every query into ``folder/FILE.xml``, scrubbed; documents that match nothing are not kept.

    ``progress`` is told the schema, its number, and of how many.
    """
    done = []
    for number, query in enumerate(wanted, start=1):
        schema = query.schema
        progress(schema, number, len(wanted))
        raw, kept = folder / f"{query.file}.raw", folder / f"{query.file}.xml"
        answer = xctrace.export(bundle, raw, query.xpath)
        if answer.code != 0 or not raw.is_file():
            known = explain(answer.text, answer.code)
            done.append(Exported(schema, "failed", problem=known.sentence if known else last_line(answer.text)))
            raw.unlink(missing_ok=True)
            continue
        with raw.open("rb") as source, kept.open("wb") as sink:
            tables, rows = scrub_table(source, sink)
        raw.unlink()
        if not tables:
            kept.unlink()
        done.append(Exported(schema, "absent" if not tables else "ok" if rows else "empty", rows))
    return done


def scrub_table(source: BinaryIO, sink: BinaryIO, block_size: int = _BLOCK) -> tuple[int, int]:
    """Copy a document without users' names; return its numbers of tables and rows. Documents may have gigabytes."""
    tables = rows = 0
    rest = b""
    while True:
        block = source.read(block_size)
        data = rest + block
        # A user's name never reaches over the start of a tag, so that is where to cut.
        cut = data.rfind(b"<") if block else len(data)
        if block and cut <= 0:
            rest = data
            continue
        part, rest = data[:cut], data[cut:]
        tables += len(_RESULT.findall(part))
        rows += len(_ROW.findall(part))
        sink.write(_USER.sub(b"~", part))
        if not block:
            return tables, rows


def write_zip(
    output: Path, folder: Path, *, exported: Iterable[Exported], sidecar: Path | None, facts: Mapping[str, Any]
) -> None:
    """Zip what was exported, whole or not at all; the same parts give the same bytes.

    Raises:
        OutputError: the zip cannot be written.
    """
    tables = [
        {"schema": each.schema, "status": each.status, "rows": each.rows}
        | ({"problem": each.problem} if each.problem else {})
        for each in exported
    ]
    manifest = {"schema": SCHEMA, **facts, "tables": tables}
    partial = output.with_name(f".{output.name}.partial")
    try:
        with writing(output):
            with zipfile.ZipFile(partial, "w") as archive:
                written = json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n"
                archive.writestr(_entry("tracekit.json"), written)
                for path in sorted(folder.glob("*.xml")):
                    with path.open("rb") as source, archive.open(_entry(path.name), "w", force_zip64=True) as sink:
                        shutil.copyfileobj(source, sink, _BLOCK)
                if sidecar is not None:
                    archive.writestr(_entry("sidecar.json"), _USER.sub(b"~", sidecar.read_bytes()))
            partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)


def working_folder(output: Path) -> "TemporaryDirectory[str]":
    """A folder beside the output for what is being exported: exports are too big for a small /tmp."""
    with writing(output):
        return TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.")


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
