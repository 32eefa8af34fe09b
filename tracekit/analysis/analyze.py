"""The main job in one step: select, attribute, focus, account, judge."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.findings.find import Explained, by_catalogue, explain
from tracekit.analysis.findings.finding import Finding
from tracekit.analysis.findings.of_trace import of_trace
from tracekit.analysis.operations.measured import measured_types
from tracekit.analysis.operations.placement import place, with_reasons
from tracekit.analysis.operations.plan import plan_of
from tracekit.analysis.predictions.find import Sampled
from tracekit.analysis.predictions.loads import loads, waits_of
from tracekit.analysis.predictions.measure import NOTHING, Beside, Measured, measure
from tracekit.analysis.select import Selection, no_focus, selected
from tracekit.analysis.summary import Accounting, account, by_engine, by_phase, by_rule, by_thread, by_wait, matched
from tracekit.analysis.transforms import charge_to_caller, flatten_recursion, focus
from tracekit.analysis.verdict.judge import Verdict, judge
from tracekit.analysis.verdict.snapshot import of_snapshot
from tracekit.attribution.catalogue import builtin_catalogue
from tracekit.attribution.engines import attribute, decide, unmatched_symbols
from tracekit.attribution.patterns import parse
from tracekit.attribution.roots import candidates, matching, root_kinds, roots_found, sample_roots
from tracekit.attribution.rules import Catalogue
from tracekit.model.operations import Model
from tracekit.model.profile import SNAPSHOT, Profile
from tracekit.model.schema import NONE
from tracekit.model.shown import html_of


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of a profile is analysed, and how its stacks are shown.

    ``focus`` empty means the prediction roots; ``whole`` analyses everything that has a stack.
    """

    selection: Selection = field(default_factory=Selection)
    focus: tuple[str, ...] = ()
    whole: bool = False
    charge_to_caller: tuple[str, ...] = ()
    flatten_recursion: bool = False
    predictions: int | None = None
    """How often the model was called, in the user's word."""


EVERYTHING_PREDICTED = Scope()
"""All samples, focused on the prediction roots."""


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What was found. Weights are in ``accounting.unit``; tables are those of ``summary.py`` and ``roots.py``."""

    scope: Scope
    catalogue: Catalogue
    """What decided: the built-in entries, with a user's own before them."""
    profile: Profile
    """Every sample that takes part, with engine, phase and rule."""
    in_focus: NDArray[np.bool_]
    """Which of them are inside the focus."""
    focused: Profile
    """The samples inside the focus, their stacks beginning at its roots, transformed as the scope says."""
    accounting: Accounting
    verdict: Verdict
    roots: pd.DataFrame
    candidates: pd.DataFrame
    engines: pd.DataFrame
    """CPU time, as are ``phases``, ``rules`` and ``threads``."""
    phases: pd.DataFrame
    waits: pd.DataFrame
    """What blocked threads waited for inside the focus; empty where they were not recorded."""
    rules: pd.DataFrame
    outside: pd.DataFrame
    """What rules say of the samples outside the focus: loading, GPU workers, the idle ANE thread."""
    unmatched: pd.DataFrame
    threads: pd.DataFrame
    measured: Measured
    """Predictions one by one, hardware times, and what limits them: samples, intervals and sidecar on one clock."""
    loads: pd.DataFrame
    """What is known of each model's load (``predictions.loads``)."""
    load_waits: tuple[str, ...]
    """What loading waited for, or compiled with."""
    seen: tuple[Finding, ...]
    """What the recording and the log show that is worth acting on."""
    plan: pd.DataFrame | None = None
    """Core ML's compute plan, where one was given or the sidecar has one (``operations.plan``)."""
    explained: Explained | None = None
    """The model's operations, where a compute plan or the model itself tells of them."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything worth acting on, in the order of the catalogue."""
        return self.seen if self.explained is None else self.explained.findings

    def __repr__(self) -> str:
        """In one line; the dataclass's own would print every table."""
        return f"<Analysis {self.verdict.answer} ({self.verdict.evidence}), {len(self.focused):,} samples in focus>"

    def _repr_html_(self) -> str:
        return html_of("Analysis", self)


