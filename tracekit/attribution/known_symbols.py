"""Names of functions against engine rules: what each rule knows of a library, and what nobody has decided yet.

A list of symbols is no stack: where a rule wants a frame to stand is not asked, and rules for whole images say nothing.
A C++ class counts as known if a rule names the engine of one of the methods that run it. A method of an engine's class
is decided if a rule says of it alone what it does; a rule that catches what no other knows decides nothing.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import pandas as pd

from tracekit.attribution.names import own_name
from tracekit.attribution.rules import Rule, first_match

ENGINES_PROPER: Final = ("ANE", "GPU", "CPU")

_QUALIFIED: Final = re.compile(r"\b(?:Espresso|EspressoLight|E5RT|E5MinimalCpu|H11ANE|ANE|GPU)(?:::~?[A-Za-z_]\w*)+")
_ENGINE_NAME: Final = re.compile(
    r"^(?:\w*Engine|(?:engine|\w+_kernel)_(?:cpu|gpu|ane|metal|mps)|\w+_kernel_montreal|E5MinimalCpu)$"
)
_OPERATION: Final = re.compile(r"\w+(?:Operation|OpHandler)(?:Impl\w*)?$")
_ALSO: Final = re.compile(
    r"^(?:H11ANE|ANE)::\w+(?=::)|^Espresso::(?:context|batch|blob)_(?:cpu|metal)(?=::)"
    r"|^[-+]\[(?:_ANE\w+|MPSGraphExecutable) "
)
"""Classes that talk to the ANE, run a graph or hold an engine's data: no engines, but their methods are looked at."""
_NO_FUNCTION: Final = re.compile(r"^(?:vtable|typeinfo(?: name)?|VTT|guard variable|construction vtable) for ")
CATCH_ALL_RULE: Final = "espresso-unknown"
"""Takes what no rule knows, so that it is listed: no decision."""
_OPERATIONS_IN: Final = ("E5RT::Ops", "E5RT::MpsGraph", "E5MinimalCpu", "GPU")
_SUFFIX: Final = re.compile(r" \(\.\d+\)$")
"""How a list of changes tells functions of one name apart."""
_RUNS: Final = ("", "::__launch", "::ExecuteSync", "::encodeOp", "::__forward_segment", "::AKernel::Launch")
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
    telling = [rule for rule in rules if rule.symbol is not None and not rule.unnamed and rule.engine != "unknown"]
    asked = [rule for rule in telling if rule.allows_image(image)]
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


def engine_methods(names: Iterable[str], image: str, rules: Sequence[Rule]) -> pd.DataFrame:
    """The methods of classes of engines, their kernels and operations, and what is decided of each.

    Columns: ``class``, ``method`` (its own name), ``rule``, ``engine``, ``phase`` str, sorted by method, each once.
    ``rule`` is "" where none decides; then ``engine`` and ``phase`` are "".
    """
    own = sorted({own_name(_SUFFIX.sub("", name)) for name in names if not _NO_FUNCTION.match(name)})
    methods = [(found, name) for name in own if (found := _class_of(name))]
    table = matched([name for _, name in methods], image, [rule for rule in rules if rule.id != CATCH_ALL_RULE])
    table.insert(0, "class", pd.Series([found for found, _ in methods], dtype="str"))
    return table.rename(columns={"name": "method"})


def _class_of(method: str) -> str:
    """The engine's class that a method is of; empty where it is of none."""
    also = _ALSO.match(method)
    if also:
        return also[0].strip("-+[ ")
    return next((each for each in _classes(method) if method.startswith(f"{each}::")), "")


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
    each = {"before": old, "after": new}
    counts = pd.DataFrame({when: names.loc[names["rule"] != "", "rule"].value_counts() for when, names in each.items()})
    counts = counts.fillna(0).astype("int64").rename_axis("rule").reset_index()
    changed = counts[counts["before"] != counts["after"]]
    changed = changed.assign(lost=changed["after"] == 0).sort_values(["lost", "rule"], ascending=[False, True])
    rules = changed.drop(columns="lost").reset_index(drop=True)
    return Changes(tuple(sorted(after - before)), tuple(sorted(before - after)), rules)
