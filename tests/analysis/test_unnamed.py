"""What has no name: recounted stack by stack."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.profiles import profile_from_text
from tracekit.analysis.unnamed import unnamed
from tracekit.model.folded import is_address

FRAMES = st.sampled_from(["main", "app`0x10", "app`0x20", "app`work", "lib`0x10", "lib`0x30", "0x99"])
STACKS = st.lists(st.tuples(st.lists(FRAMES, min_size=1, max_size=6), st.integers(0, 9)), min_size=1, max_size=8)


def parts(frame: str) -> tuple[str, str]:
    image, _, name = frame.rpartition("`")
    return image, name


@given(STACKS)
@settings(max_examples=60)
def test_every_number_is_that_of_a_count_by_hand(stacks: list[tuple[list[str], int]]) -> None:
    found = unnamed(profile_from_text("\n".join(f"{';'.join(frames)} {weight}" for frames, weight in stacks)))
    nameless = [({frame for frame in frames if is_address(parts(frame)[1])}, frames[-1], w) for frames, w in stacks]
    whole = sum(weight for *_, weight in nameless)
    hit = [(weight, there) for there, _, weight in nameless if there]
    assert (found.stacks, found.weight, found.samples) == (len(stacks), whole, len(hit))
    assert found.share == (round(sum(weight for weight, _ in hit) / whole, 6) if whole else 0.0)
    by_hand = {}
    for image in {parts(frame)[0] for _, there in hit for frame in there}:
        of = [weight for weight, there in hit if any(parts(frame)[0] == image for frame in there)]
        functions = {frame for _, there in hit for frame in there if parts(frame)[0] == image}
        leaves = sum(w for there, leaf, w in nameless if leaf in there and parts(leaf)[0] == image)
        by_hand[image] = (len(functions), len(of), sum(of), round(leaves / whole, 6) if whole else 0.0)
    columns = ["functions", "samples", "weight", "leaf_share"]
    rows = zip(found.images["image"], found.images[columns].itertuples(index=False, name=None), strict=True)
    assert dict(rows) == by_hand
    assert found.images["weight"].is_monotonic_decreasing


def test_a_sample_counts_once_for_an_image_however_often_it_is_on_the_stack() -> None:
    found = unnamed(profile_from_text("app`0x10;main;app`0x20;app`0x10 4\nmain 4"))
    assert found.share == 0.5
    (row,) = found.images.to_dict("records")
    assert (row["samples"], row["weight"], row["functions"], row["share"]) == (1, 4, 2, 0.5)


def test_equals_stand_by_image_and_code_in_none_has_no_address() -> None:
    images = unnamed(profile_from_text("b`0x10 2\na`0x20 2\n0x30 2\nc`0x40 3")).images
    assert images[["image", "load_addr"]].values.tolist() == [["c", 0], ["", 0], ["a", 0], ["b", 0]]
    assert images.index.tolist() == [0, 1, 2, 3]


def test_functions_of_no_sample_are_not_counted() -> None:
    profile = profile_from_text("app`0x10 1\napp`0x20 1")
    assert unnamed(profile.with_samples(profile.samples[:1])).images["functions"].tolist() == [1]
