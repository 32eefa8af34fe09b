"""The answer to "is my model using the Neural Engine?", with its evidence, in a sentence to act on.

``decision.py`` has the table that decides, ``wording.py`` the words. One answer is of everything, and one of each model
of each process, or where nothing names a model, of each function of the app that calls one.

Evidence is the best there is: hardware intervals of the ANE that can be tied to the process, else waiting threads, else
samples of running threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.credit import same_model
from tracekit.analysis.predictions.find import Sampled
from tracekit.analysis.predictions.measure import Asked, Measured
from tracekit.analysis.predictions.owners import CORE_AI, owners
from tracekit.analysis.predictions.spent import gpu_driving, one_off_parts
from tracekit.analysis.running import waiting_was_recorded
from tracekit.analysis.stats import ENOUGH_FOR_P95
from tracekit.analysis.verdict.contradictions import WITHOUT_ANE, contradictions
from tracekit.analysis.verdict.decision import (
    ANSWERS,
    ENOUGH_SAMPLES,
    OTHERS_ALLOWED,
    Answer,
    Evidence,
    Reason,
    Unclaimed,
    decide,
)
from tracekit.analysis.verdict.wording import disagreement, sentence_of
from tracekit.analysis.verdict.work import Work, work_of
from tracekit.analysis.words import listed, milliseconds
from tracekit.attribution.engines import IDLE_THREAD_RULE, service_threads
from tracekit.attribution.names import bare_symbol
from tracekit.model.facts import ISSUE, NO_NAMES
from tracekit.model.profile import Profile

__all__ = ["ANSWERS", "ENOUGH_SAMPLES", "Answer", "EvidenceClass", "Model", "Verdict", "judge"]

EvidenceClass = Literal["hardware", "waiting", "stacks", "threads", "none"]

_HEADLINE_MODELS: Final = 4
"""So many models are named in the first sentence."""


@dataclass(frozen=True, slots=True)
class Model:
    """The answer of one model, or of what one function calls."""

    process: str
    pid: int
    name: str
    """The model's name; else the function that calls it, or the framework that it belongs to; empty: not known."""
    named_by: Literal["model", "caller", "framework", "nothing"]
    kind: str
    """Core ML, or the framework that predicts with models of its own."""
    answer: Answer
    reason: Reason
    where: str
    """Which engines worked, in words."""
    samples: int
    weight: int
    predictions: int | None
    """None where they are not known one by one; so too the times, which are of those after warm-up."""
    p50_ns: int | None
    p95_ns: int | None
    """None also where predictions are too few for it (``stats.ENOUGH_FOR_P95``)."""
    ane_requests: int
    """Of the Neural Engine, as its table counts them; of those that name no model, those that samples ask for."""
    work: Work
    """Sums of its samples."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, what it rests on, and the sentence that says both."""

    answer: Answer
    evidence: EvidenceClass
    sentence: str
    decided_by: str = ""
    """Which row of the table in ``decision.py``."""
    models: tuple[Model, ...] = ()
    """One answer a process and model, heaviest first."""
    contradictions: tuple[str, ...] = ()
    """Where sources disagree, a sentence each."""


def judge(sampled: Sampled, focused: Profile, measured: Measured, *, has_roots: bool) -> Verdict:
    """The verdict on an attributed profile; ``focused`` holds the samples inside predictions.

    ``has_roots`` is false where the trace holds no prediction root at all.
    """
    profile = sampled.profile
    is_core_ai = bool((sampled.kind[sampled.in_focus] == CORE_AI).any())
    found = _evidence_of(focused, measured, has_roots=has_roots, is_core_ai=is_core_ai)
    speaks = _speaks(measured.ane, is_core_ai=is_core_ai)
    against = contradictions(measured, found.work, table_speaks=speaks)
    deciding = [each.sentence for each in against if each.decides]
    found = replace(found, disagrees=bool(deciding))
    answer, reason = decide(found)
    models = _models_judged(sampled, measured)
    if deciding:
        said = disagreement(deciding)
    elif reason == "no prediction":
        said = _without_predictions(profile, measured)
    else:
        said = sentence_of(answer, reason, found, measured, is_cpu_time=measured.times_cpu) + _gpu_beside(
            measured, models
        )
        said = _naming_models(said, models) + _set_apart(measured)
    said += _refusals(measured)
    said += _skipped(profile.meta.skipped, len(profile))
    evidence = _class_of(profile, found, measured, reason)
    return Verdict(answer, evidence, said, reason, models, tuple(each.sentence for each in against))


