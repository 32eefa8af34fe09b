"""The main job: accounting, focus, selection and verdict, against truth and against brute force."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.recordings import Sidecar
from tests.support.profiles import SYMBOLS, profile_from_stacks, profile_from_text, profile_without_threads, profiles
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.analysis.call_tree import call_tree
from tracekit.analysis.predictions.measure import Beside
from tracekit.analysis.select import Selection
from tracekit.analysis.verdict.judge import Verdict
from tracekit.errors import SelectionError
from tracekit.model.facts import Facts
from tracekit.model.profile import Profile
from tracekit.readers import open_trace

SAMPLES = Path(__file__).parents[2] / "sample_traces"
TRUTHS = sorted(SAMPLES.glob("*.truth.json"))
PREDICT = "start;main;CoreML`-[MLModel predictionFromFeatures:error:]"
ANE = f"{PREDICT};Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()"
CPU = f"{PREDICT};Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()"
GPU = f"{PREDICT};Espresso`E5RT::Ops::MpsGraphInferenceOperation::ExecuteSync()"


def truth_cases() -> list[ParameterSet]:
    cases: list[ParameterSet] = []
    for path in TRUTHS:
        truth = json.loads(path.read_text())
        for file in truth["files"]:
            if file["has_symbols"]:
                cases += [
                    pytest.param(file["file"], run, id=f"{file['file']} run {run['run']}") for run in truth["runs"]
                ]
    return cases


@pytest.mark.parametrize("file,truth", truth_cases())
def test_a_sample_equals_its_ground_truth(file: str, truth: dict[str, object]) -> None:
    """To the nanosecond, by engine and phase; the truth was written down when the stacks were composed."""
    analysis = analyze_profile(open_trace(SAMPLES / file).profile(truth["run"]))  # type: ignore[arg-type]
    expected = truth["in_focus"]
    rows, weight = analysis.accounting.samples, analysis.accounting.weight
    assert (rows.total, weight.total) == (truth["rows"], truth["weight_ns"])
    assert {"rows": rows.attributed, "weight_ns": weight.attributed} == {k: expected[k] for k in ("rows", "weight_ns")}  # type: ignore[index]
    assert {"rows": rows.no_stack, "weight_ns": weight.no_stack} == truth["no_stack"]
    assert rows.outside_focus == truth["outside_focus"]["rows"]  # type: ignore[index]
    assert weight.outside_focus == truth["outside_focus"]["weight_ns"]  # type: ignore[index]
    found = {(row.engine, row.phase): (row.samples, row.weight) for row in analysis.phases.itertuples()}
    assert found == {(e["engine"], e["phase"]): (e["rows"], e["weight_ns"]) for e in expected["phases"]}  # type: ignore[index]
    engines = {row.engine: (row.samples, row.weight) for row in analysis.engines.itertuples()}
    assert engines == {e["engine"]: (e["rows"], e["weight_ns"]) for e in expected["engines"]}  # type: ignore[index]
    assert analysis.verdict.answer == truth["verdict"]["answer"]  # type: ignore[index]


def test_there_are_samples_with_truth() -> None:
    assert len(TRUTHS) >= 5


VERDICTS = [
    # text, answer, evidence
    (f"{ANE} 40", "yes", "stacks"),
    (f"{ANE} 97\n{CPU} 3", "yes", "stacks"),
    (f"{ANE} 95\n{CPU} 5", "partly", "stacks"),
    (f"{ANE} 40\n{GPU} 10\n{CPU} 10", "partly", "stacks"),
    (f"{ANE} 3", "yes", "stacks"),
    (f"{CPU} 30", "no", "stacks"),
    (f"{GPU} 25\n{CPU} 5", "no", "stacks"),
    (f"{CPU} 29", "unknown", "stacks"),
    (f"{PREDICT} 100", "unknown", "stacks"),
    ("start;main;work 100", "unknown", "none"),
    ("thread_start;ANEServices`H11ANE::H11ANEServicesThreadStart 9", "unknown", "threads"),
    ("", "unknown", "none"),
]


def lines(text: str) -> Profile:
    """A sample for every unit of a line's number."""
    stacks = [line.rsplit(" ", 1) for line in text.splitlines()]
    frames = [
        {
            "frames": [
                dict(zip(("image", "symbol"), f.rpartition("`")[::2], strict=True)) for f in reversed(stack.split(";"))
            ]
        }
        for stack, count in stacks
        for _ in range(int(count))
    ]
    return profile_from_stacks(frames)


