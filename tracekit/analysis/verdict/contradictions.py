"""Where sources of evidence disagree. What disagrees is said, never averaged.

``decides`` tells whether the disagreement is about the answer itself: then there is none.
"""

from dataclasses import dataclass
from typing import Final

from tracekit.analysis.predictions.measure import Asked, Measured
from tracekit.analysis.predictions.sidecar import planned
from tracekit.analysis.verdict.decision import ENOUGH_SAMPLES, is_much
from tracekit.analysis.verdict.work import Work
from tracekit.analysis.words import counted, milliseconds

MANY_SAMPLES: Final = 100
"""So many samples inside predictions, and none that asks for the ANE, speak against it: handing work to it takes CPU
time too, of which an ANE prediction leaves more than one sample in a hundred (docs/attribution.md)."""

WITHOUT_ANE: Final = {"cpuOnly": "the CPU only", "cpuAndGPU": "CPU and GPU only"}
"""Settings of compute units that leave the Neural Engine out."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sources that do not fit, in a sentence."""

    sentence: str
    decides: bool = True


def contradictions(measured: Measured, work: Work, *, table_speaks: bool = True) -> tuple[Contradiction, ...]:
    """All disagreements. Without a table of the ANE, that no sample asks for it says something only where there are
    enough of them. Where the table does not speak, because it may not show Core AI's work, what it lacks disagrees with
    nothing.
    """
    found = []
    ane, harness, asking = measured.ane, measured.harness, work.ane_samples
    tied = ane.tied if ane is not None else 0
    setting = WITHOUT_ANE.get(harness.compute_units, "") if harness is not None else ""
    if setting and (asking or tied):
        seen = _asking(asking) if asking else f"the Neural Engine's table holds {counted(tied, 'request')} of it"
        found.append(Contradiction(f"the model was loaded for {setting}, but {seen}"))
    log = measured.log
    if log is not None and log.clock and log.count and not asking and work.samples >= MANY_SAMPLES:
        seen = f"the process's log holds {log.count:,} requests to the Neural Engine"
        found.append(Contradiction(f"{seen}, but none of {work.samples:,} samples inside predictions asks for it"))
    if ane is not None and table_speaks:
        found += _of_rows(ane, measured, work.samples, asking, is_excluded=bool(setting))
    plan = planned(harness) if harness is not None else None
    if plan is not None and (work.samples >= ENOUGH_SAMPLES or ane is not None):
        found += _of_plan(
            plan.get("ANE", 0), sum(plan.values()), was_seen=bool(asking or tied), was_measured=ane is not None
        )
    return tuple(found)


def _asking(samples: int) -> str:
    return f"{counted(samples, 'sample')} show{'s' * (samples == 1)} predictions asking for the Neural Engine"


def _of_rows(ane: Asked, measured: Measured, samples: int, asking: int, *, is_excluded: bool) -> list[Contradiction]:
    if asking and not ane.beside and not ane.tied:
        where = "all of its intervals lie elsewhere" if ane.untied else "its interval table holds no work"
        return [Contradiction(f"{_asking(asking)}, but {where}")]
    if asking or samples < MANY_SAMPLES:
        return []
    if ane.tied:
        held = f"the Neural Engine's table holds {counted(ane.tied, 'request')} of this process's model"
        return [Contradiction(f"{held}, but none of {samples:,} samples inside predictions asks for it")]
    stray = ane.untied_in_predictions_ns
    if not is_excluded and is_much(stray, measured.predicting_ns):
        what = (
            f"the Neural Engine worked {milliseconds(stray)} while predictions ran, but its rows name no process, and "
            f"none of {samples:,} samples inside predictions asks for it: the work may be another process's"
        )
        return [Contradiction(what)]
    return []


def _of_plan(on_ane: int, operations: int, *, was_seen: bool, was_measured: bool) -> list[Contradiction]:
    if on_ane and not was_seen:
        what = (
            f"Core ML's plan prefers the Neural Engine for {on_ane} of {operations} operations, but nothing of it was "
            f"{'measured' if was_measured else 'seen in the samples'}"
        )
        return [Contradiction(what, decides=False)]
    if was_seen and operations and not on_ane:
        what = "Core ML's plan prefers the Neural Engine for no operation, but it worked in the predictions"
        return [Contradiction(what, decides=False)]
    return []
