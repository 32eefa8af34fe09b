"""What a process's own log says of its neural networks: requests to the Neural Engine, and what was refused.

Interval tables of the Neural Engine name no process; the log does. Its driver's client writes, in the process that
asks (com.apple.ane; read in the framework's strings of iOS 18 to 27 and in public reports, no promise of Apple):

    ANEProgramProcessRequestDirect() for lModel.string_id:0x2a waitForResults is 1      asked, of which region
    ANEProgramProcessRequestDirect() status=0x0 : statusType=0x0 : qos=0x21             answered
    ANEProgramProcessRequestDirect() Failed with status=0x12 : statusType=0x9: …        answered with an error

once for each region of a model in each inference. What one request wrote is made one row: an answer is of the request
that its thread made before, and a failure that is said twice is one. Other frameworks repeat the last line in errors of
their own, so lines of com.apple.ane alone count where a process has them.

Wall time joins a log to a recording; where the recording has no date, the ticks that its table ``time-info`` and the
lines hold. What the recording's own table ``os-log`` holds needs no joining. Where no clock joins the two, everything
that the process logged is counted, and ``clock`` is empty.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.sidecar import wall_ns
from tracekit.analysis.predictions.ticks import epochs
from tracekit.model.facts import MODEL_FILE, Facts, Notice
from tracekit.model.log import Log
from tracekit.model.schema import NONE

SLACK_NS: Final = 2_000_000_000
"""A recording's dates are read around it, and said to the millisecond: so much before and after is still its own."""

ANE_SUBSYSTEM: Final = "com.apple.ane"

OWN_CLOCK: Final = "the recording's own clock"

_REQUEST: Final = "ANEProgramProcessRequestDirect()"
_STATUS: Final = re.compile(r"\bstatus\s*[=:]\s*(0x[0-9a-fA-F]{1,8}|\d{1,9})\b")
_REGION: Final = re.compile(r"string_?id\s*[:=]\s*(0x[0-9a-fA-F]+|\w+)", re.IGNORECASE)
_SYSTEMS: Final = re.compile(r"com\.apple\.(ane|appleneuralengine|espresso|coreml|coreai)\b", re.IGNORECASE)
_UNSUPPORTED: Final = re.compile(r"Unsupported op(?:eration)?\s+\S*\s*\(([\w.]+)\)\s*:\s*(.+)")
_COST: Final = re.compile(r"\[CostModelFeature\]")
_COMPILE: Final = re.compile(r"ANECCompile(?:\(\))? FAILED")
_BACKGROUND: Final = re.compile(r"BackgroundExecutionNotPermitted|submit GPU work from background")


@dataclass(frozen=True, slots=True, eq=False)
class Logged:
    """What the recorded process logged while it was recorded, and who else asked for the Neural Engine."""

    path: str
    pid: int | None
    process: str
    lines: int
    """Lines of this process that are about neural networks."""
    clock: str
    """What joined the log to the recording; empty: nothing did, and all lines of the process are counted."""
    requests: pd.DataFrame
    """Of the Neural Engine, by region and status: ``region`` str (as the log spells it; empty: not said), ``status``
    int64 (-1: not said), ``count`` int64."""
    processes: pd.DataFrame
    """Every process of the whole log that asked for the Neural Engine, busiest first: ``process`` str, ``pid``,
    ``requests``, ``regions``, ``failed`` int64."""
    models: tuple[str, ...]
    """Models whose files the process's lines name."""
    unsupported: pd.DataFrame
    """Types of operations that Espresso does not give to an engine: ``type``, ``reason`` str, each type once."""
    cost_lines: int
    compile_failures: int
    """Segments that were not compiled for the Neural Engine."""
    background_denials: int

    @property
    def count(self) -> int:
        """How many requests."""
        return count_of(self.requests)

    @property
    def regions(self) -> int:
        """How many regions were asked."""
        return len(_by_region(self.requests))

    @property
    def inferences(self) -> int | None:
        """How often all of them were asked; known where each was asked equally often."""
        counts = _by_region(self.requests)
        return int(counts.iloc[0]) if counts.nunique() == 1 and counts.sum() == self.count else None

    @property
    def statuses(self) -> Mapping[int, int]:
        """How often the driver answered with each status; 0 is well."""
        return _statuses(self.requests)

    @property
    def failed(self) -> Mapping[int, int]:
        """The statuses that are errors."""
        return {status: count for status, count in self.statuses.items() if status}