def _evidence_of(focused: Profile, measured: Measured, *, has_roots: bool, is_core_ai: bool) -> Evidence:
    hardware, ane, count = measured.hardware, measured.ane, len(measured.iterations.table)
    gpu_share, served = 0.0, None
    if hardware is not None and count and hardware.predictions_ns:
        if hardware.gpu is not None and hardware.gpu.in_predictions_ns:
            gpu_share = hardware.gpu.in_predictions_ns / hardware.predictions_ns
        if hardware.ane is not None and hardware.ane.predictions is not None and ane is not None and ane.tied:
            served = (hardware.ane.predictions_at_most or 0) / count
    return Evidence(
        work=work_of(focused),
        has_roots=has_roots or count > 0,
        disagrees=False,
        ane_requests=ane.tied if ane is not None else 0,
        ane_recorded=_speaks(ane, is_core_ai=is_core_ai),
        unclaimed=_unclaimed(measured),
        gpu_share=gpu_share,
        served=served,
    )


def _speaks(ane: Asked | None, *, is_core_ai: bool) -> bool:
    """Whether the Neural Engine's table was recorded and may speak against the engine.

    Without a row of the process it may not for Core AI: whether it shows Core AI's work at all is open, in public
    reports too, and rows of others do not settle that.
    """
    return ane is not None and (not is_core_ai or ane.tied > 0)


def _unclaimed(measured: Measured) -> Unclaimed:
    """Whether requests of no known process may be of these predictions."""
    ane, harness = measured.ane, measured.harness
    if ane is None or not ane.untied or (harness is not None and harness.compute_units in WITHOUT_ANE):
        return "none"
    within = ane.untied_in_predictions_ns
    if len(measured.iterations.table) and not within:
        return "none"
    return "much" if within and within >= OTHERS_ALLOWED * measured.predicting_ns else "some"


def _class_of(profile: Profile, found: Evidence, measured: Measured, reason: Reason) -> EvidenceClass:
    if reason == "no prediction":
        if measured.ane is not None and measured.ane.untied:
            return "hardware"
        return "threads" if IDLE_THREAD_RULE in set(profile.samples["rule"].dropna().unique()) else "none"
    if reason == "no sample in predictions":
        return "none"
    if found.ane_recorded and (found.disagrees or found.ane_requests or not found.work.ane_samples):
        return "hardware"
    return "waiting" if waiting_was_recorded(profile) else "stacks"


def _models_judged(sampled: Sampled, measured: Measured) -> tuple[Model, ...]:
    """One answer for each owner of predictions."""
    iterations = measured.iterations.table
    table, of_sample = owners(sampled, iterations)
    return tuple(
        _model(sampled.profile, of_sample == number, row, measured, is_only=_is_only(table, measured))
        for number, row in enumerate(table.itertuples(index=False))
    )


def _is_only(table: pd.DataFrame, measured: Measured) -> bool:
    """Whether all predictions are of one owner, also those that the harness names."""
    harness = measured.harness
    return len(table) == 1 and (harness is None or harness.pid == int(table["pid"].iloc[0]))


