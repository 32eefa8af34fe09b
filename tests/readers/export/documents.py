"""Exports as text for the tests of this folder, small enough to be read whole, and short ways to read them."""

import io
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import BinaryIO, cast

import pandas as pd

from tracekit.errors import TracekitError
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE
from tracekit.model.trace import Trace
from tracekit.readers import open_trace
from tracekit.readers.export.trace import open_export
from tracekit.readers.source import ReaderChoice, Source

Columns = Sequence[tuple[str, str]]

COLUMNS: Columns = (
    ("time", "sample-time"),
    ("thread", "thread"),
    ("process", "process"),
    ("core", "core"),
    ("thread-state", "thread-state"),
    ("weight", "weight"),
    ("stack", "backtrace"),
)
"""Mnemonic and engineering type of the columns of time-profile."""

TIME = '<sample-time id="1" fmt="00:00.002.000">2000000</sample-time>'
PROCESS = (
    '<process id="4" fmt="Tool (7)"><pid id="5" fmt="7">7</pid>'
    '<device-session id="6" fmt="TODO">TODO</device-session></process>'
)
THREAD = f'<thread id="2" fmt="Main Thread 0x1f (Tool, pid: 7)"><tid id="3" fmt="0x1f">31</tid>{PROCESS}</thread>'
CORE = '<core id="7" fmt="CPU 3 (P Core)">3</core>'
STATE = '<thread-state id="8" fmt="Running">Running</thread-state>'
WEIGHT = '<weight id="9" fmt="1.00 ms">1000000</weight>'
BINARY = '<binary id="12" name="Tool" UUID="U-1" arch="arm64" load-addr="0x1000" path="/bin/Tool"/>'
STACK = (
    f'<backtrace id="10"><frame id="11" name="work" addr="0x1101">{BINARY}</frame>'
    '<frame id="13" name="main" addr="0x1200"><binary ref="12"/></frame></backtrace>'
)
ROW = f'<row>{TIME}{THREAD}<process ref="4"/>{CORE}{STATE}{WEIGHT}{STACK}</row>'
"""One whole row; it defines the ids 1 to 13."""


def row(*, time: str = "", thread: str = "", core: str = "", state: str = "", weight: str = "", stack: str = "") -> str:
    """A row after ``ROW``: the cells given, the others as references to those of ``ROW``."""
    cells = (
        time or '<sample-time ref="1"/>',
        thread or '<thread ref="2"/>',
        '<process ref="4"/>',
        core or '<core ref="7"/>',
        state or '<thread-state ref="8"/>',
        weight or '<weight ref="9"/>',
        stack or '<backtrace ref="10"/>',
    )
    return f"<row>{''.join(cells)}</row>"


def schema(name: str = "time-profile", columns: Columns = COLUMNS) -> str:
    """The ``<schema>`` of a table."""
    written = "".join(
        f"<col><mnemonic>{mnemonic}</mnemonic><name>{mnemonic.title()}</name>"
        f"<engineering-type>{kind}</engineering-type></col>"
        for mnemonic, kind in columns
    )
    return f'<schema name="{name}">{written}</schema>'


def node(*rows: str, head: str | None = None, run: int = 1, table: int = 11) -> str:
    """A matched table; ``head`` is its schema, that of time-profile unless it is given."""
    lines = "\n".join(rows)
    described = schema() if head is None else head
    return f"<node xpath='//trace-toc[1]/run[{run}]/data[1]/table[{table}]'>{described}{lines}\n</node>"


def document(*nodes: str) -> str:
    """A query result, as xctrace prints it: a line for the declaration, one for the root, one a row."""
    return f'<?xml version="1.0"?>\n<trace-query-result>\n{"".join(nodes)}</trace-query-result>\n'


def time_profile(*rows: str) -> str:
    """A query result of one time-profile; its first row is on line 3."""
    return document(node(*rows))


def with_times(*times: int) -> str:
    """A profile of one whole row and one a time."""
    return time_profile(ROW, *(row(time=f"<sample-time>{time}</sample-time>") for time in times))


def toc(*runs: str) -> str:
    """A table of contents."""
    return f'<?xml version="1.0"?>\n\n<trace-toc>\n{"".join(runs)}</trace-toc>\n'


