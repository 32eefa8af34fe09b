"""Facts of a run, as ``xctrace export --toc`` gives them, from its record in ``form.template``.

Instruments 8 to 11 kept most of them as lines of a summary, such as "Target Model: MacBook Pro".

The record also holds the target's environment, arguments and recording settings; they are never read.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from tracekit.model.facts import Facts
from tracekit.readers.bundle.storage.keyed_archive import Node

_TARGET_TYPES: Final[dict[int | None, str]] = {0: "all", 1: "launched", 2: "attached"}
_PLATFORMS: Final = ("macOS", "iOS", "tvOS", "watchOS")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_2200_S: Final = 7_258_118_400
_YEAR_S: Final = 31_557_600


def read_facts(record: Node) -> Facts:
    """What the record of a run says; nothing is known of an empty one."""
    info = record.get("runInfo")
    if not info.exists():
        return _summarized(record)

    def text(name: str) -> str | None:
        return info.field(name).text() or None

    zone = _zone(record)
    status = _whole(text("_targetExitStatus"))
    # what stands in the record after a signal has not been seen, so nothing is said then
    signalled = info.field("_targetTerminationInformation").key() not in (None, 0)
    duration = info.field("_rawDuration").number()
    return Facts(
        device=text("_targetName"),
        device_model=text("_targetModel"),
        os=text("_targetOperatingSystem"),
        platform=text("_targetPlatform"),
        xcode=text("_instrumentVersion"),
        template=text("_templateName"),
        process=text("_targetProcessName"),
        pid=_whole(text("_targetProcessPid")),
        target_type=_TARGET_TYPES.get(info.field("targetType").integer()),
        exit_status=status,
        termination_reason=None if status is None or signalled else f"exit({status})",
        start_date=_date(info.field("_rawStartTime").number(), zone),
        end_date=_date(info.field("_rawEndTime").number(), zone),
        duration_s=round(duration, 6) if duration is not None and 0 <= duration < _YEAR_S else None,
        end_reason=text("_endReason"),
        recording_mode=text("_recordingMode"),
        time_limit=text("_timeLimit"),
    )


def summary(record: Node) -> list[str]:
    """The lines in which Instruments 8 to 11 say of a run what it is."""
    parts = [record.get(name).elements() for name in ("recordingInfoSummary", "recordingSettingsSummary")]
    return [line.text() or "" for part in parts for line in part]


def _summarized(record: Node) -> Facts:
    """What a record without ``runInfo`` says."""
    said = dict(line.partition(": ")[::2] for line in summary(record))
    platform = next((name for name in _PLATFORMS if f"Target {name}" in said), None)
    start, duration = record.get("startTime").integer(), record.get("runningTime").integer()
    begin = None if start is None else start / 1e9
    lasted = None if duration is None or not 0 <= duration < _YEAR_S * 1_000_000_000 else duration / 1e9
    pid = record.get("target").get("_pid").integer()
    return Facts(
        device=said.get("Target Name"),
        device_model=said.get("Target Model"),
        os=said.get(f"Target {platform}"),
        platform=platform,
        xcode=said.get("Instruments"),
        process=said.get("Target"),
        pid=pid if pid is not None and pid >= 0 else None,
        start_date=_date(begin, UTC),
        end_date=None if begin is None or lasted is None else _date(begin + lasted, UTC),
        duration_s=None if lasted is None else round(lasted, 6),
        end_reason=said.get("End reason"),
        recording_mode=said.get("Recording Mode"),
        time_limit=said.get("Time Limit"),
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 10 else None


def _date(seconds: int | float | None, zone: tzinfo) -> str | None:
    if seconds is None or not 0 < seconds < _YEAR_2200_S:
        return None
    moment = (_EPOCH + timedelta(milliseconds=round(seconds * 1000))).astimezone(zone)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _zone(record: Node) -> tzinfo:
    """The time zone of the recorded device; UTC where it is not known."""
    for moments in record.get("mach_time_info").entries().values():
        items = list(moments.elements())
        name = items[5].text() if len(items) > 5 else None
        if name:
            try:
                return ZoneInfo(name)
            except (KeyError, ValueError, OSError):
                return UTC
    return UTC
