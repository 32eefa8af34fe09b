"""The Firefox Profiler's processed profile: by its documented shape, and by the Profiler's own command line."""

import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from tests.report.viewers import recordings
from tests.report.viewers.recordings import (
    BUNDLES,
    EXPORTS,
    REAL,
    analysed,
    attributed,
    engines,
    expected_stacks,
    unversioned,
)
from tests.support.bless import Golden
from tests.support.profiles import profiles
from tests.support.tools import needed, package
from tracekit.analysis.analyze import Analysis
from tracekit.model.profile import Profile
from tracekit.model.schema import INTERVAL_KINDS
from tracekit.report.viewers.firefox import VERSION, firefox

MAKERS = (
    *(recordings.tiny, recordings.small, recordings.without_samples, recordings.without_threads),
    *(recordings.without_times, recordings.in_cycles, recordings.hostile, recordings.language_model),
)

# Of every table its columns, and of every column the table it points into, as src/types/profile.ts describes
# version 60; "?" allows null, "-" allows -1.
TABLES = {
    "stackTable": {"frame": "frameTable", "prefix": "stackTable?"},
    "frameTable": {
        "address": "number", "inlineDepth": "number", "category": "categories?", "subcategory": "number?",
        "func": "funcTable", "nativeSymbol": "nativeSymbols?", "innerWindowID": "number?", "line": "number?",
        "column": "number?",
    },
    "funcTable": {
        "name": "stringArray", "isJS": "bool", "relevantForJS": "bool", "resource": "resourceTable-",
        "source": "sources?", "lineNumber": "number?", "columnNumber": "number?",
    },
    "resourceTable": {"lib": "libs?", "name": "stringArray", "host": "stringArray?", "type": "number"},
    "nativeSymbols": {"libIndex": "libs", "address": "number", "name": "stringArray", "functionSize": "number?"},
    "sources": {"id": "number?", "filename": "stringArray"},
}  # fmt: skip
THREAD: dict[str, Any] = {
    "processType": str, "processStartupTime": int, "registerTime": int, "pausedRanges": list, "name": str,
    "isMainThread": bool, "processName": str, "pid": str, "tid": (int, str), "samples": dict, "markers": dict,
}  # fmt: skip
COLOURS = {
    "transparent", "purple", "green", "orange", "yellow", "lightblue", "blue", "brown", "magenta", "red", "lightred",
    "darkgrey", "grey",
}  # fmt: skip


def check(document: dict[str, Any]) -> None:
    """Every rule of the format that a file can break."""
    meta, shared = document["meta"], document["shared"]
    assert meta["preprocessedProfileVersion"] == VERSION == 60
    categories = meta["categories"]
    assert all(each["color"] in COLOURS and each["subcategories"][0] == "Other" for each in categories)
    assert [each["name"] for each in categories if each["color"] == "grey"] == ["Other"]
    sizes = {name: shared[name]["length"] for name in TABLES}
    sizes |= {"libs": len(document["libs"]), "stringArray": len(shared["stringArray"]), "categories": len(categories)}
    for name, columns in TABLES.items():
        assert set(shared[name]) == {*columns, "length"}
        for column, kind in columns.items():
            check_column(shared[name][column], kind, sizes, sizes[name])
    assert all(prefix is None or prefix < row for row, prefix in enumerate(shared["stackTable"]["prefix"]))
    frames = shared["frameTable"]
    for category, subcategory in zip(frames["category"], frames["subcategory"], strict=True):
        assert (category is None) == (subcategory is None)
        assert category is None or subcategory < len(categories[category]["subcategories"])
    assert all(set(lib) == {"arch", "name", "path", "debugName", "debugPath", "breakpadId", "codeId"}
               for lib in document["libs"])  # fmt: skip
    schema = {each["name"]: {field["key"] for field in each["fields"]} for each in meta["markerSchema"]}
    for thread in document["threads"]:
        check_thread(thread, sizes, schema)
    keys = [(thread["pid"], thread["tid"]) for thread in document["threads"]]
    assert len(set(keys)) == len(keys)
    assert all(index < len(keys) for index in meta["initialVisibleThreads"] + meta["initialSelectedThreads"])


