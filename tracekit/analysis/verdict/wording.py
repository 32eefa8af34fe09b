"""The sentences of a verdict. Numbers are made elsewhere; here they get words.

CPU time under an engine's symbols is time that the CPU spent on handing work to it: never the engine's own time.
"""

from collections.abc import Sequence
from typing import Final

from tracekit.analysis.predictions.measure import Asked, Measured
from tracekit.analysis.predictions.spent import gpu_driving, one_off_parts
from tracekit.analysis.verdict.decision import ENOUGH_SAMPLES, Answer, Evidence, Reason, is_much
from tracekit.analysis.verdict.language import language_text
from tracekit.analysis.verdict.models import Model
from tracekit.analysis.verdict.work import Work
from tracekit.analysis.words import counted, listed, milliseconds, percent
from tracekit.attribution.engines import service_threads, waits_for_driver
from tracekit.model.facts import ISSUE, NO_NAMES
from tracekit.model.profile import Profile

_DEGREE: Final[dict[Reason, str]] = {
    "ANE alone": "the Neural Engine worked in these predictions",
    "others too": "the Neural Engine worked in these predictions, but not alone",
    "perhaps others too": "the Neural Engine worked in these predictions, perhaps not alone",
    "not all predictions": "the Neural Engine worked in some of these predictions",
    "nothing else is known": "the Neural Engine worked for this process",
}
_NOTHING_SAMPLED: Final = (
    "No sample shows a prediction: what else worked is not known. Names of functions may be missing from the recording."
)


def sentence_of(answer: Answer, reason: Reason, found: Evidence, measured: Measured) -> str:
    """The verdict in words: which engines, how sure, and why."""
    if reason in _DEGREE:
        said = _worked(answer, reason, measured)
    elif answer == "no":
        said = _not_seen(found, measured)
    else:
        said = _unknown(reason, found, measured)
    parts = [said, shares_text(found.work, is_cpu_time=measured.times_cpu)] if found.work.samples else [said]
    parts += [_nameless(found.work), _few(found.work, reason), _limits(found, measured)]
    return " ".join(part for part in parts if part)


def disagreement(sentences: Sequence[str]) -> str:
    """Where there is no answer because sources do not fit."""
    return f"Unknown: the evidence disagrees: {'; '.join(sentences)}."


def _worked(answer: Answer, reason: Reason, measured: Measured) -> str:
    opening, count = f"{answer.capitalize()}: ", len(measured.iterations.table)
    ane, hardware = measured.ane, measured.hardware
    if ane is None or not ane.tied:
        return f"{opening}{_DEGREE[reason]}.{_untied(ane)}"
    if count and hardware is not None and hardware.ane is not None:
        worked, at_most = hardware.ane.predictions or 0, hardware.ane.predictions_at_most or 0
        also = ", and other engines too" if reason == "others too" else ""
        some = f"{worked:,}" if worked == at_most else f"{worked:,} to {at_most:,}"
        said = f"{opening}{some} of {count:,} predictions used the Neural Engine (hardware intervals){also}."
        if worked < at_most:
            said += " Some ran at once, and requests do not say of which of them they are."
        elif measured.iterations.steady is not None:
            chosen = measured.iterations.after_warmup
            busy, wall = (int(chosen[name].mean()) for name in ("ane_busy_ns", "wall_ns"))
            when = "After warm-up it" if measured.iterations.steady.warmup else "It"
            said += f" {when} was busy {milliseconds(busy)} of {milliseconds(wall)} a prediction."
        return said + _nameless_rows(ane).replace(" They", " The rows", 1) + _untied(ane)
    names = _tied_models(measured)
    return (
        f"{opening}{_DEGREE[reason]}: {counted(ane.tied, 'request')}{names}, busy {milliseconds(ane.tied_ns)} "
        f"(hardware intervals).{_nameless_rows(ane)}{_untied(ane)}"
    )


def _tied_models(measured: Measured) -> str:
    rows = measured.requests
    mine = rows[(rows["engine"] == "ANE") & (rows["table"] == "ane") & (rows["tie"] != "none")]
    models = [str(name) for name in mine.loc[mine["kind"] == "prediction", "model"] if name]
    if not models:
        return ""
    return f" of {models[0]}" if len(models) == 1 else f" of {len(models)} models"


