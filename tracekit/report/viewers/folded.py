"""Folded stacks for inferno, flamegraph.pl, speedscope and every other flame viewer."""

from dataclasses import replace

from tracekit.model.folded import to_folded
from tracekit.model.profile import Profile
from tracekit.report.numbers import readable_symbol, visible


def folded_text(profile: Profile, *, count_samples: bool = False, images: bool = False) -> str:
    """One line a distinct stack, ``root;caller;leaf weight``, sorted. Samples without a stack are left out.
    Names are fit to be shown: a terminal may be what reads them.
    """
    names = profile.frames["name"].map(readable_symbol).map(visible).astype("str")
    owners = profile.binaries["name"].map(visible).astype("str")
    readable = replace(profile, frames=profile.frames.assign(name=names), binaries=profile.binaries.assign(name=owners))
    return to_folded(readable, weight=not count_samples, images=images)
