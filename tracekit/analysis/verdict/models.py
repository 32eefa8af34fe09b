"""The answer of each model of each process; where nothing names a model, of each function of the app that calls one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tracekit.analysis.predictions.credit import same_model
from tracekit.analysis.predictions.find import Sampled
from tracekit.analysis.predictions.measure import Measured
from tracekit.analysis.predictions.owners import APPS_KINDS, CORE_AI, owners
from tracekit.analysis.stats import ENOUGH_FOR_P95
from tracekit.analysis.verdict.decision import ENOUGH_SAMPLES, Answer, Evidence, Reason, decide
from tracekit.analysis.verdict.evidence import table_speaks, unclaimed
from tracekit.analysis.verdict.work import Work, work_of
from tracekit.analysis.words import listed
from tracekit.attribution.names import bare_symbol
from tracekit.model.profile import Profile

NamedBy = Literal["model", "caller", "framework", "nothing"]

_HEADLINE_MODELS: Final = 4
"""So many models are named in the first sentence."""


@dataclass(frozen=True, slots=True)
class Model:
    """The answer of one model, or of what one function calls."""

    process: str
    pid: int
    name: str
    """The model's name; else the function that calls it, or the framework that it belongs to; empty: not known."""
    named_by: NamedBy
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


def models_judged(sampled: Sampled, measured: Measured) -> tuple[Model, ...]:
    """One answer for each owner of predictions."""
    table, of_sample = owners(sampled, measured.iterations.table)
    # All predictions are of one owner, also those that the harness names.
    is_only = len(table) == 1 and (measured.harness is None or measured.harness.pid == int(table["pid"].iloc[0]))
    return tuple(
        _model(sampled.profile, of_sample == number, row, measured, is_only=is_only)
        for number, row in enumerate(table.itertuples())
    )


def _model(profile: Profile, mine: NDArray[np.bool_], row: Any, measured: Measured, *, is_only: bool) -> Model:
    own = profile.only(mine)
    model, caller, kind = str(row.model), str(row.caller), str(row.kind)
    requests = measured.requests
    tied = requests[(requests["table"] == "ane") & (requests["tie"] != "none") & (requests["kind"] == "prediction")]
    is_mine = [is_only or same_model(str(label), model) for label in tied["model"]]
    asked = int(tied.loc[np.array(is_mine, bool), "count"].sum())
    ane = measured.ane
    others = ane.nameless - ane.nameless_asked if ane is not None and is_only else 0
    predictions = measured.iterations.table
    known = predictions if is_only else predictions[(predictions["model"] == model) & (model != "")]
    found = Evidence(
        work=work_of(own),
        has_predictions=True,
        disagrees=False,
        ane_requests=asked,
        ane_recorded=is_only and table_speaks(measured.ane, is_core_ai=kind == CORE_AI),
        unclaimed=unclaimed(measured),
        served=float((known["ane_busy_ns"] > 0).mean()) if asked and len(known) else None,
    )
    answer, reason = decide(found)
    iterations = measured.iterations
    times = iterations.steady if is_only else iterations.by_model.get(model)
    by: NamedBy = "nothing" if not caller else "caller" if kind in APPS_KINDS else "framework"
    named_by: NamedBy = "model" if model else by
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
    worked = {"the Neural Engine": found.ane_seen, "the GPU": work.gpu > 0, "the CPU": work.cpu > 0}
    seen = [name for name, there in worked.items() if there]
    return f"on {listed(seen)}" if seen else ""


def naming_models(sentence: str, models: Sequence[Model]) -> str:
    """The first sentence names the models where their answers differ, and the processes where there are several."""
    several = len({(model.process, model.pid) for model in models}) > 1
    known = list(models) if several else _telling(models)
    if not several and len({each.answer for each in known}) < 2:
        return sentence
    shown = known[:_HEADLINE_MODELS]
    parts = [f"{model_label(model, with_process=several)}: {_said(model)}" for model in shown]
    more = f" · and {len(known) - len(shown)} more" if len(known) > len(shown) else ""
    head, colon, rest = sentence.partition(": ")
    ask = " --process NAME answers for one." if several else ""
    return f"{head}{colon}{' · '.join(parts)}{more}.{ask} Together: {rest}"


def _telling(models: Sequence[Model]) -> list[Model]:
    """Those of one process that have an answer, and a name or samples enough.

    What another thread did for a prediction names no caller; it is of one of the others.
    """
    known = [each for each in models if each.answer != "unknown" and (each.name or each.samples >= ENOUGH_SAMPLES)]
    named = {each.kind for each in known if each.name}
    return [each for each in known if each.name or each.kind not in named]


def model_label(model: Model, *, with_process: bool = False) -> str:
    """What a model is called: by its name, by who calls it, or by whose it is."""
    process = f"{model.process or 'unnamed process'} ({model.pid})" if with_process else ""
    named = {"caller": f"what {model.name} calls", "framework": f"{model.name}'s own model"}
    name = named.get(model.named_by, model.name)
    return ", ".join(part for part in (process, name) if part) or "what nothing names"


def _said(model: Model) -> str:
    where = f", {model.where}" if model.answer in ("no", "partly") and model.where else ""
    return f"{model.answer}{where}"
