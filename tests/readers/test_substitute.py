"""A bundle read from its export where the native reader refuses: at once, or when something is asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd
import pytest

from tests.support.profiles import profile_from_text
from tracekit.errors import RecordingError, UnsupportedError
from tracekit.model.facts import Facts
from tracekit.model.profile import Profile
from tracekit.model.trace import TableInfo, Trace
from tracekit.readers.substitute import open_substitute, with_substitute

REFUSAL = UnsupportedError("a column is of a type from next year")
SAID = "read through xctrace export, since the native reader refuses it: a column is of a type from next year"


@dataclass
class ARun:
    """A run that refuses what it is told to, and counts how often it is asked."""

    refuses: Sequence[str] = ()
    weight: int = 1
    asked: list[str] = field(default_factory=list)
    number: int = 1
    facts: Facts = field(default_factory=Facts)

    def _answer(self, what: str) -> None:
        self.asked.append(what)
        if what in self.refuses:
            raise REFUSAL

    def schemas(self) -> list[str]:
        self._answer("schemas")
        return ["time-profile"]

    def tables(self) -> list[TableInfo]:
        self._answer("tables")
        return [TableInfo("time-profile")]

    def profile(self) -> Profile:
        self._answer("profile")
        return profile_from_text(f"main {self.weight}")

    def table(self, schema: str) -> pd.DataFrame:
        self._answer("table")
        return pd.DataFrame({"weight": [self.weight]})


def opened(native: ARun, exported: ARun) -> Trace:
    return with_substitute(Trace("x", "bundle", (native,)), lambda: Trace("x", "export", (exported,)))


def test_what_is_not_refused_is_native() -> None:
    native, exported = ARun(), ARun(weight=2)
    trace = opened(native, exported)
    assert (trace.profile().weight, trace.profile().meta.notices, exported.asked) == (1, (), [])


def test_from_the_first_refusal_on_it_is_the_export() -> None:
    native, exported = ARun(refuses=["profile"]), ARun(weight=2)
    trace = opened(native, exported)
    assert trace.table("any")["weight"].tolist() == [1]
    profile = trace.profile()
    assert (profile.weight, [notice.message for notice in profile.meta.notices]) == (2, [SAID])
    table = trace.table("any")
    assert (table["weight"].tolist(), [notice.message for notice in table.attrs["notices"]]) == ([2], [SAID])
    assert native.asked == ["table", "profile"]


def test_without_an_export_the_refusal_stands() -> None:
    def no_export() -> Trace:
        raise RecordingError("there is no xctrace")

    with pytest.raises(UnsupportedError, match="from next year"):
        open_substitute(REFUSAL, no_export)
    with pytest.raises(UnsupportedError, match="from next year"):
        with_substitute(Trace("x", "bundle", (ARun(refuses=["tables"]),)), no_export).tables()
    assert opened(ARun(refuses=["schemas"]), ARun()).schemas() == ["time-profile"]


def test_what_cannot_even_be_opened_says_so_of_the_whole() -> None:
    trace = open_substitute(REFUSAL, lambda: Trace("x", "export", (ARun(),)))
    assert [notice.message for notice in trace.notices] == [SAID]
