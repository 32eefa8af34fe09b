"""Reports of comparisons, and the two call trees they are of, computed plainly."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path as File
from textwrap import dedent
from typing import NamedTuple

import pandas as pd

from tests.report.html.pages import PROVENANCE
from tests.report.plain import Packed, Path, Sample, plain_samples
from tests.support.halves import focused, shifted
from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import Analysis, analyze_profile
from tracekit.analysis.compare.diff import diff
from tracekit.analysis.compare.result import Diff
from tracekit.analysis.compare.sides import Side
from tracekit.model.profile import Profile
from tracekit.readers import open_trace
from tracekit.report.html.compared import Compared
from tracekit.report.html.comparison import render_comparison

SAMPLES = File(__file__).parents[3] / "sample_traces"

_PREDICT = "CoreML`-[MLModel predictionFromFeatures:error:]"
BEFORE = f"""
    main;{_PREDICT};Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync();libsystem_kernel.dylib`mach_msg2_trap 40
    main;{_PREDICT};Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync() 20
    main;{_PREDICT};Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync() 20
    main;{_PREDICT};CoreML`-[MLOld gone] 15
    main;{_PREDICT} 5
    main;draw 300
"""
AFTER = f"""
    main;{_PREDICT};Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync();libsystem_kernel.dylib`mach_msg2_trap 30
    main;{_PREDICT};Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync() 30
    main;{_PREDICT};Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync() 120
    main;{_PREDICT};Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync();libBNNS.dylib`BNNSNew 10
    main;{_PREDICT} 10
    main;draw 7
"""
"""Twice as much as before: of ANE, 60 % became 30 %; ``-[MLOld gone]`` is only in A and ``BNNSNew`` only in B."""


class Found(NamedTuple):
    """A comparison with its page."""

    diff: Diff
    page: str


def compare(a: Analysis, b: Analysis, **options: bool) -> Found:
    """The report of two analyses, with the provenance of all tests."""
    found = diff(Side.of(a), Side.of(b))
    return Found(found, render_comparison(found, (_about(a), _about(b)), **options))  # type: ignore[arg-type]


def compare_text(a: str, b: str) -> Found:
    """The same of folded text."""
    return compare(*(analyze_profile(profile_from_text(dedent(text))) for text in (a, b)))


@cache
def planted() -> tuple[Found, set[str]]:
    """A sample, and the same with a tenth moved from the ANE to one CPU stack; and the functions on that stack."""
    before = recorded("legacy-nn-ane.xcode16.4.xml.gz")
    after, on_stack = shifted(Side.of(before), part=0.1)
    found = diff(Side.of(before), after)
    return Found(found, render_comparison(found, (_about(before), _about(before)))), on_stack


@cache
def recorded(name: str) -> Analysis:
    """The analysis of a sample."""
    return analyze_profile(open_trace(SAMPLES / name).profile())


def _about(analysis: Analysis) -> Compared:
    return Compared.of(analysis, PROVENANCE)


def profiles_of(found: Diff) -> tuple[Profile, Profile]:
    """What the flame graph is of."""
    return focused(found.a[0]), focused(found.b[0])


_NAMELESS = ("", "?", "<redacted>", "<deduplicated_symbol>", "<unknown>")


def matched_samples(profile: Profile) -> list[Sample]:
    """The samples with their functions named as a comparison names them: those without a symbol are one an image."""
    rows = zip(profile.frames["name"], profile.frames["is_symbolicated"], strict=True)
    names = ["(no symbol)" if not known or name in _NAMELESS else name for name, known in rows]
    return plain_samples(replace(profile, frames=profile.frames.assign(name=pd.Series(names, dtype="str"))))


def path_sums(profile: Profile) -> tuple[Mapping[Path, float], Mapping[Path, float]]:
    """Self and total of every path, as shares of the profile."""
    own: Counter[Path] = Counter()
    total: Counter[Path] = Counter()
    for sample in matched_samples(profile):
        path = sample.path
        own[path] += sample.weight
        for length in range(1, len(path) + 1):
            total[path[:length]] += sample.weight
    whole = own.total() or 1
    return tuple({path: sums[path] / whole for path in sums} for sums in (own, total))  # type: ignore[return-value]


def sides_of(read: Packed) -> tuple[Mapping[Path, int], Mapping[Path, int]]:
    """What a packed comparison holds of each path, self, by side."""
    sums: tuple[defaultdict[Path, int], defaultdict[Path, int]] = (defaultdict(int), defaultdict(int))
    for cell, side in zip(read.cells(), read.columns["cell_side"], strict=True):
        sums[side][cell.path] += cell.weight
    return sums