def count_of(requests: pd.DataFrame) -> int:
    """Requests: those of which both was read, and what only asks or only answers, which are the same ones."""
    has_region, has_status = requests["region"] != "", requests["status"] != NONE
    return max(int(requests.loc[chosen, "count"].sum()) for chosen in (has_region, has_status))


def _by_region(requests: pd.DataFrame) -> pd.Series:
    known = requests[requests["region"] != ""]
    return known.groupby("region", sort=False)["count"].sum()


def _statuses(requests: pd.DataFrame) -> Mapping[int, int]:
    said = requests[requests["status"] != NONE].groupby("status")["count"].sum()
    return dict(zip(said.index.tolist(), said.tolist(), strict=True))


def logged(
    log: Log, pid: int | None, facts: Facts, clock_table: pd.DataFrame | None = None
) -> tuple[Logged, tuple[Notice, ...]]:
    """What a process logged, of a recording with these ``facts``, and why a part of it was not used. ``clock_table`` is
    the recording's ``time-info``.

    A recording that does not say of which process it is has the log of the only one that asked for the Neural Engine.
    """
    processes = _processes(log.table)
    if pid is None and len(processes) == 1:
        pid = int(processes["pid"].iloc[0])
    everything = log.table[(log.table["pid"] == pid).to_numpy()]
    rows, clock = (everything, OWN_CLOCK) if log.clock == "trace" else _while_recorded(everything, facts, clock_table)
    notices = []
    if everything.empty:
        whose = f"process {pid}" if pid is not None else "the recorded process, whose number is not known"
        notices.append(Notice("log-of-another-process", f"{log.path} has no line of {whose}"))
    elif rows.empty:
        what = f"{log.path} is of another time than the recording: what process {pid} logged is counted, and no more"
        notices.append(Notice("log-of-another-time", what))
        rows, clock = everything, ""
    found = Logged(
        path=log.path,
        pid=pid,
        process=str(rows["process"].iloc[0]) if len(rows) else "",
        lines=len(rows),
        clock=clock,
        requests=_requests_logged(rows),
        processes=processes,
        models=_models_logged(rows),
        unsupported=reasons_in(_messages(rows)),
        cost_lines=_lines_with(rows, _COST),
        compile_failures=_lines_with(rows, _COMPILE),
        background_denials=_lines_with(rows, _BACKGROUND),
    )
    return found, tuple(notices)


def reasons_in(messages: Iterable[str]) -> pd.DataFrame:
    """Why types are not supported. Columns: ``type``, ``reason`` str; each type once, with its first reason."""
    found: dict[str, str] = {}
    for message in messages:
        if match := _UNSUPPORTED.search(message):
            found.setdefault(match[1], match[2].strip())
    return pd.DataFrame(found.items(), columns=["type", "reason"], dtype="str")


def _while_recorded(rows: pd.DataFrame, facts: Facts, clock_table: pd.DataFrame | None) -> tuple[pd.DataFrame, str]:
    """The lines of the recording's time, and which clock tells it."""
    time, began, ended = rows["time_ns"].to_numpy(), wall_ns(facts.start_date), wall_ns(facts.end_date)
    if began is None or (time == NONE).any():
        return _of_ticks(rows, facts, clock_table)
    is_within = time >= began - SLACK_NS
    if ended is not None:
        is_within &= time <= ended + SLACK_NS
    return rows[is_within], "the wall clock"


