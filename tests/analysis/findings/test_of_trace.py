"""What a recording shows that is worth acting on: each finding fires on what it is about, and not on a near miss."""

from pathlib import Path

import pandas as pd

from tests.support.judged import Spans, Written, ane, gpu, judged, loop, on_ane, starts
from tests.support.logs import inferences, ndjson
from tests.support.samples import analysis_of
from tests.support.timelines import PID, analysed
from tracekit.analysis.analyze import Analysis
from tracekit.analysis.predictions.measure import Beside
from tracekit.readers.logs import read_log

FIRES = {
    *("conversion", "input-copies", "fallback", "compile", "contention"),
    *("encoding", "gpu-rows-missing", "ane-status"),
}
"""Codes that a test below sees fire."""


def seen_in(analysis: Analysis) -> dict[str, str]:
    return {each.code: each.sentence for each in analysis.seen}


def test_kernels_on_the_cpu_are_named_where_the_ane_works_or_was_asked_for() -> None:
    fallback = seen_in(judged(loop("aac", 20)))["fallback"]
    assert fallback == (
        "20.0 ms (33 % of the predictions' CPU time) computes on the CPU: "
        "E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync."
    )
    assert "fallback" in seen_in(judged(loop("ccc", 20), harness=Written("cpuAndNeuralEngine")))
    # Near misses: the CPU was asked for; or it is a trifle.
    assert "fallback" not in seen_in(judged(loop("ccc", 20), harness=Written("cpuOnly")))
    assert "fallback" not in seen_in(judged(loop("ccc", 20)))
    assert "fallback" not in seen_in(judged(loop("a" * 30 + "c", 5)))
    assert "fallback" not in seen_in(judged(loop("g" * 30 + "c", 5), harness=Written("all")))


def test_a_compile_in_the_first_prediction_is_told_from_one_again_and_again() -> None:
    once = seen_in(judged("xx kkkkkkgg " + loop("gg", 12)))["compile"]
    assert once == "The first prediction spent 6.0 ms compiling, once."
    again = seen_in(judged(loop("gg", 6) + loop("kggg", 1) + loop("gg", 6)))["compile"]
    assert again == "After warm-up, 1 of 13 predictions spent 1.0 ms compiling."
    both = seen_in(judged("xx kkkkkkgg " + loop("gg", 6) + loop("kggg", 1) + loop("gg", 6)))["compile"]
    assert both == f"{once[:-1]}; {again[0].lower()}{again[1:]}"  # the first is none of the 13
    assert "compile" not in seen_in(judged(loop("gg", 12)))
    assert "compile" not in seen_in(judged(f"xx k{'g' * 90} " + loop("gg", 12)))  # near miss: a trifle of the first


def test_encoding_that_costs_as_much_as_the_gpu_s_work_is_named() -> None:
    def recorded(busy: float) -> dict[str, str]:
        return seen_in(judged(loop("gggc", 10), None, [(start, start + busy) for start in starts("gggc", 10)]))

    assert recorded(1.0)["encoding"] == (
        "A prediction spends 3.0 ms of CPU time on encoding and submitting work for the GPU, which then works 1.0 ms."
    )
    assert "encoding" in recorded(3.6)  # 83 %
    assert "encoding" not in recorded(4.0)  # near miss: 75 %


def test_a_gpu_that_was_driven_without_rows_is_named_and_nothing_else_is() -> None:
    said = seen_in(judged(loop("ggc", 10), None, []))["gpu-rows-missing"]
    assert said == (
        "20 samples in predictions (67 %) hand work to the GPU or wait for it, but its table holds no row of this "
        "process: how long the GPU worked is not known."
    )
    theirs = gpu([(0, 1), (2, 3)], pid=PID + 1)
    tables = {"metal-gpu-intervals": theirs, "mps-hw-intervals": gpu([(4, 5)]).drop(columns="process.pid")}
    beside = seen_in(analysed(loop("ggc", 10), beside=Beside(tables)))["gpu-rows-missing"]
    assert "no row of this process, only 2 rows of others: how long" in beside
    assert beside.endswith("MPSGraph's own table holds 1 run.")
    # Near misses: a row; no table; too few samples; a trifle; only compiling.
    assert "gpu-rows-missing" not in seen_in(judged(loop("ggc", 10), None, [(4, 5)]))
    assert "gpu-rows-missing" not in seen_in(judged(loop("ggc", 10)))
    assert "gpu-rows-missing" not in seen_in(judged(loop("ggc", 4), None, []))
    assert "gpu-rows-missing" not in seen_in(judged(loop("g" + "c" * 30, 10), None, []))
    assert "gpu-rows-missing" not in seen_in(judged(loop("kkc", 10), None, []))


def test_others_on_the_neural_engine_are_contention() -> None:
    def recorded(theirs: Spans) -> Analysis:
        rows = pd.concat([ane(on_ane("aa", 20), "Mine Prediction"), ane(theirs, "Theirs Prediction")])
        return analysed(loop("aa", 20), beside=Beside({"ane-hw-intervals": rows}), marks=True)

    assert "contention" not in seen_in(recorded([]))
    others = seen_in(recorded([(0.0, 3.0)]))["contention"]
    assert others == "The Neural Engine also worked 3.0 ms for no known process."
    assert "contention" not in seen_in(recorded([(0.0, 0.4)]))


def test_predictions_that_wait_for_one_another_are_contention() -> None:
    queued = seen_in(judged(loop("qqqc", 5)))["contention"]
    assert queued == (
        "75 % of the time of running and blocked threads in predictions is spent waiting for another prediction to end."
    )
    assert "contention" not in seen_in(judged(loop("bbbc", 5)))  # near miss: it waits, but not for a queue
    assert "contention" not in seen_in(judged(loop("q" + "c" * 20, 5)))


def test_data_that_is_moved_is_named_with_its_function() -> None:
    for recording, share in (("all-ane", "16 %"), ("ane-with-cpu-fallback", "29 %")):
        analysis = analysis_of(recording)
        (finding,) = [each for each in analysis.seen if each.code == "conversion"]
        assert finding.symbols[-1] == "CoreML::copyMultiArrayBNNS<_Float16, float>"
        assert share in finding.sentence
    assert "conversion" not in seen_in(judged(loop("aac", 20)))


def test_copies_are_told_from_conversions() -> None:
    copied = seen_in(judged(loop("y" + "a" * 15, 5)))
    assert copied["input-copies"] == (
        "5.0 ms (6.2 % of the predictions' CPU time) goes into copying data: "
        "EspressoLight::espresso_plan::__copy_inputs."
    )
    assert "conversion" not in copied
    assert "input-copies" not in seen_in(judged(loop("y" + "a" * 20, 5)))
    converted = seen_in(judged(loop("v" + "a" * 15, 5)))
    assert {"conversion", "input-copies"} & set(converted) == {"conversion"}


def test_errors_of_the_driver_are_counted_by_status(tmp_path: Path) -> None:
    def said(failing: list[tuple[int, int]]) -> dict[str, str]:
        path = tmp_path / "log.ndjson"
        path.write_bytes(ndjson(inferences(2, 50, failing)))
        return seen_in(analysed(loop("aa", 20), beside=Beside({}, log=read_log(path))))

    assert said([(3, 0x1D), (7, 0x1D)])["ane-status"] == (
        "2 of 100 requests to the Neural Engine ended with an error: 0x1d × 2."
    )
    assert "ane-status" not in said([])
