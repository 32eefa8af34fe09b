"""The call tree and totals by symbol, against walking every stack."""

from hypothesis import given

from tests.support.profiles import profiles
from tracekit.analysis.call_tree import by_symbol, call_tree
from tracekit.model.profile import Profile


@given(profiles())
def test_totals_by_symbol_count_a_sample_once(profile: Profile) -> None:
    names = profile.frames["name"].tolist()
    total: dict[int, int] = {}
    own: dict[int, int] = {}
    parent, frames = profile.stacks["parent_id"].tolist(), profile.stacks["frame_id"].tolist()
    for leaf, weight in zip(profile.samples["stack_id"].tolist(), profile.samples["weight"].tolist(), strict=True):
        seen = set()
        stack = leaf
        while stack >= 0:
            seen.add(frames[stack])
            stack = parent[stack]
        for frame in seen:
            total[frame] = total.get(frame, 0) + weight
        if leaf >= 0:
            own[frames[leaf]] = own.get(frames[leaf], 0) + weight
    table = by_symbol(profile)
    found = sorted((row.symbol, row.self, row.total) for row in table.itertuples())
    assert found == sorted((names[frame], own.get(frame, 0), weight) for frame, weight in total.items())


@given(profiles())
def test_the_call_tree_adds_up_by_engine(profile: Profile) -> None:
    from tracekit.attribution.engines import attribute

    tree = call_tree(attribute(profile))
    engines = [column for column in tree.columns if str(column).startswith("total_")]
    assert (tree[engines].sum(axis=1) == tree["total"]).all()
    children = tree[tree["parent_id"] >= 0].groupby("parent_id")["total"].sum()
    assert (tree["self"].add(children, fill_value=0) == tree["total"]).all()