def check_column(values: list[Any], kind: str, sizes: dict[str, int], length: int) -> None:
    assert len(values) == length
    given = [value for value in values if value is not None]
    assert kind.endswith("?") or len(given) == length
    lowest = -1 if kind.endswith("-") else 0
    target = kind.rstrip("?-")
    if target == "bool":
        assert all(isinstance(value, bool) for value in given)
    elif target == "number":
        assert all(type(value) in (int, float) for value in given)
    else:
        assert all(type(value) is int and lowest <= value < sizes[target] for value in given)


def check_thread(thread: dict[str, Any], sizes: dict[str, int], schema: dict[str, set[str]]) -> None:
    assert all(isinstance(thread[name], kind) for name, kind in THREAD.items())
    samples, markers = thread["samples"], thread["markers"]
    length = samples["length"]
    check_column(samples["stack"], "stackTable?", sizes, length)
    assert samples["time"] == sorted(samples["time"])
    assert len(samples["time"]) == length
    assert samples["weightType"] in ("samples", "tracing-ms")
    for column in ("weight", "threadCPUDelta"):
        assert samples.get(column) is None or len(samples[column]) == length
    check_column(markers["name"], "stringArray", sizes, markers["length"])
    check_column(markers["category"], "categories", sizes, markers["length"])
    assert markers["phase"] == [1] * markers["length"]
    for data, start, end in zip(markers["data"], markers["startTime"], markers["endTime"], strict=True):
        assert start <= end
        assert {*data} - {"type"} <= schema[data["type"]]


