"""The examples of a catalogue, its first test: each must be decided by its own entry, in the order of the whole stack.

An example is a frame (``Image`symbol``) or a stack (``frame;frame;frame``, root first) whose last frame is meant. A
single frame is put where its entry holds: below the first example of what makes that place.

    within = ["launch"]   example Espresso`0x1b2d95630

    start;CoreML`-[MLModel predictionFromFeatures:error:];Espresso`Espresso::net::__forward(int);Espresso`0x1b2d95630
    outside  makes the place coreml                       makes the place launch                 the example

A near miss is a frame that its entry must not match, or a stack that it must not decide.
"""

from collections.abc import Iterator

from tracekit.attribution.engines import attribute
from tracekit.attribution.names import own_name
from tracekit.attribution.roots import matching, root_nodes
from tracekit.attribution.rules import CUT, OUTSIDE, Catalogue, Entry, Place, Root, Rule, ThreadName, first_match
from tracekit.errors import RuleError
from tracekit.model.folded import from_folded, split_image
from tracekit.model.profile import Profile


def failures(entries: Catalogue, catalogue: Catalogue) -> Iterator[str]:
    """What is wrong with the examples of some ``entries`` of a ``catalogue``, a sentence each."""
    for entry in entries.entries:
        for example in entry.examples:
            winner = decided_by(entry, example, catalogue)
            if winner != entry.id:
                yield f"{entry.id!r} does not decide its example {example!r}: {_said(winner)}"
        for near_miss in entry.near_misses:
            if _takes(entry, near_miss, catalogue):
                yield f"{entry.id!r} takes its near miss {near_miss!r}"
    for thread in entries.threads:
        yield from _of_thread(thread, catalogue)


def decided_by(entry: Entry, text: str, catalogue: Catalogue) -> str:
    """The id of the entry, of the kind of ``entry``, that decides an example of it; empty where none does."""
    profile = from_folded(f"{stack_of(entry, text, catalogue)} 1\n")
    if isinstance(entry, Rule):
        rule = attribute(profile, catalogue).samples["rule"].iloc[0]
        return rule if isinstance(rule, str) else ""
    if isinstance(entry, Root):
        return _deciding_root(profile, entry, catalogue)
    image, symbol = split_image(text)
    group = next(each for each in (catalogue.places, catalogue.starts, catalogue.images) if entry in each)
    found = first_match(group, own_name(symbol), image, entry.within[0] if entry.within else OUTSIDE)
    return found.id if found else ""


def stack_of(entry: Entry, text: str, catalogue: Catalogue) -> str:
    """An example as a whole stack."""
    if ";" in text:
        return text
    place = entry.within[0] if entry.within else OUTSIDE
    return ";".join([*_above(place, catalogue, ()), text])


def _above(place: Place, catalogue: Catalogue, asked: tuple[Place, ...]) -> list[str]:
    """Frames below which a frame stands in a place."""
    if place == CUT:
        return []
    if place == OUTSIDE:
        return [next(start.examples[0] for start in catalogue.starts if start.examples)]
    for maker in (*catalogue.roots, *catalogue.places, *catalogue.rules):
        if maker.place == place and maker.examples and place not in (asked := (*asked, place))[:-1]:
            example = maker.examples[0]
            if ";" in example:
                return example.split(";")
            return [*_above(maker.within[0] if maker.within else OUTSIDE, catalogue, asked), example]
    raise RuleError(f"no example shows how a frame comes to stand in the place {place!r}")


def _deciding_root(profile: Profile, entry: Root, catalogue: Catalogue) -> str:
    """The root that the last frame matches, where it begins the prediction or, a caller, begins none."""
    group = catalogue.callers if entry.role == "caller" else catalogue.beginnings
    leaf = int(profile.samples["stack_id"].iloc[0])
    position = matching(profile, group)[profile.stacks["frame_id"].to_numpy()[leaf]]
    begins = entry.role == "caller" or root_nodes(profile, (), catalogue)[leaf] == leaf
    return group[position].id if position >= 0 and begins else ""


def _takes(entry: Entry, text: str, catalogue: Catalogue) -> bool:
    """Whether an entry matches a near miss that is a frame, or decides one that is a stack."""
    if ";" in text:
        return decided_by(entry, text, catalogue) == entry.id
    image, symbol = split_image(text)
    return first_match([entry], own_name(symbol), image) is not None


def _of_thread(thread: ThreadName, catalogue: Catalogue) -> Iterator[str]:
    for name in thread.examples:
        winner = next((each.id for each in catalogue.threads if each.name.search(name)), "")
        if winner != thread.id:
            yield f"{thread.id!r} does not decide its example {name!r}: {_said(winner)}"
    for name in thread.near_misses:
        if thread.name.search(name):
            yield f"{thread.id!r} takes its near miss {name!r}"


def _said(winner: str) -> str:
    return f"{winner!r} does" if winner else "nothing does"
