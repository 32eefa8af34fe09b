from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd
import pytest

from tests.model.strategies import built
from tracekit.errors import SelectionError
from tracekit.model.facts import Facts
from tracekit.model.profile import Profile
from tracekit.model.trace import Run, TableInfo, Trace


@dataclass
class Recording:
    """A run that says which one it is."""

    number: int
    facts: Facts = field(default_factory=Facts)

    def schemas(self) -> Sequence[str]:
        return [info.schema for info in self.tables()]

    def tables(self) -> Sequence[TableInfo]:
        return [TableInfo(f"table-{self.number}")]

    def profile(self) -> Profile:
        return built([(["main"], self.number)])

    def table(self, schema: str) -> pd.DataFrame:
        return pd.DataFrame({schema: [self.number]})


def recordings(*numbers: int) -> tuple[Run, ...]:
    return tuple(Recording(number) for number in numbers)


def test_without_a_number_the_first_run_answers() -> None:
    trace = Trace("x.trace", "bundle", recordings(2, 5))
    assert trace.run().number == 2
    assert trace.profile().weight == 2
    assert (trace.tables()[0].schema, trace.schemas()) == ("table-2", ["table-2"])
    assert trace.table("thread")["thread"].tolist() == [2]


def test_a_run_is_chosen_by_its_number_not_its_place() -> None:
    trace = Trace("x.trace", "bundle", recordings(2, 5))
    assert trace.run(5).number == 5
    assert trace.profile(5).weight == 5
    assert (trace.tables(5)[0].schema, trace.schemas(5)) == ("table-5", ["table-5"])
    assert trace.table("thread", 5)["thread"].tolist() == [5]


@pytest.mark.parametrize("number", [0, 1, 3, -1])
def test_a_run_that_is_not_there_is_named_with_those_that_are(number: int) -> None:
    trace = Trace("x.trace", "bundle", recordings(2, 5))
    with pytest.raises(SelectionError, match=rf"^x\.trace: there is no run {number}\. Runs: 2, 5\.$"):
        trace.run(number)
