"""What breakpoints can use of the rules: patterns of functions that run an engine, and of those that run nothing.

Rules are asked about a function's own name, a debugger about the whole: where the own name ends, arguments may follow.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from tracekit.attribution.engines import decide
from tracekit.attribution.known_symbols import ENGINES_PROPER
from tracekit.attribution.rules import Catalogue, Rule
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE
from tracekit.model.sums import summed

_END: Final = re.compile(r"(?<!\\)\$")


def engine_patterns(rules: Sequence[Rule]) -> list[tuple[str, str]]:
    """Engine and symbol pattern of the rules that name an engine wherever a frame stands: what a breakpoint can use."""
    return [
        (str(rule.engine), _as_written(rule.symbol.pattern))
        for rule in rules
        if rule.symbol is not None
        and rule.role == "engine"
        and rule.engine in ENGINES_PROPER
        and rule.phase in ("execute", "dispatch", "wait")
        and not rule.within
    ]


def stage_patterns(rules: Sequence[Rule]) -> list[str]:
    """Symbol patterns of loading, compiling and the like: functions of an engine's classes that run no model."""
    return [_as_written(rule.symbol.pattern) for rule in rules if rule.symbol is not None and rule.role == "stage"]


def symbols_seen(profile: Profile, catalogue: Catalogue) -> pd.DataFrame:
    """The symbols that decided an engine in a profile: ``symbol``, ``engine`` str and ``samples`` int64, most first.
    Names that were stripped are left out.
    """
    _, engine, _, node = decide(profile, catalogue).of(profile)
    chosen = (node != NONE) & np.isin(engine, [ENGINES.index(name) for name in ENGINES_PROPER])
    frame = profile.stacks["frame_id"].to_numpy()[node[chosen]]
    sums = summed(np.ones(len(frame), np.int64), frame=frame, engine=engine[chosen])
    sums = sums[profile.frames["is_symbolicated"].to_numpy()[sums["frame"].to_numpy()]]
    symbols = profile.frames["name"].array[sums["frame"].to_numpy()]
    engines = pd.Series([ENGINES[code] for code in sums["engine"]], dtype="str").array
    table = pd.DataFrame({"symbol": symbols, "engine": engines, "samples": sums["samples"].to_numpy()})
    return table.sort_values(["samples", "symbol"], ascending=[False, True], ignore_index=True)


def _as_written(pattern: str) -> str:
    """A pattern for own names as one for whole names: ``f$`` → ``f(\\(|$)``."""
    return _END.sub(r"(\(|$)", pattern)
