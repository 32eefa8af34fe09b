"""A call tree may have tens of millions of nodes, so what is held for each of them is held to a number."""

import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from tests.bench.generate_export import Shape, write_export
from tracekit.analysis.analyze import EVERYTHING_PREDICTED, Scope, analyze_profile
from tracekit.model.profile import Profile
from tracekit.readers import open_trace


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    path = tmp_path_factory.mktemp("memory") / "deep.xml"
    write_export(path, Shape(30_000))
    profile = open_trace(path).profile()
    analyze_profile(profile)  # what is loaded and kept at the first use belongs to no node
    return profile


@pytest.fixture
def bytes_used() -> Iterator[Callable[[Callable[[], object]], int]]:
    """The most memory that was used at once, beyond what was there before."""

    def used(work: Callable[[], object]) -> int:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        work()
        return tracemalloc.get_traced_memory()[1] - before

    tracemalloc.start()
    yield used
    tracemalloc.stop()


@pytest.mark.parametrize("scope", [Scope(whole=True), EVERYTHING_PREDICTED], ids=["whole", "predictions"])
def test_an_analysis_uses_a_few_bytes_a_node(
    profile: Profile, scope: Scope, bytes_used: Callable[[Callable[[], object]], int]
) -> None:
    """The table of stacks has 12 bytes a node; what is decided is kept for the stacks of samples alone."""
    assert len(profile.stacks) > 300_000
    assert bytes_used(lambda: analyze_profile(profile, scope)) < 20 * len(profile.stacks)


def test_checking_a_profile_uses_less_than_its_tables(
    profile: Profile, bytes_used: Callable[[Callable[[], object]], int]
) -> None:
    assert bytes_used(profile.validate) < 12 * len(profile.stacks)
