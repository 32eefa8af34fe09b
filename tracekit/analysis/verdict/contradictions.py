"""Where sources of evidence disagree. What disagrees is said, never averaged.

``decides`` tells whether the disagreement is about the answer itself: then there is none.
"""

from dataclasses import dataclass
from typing import Final

from tracekit.analysis.predictions.hardware import Hardware
from tracekit.analysis.predictions.measure import Measured
from tracekit.analysis.predictions.sidecar import Harness, planned

AS_BUSY_ELSEWHERE: Final = 0.5
"""The ANE, busy outside of predictions at this share of the rate inside or more, may be another process's."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sources that do not fit, in a sentence."""

    sentence: str
    decides: bool = True


def contradictions(
    measured: Measured, ane_samples: int, harness: Harness | None, *, enough_samples: bool
) -> tuple[Contradiction, ...]:
    """All disagreements. ``ane_samples`` is how many samples in predictions show the ANE at work; without hardware
    intervals its absence says something only where there are enough samples.
    """
    hardware = measured.hardware
    found = []
    if hardware is not None and hardware.ane is not None:
        found += _of_hardware(hardware, len(measured.iterations.table), ane_samples, harness)
    plan = planned(harness) if harness is not None else None
    if plan is not None and (enough_samples or (hardware is not None and hardware.ane is not None)):
        found += _of_plan(plan.get("ANE", 0), sum(plan.values()), measured, ane_samples)
    return tuple(found)


def _of_hardware(hardware: Hardware, count: int, ane_samples: int, harness: Harness | None) -> list[Contradiction]:
    ane = hardware.ane
    assert ane is not None
    if ane.busy_ns and not count:
        what = f"the Neural Engine worked {ane.busy_ns / 1e6:.1f} ms, but no prediction of this process was found"
        return [Contradiction(what)]
    if ane_samples and not ane.predictions:
        where = "all of its intervals lie outside of them" if ane.busy_ns else "its interval table holds no work"
        what = f"{ane_samples} samples show predictions asking for the Neural Engine, but {where}"
        return [Contradiction(what)]
    if ane.predictions and harness is not None and harness.compute_units == "cpuOnly":
        what = f"the model was loaded for the CPU only, but the Neural Engine was busy in {ane.predictions} predictions"
        return [Contradiction(what)]
    if ane.predictions and not ane_samples and _as_busy_elsewhere(hardware):
        what = (
            "the Neural Engine was about as busy outside of the predictions as in them, and no sample shows a "
            "prediction asking for it: the work may be another process's"
        )
        return [Contradiction(what)]
    return []


def _as_busy_elsewhere(hardware: Hardware) -> bool:
    ane = hardware.ane
    if ane is None or not hardware.elsewhere_ns or not hardware.predictions_ns:
        return False
    inside = ane.in_predictions_ns / hardware.predictions_ns
    return ane.outside_predictions_ns / hardware.elsewhere_ns >= AS_BUSY_ELSEWHERE * inside


def _of_plan(on_ane: int, operations: int, measured: Measured, ane_samples: int) -> list[Contradiction]:
    ane = measured.hardware.ane if measured.hardware else None
    was_seen = ane_samples > 0 or (ane is not None and ane.predictions > 0)
    if on_ane and not was_seen:
        what = (
            f"Core ML's plan prefers the Neural Engine for {on_ane} of {operations} operations, but nothing of it was "
            f"{'measured' if ane is not None else 'seen in the samples'}"
        )
        return [Contradiction(what, decides=False)]
    if was_seen and operations and not on_ane:
        what = "Core ML's plan prefers the Neural Engine for no operation, but it worked in the predictions"
        return [Contradiction(what, decides=False)]
    return []
