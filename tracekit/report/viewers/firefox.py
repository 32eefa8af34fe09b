"""The Firefox Profiler's processed profile (profiler.firefox.com; ``samply load`` and ``profiler-cli`` read it too).

Written against version 60 of the format, the first whose tables are shared by all threads, from src/types/profile.ts,
docs-developer/CHANGELOG-formats.md (until 58) and the upgraders of firefox-devtools/profiler; every later release
upgrades it when it loads.

    categories      engines, as tracekit names them; subcategories: phases
    stack           see stack_categories.py: the category of a call is the engine of all its samples
    weight          milliseconds (``tracing-ms``) or samples; the Profiler knows neither cycles nor events, so of those
                    it counts samples
    threadCPUDelta  only where weights are CPU time: without it the graph would fill the gaps between samples
    markers         predictions and signposts on their threads; hardware intervals and what language models did on
                    threads of a process of their own

Addresses within an image are not known, so ``nativeSymbols`` is empty, and nothing is left to symbolicate.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.predictions.sampling import sampling_interval
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE, Engine
from tracekit.report.numbers import DRIVING, visible
from tracekit.report.viewers.events import HARDWARE, LANGUAGE, Event, lanes_of
from tracekit.report.viewers.shared import (
    EXPORTER,
    NANOSECONDS_PER_MS,
    ThreadSamples,
    about,
    images_of,
    json_text,
    lacks_times,
    process_name,
    start_ms,
    symbols_of,
    thread_name,
    threads_of,
    title_of,
    weighs_cpu_time,
)
from tracekit.report.viewers.stack_categories import SUBCATEGORIES, Stacks, stacks_of

VERSION: Final = 60
_GECKO_VERSION: Final = 33
_LIBRARY: Final = 1
"""The type of a resource that is an image."""
_INTERVAL: Final = 1
"""The phase of a marker that has a start and an end."""
_THREADS_SHOWN: Final = 12

_COLOURS: Final[dict[Engine, str]] = {
    "ANE": "orange",
    "GPU": "blue",
    "CPU": "green",
    "none": "darkgrey",
    "unknown": "yellow",
}
Numbers = NDArray[np.number[Any]]


def firefox(analysis: Analysis, *, count_samples: bool = False) -> bytes:
    """The samples inside the focus with predictions and intervals, as JSON.

    Samples without times (of text formats) stand a millisecond apart, in their order.
    """
    profile = analysis.focused
    strings = _Strings()
    stacks = stacks_of(profile)
    columns = _columns(analysis, stacks, count_samples=count_samples)
    parts, lanes = threads_of(profile), lanes_of(analysis)
    threads = []
    for part in parts:
        events = [event for lane in lanes if lane.thread == part.thread != NONE for event in lane.events]
        threads.append(_thread(profile, part, _samples(columns, part), _markers(events, strings)))
    sampled = {part.thread for part in parts} - {NONE}
    beside: dict[str, list[Event]] = {}
    for lane in lanes:
        if lane.thread not in sampled:
            beside.setdefault(lane.name, []).extend(lane.events)
    if not threads and not beside:  # the Profiler does not open a profile without a thread
        beside = {"no samples": []}
    threads += [_lane_thread(name, _markers(events, strings)) for name, events in beside.items()]
    document = {
        "meta": _meta(analysis, len(parts), len(threads)),
        "libs": _libs(profile),
        "threads": threads,
        "shared": {**_tables(profile, stacks, strings), "stringArray": strings.texts},
    }
    return (json_text(document) + "\n").encode()


class _Strings:
    """The string array: every text once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    @property
    def texts(self) -> list[str]:
        return list(self._numbers)


def _columns(analysis: Analysis, stacks: Stacks, *, count_samples: bool) -> dict[str, Numbers]:
    """What is written of every sample, in the units of the format."""
    profile, unit = analysis.focused, analysis.focused.meta.unit
    timeless = lacks_times(profile)
    time = np.arange(len(profile)) if timeless else profile.samples["time_ns"].to_numpy() / NANOSECONDS_PER_MS
    columns: dict[str, Numbers] = {"stack": stacks.of_sample, "time": time}
    weight = profile.samples["weight"].to_numpy()
    if count_samples or unit in ("cycles", "events"):
        return columns
    if unit != "ns":
        return columns | {"weight": weight}
    columns["weight"] = weight / NANOSECONDS_PER_MS
    return columns | ({"threadCPUDelta": weight} if weighs_cpu_time(analysis) and not timeless else {})


