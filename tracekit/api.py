"""What notebooks call and commands wrap: open, analyse, look."""

from pathlib import Path

from tracekit.analysis.analyze import EVERYTHING_PREDICTED, Analysis, Scope, analyze_profile
from tracekit.analysis.rules import load_rules
from tracekit.model.profile import Profile
from tracekit.model.trace import Trace
from tracekit.readers import open_trace

__all__ = ["Analysis", "Scope", "analyze", "open_trace"]


def analyze(
    source: Trace | Profile | str | Path,
    *,
    scope: Scope = EVERYTHING_PREDICTED,
    run: int | None = None,
    rules: str | Path | None = None,
) -> Analysis:
    """The verdict and everything it rests on, of a trace, a profile, or a path.

    Raises:
        TracekitError: the input, the scope or the rules cannot be used; the message says what to do.
    """
    if isinstance(source, (str, Path)):
        source = open_trace(source)
    profile = source.profile(run) if isinstance(source, Trace) else source
    return analyze_profile(profile, scope, load_rules(rules))
