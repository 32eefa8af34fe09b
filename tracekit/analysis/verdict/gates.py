"""The gates of ``tracekit check``: what a recording must show, for CI.

A share is CPU weight of an engine's samples (all phases) ÷ weight of all samples in the focus, as ``analyze`` shows it.

    min-ane S           share of the ANE ≥ S
    max-cpu S           share of the CPU ≤ S, even if all that is unknown were the CPU's
    max-unknown S       share of the engine "unknown" ≤ S
    max-p95 T           95th percentile of the steady predictions' wall time ≤ T
    max-regression R    against the baseline: ANE share fell by ≤ R, CPU share rose by ≤ R (in points: 0.05 is 5 of
                        100), and p95 grew by ≤ R of the baseline's where both know it
    require-evidence E  the verdict's evidence is at least E

What cannot be measured fails its gate: a gate that nothing can fail protects nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from tracekit.analysis.stats import ENOUGH_FOR_P95
from tracekit.analysis.verdict.judge import ENOUGH_SAMPLES, EvidenceClass

EVIDENCE_BY_STRENGTH: Final[tuple[EvidenceClass, ...]] = get_args(EvidenceClass)
"""The strongest first."""

_ROUNDING: Final = 5e-7
"""Shares are written with six digits: 0.8 as computed may be 0.7999997."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What was found in one recording."""

    samples: int
    """Inside the focus."""
    shares: Mapping[str, float]
    evidence: EvidenceClass
    p95_ns: int | None
    """None where it is not known how long predictions take."""
    predictions: int
    weighs: str = "ns"
    """What its shares are of: the unit, and whether blocked threads have a part in it."""

    @property
    def known_p95_ns(self) -> int | None:
        """Of so few predictions as to be the longest one, it is not known."""
        return self.p95_ns if self.predictions >= ENOUGH_FOR_P95 else None


