"""Evidence → answer, as one table. docs/attribution.md shows it; tests hold every row and every edge of it.

A share is part of the CPU time inside predictions; where blocked threads were recorded, it must hold for their time and
the CPU's together, too. *ANE seen*: a sample there asks for it, or a request of
this process stands in its table. *Others*: the CPU computing and the GPU driven, or the GPU's own rows, whichever is
more. *Doubtful*: what could be any engine's.

    sources disagree                                                                unknown
    no prediction, or none of the samples in one, and no request of this process    unknown
    ANE seen   others < 5 %, others + doubtful < 5 %, and it served 95 % of the
               predictions, where those are known one by one                        yes
               otherwise, and where no sample fell into a prediction                partly
    not seen   no engine is named                                                   unknown
               less names another engine than names none                            unknown
               its table was recorded, without a request that may be theirs; or
               30 samples name another engine, and such requests fill less than
               5 % of the predictions                                               no
               otherwise                                                            unknown
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from tracekit.analysis.verdict.work import Work

Answer = Literal["yes", "partly", "no", "unknown"]
ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)

Unclaimed = Literal["none", "some", "much"]
"""Requests of no known process that may be of these predictions; ``much``: they fill 5 % of their time or more."""

Reason = Literal[
    "sources disagree", "no prediction", "no sample in predictions",
    "ANE alone", "others too", "perhaps others too", "not all predictions", "nothing else is known",
    "no engine named", "mostly nameless", "too few samples", "ANE not seen",
]  # fmt: skip
"""Which row of the table decided."""

ENOUGH_SAMPLES: Final = 30
"""Below this, shares are not meaningful: 100 predictions on the ANE may leave 17 samples (docs/attribution.md)."""

OTHERS_ALLOWED: Final = 0.05
"""How much of the predictions others may weigh for a plain yes; and of how many the ANE may have had no part."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of some predictions."""

    work: Work
    has_predictions: bool
    """Whether a source other than samples tells of predictions."""
    disagrees: bool
    ane_requests: int
    """Of this process, in the ANE's table."""
    ane_recorded: bool
    """Whether that table was recorded."""
    unclaimed: Unclaimed = "none"
    gpu_share: float = 0.0
    """Part of the predictions' time in which the GPU worked, by its table."""
    served: float | None = None
    """Part of the predictions in which the ANE worked; None where they are not known one by one."""

    @property
    def ane_seen(self) -> bool:
        """Whether a sample asks for the ANE, or a request of this process stands in its table."""
        return self.work.ane_samples > 0 or self.ane_requests > 0


def decide(found: Evidence) -> tuple[Answer, Reason]:
    """The answer, and why it is that."""
    work = found.work
    if found.disagrees:
        return "unknown", "sources disagree"
    if not work.samples and found.ane_seen:
        return "partly", "nothing else is known"
    if not work.samples:
        return "unknown", "no sample in predictions" if found.has_predictions else "no prediction"
    if found.ane_seen:
        return _by_what_was_seen(found)
    if not work.others and not found.gpu_share:
        return "unknown", "no engine named"
    if work.doubtful + work.nameless > work.others and not found.gpu_share:
        return "unknown", "mostly nameless"
    table_speaks = found.ane_recorded and found.unclaimed == "none"
    if table_speaks or (work.others_samples >= ENOUGH_SAMPLES and found.unclaimed != "much"):
        return "no", "ANE not seen"
    return "unknown", "too few samples"


def _by_what_was_seen(found: Evidence) -> tuple[Answer, Reason]:
    work, waited = found.work, found.work.waited
    parts = [(work.others, work.doubtful, work.weight)]
    if waited is not None:
        parts += [(work.others + waited.gpu, work.doubtful + waited.unnamed, work.weight + waited.weight)]
    if found.gpu_share >= OTHERS_ALLOWED or any(is_much(others, whole) for others, _, whole in parts):
        return "partly", "others too"
    if any(is_much(others + doubtful, whole) for others, doubtful, whole in parts):
        return "partly", "perhaps others too"
    if found.served is not None and found.served <= 1 - OTHERS_ALLOWED:
        return "partly", "not all predictions"
    return "yes", "ANE alone"


def is_much(part: int, whole: int) -> bool:
    """Whether a part is 5 % or more, in integers: the edge is exact."""
    return whole > 0 and part * round(1 / OTHERS_ALLOWED) >= whole
