"""Recordings whose mix of work changes as is said, with the same mix in the long run: pairs of them are equal.

    independent   every sample drawn for itself
    blocks        20 ms of one mix
    predictions   160 ms of one mix, each a prediction
    regimes       150 ms of one mix, over predictions of 10 ms
    alike         the mix of every 20 ms is like the one before: an AR(1) of 0.8

A mix says how much of the work each of twelve functions does, seven of them driving the ANE.
"""

from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np
import pandas as pd

from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.compare.sides import Side
from tracekit.model.profile import Profile

KINDS: Final = ("independent", "blocks", "predictions", "regimes", "alike")

_MS: Final = 1_000_000
_PREDICT: Final = "start;CoreML`-[MLModel predictionFromFeatures:error:]"
_DRIVEN: Final = {
    "ANE": "Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()",
    "GPU": "Espresso`E5RT::Ops::MpsGraphInferenceOperation::ExecuteSync()",
    "CPU": "Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()",
}
_FUNCTIONS: Final = [("ANE", number) for number in range(7)] + [("CPU", number) for number in range(4)] + [("GPU", 0)]
_PARTS: Final = np.array([2, 1, 1, 1, 0.5, 0.4, 0.1, 1, 1, 0.6, 0.4, 1.0])
"""How much of the work each function does in the long run; a mix is drawn around it."""
_PLANTED: Final = 7
"""The function, of the CPU, that a planted shift goes to."""


def recording(kind: str, seconds: float, seed: int, *, shift: float = 0.0, exact: bool = False) -> Side:
    """A recording of one sample a millisecond; ``shift`` of its weight is moved from the ANE to one CPU function.

    ``exact``: when each prediction began and ended is known.
    """
    rng = np.random.default_rng(seed)
    count = round(seconds * 1000)
    step = {"independent": count, "predictions": 160, "regimes": 150}.get(kind, 20)
    mixes = _mixes(kind, count // step + 2, rng)
    begin = int(rng.integers(step)) if kind == "regimes" else 0
    mix = np.repeat(mixes, step, axis=0)[begin : begin + count]
    moved = mix[:, :7].sum(axis=1, keepdims=True)
    mix[:, :7] *= 1 - shift / _share_of_ane()
    mix[:, _PLANTED] += (moved * shift / _share_of_ane())[:, 0]
    rows = (rng.random(count)[:, np.newaxis] > mix.cumsum(axis=1)).sum(axis=1).clip(0, len(_FUNCTIONS) - 1)
    template = _template()
    samples = _focused(template).samples.take(rows).reset_index(drop=True)
    time = np.arange(count) * _MS
    focused = _focused(template).with_samples(samples.assign(time_ns=time, weight=_MS))
    return replace(template, focused=focused, iterations=_iterations(kind, count, rng) if exact else None)


def _mixes(kind: str, count: int, rng: np.random.Generator) -> np.ndarray:
    if kind == "independent":
        return np.tile(_PARTS / _PARTS.sum(), (count, 1))
    if kind != "alike":
        return rng.dirichlet(_PARTS, count)
    lasting = rng.normal(size=(count + 100, 1)) * 0.6
    for at in range(1, len(lasting)):
        lasting[at] += 0.8 * lasting[at - 1]
    ane = np.clip(_share_of_ane() + 0.15 * lasting[100:], 0, 1)
    inside = np.where(np.arange(len(_PARTS)) < 7, _PARTS / _PARTS[:7].sum(), 0)
    outside = np.where(np.arange(len(_PARTS)) < 7, 0, _PARTS / _PARTS[7:].sum())
    return ane * inside + (1 - ane) * outside


def _share_of_ane() -> float:
    return float(_PARTS[:7].sum() / _PARTS.sum())


def _iterations(kind: str, count: int, rng: np.random.Generator) -> pd.DataFrame:
    length = (160 if kind == "predictions" else 10) * _MS
    start = np.arange(0, count * _MS - length + 1, length)
    wall = (length * rng.uniform(0.7, 0.9, len(start))).astype(np.int64)
    return pd.DataFrame({"start_ns": start, "end_ns": start + wall, "warmup": False, "wall_ns": wall})


@cache
def _template() -> Side:
    """A sample of every function."""
    text = "\n".join(f"{_PREDICT};{_DRIVEN[engine]};Espresso`work_{engine}_{number} 1" for engine, number in _FUNCTIONS)
    return Side.of(analyze_profile(profile_from_text(text)))


def _focused(side: Side) -> Profile:
    assert side.focused is not None
    return side.focused
