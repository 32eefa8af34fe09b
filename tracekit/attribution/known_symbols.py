"""Names of functions against engine rules: what each rule knows of a library, and which engines nobody knows yet.

A list of symbols is no stack: where a rule wants a frame to stand is not asked, and rules for whole images say nothing.
A C++ class counts as known if a rule names the engine of one of the methods that run it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from tracekit.attribution.engines import decide
from tracekit.attribution.names import own_name
from tracekit.attribution.rules import Catalogue, Rule, first_match
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE

ENGINES_PROPER: Final = ("ANE", "GPU", "CPU")

_QUALIFIED: Final = re.compile(r"\b(?:Espresso|EspressoLight|E5RT|E5MinimalCpu|H11ANE|ANE|GPU)(?:::~?[A-Za-z_]\w*)+")
_ENGINE_NAME: Final = re.compile(
    r"^(?:\w*Engine|engine_(?:cpu|gpu|ane|metal|mps)|\w+_kernel_(?:cpu|gpu|ane|metal|mps))$"
)
_OPERATION: Final = re.compile(r"\w+(?:Operation|OpHandler)$")
_OPERATIONS_IN: Final = ("E5RT::Ops", "E5MinimalCpu", "GPU")
_RUNS: Final = ("", "::__launch", "::ExecuteSync", "::encodeOp", "::__forward_segment")
"""What is put behind a class to ask the rules: the class itself, and the methods by which each kind of engine runs."""


def matched(names: Sequence[str], image: str, rules: Sequence[Rule]) -> pd.DataFrame:
    """Which rule knows which name: ``name``, ``rule``, ``engine``, ``phase`` str; ``rule`` is "" where none does."""
    asked = [rule for rule in rules if rule.symbol is not None and not rule.unnamed and rule.allows_image(image)]
    found = [first_match(asked, own_name(name), image) for name in names]
    columns = {
        "name": list(names),
        "rule": [rule.id if rule else "" for rule in found],
        "engine": [str(rule.engine) if rule else "" for rule in found],
        "phase": [str(rule.phase) if rule else "" for rule in found],
    }
    return pd.DataFrame(columns).astype("str")


def by_rule(names: pd.DataFrame) -> pd.DataFrame:
    """``rule``, ``engine``, ``phase``, ``names`` int64 and an ``example``, in order of ``rule``; of what ``matched``
    gave.
    """
    known = names[names["rule"] != ""]
    sums = known.groupby(["rule", "engine", "phase"], sort=True)["name"].agg(names="size", example="min")
    return sums.reset_index()


def engine_classes(names: Iterable[str], image: str, rules: Sequence[Rule]) -> pd.DataFrame:
    """The C++ classes that look like engines, their kernels or operations: ``name``, ``engine``, ``rule`` str and
    ``methods`` int64, sorted by name. ``rule`` is "" for those that no rule knows; then ``engine`` is "".
    """
    methods: dict[str, int] = {}
    for name in names:
        for each in set(_classes(name)):
            methods[each] = methods.get(each, 0) + 1
    asked = [rule for rule in rules if _says_engine(rule) and rule.allows_image(image)]
    rows = [(name, *_knows(asked, name), count) for name, count in sorted(methods.items())]
    table = pd.DataFrame(rows, columns=["name", "engine", "rule", "methods"])
    return table.astype({"name": "str", "engine": "str", "rule": "str", "methods": "int64"})


def _classes(name: str) -> Iterable[str]:
    for found in _QUALIFIED.findall(name):
        parts = found.split("::")
        for end in range(2, len(parts) + 1):
            last = parts[end - 1]
            is_operation = found.startswith(_OPERATIONS_IN) and _OPERATION.match(last) is not None
            if is_operation or _ENGINE_NAME.search(last):
                yield "::".join(parts[:end])
                break


def _says_engine(rule: Rule) -> bool:
    """Whether a rule tells something: not the ones that catch what no other knows."""
    return rule.symbol is not None and not rule.unnamed and rule.engine != "unknown"


def _knows(rules: Sequence[Rule], name: str) -> tuple[str, str]:
    for runs in _RUNS:
        rule = next((rule for rule in rules if rule.allows_symbol(name + runs)), None)
        if rule is not None and (rule.engine in ENGINES_PROPER or rule.role == "stage" or rule.place is not None):
            return str(rule.engine), rule.id
    return "", ""


class Changes(NamedTuple):
    """What is different between two lists of the same library."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    rules: pd.DataFrame
    """``rule``, ``before``, ``after`` int64: rules whose number of names changed; those that lost all come first."""


def compare(new: pd.DataFrame, old: pd.DataFrame) -> Changes:
    """The differences between two results of ``matched``."""
    before, after = set(old["name"]), set(new["name"])
    counts = pd.DataFrame(
        {
            "before": old.loc[old["rule"] != "", "rule"].value_counts(),
            "after": new.loc[new["rule"] != "", "rule"].value_counts(),
        }
    )
    counts = counts.fillna(0).astype("int64").rename_axis("rule").reset_index()
    changed = counts[counts["before"] != counts["after"]]
    changed = changed.assign(lost=changed["after"] == 0).sort_values(["lost", "rule"], ascending=[False, True])
    return Changes(
        tuple(sorted(after - before)),
        tuple(sorted(before - after)),
        changed.drop(columns="lost").reset_index(drop=True),
    )


def proposed_rules(classes: pd.DataFrame, image: str, source: str) -> str:
    """Rules for the classes that no rule knows, as TOML for ``--rules``; the engine is guessed from the name."""
    unknown = classes[classes["rule"] == ""]
    lines = ["# Proposed by `tracekit symbols`. Engines are guessed from names: check each before you trust it.\n"]
    for name in unknown["name"]:
        engine = _guess(name)
        phase = {"CPU": "execute", "unknown": "other"}.get(engine, "dispatch")
        rows = {
            "id": f"new-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}",
            "role": "engine",
            "engine": engine,
            "phase": phase,
            "symbol": f"{re.escape(name)}(::|$)",
            **({"image": re.escape(image)} if image else {}),
            "source": f"proposed from {source}",
        }
        body = "".join(f"{key} = {_toml(value)}\n" for key, value in rows.items())
        example = f"{image}`{name}::__launch" if image else f"{name}::__launch"
        lines.append(f"[[rule]]\n{body}examples = [{_toml(example)}]\n")
    return "\n".join(lines)


def _guess(name: str) -> str:
    lowered = name.lower()
    if re.search(r"(?<![A-Za-z])ane|ANE|Ane(?![a-z])", name):
        return "ANE"
    if re.search(r"mps|metal|gpu", lowered):
        return "GPU"
    return "CPU" if re.search(r"cpu|bnns", lowered) else "unknown"


def _toml(text: str) -> str:
    """A TOML basic string; names from a file may hold anything."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match[0]):04x}", escaped) + '"'


def engine_patterns(rules: Sequence[Rule]) -> list[tuple[str, str]]:
    """Engine and symbol pattern of the rules that name an engine wherever a frame stands: what a breakpoint can use."""
    return [
        (str(rule.engine), rule.symbol.pattern)
        for rule in rules
        if rule.symbol is not None
        and rule.role == "engine"
        and rule.engine in ENGINES_PROPER
        and rule.phase in ("execute", "dispatch", "wait")
        and not rule.within
    ]


def stage_patterns(rules: Sequence[Rule]) -> list[str]:
    """Symbol patterns of loading, compiling and the like: functions of an engine's classes that run no model."""
    return [rule.symbol.pattern for rule in rules if rule.symbol is not None and rule.role == "stage"]


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