def _nameless_rows(ane: Asked) -> str:
    """That rows name no model, and how many a sample stands beside."""
    if not ane.nameless:
        return ""
    which = "They" if ane.nameless == ane.tied else f"{ane.nameless:,} of them"
    return (
        f" {which} name neither model nor process, so another process's may be among them; samples of this process ask "
        f"for the Neural Engine beside {ane.nameless_asked:,}."
    )


def _untied(ane: Asked | None) -> str:
    if ane is None or not ane.untied:
        return ""
    also = "Its table holds" if not ane.tied else "Its table also holds"
    return f" {also} {counted(ane.untied, 'request')} ({milliseconds(ane.untied_ns)}) of no known process."


def _not_seen(found: Evidence, measured: Measured) -> str:
    work, ane = found.work, measured.ane
    on_gpu, on_cpu = work.gpu > 0 or found.gpu_share > 0, work.cpu > 0
    where = {(True, False): "on the GPU", (False, True): "on the CPU"}.get((on_gpu, on_cpu), "on the GPU and the CPU")
    table = ""
    if ane is not None:
        table = ", and its table was recorded, without any work"
        if not found.ane_recorded:
            lacks = "its table is empty" if not ane.untied else "nothing in its table is tied to this process"
            table = f"; that {lacks} says nothing of Core AI"
        elif ane.untied:
            table = ", and nothing ties the work in its table to this process"
    seen = f"nothing asks for the Neural Engine in {counted(work.samples, 'sample')} inside predictions{table}"
    return f"No: these predictions ran {where}; {seen}.{_untied(ane)}"


def _unknown(reason: Reason, found: Evidence, measured: Measured) -> str:
    work = found.work
    seen = counted(work.samples, "sample")
    if reason == "no sample in predictions" and measured.iterations.source == "odie-profile":
        count = counted(len(measured.iterations.table), "prediction")
        said = (
            f"Core AI's table says when {count} ran, not on which engine, and no sample that takes part fell inside "
            "one. Record the Time Profiler beside it"
        )
    elif reason == "no sample in predictions":
        said = "no sample that takes part fell inside a prediction"
    elif reason == "too few samples":
        said = (
            f"only {seen} fell inside predictions, too few to say that the Neural Engine was not used. Record more "
            "iterations"
        )
    elif reason == "mostly nameless":
        said = f"predictions were seen ({seen}), but more of their time names no engine than names one"
    else:
        said = f"predictions were seen ({seen}), but no frame tells which engine worked"
    return f"Unknown: {said}.{_untied(measured.ane)}"


def shares_text(work: Work, *, is_cpu_time: bool) -> str:
    """Where the CPU time went, heaviest first."""
    engines = [
        (work.ane, "handed work to the ANE"),
        (work.cpu, "computed on the CPU"),
        (work.gpu, "handed work to the GPU"),
    ]
    others = [
        (work.moving, "copied or converted data"),
        (work.once, f"loaded, compiled or prepared{_for_engines(work)}"),
        (work.unknown, "is in functions no rule knows"),
        (work.blocked, "waited for what no stack names"),
        (work.nameless, "is in code that names no engine"),
    ]
    shown = [part for part in engines if part[0] > 0]
    shown += [part for part in others if is_much(part[0], work.weight)]
    if not shown:
        return ""
    parts = [f"{percent(work.share(weight))} {what}" for weight, what in sorted(shown, key=lambda part: -part[0])]
    whole = f"{milliseconds(work.weight)} of CPU time" if is_cpu_time else "the samples"
    return f"Of {whole} in predictions, {listed(parts)}."


def _for_engines(work: Work) -> str:
    """Whom one-off work was for, so that tables by engine can be reconciled with a sentence by what was done."""
    engines = [(work.once_ane, "for the ANE"), (work.once_gpu, "for the GPU")]
    for weight, whom in engines:
        if weight and weight == work.once:
            return f" {whom}"
    said = [f"{percent(work.share(weight))} {whom}" for weight, whom in engines if weight]
    return f" ({listed(said)})" if said else ""


def _nameless(work: Work) -> str:
    """What names no engine, whenever that is more than what names one."""
    silent, named = work.doubtful + work.nameless, work.ane + work.others
    if silent <= named or not named:
        return ""
    return f"What names no engine ({percent(work.share(silent))}) is more than what names one."


