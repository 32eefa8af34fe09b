"""Folded stacks for inferno, flamegraph.pl, speedscope and every other flame viewer."""

from dataclasses import replace

from tracekit.model.folded import to_folded
from tracekit.model.profile import Profile
from tracekit.report.numbers import readable_symbol


def folded_text(profile: Profile, *, count_samples: bool = False, images: bool = False) -> str:
    """One line a distinct stack, ``root;caller;leaf weight``, sorted. Samples without a stack are left out."""
    names = profile.frames["name"].map(readable_symbol).astype("str")
    readable = replace(profile, frames=profile.frames.assign(name=names))
    return to_folded(readable, weight=not count_samples, images=images)
