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
    proper = [ENGINES.index(name) for name in ENGINES if name in ENGINES_PROPER]
    chosen = (node != NONE) & np.isin(engine, proper)
    frame = profile.stacks["frame_id"].to_numpy()[node[chosen]]
    rows = pd.DataFrame({"frame": frame, "engine": engine[chosen]})
    sums = rows.groupby(["frame", "engine"], sort=True).size().rename("samples").reset_index()
    named = profile.frames["is_symbolicated"].to_numpy()[sums["frame"].to_numpy()]
    sums = sums[named].reset_index(drop=True)
    table = pd.DataFrame(
        {
            "symbol": profile.frames["name"].to_numpy()[sums["frame"].to_numpy()],
            "engine": [ENGINES[code] for code in sums["engine"]],
            "samples": sums["samples"],
        }
    ).astype({"symbol": "str", "engine": "str"})
    return table.sort_values(["samples", "symbol"], ascending=[False, True], ignore_index=True)


def _as_written(pattern: str) -> str:
    """A pattern for own names as one for whole names: ``f$`` → ``f(\\(|$)``."""
    return _END.sub(r"(\(|$)", pattern)