def _few(work: Work, reason: Reason) -> str:
    if reason == "too few samples" or not 0 < work.samples < ENOUGH_SAMPLES:
        return ""
    return f"Only {counted(work.samples, 'sample')} fell inside predictions: the shares are not meaningful."


def _limits(found: Evidence, measured: Measured) -> str:
    if not found.work.samples:
        return _NOTHING_SAMPLED if found.ane_requests else ""
    waited = found.work.waited
    if waited is None:
        return "" if measured.hardware else "CPU samples do not say how long the ANE or the GPU was busy."
    if not measured.times_cpu or not waited.ane:
        return ""
    predictions = len(measured.iterations.table)
    each = f" ({milliseconds(waited.ane // predictions)} a prediction)" if predictions else ""
    return f"Threads were blocked on the ANE for {milliseconds(waited.ane)}{each}, an upper bound of its work."


def gpu_beside(measured: Measured, models: Sequence[Model]) -> str:
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


def refusals(measured: Measured) -> str:
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


def skipped(count: int, read: int) -> str:
    """That many rows could not be read, where they are 5 % or more of all."""
    if not is_much(count, count + read):
        return ""
    return f" {count:,} of {count + read:,} rows could not be read: what they held is not known."


def set_apart(measured: Measured) -> str:
    """What was done once, in warm-up."""
    iterations = measured.iterations
    first = iterations.table[iterations.table["warmup"].to_numpy()]
    parts = one_off_parts(iterations, first)
    if not parts or not measured.times_cpu:
        return ""
    wall = milliseconds(int(first["wall_ns"].sum()))
    which = "The first prediction is" if len(first) == 1 else f"The first {len(first)} predictions are"
    return f" {which} set apart: {wall}, with {listed(parts)}, once."


_AGAIN: Final = "Record it again with the Time Profiler."


def without_predictions(profile: Profile, measured: Measured, left_out: int = 0) -> str:
    """Where no prediction was found: what else was, and what would tell. So many samples were not selected."""
    ane = measured.ane
    if not len(profile) and left_out:
        part = "takes no part" if left_out == 1 else "take no part"
        return f"Unknown: the selection leaves no sample: {counted(left_out, 'row')} of the recording {part}."
    if not len(profile):
        language = language_text(measured.generation)
        if language:
            beside = _untied(ane).replace("Its", "The Neural Engine's", 1)
            return (
                f"Unknown: {language}. Samples would tell which engine ran it, and the recording holds none: record "
                f"the Time Profiler beside it.{beside}"
            )
        if ane is not None and ane.untied:
            return _requests_alone(ane, measured)
        noted = [f"{notice.message.rstrip('.')}." for notice in profile.meta.notices if notice.code == ISSUE]
        return " ".join(["Unknown: the recording holds no samples.", *noted[:1], _AGAIN])
    said = "Unknown: no prediction was found in this trace."
    if any(notice.code == NO_NAMES for notice in profile.meta.notices):
        return f"{said} A function without a name may be one; the warnings say which, and what names them."
    if ane is not None and ane.untied:
        said += (
            f" The Neural Engine worked {milliseconds(ane.untied_ns)} while it was recorded, for which process its "
            "table does not say."
        )
    if waits_for_driver(profile).any():
        said += f" {_service_threads(profile)} only that the process opened the Neural Engine once."
    return f"{said} If the model is called by another function, give that to --focus."


def _requests_alone(ane: Asked, measured: Measured) -> str:
    rows = measured.requests
    mine = rows[(rows["table"] == "ane") & (rows["kind"] == "prediction")]
    models = int((mine["model"] != "").sum())
    of = f" of {models} models" if models > 1 else ""
    return (
        f"Unknown: the Neural Engine worked: {counted(int(mine['count'].sum()), 'request')}{of}, "
        f"{milliseconds(ane.untied_ns)}; for which process its table does not say. Record the Time Profiler beside it."
    )


def _service_threads(profile: Profile) -> str:
    """The threads that wait for the ANE's driver, by the names that were seen, as the beginning of a sentence."""
    names = service_threads(profile)
    if not names:
        return "The thread of the Neural Engine's driver shows"
    return f"The thread {names[0]} shows" if len(names) == 1 else f"The threads {listed(names)} show"
