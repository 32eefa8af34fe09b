"""``xctrace export --toc``: what was recorded, where, and which tables there are.

Attribute order and table order differ between traces and the same schema occurs several times, so tables are told by
their attributes. Apple spells ``intruments-recording-settings``; nothing here reads it. The target's ``<environment>``
is never kept: it may hold secrets.
"""

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from lxml import etree

from tracekit.errors import InputError
from tracekit.model.facts import Facts, models_launched
from tracekit.model.trace import TableInfo
from tracekit.readers.export.cells import Element
from tracekit.readers.export.document import check_root, detail_name, malformed
from tracekit.readers.source import Source


@dataclass(frozen=True, slots=True)
class TocRun:
    """One run of a table of contents."""

    number: int
    facts: Facts
    tables: tuple[TableInfo, ...]
    details: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Details of tracks: where they stand, as ``document.detail_name`` says it, and what the track and they are called,
    by their number where they have no name."""


def read_toc(source: Source) -> tuple[TocRun, ...]:
    """The runs of a table of contents.

    Raises:
        UnknownFormatError, InputError: it is no TOC, or malformed, or lists no run.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    with source.reader() as stream:
        data = stream.readall()
    is_fed = False
    try:
        parser.feed(data)
        is_fed = True
        root = parser.close()
    except etree.XMLSyntaxError as error:
        raise malformed(error, source.name, cut_off=is_fed) from error
    check_root(root, "trace-toc", source.name)
    runs = tuple(_run(element, position) for position, element in enumerate(root.iterfind("run"), start=1))
    if not runs:
        raise InputError(
            "the table of contents lists no run", where=source.name, hint="Was it interrupted? Record again"
        )
    return runs


def _run(run: Element, position: int) -> TocRun:
    number = _whole(run.get("number"))
    return TocRun(
        number=position if number is None else number,
        facts=_facts(run),
        tables=tuple(_table(table) for table in run.iterfind("data/table")),
        details=_details(run),
    )


def _details(run: Element) -> dict[str, tuple[str, str]]:
    return {
        detail_name(track_at, detail_at): (str(track.get("name") or track_at), str(detail.get("name") or detail_at))
        for track_at, track in enumerate(run.iterfind("tracks/track"), start=1)
        for detail_at, detail in enumerate(track.iterfind("details/detail"), start=1)
    }


def _table(table: Element) -> TableInfo:
    attributes = {str(name): str(value) for name, value in sorted(table.attrib.items())}
    return TableInfo(
        schema=attributes.pop("schema", ""),
        documentation=attributes.pop("documentation", ""),
        attributes=attributes,
        available=False,
    )


def _facts(run: Element) -> Facts:
    def text(path: str) -> str | None:
        return (run.findtext(path) or "").strip() or None

    device = run.find("info/target/device")
    process = run.find("info/target/process")
    device_attributes = dict(device.attrib) if device is not None else {}
    target = dict(process.attrib) if process is not None else {}
    is_all = run.find("info/target/all-processes") is not None
    return Facts(
        device=device_attributes.get("name"),
        device_model=device_attributes.get("model"),
        os=device_attributes.get("os-version"),
        platform=device_attributes.get("platform"),
        xcode=text("info/summary/instruments-version"),
        template=text("info/summary/template-name"),
        process=target.get("name"),
        pid=_whole(target.get("pid")),
        target_type="all" if is_all else target.get("type"),
        exit_status=_whole(target.get("return-exit-status")),
        termination_reason=target.get("termination-reason"),
        start_date=text("info/summary/start-date"),
        end_date=text("info/summary/end-date"),
        duration_s=_seconds(text("info/summary/duration")),
        end_reason=text("info/summary/end-reason"),
        recording_mode=text("info/summary/recording-mode"),
        time_limit=text("info/summary/time-limit"),
        models=models_launched(target.get("arguments", "")) if target.get("type") == "launched" else (),
    )


def _whole(text: str | None) -> int | None:
    with suppress(ValueError):
        return int(text or "")
    return None


def _seconds(text: str | None) -> float | None:
    with suppress(ValueError):
        seconds = float(text or "")
        return seconds if math.isfinite(seconds) else None
    return None
