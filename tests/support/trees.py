"""A call tree as text: what tests assert of transforms and readers."""

from tracekit.model.folded import frame_labels
from tracekit.model.forest import depth_first, forest_of
from tracekit.model.profile import Profile, stack_weights


def format_tree(profile: Profile) -> list[str]:
    """The call tree as indented lines ``name  total N  self N``, heaviest child first."""
    own, total = stack_weights(profile)
    forest = forest_of(profile.stacks)
    order = depth_first(forest, total)
    names = frame_labels(profile)
    _, frame, depth = forest
    heads = ["  " * int(depth[row]) + names[frame[row]] for row in order]
    width = max((len(head) for head in heads), default=0)
    return [
        f"{head.ljust(width)}  total {int(total[row])}  self {int(own[row])}"
        for head, row in zip(heads, order, strict=True)
    ]
