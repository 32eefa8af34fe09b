"""Threads that ran and threads that were blocked: CPU time is of the first alone.

A recording of waiting threads holds samples of both. Every share that tracekit tells is of CPU time; what blocked
threads waited for stands apart, as time, and is never added to it.
"""

import numpy as np
from numpy.typing import NDArray

from tracekit.model.profile import Profile


def is_running(profile: Profile) -> NDArray[np.bool_]:
    """Samples of threads on a CPU: all, unless the state says otherwise."""
    state = profile.samples["state"]
    return (state.isna() | (state == "Running")).to_numpy()


def running(profile: Profile) -> Profile:
    """The samples of threads that ran: what shares are of."""
    return profile.only(is_running(profile))


def ran_or_all(profile: Profile) -> Profile:
    """The samples of threads that ran; where none did, all: a picture of nothing would tell less."""
    ran = running(profile)
    return ran if len(ran) else profile


def blocked(profile: Profile) -> Profile:
    """The samples of threads that did not run."""
    return profile.only(~is_running(profile))


def waiting_was_recorded(profile: Profile) -> bool:
    """Whether the recording is of blocked threads, too, whether or not one of them is in this profile."""
    return not is_running(profile).all() or dict(profile.meta.attributes).get("record-waiting-threads") == "1"
