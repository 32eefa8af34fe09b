"""A report of millions of calls is made in the memory of a small machine: what is held for each is held to a number."""

from collections.abc import Callable

import pytest

from tests.analysis.test_memory import bytes_used, profile
from tracekit.analysis.call_tree import by_symbol
from tracekit.attribution.engines import attribute
from tracekit.model.profile import Profile
from tracekit.report.html.payload import pack

__all__ = ["bytes_used", "profile"]


@pytest.mark.no_cover
def test_a_page_is_packed_in_a_few_columns_of_its_calls(
    profile: Profile, bytes_used: Callable[[Callable[[], object]], int]
) -> None:
    """Totals, sizes, places and order; all columns of a call tree would be two hundred bytes a call."""
    attributed = attribute(profile)
    assert len(profile.stacks) > 300_000
    assert bytes_used(lambda: pack(attributed)) < 48 * len(profile.stacks)


def test_functions_are_summed_a_column_at_a_time(
    profile: Profile, bytes_used: Callable[[Callable[[], object]], int]
) -> None:
    attributed = attribute(profile)
    assert bytes_used(lambda: by_symbol(attributed)) < 28 * len(profile.stacks)