def analyze_profile(
    profile: Profile,
    scope: Scope = EVERYTHING_PREDICTED,
    catalogue: Catalogue | None = None,
    beside: Beside = NOTHING,
) -> Analysis:
    """Analyse a profile as it was read, with what was recorded ``beside`` its samples.

    Raises:
        SelectionError: the scope names what is not there: a process, a thread, or a focus that no sample is in.
    """
    catalogue = catalogue or builtin_catalogue()
    decisions = decide(profile, catalogue)
    attributed = attribute(profile, catalogue, decisions)
    taking_part = selected(attributed, scope.selection)
    root = sample_roots(attributed, [parse(pattern) for pattern in scope.focus], catalogue)
    in_prediction = root != NONE
    if scope.focus and not in_prediction.any():
        raise no_focus(attributed, scope.focus)
    in_focus = (attributed.samples["stack_id"] != NONE).to_numpy() if scope.whole else in_prediction
    chosen = attributed.only(taking_part)
    inside, outside = attributed.only(taking_part & in_focus), attributed.only(taking_part & ~in_focus)
    focused = inside if scope.whole else focus(inside, *scope.focus, catalogue=catalogue)
    charged = charge_to_caller(focused, *scope.charge_to_caller) if scope.charge_to_caller else focused
    found = roots_found(chosen, root[taking_part])
    predicted = attributed.only(taking_part & in_prediction)
    sampled = _sampled(chosen, root[taking_part], scope, catalogue)
    apart = ~taking_part & ~_of_same_process(attributed, taking_part)
    others = _sampled(attributed.only(apart), root[apart], scope, catalogue) if apart.any() else None
    measured = measure(sampled, beside, scope.selection.time_range, scope.predictions, others)
    seen: tuple[Finding, ...] = ()
    if profile.meta.format == SNAPSHOT:
        verdict = of_snapshot(chosen, predicted)
    else:
        verdict = judge(sampled, predicted, measured, len(attributed) - len(chosen))
        seen = by_catalogue(of_trace(predicted, catalogue, measured, decisions))
    facts = profile.meta.facts
    os = " ".join(part for part in (facts.platform, facts.os) if part) if facts.os else ""
    plan = plan_of(measured.harness, os) if beside.plan is None else beside.plan
    is_explained = plan is not None or beside.model is not None
    return Analysis(
        scope=scope,
        catalogue=catalogue,
        profile=chosen,
        in_focus=in_focus[taking_part],
        focused=flatten_recursion(charged) if scope.flatten_recursion else charged,
        accounting=account(attributed, taking_part, in_focus),
        verdict=verdict,
        roots=found,
        candidates=candidates(chosen, catalogue=catalogue) if found.empty else found.head(0),
        engines=by_engine(inside),
        phases=by_phase(inside),
        waits=by_wait(inside),
        rules=by_rule(inside),
        outside=matched(outside),
        unmatched=unmatched_symbols(inside, catalogue, decisions),
        threads=by_thread(inside if len(inside) else chosen),
        measured=measured,
        loads=loads(measured, measured.harness),
        load_waits=waits_of(outside),
        seen=seen,
        plan=plan,
        explained=explain_measured(beside.model, plan, inside, measured, seen) if is_explained else None,
    )


def explain_measured(
    model: Model | None, plan: pd.DataFrame | None, inside: Profile, measured: Measured, seen: tuple[Finding, ...]
) -> Explained:
    """A model's operations with what the samples ``inside`` the focus and the log show of them."""
    placement = place(model, plan, measured_types(inside))
    if measured.log is not None:
        placement = with_reasons(placement, measured.log.unsupported)
    return explain(placement, seen)


def _sampled(profile: Profile, root: NDArray[np.int32], scope: Scope, catalogue: Catalogue) -> Sampled:
    """Which samples are of predictions, and which of them have the call of the app on their stack.

    A pattern of the user's is the call.
    """
    in_focus = root != NONE
    is_call = matching(profile, catalogue.calls) != NONE
    calling = in_focus.copy()
    if not scope.focus:
        calling[in_focus] = is_call[profile.stacks["frame_id"].to_numpy()[root[in_focus]]]
    return Sampled(profile, root, calling, root_kinds(profile, root, catalogue))


def _of_same_process(profile: Profile, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """For every sample, whether its process has a chosen one."""
    pid = np.append(profile.threads["pid"].to_numpy(), NONE)[profile.samples["thread_id"].to_numpy()]
    return np.isin(pid, pid[chosen])
