"""Which entries match which functions, asked all at once: the same as asking them one by one."""

from dataclasses import replace

from tests.support.profiles import profile_from_text
from tracekit.attribution.catalogue import builtin_catalogue, parse_catalogue
from tracekit.attribution.matches import matches_of
from tracekit.attribution.names import own_name
from tracekit.attribution.rules import first_match
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE


def every_example() -> Profile:
    """A profile of one frame a stack: every example and near miss of the catalogue."""
    texts = {
        text
        for entry in builtin_catalogue().entries
        for text in (*entry.examples, *entry.near_misses)
        if ";" not in text
    }
    return profile_from_text("".join(f"{text} 1\n" for text in sorted(texts)))


def test_the_first_match_of_every_function_is_what_asking_one_by_one_finds() -> None:
    profile, catalogue = every_example(), builtin_catalogue()
    images = [*profile.binaries["name"], ""]
    frames = list(zip(profile.frames["name"], profile.frames["binary_id"], strict=True))
    assert len(frames) > 200
    for group in (catalogue.rules, catalogue.roots, catalogue.places, catalogue.starts, catalogue.images):
        one_by_one = [first_match(group, own_name(name), images[binary]) for name, binary in frames]
        found = matches_of(profile).first(group)
        assert [None if at == NONE else group[at] for at in found] == one_by_one


def test_nothing_is_asked_of_an_empty_profile() -> None:
    profile = profile_from_text("")
    assert matches_of(profile).first(builtin_catalogue().rules).tolist() == []


def test_a_function_without_an_image_is_matched_by_its_symbol_alone() -> None:
    own = parse_catalogue(
        '[[start]]\nid = "a"\nimage = "Kit"\n[[start]]\nid = "b"\nsymbol = "^run"\nimage = "Kit"\n', ""
    )
    profile = profile_from_text("run 1\nKit`run 1\nKit`stop 1\nOther`run 1")
    names = [f"{image}`{name}" for name, image in zip(profile.frames["name"], images_of(profile), strict=True)]
    found = dict(zip(names, matches_of(profile).first(own.starts).tolist(), strict=True))
    assert found == {"`run": 1, "Kit`run": 0, "Kit`stop": 0, "Other`run": NONE}


def images_of(profile: Profile) -> list[str]:
    names = [*profile.binaries["name"], ""]
    return [names[binary] for binary in profile.frames["binary_id"]]


def test_what_was_found_is_kept_for_the_same_tables_and_for_no_others() -> None:
    profile = profile_from_text("start;Kit`run 1")
    known = matches_of(profile)
    assert matches_of(profile.with_samples(profile.samples.head(0))) is known
    renamed = replace(profile, binaries=profile.binaries.assign(name=["Other"]))
    other = matches_of(renamed)
    assert other is not known
    own = parse_catalogue('[[start]]\nid = "a"\nsymbol = "run"\nimage = "Kit"\n', "").starts
    assert known.first(own).tolist() == [0, NONE]
    assert other.first(own).tolist() == [NONE, NONE]