def toc_run(number: int = 1, *tables: str, target: str = '<process type="launched" name="Tool" pid="7"/>') -> str:
    """One run of a table of contents; ``tables`` are the attributes of its tables."""
    listed = "".join(f"<table {attributes}/>" for attributes in tables or ('schema="time-profile"',))
    return (
        f'<run number="{number}"><info><target><device model="Mac" name="mine" os-version="15.6 (24G84)"'
        f' platform="macOS"/>{target}</target><summary><duration>4.5</duration>'
        f"<instruments-version>16.0 (16F6)</instruments-version><template-name>Time Profiler</template-name>"
        f"</summary></info><data>{listed}</data></run>\n"
    )


def source(data: str | bytes, name: str = "x.xml") -> Source:
    """A source in memory."""
    content = data.encode() if isinstance(data, str) else data
    return Source(name, lambda: cast(BinaryIO, io.BytesIO(content)), len(content))


def opened(*documents: str | bytes, strict: bool = False, reader: ReaderChoice = "auto") -> Trace:
    """The trace of documents ``x.xml``, or ``x/1.xml``, ``x/2.xml``… of a folder."""
    names = [f"x/{number}.xml" for number in range(1, len(documents) + 1)] if len(documents) > 1 else ["x.xml"]
    sources = [source(data, name) for data, name in zip(documents, names, strict=True)]
    return open_export("x.xml" if len(documents) == 1 else "x", sources, strict=strict, reader=reader)


def profile_of(*documents: str | bytes, run: int | None = None, strict: bool = False) -> Profile:
    """The profile of documents, or the error; the reader that needs no XML parser must agree with the one that does."""
    expected, error = _attempt(*documents, run=run, strict=strict, reader="lxml")
    found, other_error = _attempt(*documents, run=run, strict=strict, reader="auto")
    assert str(other_error) == str(error)
    if error is not None:
        raise error
    assert expected is not None
    assert found is not None
    assert (samples_of(found), found.meta) == (samples_of(expected), expected.meta)
    return found.validate()


def _attempt(
    *documents: str | bytes, run: int | None, strict: bool, reader: ReaderChoice
) -> tuple[Profile | None, TracekitError | None]:
    try:
        return opened(*documents, strict=strict, reader=reader).profile(run), None
    except TracekitError as error:
        return None, error


def table_of(data: str | bytes, name: str, *, strict: bool = False) -> pd.DataFrame:
    """A table of a document."""
    return opened(data, strict=strict).table(name)


def only_stack(profile: Profile) -> list[str]:
    """The symbols of the only distinct stack, leaf first."""
    (stack,) = {sample[-1] for sample in samples_of(profile)}
    return [name for name, *_ in stack or ()]


@lru_cache(maxsize=8)
def samples_of(profile: Profile) -> list[tuple]:
    """Every sample as (time, thread, core, state, weight, stack), with what the ids stand for.

    A thread is (tid, name, pid, process); a stack, leaf first, is made of (name, image, path, UUID, load address,
    file, line, is symbolicated), None where there is none.
    """
    binaries = [*profile.binaries.itertuples(index=False, name=None), ("", "", "", 0)]
    frames = [
        (name, *binaries[binary], file, line, is_symbolicated)
        for name, binary, is_symbolicated, file, line in profile.frames.itertuples(index=False, name=None)
    ]
    stacks: list[tuple] = []
    for parent, frame, _ in profile.stacks.itertuples(index=False, name=None):
        stacks.append((frames[frame], *(stacks[parent] if parent != NONE else ())))
    threads = [*profile.threads.itertuples(index=False, name=None), None]
    states = profile.samples["state"].astype("str").where(profile.samples["state"].notna(), "")
    return [
        (time, threads[thread], core, state, weight, stacks[stack] if stack != NONE else None)
        for (time, thread, stack, weight, _, core), state in zip(
            profile.samples[["time_ns", "thread_id", "stack_id", "weight", "state", "core"]].itertuples(
                index=False, name=None
            ),
            states,
            strict=True,
        )
    ]


@cache
def trace_of_file(path: Path) -> Trace:
    """A file as the XML parser reads it; read once, since nothing changes a profile."""
    return open_trace(path, reader="lxml")


@cache
def profile_of_file(path: Path, run: int | None = None) -> Profile:
    """The profile of such a file."""
    return trace_of_file(path).profile(run)