def _samples(columns: dict[str, Numbers], part: ThreadSamples) -> dict[str, Any]:
    """The samples of a thread; weights that are no integers are milliseconds."""
    is_time = "weight" in columns and columns["weight"].dtype.kind == "f"
    return {
        "weight": None,
        **{name: values[part.rows].tolist() for name, values in columns.items()},
        "weightType": "tracing-ms" if is_time else "samples",
        "length": len(part.rows),
    }


def _thread(profile: Profile, part: ThreadSamples, samples: dict[str, Any], markers: dict[str, Any]) -> dict[str, Any]:
    known = part.thread != NONE
    name = thread_name(profile, part.thread)
    thread = _thread_of(
        name=name or "unnamed",
        process=process_name(profile, part.thread),
        pid=str(profile.threads["pid"].to_numpy()[part.thread]) if known else "0",
        tid=int(profile.threads["tid"].to_numpy()[part.thread]) if known else 0,
        is_main=name.startswith("Main Thread"),
    )
    return thread | {"samples": samples, "markers": markers}


def _lane_thread(name: str, markers: dict[str, Any]) -> dict[str, Any]:
    """A thread that has only markers, in a process beside the recorded ones."""
    samples: dict[str, Any] = {"stack": [], "time": [], "weight": None, "weightType": "samples", "length": 0}
    thread = _thread_of(name=name, process="Intervals", pid="intervals", tid=name, is_main=False)
    return thread | {"samples": samples, "markers": markers, "showMarkersInTimeline": True}


def _thread_of(*, name: str, process: str, pid: str, tid: int | str, is_main: bool) -> dict[str, Any]:
    return {
        "processType": "default",
        "processStartupTime": 0,
        "processShutdownTime": None,
        "registerTime": 0,
        "unregisterTime": None,
        "pausedRanges": [],
        "name": name,
        "isMainThread": is_main,
        "processName": process or f"process {pid}",
        "pid": pid,
        "tid": tid,
    }


def _markers(events: Sequence[Event], strings: _Strings) -> dict[str, Any]:
    """Markers in order of time; their fields are those of ``_marker_schema``."""
    ordered = sorted(events, key=lambda event: event.start_ns)
    return {
        "data": [{"type": event.kind, "label": strings.of(event.label), **event.facts} for event in ordered],
        "name": [strings.of(event.name) for event in ordered],
        "startTime": [event.start_ns / NANOSECONDS_PER_MS for event in ordered],
        "endTime": [event.end_ns / NANOSECONDS_PER_MS for event in ordered],
        "phase": [_INTERVAL] * len(ordered),
        "category": [_category_of(event.engine) for event in ordered],
        "length": len(ordered),
    }


def _category_of(engine: Engine | None) -> int:
    return ENGINES.index(engine) + 1 if engine else 0


def _marker_schema() -> list[dict[str, Any]]:
    places = ["marker-chart", "marker-table", "timeline-overview"]
    label = {"key": "label", "label": "Label", "format": "unique-string"}
    process = {"key": "process", "label": "Process", "format": "string"}
    phase = {"key": "phase", "label": "Phase", "format": "string"}
    prediction = {
        "name": "prediction",
        "tableLabel": "{marker.data.label}",
        "chartLabel": "{marker.data.label}",
        "display": places,
        "description": "One prediction, as tracekit found it.",
        "fields": [label, {"key": "warmup", "label": "Warm-up", "format": "string"}],
    }
    generation = {
        "name": LANGUAGE,
        "tableLabel": "{marker.data.label}",
        "chartLabel": "{marker.data.label}",
        "display": places,
        "description": "What a language model did: prefill, decode, and what lies in them.",
        "fields": [
            *(label, phase),
            {"key": "tokens", "label": "Tokens", "format": "string"},
            {"key": "source", "label": "Source", "format": "string"},
        ],
    }
    intervals = [
        {
            "name": kind,
            "tableLabel": "{marker.data.label}",
            "chartLabel": "{marker.data.label}",
            "display": places,
            "description": about_kind,
            "fields": [label, phase, process],
        }
        for kind, about_kind in ((lane.kind, lane.description) for lane in HARDWARE)
    ]
    return [prediction, generation, *intervals]