@dataclass(frozen=True, slots=True)
class Gates:
    """What is demanded; None: nothing."""

    min_ane: float | None = None
    max_cpu: float | None = None
    max_unknown: float | None = None
    max_p95_ns: int | None = None
    max_regression: float | None = None
    require_evidence: EvidenceClass | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One gate, asked."""

    gate: str
    result: Literal["passed", "failed", "not measurable"]
    sentence: str

    @property
    def is_passed(self) -> bool:
        """Whether the gate lets the recording through; what cannot be measured does not pass."""
        return self.result == "passed"


def ask(gates: Gates, found: Measures, baseline: Measures | None = None) -> tuple[Outcome, ...]:
    """Every gate that demands something, in the order of ``Gates``.

    ``max_regression`` needs a baseline.
    """
    outcomes = []
    if gates.min_ane is not None:
        outcomes.append(_least_ane(gates.min_ane, found))
    if gates.max_cpu is not None:
        outcomes.append(_most_cpu(gates.max_cpu, found))
    if gates.max_unknown is not None:
        outcomes.append(_most_unknown(gates.max_unknown, found))
    if gates.max_p95_ns is not None:
        outcomes.append(_longest(gates.max_p95_ns, found))
    if gates.max_regression is not None:
        assert baseline is not None
        outcomes.append(_regression(gates.max_regression, found, baseline))
    if gates.require_evidence is not None:
        outcomes.append(_evidence(gates.require_evidence, found))
    return tuple(outcomes)


def _least_ane(least: float, found: Measures) -> Outcome:
    if few := _too_few(found):
        return Outcome("min-ane", "not measurable", few)
    share, unknown = _share(found, "ANE"), _share(found, "unknown")
    if share >= least - _ROUNDING:
        return Outcome("min-ane", "passed", f"{_percent(share)} drove the ANE, at least {_percent(least)} is asked")
    also = f"; {_percent(unknown)} is in symbols no rule knows" if share + unknown >= least else ""
    return Outcome("min-ane", "failed", f"{_percent(share)} drove the ANE, at least {_percent(least)} is asked{also}")


def _most_cpu(most: float, found: Measures) -> Outcome:
    if few := _too_few(found):
        return Outcome("max-cpu", "not measurable", few)
    share, unknown = _share(found, "CPU"), _share(found, "unknown")
    sentence = f"{_percent(share)} computed on the CPU, at most {_percent(most)} is allowed"
    if share > most + _ROUNDING:
        return Outcome("max-cpu", "failed", sentence)
    if share + unknown > most + _ROUNDING:
        return Outcome(
            "max-cpu", "not measurable", f"{sentence}, but {_percent(unknown)} more may be the CPU's: unknown"
        )
    return Outcome("max-cpu", "passed", sentence)


def _most_unknown(most: float, found: Measures) -> Outcome:
    if few := _too_few(found):
        return Outcome("max-unknown", "not measurable", few)
    share = _share(found, "unknown")
    sentence = f"of {_percent(share)} the engine is unknown, at most {_percent(most)} is allowed"
    return Outcome("max-unknown", "passed" if share <= most + _ROUNDING else "failed", sentence)


def _longest(most: int, found: Measures) -> Outcome:
    if found.p95_ns is None:
        return Outcome("max-p95", "not measurable", "how long predictions take is not known of this recording")
    if found.predictions < ENOUGH_FOR_P95:
        few = f"the recording has {found.predictions} predictions, {ENOUGH_FOR_P95} are needed for a 95th percentile"
        return Outcome("max-p95", "not measurable", few)
    sentence = (
        f"95 of 100 predictions take up to {_milliseconds(found.p95_ns)} ({found.predictions} predictions), "
        f"at most {_milliseconds(most)} is allowed"
    )
    return Outcome("max-p95", "passed" if found.p95_ns <= most else "failed", sentence)


def _regression(most: float, found: Measures, baseline: Measures) -> Outcome:
    for name, side in (("", found), ("the baseline: ", baseline)):
        if few := _too_few(side):
            return Outcome("max-regression", "not measurable", name + few)
    if baseline.known_p95_ns is not None and found.known_p95_ns is None:
        lost = f"the baseline knows how long {ENOUGH_FOR_P95} predictions or more take, this recording does not"
        return Outcome("max-regression", "not measurable", lost)
    if baseline.weighs != found.weighs:
        unlike = (
            f"this recording counts {found.weighs}, the baseline {baseline.weighs}: their shares are of unlike things"
        )
        return Outcome("max-regression", "not measurable", unlike)
    worse = [
        (_share(baseline, "ANE") - _share(found, "ANE"), "the share that drove the ANE fell by {} points"),
        (_share(found, "CPU") - _share(baseline, "CPU"), "the share computed on the CPU rose by {} points"),
    ]
    if baseline.known_p95_ns and found.known_p95_ns is not None:
        worse.append(
            (found.known_p95_ns / baseline.known_p95_ns - 1, "the 95th percentile of a prediction grew by {} %")
        )
    over = [text.format(f"{change * 100:.1f}") for change, text in worse if change > most + _ROUNDING]
    if over:
        return Outcome("max-regression", "failed", f"{' and '.join(over)}, at most {most * 100:.1f} is allowed")
    hidden = max(_share(found, "unknown") - _share(baseline, "unknown"), 0.0)
    if _share(found, "CPU") - _share(baseline, "CPU") + hidden > most + _ROUNDING:
        may_be = f"the unknown share rose by {hidden * 100:.1f} points, which may be the CPU's"
        return Outcome("max-regression", "not measurable", may_be)
    return Outcome("max-regression", "passed", f"nothing is worse than the baseline by more than {most * 100:.1f}")


def _evidence(least: EvidenceClass, found: Measures) -> Outcome:
    strong_enough = EVIDENCE_BY_STRENGTH.index(found.evidence) <= EVIDENCE_BY_STRENGTH.index(least)
    sentence = f'the evidence is "{found.evidence}", "{least}" is required'
    return Outcome("require-evidence", "passed" if strong_enough else "failed", sentence)


def _too_few(found: Measures) -> str:
    if found.samples >= ENOUGH_SAMPLES:
        return ""
    return f"only {found.samples} samples fell inside predictions, {ENOUGH_SAMPLES} are needed to measure a share"


def _share(found: Measures, engine: str) -> float:
    return found.shares.get(engine, 0.0)


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _milliseconds(ns: int) -> str:
    return f"{ns / 1e6:.2f} ms"