def _model(profile: Profile, mine: NDArray[np.bool_], row: Any, measured: Measured, *, is_only: bool) -> Model:
    own = profile.only(mine)
    model, caller, kind = str(row.model), str(row.caller), str(row.kind)
    requests = measured.requests
    tied = requests[(requests["table"] == "ane") & (requests["tie"] != "none") & (requests["kind"] == "prediction")]
    is_mine = [is_only or bool(model and same_model(str(label), model)) for label in tied["model"]]
    asked = int(tied.loc[np.array(is_mine, bool), "count"].sum())
    ane = measured.ane
    others = ane.nameless - ane.nameless_asked if ane is not None and is_only else 0
    predictions = measured.iterations.table
    known = predictions if is_only else predictions[(predictions["model"] == model) & (model != "")]
    found = Evidence(
        work=work_of(own),
        has_roots=True,
        disagrees=False,
        ane_requests=asked,
        ane_recorded=is_only and _speaks(measured.ane, is_core_ai=kind == CORE_AI),
        unclaimed=_unclaimed(measured),
        served=float((known["ane_busy_ns"] > 0).mean()) if asked and len(known) else None,
    )
    answer, reason = decide(found)
    iterations = measured.iterations
    times = iterations.steady if is_only else iterations.by_model.get(model)
    named_by: Literal["model", "caller", "framework", "nothing"] = "nothing"
    if model:
        named_by = "model"
    elif caller:
        named_by = "caller" if kind == "Core ML" else "framework"
    return Model(
        process=str(row.process),
        pid=int(row.pid),
        name=model or (bare_symbol(caller) if named_by == "caller" else caller),
        named_by=named_by,
        kind=kind,
        answer=answer,
        reason=reason,
        where=_where(found),
        samples=int(row.samples),
        weight=int(row.weight),
        predictions=len(known) if len(known) else None,
        p50_ns=times.p50_ns if times is not None else None,
        p95_ns=times.p95_ns if times is not None and times.count >= ENOUGH_FOR_P95 else None,
        ane_requests=max(asked - others, 0),
        work=found.work,
    )


def _where(found: Evidence) -> str:
    work = found.work
    seen = [
        name
        for name, there in (
            ("the Neural Engine", work.ane_samples > 0 or found.ane_requests > 0),
            ("the GPU", work.gpu > 0),
            ("the CPU", work.cpu > 0),
        )
        if there
    ]
    return f"on {listed(seen)}" if seen else ""


def _naming_models(sentence: str, models: Sequence[Model]) -> str:
    """The first sentence names the models where their answers differ, and the processes where there are several."""
    processes = {(model.process, model.pid) for model in models}
    # What another thread did for a prediction names no caller; it is of one of the others.
    known = [each for each in models if each.answer != "unknown" and (each.name or each.samples >= ENOUGH_SAMPLES)]
    if len(processes) < 2:
        named = {each.kind for each in known if each.name}
        known = [each for each in known if each.name or each.kind not in named]
        if len({each.answer for each in known}) < 2:
            return sentence
    else:
        known = list(models)
    shown = known[:_HEADLINE_MODELS]
    parts = [f"{model_label(model, with_process=len(processes) > 1)}: {_said(model)}" for model in shown]
    more = f" · and {len(known) - len(shown)} more" if len(known) > len(shown) else ""
    head, colon, rest = sentence.partition(": ")
    ask = " --process NAME answers for one." if len(processes) > 1 else ""
    return f"{head}{colon}{' · '.join(parts)}{more}.{ask} Together: {rest}"


def model_label(model: Model, *, with_process: bool = False) -> str:
    """What a model is called: by its name, by who calls it, or by whose it is."""
    process = f"{model.process or 'unnamed process'} ({model.pid})" if with_process else ""
    named = {"caller": f"what {model.name} calls", "framework": f"{model.name}'s own model"}
    name = named.get(model.named_by, model.name)
    return ", ".join(part for part in (process, name) if part) or "what nothing names"


def _said(model: Model) -> str:
    where = f", {model.where}" if model.answer in ("no", "partly") and model.where else ""
    return f"{model.answer}{where}"