@cache
def verdict_of(text: str) -> Verdict:
    return analyze_profile(lines(text)).verdict


@pytest.mark.parametrize("text,answer,evidence", VERDICTS)
def test_verdict(text: str, answer: str, evidence: str) -> None:
    verdict = verdict_of(text)
    assert (verdict.answer, verdict.evidence) == (answer, evidence)
    first_word = verdict.sentence.split(":")[0]
    assert first_word.lower() == answer


def test_verdicts_read_as_sentences(golden: Callable[[str, str], None]) -> None:
    golden(
        "verdicts.txt",
        "".join(f"{verdict_of(text).sentence}\n" for text, _, _ in VERDICTS),
    )


def test_a_wait_on_nobody_named_is_no_unknown_symbol() -> None:
    blocked = f"{PREDICT};libsystem_kernel.dylib`semaphore_wait_trap"
    kernel = f"{PREDICT};Espresso`Espresso::V9Engine::kernel::__launch"
    said = analyze_profile(lines(f"{CPU} 10\n{blocked} 30\n{kernel} 60")).verdict.sentence
    assert "60 % is in functions no rule knows" in said
    assert "30 % waited for what no stack names" in said


@pytest.mark.parametrize("hidden,answer", [(0, "no"), (20, "no"), (21, "unknown"), (900, "unknown")])
def test_no_is_earned_by_more_that_names_an_engine_than_not(hidden: int, answer: str) -> None:
    """What was not seen may be anything, also the Neural Engine: symbols, waits, and Core ML's own code alike."""
    kernel = f"{PREDICT};Espresso`Espresso::V9Engine::kernel::__launch"
    blocked = f"{PREDICT};libsystem_kernel.dylib`semaphore_wait_trap"
    for unnamed in (kernel, blocked, PREDICT):
        text = f"{CPU} 40\n{PREDICT} 20" + (f"\n{unnamed} {hidden}" if hidden else "")
        verdict = analyze_profile(lines(text)).verdict
        assert verdict.answer == answer
        assert ("What names no engine" in verdict.sentence) == (answer == "unknown")
        assert ("ran on the CPU" in verdict.sentence) == (answer == "no")


def test_few_samples_are_said_to_mean_little() -> None:
    assert "not meaningful" in analyze_profile(lines(f"{ANE} 29")).verdict.sentence
    assert "not meaningful" not in analyze_profile(lines(f"{ANE} 30")).verdict.sentence


def test_driving_an_engine_is_never_called_its_time() -> None:
    for text, _, _ in VERDICTS:
        sentence = verdict_of(text).sentence
        assert "ANE time" not in sentence
        assert "do not say how long" in sentence or "was busy" not in sentence


def test_without_a_root_candidates_are_named() -> None:
    profile = profile_from_text("""
        start;main;runInference;matmul                 5
        start;main;Espresso`Espresso::something::odd   2
        start;main;draw                                9
    """)
    analysis = analyze_profile(profile)
    assert analysis.candidates["symbol"].tolist() == ["Espresso::something::odd", "runInference"]
    assert analysis.candidates["weight"].tolist() == [2, 5]
    assert analysis.accounting.samples.outside_focus == 3
    focused = analyze_profile(profile, Scope(focus=("runInference",)))
    assert focused.accounting.weight.attributed == 5


def test_whole_analyses_everything_with_a_stack() -> None:
    analysis = analyze_profile(profile_from_text(f"{ANE} 2\nstart;main;work 3"), Scope(whole=True))
    assert analysis.accounting.weight.attributed == 5
    assert dict(analysis.engines[["engine", "weight"]].itertuples(index=False)) == {"ANE": 2, "none": 3}
    assert analysis.focused.weight == 5


@pytest.mark.parametrize(
    "facts,told",
    [
        (Facts(platform="macOS", os="26.1 (25B78)"), "macOS 26.1 (25B78)"),
        (Facts(os="26.1 (25B78)"), "26.1 (25B78)"),
        (Facts(platform="macOS"), "version 26.0 of the OS"),
    ],
)
def test_a_plan_was_made_on_the_os_of_the_recording_where_that_is_known(facts: Facts, told: str) -> None:
    profile = profile_without_threads(named=3)  # of process 7
    profile = replace(profile, meta=replace(profile.meta, facts=facts))
    document = {"compute_plan": {"operations": [{"name": "a", "operator": "relu"}]}, "os": "Version 26.0"}
    analysis = analyze_profile(profile, beside=Beside({}, Sidecar(7, [], document)))
    assert analysis.plan is not None
    assert analysis.plan.attrs["os"] == told
    assert analysis.explained is not None
    assert analyze_profile(profile).explained is None