def read(file: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(file)
    check(document)
    return document


def category_of(document: dict[str, Any], stack: int) -> tuple[str, str]:
    """Of a stack: its frame's, else its caller's, else the default's."""
    shared, categories = document["shared"], document["meta"]["categories"]
    node: int | None = stack
    while node is not None:
        frame = shared["stackTable"]["frame"][node]
        category = shared["frameTable"]["category"][frame]
        if category is not None:
            chosen = categories[category]
            return chosen["name"], chosen["subcategories"][shared["frameTable"]["subcategory"][frame]]
        node = shared["stackTable"]["prefix"][node]
    return "Other", "Other"


def samples_in(document: dict[str, Any]) -> Iterator[tuple[int, tuple[int, ...], str, float]]:
    """(time in ns, functions from the root, category, weight in the file's unit) of every sample."""
    shared = document["shared"]
    for thread in document["threads"]:
        samples = thread["samples"]
        weights = samples["weight"] or [1] * samples["length"]
        for stack, time, weight in zip(samples["stack"], samples["time"], weights, strict=True):
            path: list[int] = []
            node = stack
            while node is not None:
                path.insert(0, shared["frameTable"]["func"][shared["stackTable"]["frame"][node]])
                node = shared["stackTable"]["prefix"][node]
            scale = 1_000_000 if samples["weightType"] == "tracing-ms" else 1
            yield round(time * 1_000_000), tuple(path), category_of(document, stack)[0], round(weight * scale)


def engines_in(document: dict[str, Any]) -> dict[str, float]:
    sums: Counter[str] = Counter()
    for _, _, engine, weight in samples_in(document):
        sums[engine] += weight  # type: ignore[assignment]
    return dict(sums)


def test_a_small_profile_in_full(golden: Golden) -> None:
    document = json.loads(unversioned(firefox(recordings.tiny())))
    document["meta"]["markerSchema"] = [each["name"] for each in document["meta"]["markerSchema"]]
    golden("convert/tiny.firefox.json", one_line_a_column(document))


def one_line_a_column(document: dict[str, Any]) -> str:
    def lines(value: Any, indent: str) -> str:
        if isinstance(value, dict) and value:
            inner = ",\n".join(f"{indent} {json.dumps(k)}: {lines(v, indent + ' ')}" for k, v in value.items())
            return f"{{\n{inner}\n{indent}}}"
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return f"[{', '.join(lines(each, indent) for each in value)}]"
        return json.dumps(value, ensure_ascii=False)

    return lines(document, "") + "\n"


@pytest.mark.parametrize("make", MAKERS)
def test_the_file_is_as_the_format_says(make: Callable[[], Analysis]) -> None:
    document = read(firefox(make()))
    text = json.dumps(document, ensure_ascii=False)
    assert text.encode("utf-8").decode("utf-8").isprintable()


@pytest.mark.parametrize("name", [*BUNDLES, *EXPORTS])
def test_totals_of_engines_are_those_that_tracekit_prints(name: str) -> None:
    analysis = analysed(name)
    assert engines_in(read(firefox(analysis))) == engines(analysis)
    assert engines_in(read(firefox(analysis, count_samples=True))) == engines(analysis, "samples")


@pytest.mark.parametrize("name", REAL)
def test_totals_of_engines_of_real_recordings(real_data: Path, name: str) -> None:
    analysis = recordings.real(real_data, name)
    counted = "weight" if analysis.profile.meta.unit == "ns" else "samples"
    assert engines_in(read(firefox(analysis))) == engines(analysis, counted)


@given(profiles())
def test_every_sample_is_there_once(profile: Profile) -> None:
    analysis = attributed(profile)
    if profile.samples["time_ns"].any():
        assert sorted(samples_in(read(firefox(analysis)))) == expected_stacks(analysis)


def test_a_call_has_the_category_that_all_its_samples_have() -> None:
    document = read(firefox(recordings.tiny()))
    shared, strings = document["shared"], document["shared"]["stringArray"]
    found: dict[str, set[tuple[str, str]]] = {}
    for row, frame in enumerate(shared["stackTable"]["frame"]):
        name = strings[shared["funcTable"]["name"][shared["frameTable"]["func"][frame]]]
        found.setdefault(name.partition(":")[0], set()).add(category_of(document, row))
    assert found["main"] == {("Other", "Other"), ("no engine", "Other")}  # the sample that ended in it, and its callees
    assert found["work"] == {("no engine", "Other")}
    assert ("driving ANE", "dispatch") in found["E5RT"] or ("driving ANE", "execute") in found["E5RT"]


def test_time_of_blocked_threads_is_no_cpu_time() -> None:
    blocked = json.loads(firefox(analysed("ane-with-cpu-fallback.trace.zip")))
    running = json.loads(firefox(analysed("gpu.trace.zip")))
    assert all("threadCPUDelta" not in thread["samples"] for thread in blocked["threads"])
    sampled = [thread["samples"] for thread in running["threads"] if thread["samples"]["length"]]
    assert all(samples["threadCPUDelta"] == [w * 1e6 for w in samples["weight"]] for samples in sampled)
    entries = {entry["label"]: entry["value"] for entry in blocked["meta"]["extra"][0]["entries"]}
    assert entries["Weights"] == "threads' time (running and blocked)"


def test_predictions_and_hardware_are_markers() -> None:
    analysis = recordings.small()
    document = read(firefox(analysis))
    strings = document["shared"]["stringArray"]
    found = {
        (thread["name"], data["type"], strings[data["label"]], start, end)
        for thread in document["threads"]
        for data, start, end in zip(
            *(thread["markers"][name] for name in ("data", "startTime", "endTime")), strict=True
        )
    }
    predictions = analysis.measured.iterations.table
    assert {row[2:] for row in found if row[1] == "prediction"} == {
        (f"Prediction {number}", start / 1e6, end / 1e6)
        for number, start, end in zip(*(predictions[c].tolist() for c in ("index", "start_ns", "end_ns")), strict=True)
    }
    assert {row for row in found if row[1] == "ane"} == {
        ("Neural Engine (hardware)", "ane", "Model Prediction", 10.0 + 6 * n, 12.5 + 6 * n) for n in range(6)
    }


def test_phases_of_language_models_are_markers() -> None:
    document = read(firefox(recordings.language_model()))
    strings = document["shared"]["stringArray"]
    shown = {
        (thread["name"], strings[data["label"]], start, end, data.get("tokens", ""))
        for thread in document["threads"]
        for data, start, end in zip(
            *(thread["markers"][name] for name in ("data", "startTime", "endTime")), strict=True
        )
        if data["type"] == "generation"
    }
    assert shown == recordings.PHASES_SHOWN
    (known,) = (each for each in document["meta"]["markerSchema"] if each["name"] == "generation")
    assert {field["key"] for field in known["fields"]} >= {"label", "phase", "tokens", "source"}


def test_signposts_of_threads_without_samples_share_a_track() -> None:
    analysis = recordings.small()
    table = analysis.measured.intervals.head(2)
    kinds = pd.Categorical.from_codes([INTERVAL_KINDS.index("signpost")] * 2, categories=table["kind"].cat.categories)
    posts = table.assign(kind=kinds, thread_id=np.array([0, 1], np.int32), label=["one", "two"])
    focused = analysis.focused.with_samples(analysis.focused.samples.head(0))
    measured = replace(analysis.measured, intervals=posts)
    document = read(firefox(replace(analysis, focused=focused, measured=measured)))
    assert {thread["name"]: thread["markers"]["length"] for thread in document["threads"]} == {
        "Predictions": 6,
        "Signposts": 2,
    }


# ---- The Profiler's own code.


@pytest.fixture(scope="module")
def profiler(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """``profiler(file, ("thread", "list"))``: what the Firefox Profiler's command line says of a profile.

    It asks a daemon that has the profile. ``load`` starts one, but waits half a second for it and no longer, so it is
    started here.
    """
    node = needed("node")
    script = (
        package("firefox-devtools-profiler-cli-0.10.0", tmp_path_factory.mktemp("profiler")) / "dist/profiler-cli.js"
    )

    def ask(file: bytes, *questions: tuple[str, ...]) -> list[Any]:
        with tempfile.TemporaryDirectory(prefix="fx") as folder:  # short, since the name of a socket must be
            path, sessions = Path(folder) / "x.json", Path(folder) / "s"
            path.write_bytes(file)
            environment = {**os.environ, "PROFILER_CLI_SESSION_DIR": str(sessions)}
            command = [node, str(script), "--daemon", str(path), "--session", "one"]
            with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as daemon:
                try:
                    wait_until_loaded(sessions / "one.log", daemon)
                    answers = [asked(node, script, environment, question) for question in questions]
                finally:
                    daemon.terminate()
        return [json.loads(said) for said in answers]

    return ask


def asked(node: str, script: Path, environment: dict[str, str], question: tuple[str, ...]) -> str:
    """The answer as JSON."""
    command = [node, str(script), *question, "--json", "--session", "one"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def wait_until_loaded(log: Path, daemon: "subprocess.Popen[bytes]") -> None:
    """Until the daemon has the profile. A client that asks before would take the session for a dead one and end it."""
    until = monotonic() + 120
    said = ""
    while "Profile loaded successfully" not in said:
        assert "[ERROR]" not in said, said
        assert daemon.poll() is None, f"the Profiler does not open the file: {said}"
        assert monotonic() < until, f"the Profiler does not load the file: {said}"
        sleep(0.05)
        said = log.read_text() if log.exists() else ""


@pytest.mark.parametrize("name", BUNDLES)
def test_the_profiler_says_the_same_of_every_engine(profiler: Callable[..., Any], name: str) -> None:
    analysis = analysed(name)
    file = firefox(analysis)
    count = sum(1 for thread in json.loads(file)["threads"] if thread["samples"]["length"])
    asked = [("thread", "samples", "--include-idle", "--thread", f"t-{number}") for number in range(count)]
    sums: Counter[str] = Counter()
    for said in profiler(file, *asked):
        assert said["weightType"] == "tracing-ms"
        for category in said["categoryBreakdown"]["categories"]:
            sums[category["name"]] += round(category["samples"] * 1e6)
    assert sums == engines(analysis)


@pytest.mark.parametrize("make", MAKERS)
def test_the_profiler_opens_whatever_is_written(profiler: Callable[..., Any], make: Callable[[], Analysis]) -> None:
    file = firefox(make())
    (said,) = profiler(file, ("thread", "list"))
    document = json.loads(file)
    assert {thread["name"] for thread in said["threads"]} == {thread["name"] for thread in document["threads"]}
