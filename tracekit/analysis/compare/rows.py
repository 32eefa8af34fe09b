"""The rows of a comparison, and how much of each every stretch of a recording holds.

engine   5 rows                  phase   engine × phase          rule    the rules of both sides, by name
self     a row a function        total   a row a function; a sample counts once however often it recurs
"""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.compare.functions import shared_functions
from tracekit.model.forest import forest_of, paths_of
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE, PHASES

Ids = NDArray[np.int32]
Floats = NDArray[np.float64]

SMALLEST_SHARE: Final = 0.001
"""Functions below this share of both sides together are not compared: each row more makes every other less sure."""
_PAIRS_AT_ONCE: Final = 2_000_000
"""Bounds the memory of counting totals; 16 bytes a pair of a stack and a function on it."""


class Taken(NamedTuple):
    """One recording's samples, and the rows they count for."""

    profile: Profile
    function_of_frame: Ids
    rules: tuple[str, ...]


class Rows(NamedTuple):
    """What is compared."""

    labels: pd.DataFrame
    """``kind``, ``name``, ``image`` str, ``is_named`` bool; a row for all that any side may have."""
    sides: tuple[Taken, ...]


def rows_of(*profiles: Profile) -> Rows:
    """The rows of a comparison of attributed profiles."""
    functions = shared_functions(*profiles)
    rules = tuple(sorted({str(rule) for each in profiles for rule in each.samples["rule"].cat.categories}))
    pairs = [f"{engine} {phase}" for engine in ENGINES for phase in PHASES]
    plain = [("engine", list(ENGINES)), ("phase", pairs), ("rule", list(rules))]
    tables = [pd.DataFrame({"kind": kind, "name": names, "image": "", "is_named": True}) for kind, names in plain]
    tables += [functions.table.assign(kind=kind) for kind in ("self", "total")]
    labels = pd.concat(tables, ignore_index=True).astype({"kind": "str", "name": "str", "image": "str"})
    sides = tuple(Taken(each, of, rules) for each, of in zip(profiles, functions.of_frame, strict=True))
    return Rows(labels, sides)


def weights(side: Taken, unit: Ids, count: int, column: Ids) -> Floats:
    """[unit, column] → weight. ``unit`` is that of every sample, -1: set apart; ``column`` that of every row, -1: not
    asked for."""
    samples = side.profile.samples
    taking_part = (unit != NONE) & (samples["stack_id"].to_numpy() != NONE)
    chosen = samples[taking_part]
    place, weight = unit[taking_part].astype(np.int64), chosen["weight"].to_numpy()
    width = int(column.max(initial=NONE)) + 1
    columns = np.append(column, np.int32(NONE))
    result = np.zeros(count * width)
    for rows in _rows_by_label(chosen, side.rules):
        _add(result, place, columns[rows], weight, width)
    first = len(ENGINES) * (1 + len(PHASES)) + len(side.rules)
    functions = (len(column) - first) // 2
    stacks = len(side.profile.stacks)
    cell, position = np.unique(place * stacks + chosen["stack_id"].to_numpy(), return_inverse=True)
    sums = np.bincount(position, weight, minlength=len(cell))
    place, stack = cell // max(stacks, 1), cell % max(stacks, 1)
    leaf = side.function_of_frame[side.profile.stacks["frame_id"].to_numpy()[stack]]
    _add(result, place, columns[first + leaf], sums, width)
    for cells, function in _functions_on(side, stack):
        _add(result, place[cells], columns[first + functions + function], sums[cells], width)
    return result.reshape(count, width)


def worth_comparing(labels: pd.DataFrame, sums: list[Floats]) -> NDArray[np.intp]:
    """Rows that occur; of functions those that have a name and weigh something. ``sums`` are those of A and of B."""
    engines = (labels["kind"] == "engine").to_numpy()
    both = sum(each / (each[engines].sum() or 1) for each in sums)
    is_function = labels["kind"].isin(["self", "total"]).to_numpy()
    heavy = labels["is_named"].to_numpy() & (both >= 2 * SMALLEST_SHARE)
    return np.flatnonzero(np.where(is_function, heavy, np.asarray(both) > 0))


def nameless(labels: pd.DataFrame, sums: list[Floats]) -> tuple[float, float]:
    """How much of A and of B is in functions without a symbol."""
    is_nameless = ((labels["kind"] == "self") & ~labels["is_named"]).to_numpy()
    is_any = (labels["kind"] == "engine").to_numpy()
    a, b = (float(each[is_nameless].sum() / (each[is_any].sum() or 1)) for each in sums)
    return a, b


def _rows_by_label(samples: pd.DataFrame, rules: tuple[str, ...]) -> list[NDArray[np.int64]]:
    """For every sample, its row as an engine, as a phase and as a rule; -1: none decided it."""
    engine = samples["engine"].cat.codes.to_numpy().astype(np.int64)
    phase = samples["phase"].cat.codes.to_numpy().astype(np.int64)
    first = len(ENGINES) * (1 + len(PHASES))
    places = np.array([first + rules.index(rule) for rule in samples["rule"].cat.categories] + [NONE], np.int64)
    return [engine, len(ENGINES) + engine * len(PHASES) + phase, places[samples["rule"].cat.codes.to_numpy()]]


def _functions_on(side: Taken, stack: NDArray[np.int64]) -> list[tuple[NDArray[np.int64], Ids]]:
    """Every function on each of some stacks, once: (position in ``stack``, function), in bounded pieces."""
    forest = forest_of(side.profile.stacks)
    length = forest.depth[stack].astype(np.int64) + 1
    piece = np.cumsum(length) // _PAIRS_AT_ONCE
    pieces = []
    for number in np.unique(piece):
        mine = np.flatnonzero(piece == number)
        frames, lengths = paths_of(forest, stack[mine])
        owner = np.repeat(mine, lengths)
        function = side.function_of_frame[frames]
        pair = np.unique((owner << 32) | function)
        pieces.append((pair >> 32, (pair & 0xFFFFFFFF).astype(np.int32)))
    return pieces


def _add(result: Floats, unit: NDArray[np.int64], column: Ids, weight: NDArray[np.int64] | Floats, width: int) -> None:
    """Add weights to the flat [unit, column] table; column -1 is left out."""
    asked = column != NONE
    result += np.bincount(unit[asked] * width + column[asked], weight[asked], minlength=len(result))