def _of_ticks(rows: pd.DataFrame, facts: Facts, clock_table: pd.DataFrame | None) -> tuple[pd.DataFrame, str]:
    """The lines of the recording's time by the ticks that both hold.

    A machine has two clocks of ticks, and a line does not say of which its ticks are: they are of the one by which
    lines are of the recording's time. Where that is so by neither, or by both and differently, nothing joins the two.
    """
    ticks = rows["mach"].to_numpy()
    if facts.duration_s is None or not len(rows) or (ticks == NONE).any():
        return rows, ""
    duration = int(facts.duration_s * 1e9)
    placed = [epoch.time_of(ticks) for epoch in epochs(clock_table)]
    within = [(time >= -SLACK_NS) & (time <= duration + SLACK_NS) for time in placed]
    found = [each for each in within if each.any()]
    if not found or any((each != found[0]).any() for each in found):
        return rows, ""
    return rows[found[0]], "the mach clock"


def _processes(rows: pd.DataFrame) -> pd.DataFrame:
    """See ``Logged.processes``."""
    asking = rows[rows["message"].isin([text for text in _messages(rows) if _REQUEST in text]).to_numpy()]
    found = []
    for pid, own in asking.groupby("pid", sort=False):
        requests = _requests_logged(own)
        failed = sum(count for status, count in _statuses(requests).items() if status)
        found.append((str(own["process"].iloc[0]), pid, count_of(requests), len(_by_region(requests)), failed))
    found.sort(key=lambda row: -row[2])
    table = pd.DataFrame(found, columns=["process", "pid", "requests", "regions", "failed"])
    dtypes = {name: "str" if name == "process" else "int64" for name in table}
    return table[table["requests"] > 0].astype(dtypes).reset_index(drop=True)


def _messages(rows: pd.DataFrame) -> list[str]:
    """Every message once."""
    return rows["message"].cat.remove_unused_categories().cat.categories.tolist()


def _lines_with(rows: pd.DataFrame, pattern: re.Pattern[str]) -> int:
    return int(rows["message"].isin([text for text in _messages(rows) if pattern.search(text)]).sum())


def _models_logged(rows: pd.DataFrame) -> tuple[str, ...]:
    """Models whose files are named by lines of the frameworks; what an app writes of files is no evidence of use."""
    systems = [name for name in rows["subsystem"].cat.categories if _SYSTEMS.match(name)]
    said = rows[rows["subsystem"].isin(systems).to_numpy()]
    return tuple(sorted({name for text in _messages(said) for name in MODEL_FILE.findall(text)}))


def _requests_logged(rows: pd.DataFrame) -> pd.DataFrame:
    """See ``Logged.requests``."""
    messages = rows["message"].cat.categories.tolist()
    is_request = np.array([_REQUEST in text for text in messages], bool)
    of_client = (rows["subsystem"] == ANE_SUBSYSTEM).to_numpy()
    code = rows["message"].cat.codes.to_numpy()
    chosen = is_request[code]
    chosen &= of_client | ~(chosen & of_client).any()
    order = np.flatnonzero(chosen)
    thread = rows["thread"].to_numpy()
    order = order[np.argsort(thread[order], kind="stable")]
    thread, code = thread[order], code[order]
    region = np.array([_matched(_REGION, text) for text in messages], object)[code]
    status = np.array([int(_matched(_STATUS, text) or str(NONE), 0) for text in messages], np.int64)[code]
    is_error = np.array(["failed" in text.lower() for text in messages], bool)[code]
    asks, answers = (region != "") & (status == NONE), (region == "") & (status != NONE)
    follows = np.append(False, thread[1:] == thread[:-1])[: len(thread)]
    answered = answers & follows & _before(asks)
    region[answered] = region[np.flatnonzero(answered) - 1]
    again = is_error & answers & follows & ~_before(is_error) & (status == np.roll(status, 1))
    kept = ~(asks & np.append(answered[1:], False)[: len(thread)]) & ~again & ((region != "") | (status != NONE))
    found = pd.DataFrame({"region": pd.Series(region[kept], dtype="str"), "status": status[kept]})
    return found.groupby(["region", "status"], sort=True).size().astype("int64").reset_index(name="count")


def _matched(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""


def _before(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """For every row, whether the one before it is flagged."""
    return np.append(False, flags)[: len(flags)]
