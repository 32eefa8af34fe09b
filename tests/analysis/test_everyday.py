"""What is said of the everyday recordings equals their truth: the answer, every count, every time and percentile.

Percentiles are computed another way, by ``statistics`` from the lengths that the truth lists one by one.
"""

import statistics
from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.everyday import FOLDER, NAMES, analysed, truth_of
from tracekit.analysis.analyze import Scope
from tracekit.api import analyze

KIND_OF_TABLE = {
    "ane-hw-intervals": "ane",
    "ane-hw-intervals-internal": "ane",
    "mps-hw-intervals": "mps",
    "ODIEProfile": "coreai",
}
UNTIED = {"ten-models", "ane-instrument-alone"}
"""Where nothing ties rows of the process to it: they name models that it does not name, and samples are beside rows of
ten models alike; or there are no samples."""
each = pytest.mark.parametrize("name", NAMES)


def percentile(lengths: Sequence[int], at: int) -> int:
    """Between the two nearest ranks."""
    if len(lengths) == 1:
        return lengths[0]
    return round(statistics.quantiles(lengths, n=100, method="inclusive")[at - 1])


@each
def test_the_answer_is_the_most_that_the_evidence_allows(name: str) -> None:
    assert analysed(name).verdict.answer == truth_of(name)["verdict"]["answer"]


@each
def test_every_row_is_accounted_for(name: str) -> None:
    truth, found = truth_of(name), analysed(name).accounting
    for tally, unit in ((found.samples, "rows"), (found.weight, "weight_ns")):
        assert (tally.total, tally.attributed, tally.outside_focus, tally.no_stack, tally.filtered) == (
            truth[unit], truth["in_focus"][unit], truth["outside_focus"][unit], truth["no_stack"][unit], 0,
        )  # fmt: skip


@each
def test_engines_and_phases_of_samples_are_the_truth_s(name: str) -> None:
    truth, found = truth_of(name)["in_focus"], analysed(name)
    for table, keys in ((found.engines, ["engine"]), (found.phases, ["engine", "phase"])):
        part = "phases" if len(keys) == 2 else "engines"
        right = sorted((*(one[key] for key in keys), one["rows"], one["weight_ns"]) for one in truth[part])
        assert sorted(table[[*keys, "samples", "weight"]].itertuples(index=False, name=None)) == right


def test_prefill_and_decode_are_the_truth_s() -> None:
    found = {row["phase"]: row for row in analysed("language-model").measured.generation.to_dict("records")}
    for told in truth_of("language-model")["generation"]:
        row, lengths = found.pop(told["phase"]), told["lengths_ns"]
        assert (row["count"], row["tokens"], row["tokens_ns"]) == (len(lengths), told["tokens"], sum(lengths))
        assert row["mean_ns"] == round(statistics.fmean(lengths))
        assert (row["p50_ns"], row["p95_ns"]) == (percentile(lengths, 50), percentile(lengths, 95))
        assert row["longest_ns"] == max(lengths)
        others = {"prefill": "cpu_GPU", "decode": "cpu_ANE"}
        assert row[others[told["phase"]]] == 0
    assert found == {}


def requests_of(truth: dict[str, Any]) -> list[dict[str, Any]]:
    """The requests that are counted by model: those of the GPU's own table name none."""
    return [one for one in truth["requests"] if one["table"] in KIND_OF_TABLE]


@each
def test_requests_are_counted_and_timed_exactly(name: str) -> None:
    found = analysed(name).measured.requests
    right = {
        (KIND_OF_TABLE[one["table"]], one["engine"], one["model"], one["kind"]): (
            len(one["lengths_ns"]),
            one["busy_ns"],
            round(statistics.fmean(one["lengths_ns"])),
            percentile(one["lengths_ns"], 50),
            percentile(one["lengths_ns"], 95),
            max(one["lengths_ns"]),
        )
        for one in requests_of(truth_of(name))
    }
    keys = found[["table", "engine", "model", "kind"]].itertuples(index=False, name=None)
    numbers = ["count", "busy_ns", "mean_ns", "p50_ns", "p95_ns", "longest_ns"]
    assert dict(zip(keys, found[numbers].itertuples(index=False, name=None), strict=True)) == right


@each
def test_no_row_of_another_process_is_credited(name: str) -> None:
    found = analysed(name).measured.requests
    rows = found[found["table"].isin(["ane", "mps"])]
    tied = set(rows.loc[rows["tie"] != "none", "model"])
    own = {one["model"] for one in requests_of(truth_of(name)) if one["is_own"] and one["table"] != "ODIEProfile"}
    assert tied <= own
    assert tied == own or name in UNTIED


@each
def test_hardware_times_are_whose_the_truth_says(name: str) -> None:
    truth, hardware = truth_of(name), analysed(name).measured.hardware
    for engine in ("ANE", "GPU"):
        rows = [one for one in truth["requests"] if one["engine"] == engine and one["kind"] == "prediction"]
        if (engine == "ANE" and name in UNTIED) or any(one["table"] == "mps-hw-intervals" for one in rows):
            continue  # nothing ties them; and rows of MPSGraph lie beside the GPU's own
        found = None if hardware is None else hardware.ane if engine == "ANE" else hardware.gpu
        said = (found.own_ns, found.others_ns) if found is not None else (0, 0)
        assert said == tuple(sum(one["busy_ns"] for one in rows if one["is_own"] == own) for own in (True, False))


@each
def test_predictions_are_known_one_by_one_where_something_tells(name: str) -> None:
    truth, found = truth_of(name)["predictions"], analysed(name).measured.iterations
    assert (found.source, found.at_least) == (truth["told_by"], truth["at_least"])
    if truth["told_by"] == "none":
        assert (len(found.table), found.steady, dict(found.by_model)) == (0, None, {})
        return
    assert len(found.table) == truth["count"]
    has_functions = truth["told_by"] == "odie-profile"
    for one in truth["of"]:
        model = f"{one['model']} · {one['function']}" if has_functions else one["model"]
        rows = found.table[(found.table["model"] == model).to_numpy()]
        assert rows["wall_ns"].tolist() == one["lengths_ns"]
        if truth["told_by"] == "sidecar":
            assert rows["warmup"].sum() == one["warmup"]
        steady = found.by_model.get(model) or found.steady
        assert steady is not None
        kept = [length for length, warm in zip(one["lengths_ns"], rows["warmup"], strict=True) if not warm]
        assert (steady.count, steady.p50_ns, steady.p95_ns) == (len(kept), percentile(kept, 50), percentile(kept, 95))


@each
def test_each_model_or_caller_or_process_has_its_answer(name: str) -> None:
    models = analysed(name).verdict.models
    several = len({model.pid for model in models}) > 1
    found = {model.process if several else model.name: model.answer for model in models}
    right = {key.partition("(")[0]: answer for key, answer in truth_of(name)["answers"].items()}
    assert not right or found == right


@pytest.mark.parametrize("name", ["idle-rows", "tight-loop", "one-in-a-hundred"])
def test_the_user_s_count_makes_no_length_of_a_run_that_ends_in_a_wait(name: str) -> None:
    """They are in as many runs of samples; but most of a prediction is a wait for the engine, behind its run."""
    found = analyze(FOLDER / f"{name}.zip", scope=Scope(predictions=truth_of(name)["predictions"]["count"]))
    assert found.measured.iterations.table.empty
    assert found.verdict.answer == truth_of(name)["verdict"]["answer"]