def _meta(analysis: Analysis, sampled: int, threads: int) -> dict[str, Any]:
    profile, facts = analysis.focused, analysis.profile.meta.facts
    entries = [{"label": key, "format": "string", "value": text} for key, text in about(analysis).items()]
    return {
        "interval": (sampling_interval(profile) or NANOSECONDS_PER_MS) / NANOSECONDS_PER_MS,
        "startTime": start_ms(profile),
        "processType": 0,
        "categories": [
            {"name": "Other", "color": "grey", "subcategories": ["Other"]},
            *(
                {"name": DRIVING[engine], "color": _COLOURS[engine], "subcategories": list(SUBCATEGORIES)}
                for engine in ENGINES
            ),
        ],
        "product": title_of(analysis),
        "importedFrom": EXPORTER,
        "stackwalk": 1,
        "version": _GECKO_VERSION,
        "preprocessedProfileVersion": VERSION,
        "symbolicated": True,
        "symbolicationNotSupported": True,
        "usesOnlyOneStackType": True,
        "sourceCodeIsNotOnSearchfox": True,
        "platform": "Macintosh" if facts.platform == "macOS" else visible(facts.platform or ""),
        "oscpu": visible(" ".join(part for part in (facts.platform, facts.os) if part)),
        "device": visible(facts.device_model or facts.device or ""),
        "sampleUnits": {"time": "ms", "eventDelay": "ms", "threadCPUDelta": "ns"},
        "markerSchema": _marker_schema(),
        "initialVisibleThreads": [*range(min(sampled, _THREADS_SHOWN)), *range(sampled, threads)],
        "initialSelectedThreads": [0] if threads else [],
        "extra": [{"label": "tracekit", "entries": entries}],
    }


def _libs(profile: Profile) -> list[dict[str, Any]]:
    """Every binary; macOS's breakpad id is the UUID and the age 0."""
    binaries = profile.binaries
    rows = zip(binaries["name"], images_of(profile)[:-1], binaries["uuid"], strict=True)
    return [
        {
            "arch": "",
            "name": visible(name),
            "path": path,
            "debugName": visible(name),
            "debugPath": path,
            "breakpadId": visible(uuid).replace("-", "").upper() + "0" if uuid else "",
            "codeId": None,
        }
        for name, path, uuid in rows
    ]


def _tables(profile: Profile, stacks: Stacks, strings: _Strings) -> dict[str, Any]:
    """The tables that all threads share, but the strings."""
    frames, binaries = profile.frames, profile.binaries
    files = sorted({file for file in frames["file"] if file})
    source = {file: number for number, file in enumerate(files)}
    count, size = len(frames), len(stacks.func)
    line = frames["line"].to_numpy()[stacks.func]
    images = [strings.of(visible(name) or "?") for name in binaries["name"]]
    return {
        "stackTable": {
            "frame": stacks.frame.tolist(),
            "prefix": [None if parent == NONE else parent for parent in stacks.parent.tolist()],
            "length": len(stacks.frame),
        },
        "frameTable": {
            "address": [-1] * size,
            "inlineDepth": [0] * size,
            "category": [None if code == NONE else code + 1 for code in stacks.category.tolist()],
            "subcategory": [None if code == NONE else code for code in stacks.subcategory.tolist()],
            "func": stacks.func.tolist(),
            "nativeSymbol": [None] * size,
            "innerWindowID": [0] * size,
            "line": [number if number > 0 else None for number in line.tolist()],
            "column": [None] * size,
            "length": size,
        },
        "funcTable": {
            "name": [strings.of(name) for name in symbols_of(profile)],
            "isJS": [False] * count,
            "relevantForJS": [False] * count,
            "resource": frames["binary_id"].tolist(),
            "source": [source.get(file) for file in frames["file"]],
            "lineNumber": [None] * count,
            "columnNumber": [None] * count,
            "length": count,
        },
        "resourceTable": {
            "lib": list(range(len(binaries))),
            "name": images,
            "host": [None] * len(binaries),
            "type": [_LIBRARY] * len(binaries),
            "length": len(binaries),
        },
        "nativeSymbols": {"libIndex": [], "address": [], "name": [], "functionSize": [], "length": 0},
        "sources": {
            "id": [None] * len(files),
            "filename": [strings.of(visible(file)) for file in files],
            "length": len(files),
        },
    }