def _gpu_beside(measured: Measured, models: Sequence[Model]) -> str:
    """How long the GPU was busy, beside what driving it cost; and GPU stacks without rows of this process."""
    gpu = measured.hardware.gpu if measured.hardware else None
    if gpu is None or not measured.times_cpu:
        return ""
    if gpu.in_predictions_ns:
        driving = gpu_driving(measured.iterations, measured.iterations.table)
        return (
            f" The GPU was busy {milliseconds(gpu.in_predictions_ns)} in them, beside {milliseconds(driving)} of CPU "
            "time spent for it."
        )
    if gpu.in_predictions_ns is None and gpu.own_ns:
        names = {model.pid: f"{model.process or 'the process'} ({model.pid})" for model in models}
        whose = names[measured.pid] if measured.pid in names and len(names) > 1 else "this process"
        return f" The GPU was busy {milliseconds(gpu.own_ns)} for {whose}."
    return ""


def _refusals(measured: Measured) -> str:
    """Requests that the Neural Engine answered with an error, as the process's log has them."""
    log = measured.log
    if log is None or not log.failed:
        return ""
    count = sum(log.failed.values())
    statuses = listed([f"0x{status:x}" for status in sorted(log.failed)])
    return (
        f" The process's log says that {count:,} of {log.count:,} requests to the Neural Engine ended with status "
        f"{statuses}: it returned nothing for {'it' if count == 1 else 'them'}."
    )


def _skipped(skipped: int, read: int) -> str:
    """That many rows could not be read, where they are 5 % or more of all."""
    if not skipped or skipped < OTHERS_ALLOWED * (skipped + read):
        return ""
    return f" {skipped:,} of {skipped + read:,} rows could not be read: what they held is not known."


def _set_apart(measured: Measured) -> str:
    """What was done once, in warm-up."""
    iterations = measured.iterations
    first = iterations.table[iterations.table["warmup"].to_numpy()]
    parts = one_off_parts(iterations, first)
    if not parts or not measured.times_cpu:
        return ""
    wall = milliseconds(int(first["wall_ns"].sum()))
    which = "The first prediction is" if len(first) == 1 else f"The first {len(first)} predictions are"
    return f" {which} set apart: {wall}, with {listed(parts)}, once."


def _without_predictions(profile: Profile, measured: Measured) -> str:
    ane = measured.ane
    if not len(profile) and ane is not None and ane.untied:
        rows = measured.requests
        mine = rows[(rows["table"] == "ane") & (rows["kind"] == "prediction")]
        models = int((mine["model"] != "").sum())
        of = f" of {models} models" if models > 1 else ""
        return (
            f"Unknown: the Neural Engine worked: {int(mine['count'].sum()):,} requests{of}, "
            f"{milliseconds(ane.untied_ns)}; for which process its table does not say. "
            "Record the Time Profiler beside it."
        )
    if not len(profile):
        noted = [notice.message.rstrip(".") for notice in profile.meta.notices if notice.code == ISSUE]
        return " ".join(["Unknown: the recording holds no samples.", *(f"{message}." for message in noted[:1])])
    said = "Unknown: no prediction was found in this trace."
    if any(notice.code == NO_NAMES for notice in profile.meta.notices):
        return f"{said} A function without a name may be one; the warnings say which, and what names them."
    if ane is not None and ane.untied:
        said += (
            f" The Neural Engine worked {milliseconds(ane.untied_ns)} while it was recorded, for which process its "
            "table does not say."
        )
    if IDLE_THREAD_RULE in set(profile.samples["rule"].dropna().unique()):
        said += f" {_service_threads(profile)} only that the process opened the Neural Engine once."
    return f"{said} If the model is called by another function, give that to --focus."


def _service_threads(profile: Profile) -> str:
    """The threads that wait for the ANE's driver, by the names that were seen, as the beginning of a sentence."""
    names = service_threads(profile)
    if not names:
        return "The thread of the Neural Engine's driver shows"
    return f"The thread {names[0]} shows" if len(names) == 1 else f"The threads {listed(names)} show"