def test_what_was_analysed_is_told_in_a_line() -> None:
    assert repr(analyze_profile(lines(f"{ANE} 40"))) == "<Analysis yes (stacks), 40 samples in focus>"


@pytest.mark.parametrize("scope,paths", [
    (Scope(focus=("work",)), ["work", "work;work", "work;work;lock"]),
    (Scope(focus=("work",), flatten_recursion=True), ["work", "work;lock"]),
    (Scope(focus=("work",), charge_to_caller=("lock",)), ["work", "work;work"]),
    (Scope(focus=("work",), charge_to_caller=("lock",), flatten_recursion=True), ["work"]),
])  # fmt: skip
def test_stacks_are_shown_as_the_scope_says(scope: Scope, paths: list[str]) -> None:
    tree = call_tree(analyze_profile(profile_from_text("main;work;work;lock 2"), scope).focused)
    names = tree["name"].tolist()
    above = tree["parent_id"].tolist()
    full = [name if parent < 0 else "" for name, parent in zip(names, above, strict=True)]
    for row, parent in enumerate(above):
        full[row] = full[row] or f"{full[parent]};{names[row]}"
    assert full == paths


def scopes() -> st.SearchStrategy[Scope]:
    symbols = st.sampled_from([text.rpartition("`")[2] for text in SYMBOLS])
    return st.builds(
        Scope,
        selection=st.builds(
            Selection,
            processes=st.sampled_from([(), ("app 0",)]),
            threads=st.sampled_from([(), ("1",), ("thread 1", "2")]),
            time_range=st.sampled_from([(None, None), (200, None), (None, 700), (100, 900)]),
            prune=st.lists(symbols, max_size=1).map(tuple),
        ),
        focus=st.lists(symbols, max_size=2).map(tuple),
        whole=st.booleans(),
        charge_to_caller=st.lists(symbols, max_size=1).map(tuple),
        flatten_recursion=st.booleans(),
    )


def analysis_or_none(profile: Profile, scope: Scope) -> Analysis | None:
    try:
        return analyze_profile(profile, scope)
    except SelectionError:
        return None  # the scope names a thread this profile does not have: refused, tested below


@given(profiles(), scopes())
@settings(max_examples=40)
def test_every_row_is_accounted_for(profile: Profile, scope: Scope) -> None:
    analysis = analysis_or_none(profile, scope)
    if analysis is None:
        return
    for tally, total in ((analysis.accounting.samples, len(profile)), (analysis.accounting.weight, profile.weight)):
        assert tally.total == total
        assert tally.total == tally.attributed + tally.outside_focus + tally.no_stack + tally.filtered
    for running in (analysis.engines, analysis.phases):
        assert running["samples"].sum() + analysis.waits["samples"].sum() == analysis.accounting.samples.attributed
        assert running["weight"].sum() + analysis.waits["weight"].sum() == analysis.accounting.weight.attributed
    assert analysis.focused.validate().weight == analysis.accounting.weight.attributed


@pytest.mark.parametrize(
    "names,said",
    [
        (
            ["ANEServicesThread"],
            "The thread ANEServicesThread shows only that the process opened the Neural Engine once.",
        ),
        (["H11ANEServicesThread"], "The thread H11ANEServicesThread shows only"),
        (
            ["H11ANEServicesThread", "ANEServicesThread"],
            "The threads ANEServicesThread and H11ANEServicesThread show only",
        ),
        ([""], "The thread of the Neural Engine's driver shows only"),
    ],
)
def test_the_service_thread_is_named_as_it_was_seen(names: list[str], said: str) -> None:
    frames = [{"symbol": "ANE::ANEServicesThreadStart", "image": "ANEServices"}]
    stacks = [{"frames": frames, "thread_name": name, "tid": tid} for tid, name in enumerate(names, start=1)]
    verdict = analyze_profile(profile_from_stacks(stacks)).verdict
    assert verdict.evidence == "threads"
    assert said in verdict.sentence
