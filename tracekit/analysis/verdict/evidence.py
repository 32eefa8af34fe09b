"""What is known of the predictions, gathered from samples and tables for the decision."""

from tracekit.analysis.predictions.measure import Asked, Measured
from tracekit.analysis.verdict.contradictions import WITHOUT_ANE
from tracekit.analysis.verdict.decision import Evidence, Unclaimed, is_much
from tracekit.analysis.verdict.work import work_of
from tracekit.model.profile import Profile


def evidence_of(focused: Profile, measured: Measured, *, is_core_ai: bool) -> Evidence:
    """Of all predictions; ``focused`` holds the samples inside them. Whether sources disagree is not known here."""
    hardware, ane, count = measured.hardware, measured.ane, len(measured.iterations.table)
    tied = ane.tied if ane is not None else 0
    gpu_share, served = 0.0, None
    if hardware is not None and hardware.predictions_ns:
        if hardware.gpu is not None:
            gpu_share = (hardware.gpu.in_predictions_ns or 0) / hardware.predictions_ns
        if hardware.ane is not None and tied:
            served = (hardware.ane.predictions_at_most or 0) / count
    return Evidence(
        work=work_of(focused),
        has_predictions=count > 0,
        disagrees=False,
        ane_requests=tied,
        ane_recorded=table_speaks(ane, is_core_ai=is_core_ai),
        unclaimed=unclaimed(measured),
        gpu_share=gpu_share,
        served=served,
    )


def table_speaks(ane: Asked | None, *, is_core_ai: bool) -> bool:
    """Whether the Neural Engine's table was recorded and may speak against the engine.

    Without a row of the process it may not for Core AI: whether it shows Core AI's work at all is open, in public
    reports too, and rows of others do not settle that.
    """
    return ane is not None and (not is_core_ai or ane.tied > 0)


def unclaimed(measured: Measured) -> Unclaimed:
    """Whether requests of no known process may be of these predictions."""
    ane, harness = measured.ane, measured.harness
    if ane is None or not ane.untied or (harness is not None and harness.compute_units in WITHOUT_ANE):
        return "none"
    within = ane.untied_in_predictions_ns
    if len(measured.iterations.table) and not within:
        return "none"
    return "much" if is_much(within, measured.predicting_ns) else "some"
