"""Catalogues as TOML: what is shipped says where it comes from, and every mistake in one's own file is a sentence."""

from typing import get_args

import pytest

from tracekit.attribution.catalogue import builtin_catalogue, parse_catalogue
from tracekit.attribution.rules import CUT, OUTSIDE, Catalogue, Entry, ThreadName
from tracekit.errors import RuleError
from tracekit.model.schema import Engine

CATALOGUE = builtin_catalogue()
ENTRIES: list[Entry | ThreadName] = [*CATALOGUE.entries, *CATALOGUE.threads]
RULE = '[[rule]]\nid = "mine"\nengine = "ANE"\nphase = "dispatch"\nsymbol = "^go$"\n'
ROOT = '[[root]]\nid = "mine"\nkind = "Mine"\nsymbol = "^go$"\n'
PLACE = '[[place]]\nid = "mine"\nplace = "kitchen"\nsymbol = "^go$"\n'
THREAD = '[[thread]]\nid = "mine"\nname = "^go$"\nrule = "ane-service-thread"\n'


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_says_where_it_comes_from(entry: Entry | ThreadName) -> None:
    assert len(entry.examples) >= (1 if isinstance(entry, ThreadName) else 2)
    assert len(entry.near_misses) >= 1
    assert entry.os
    assert entry.source


@pytest.mark.parametrize(
    "text,complaint",
    [
        ("[[rule", "not TOML"),
        ("rule = 3", "a rule is written as a [[rule]] table"),
        ("root = [3]", "a root is written as a [[root]] table"),
        ("", "there is no entry in the file: no [[rule]], [[root]], [[place]], [[thread]], [[start]] or [[image]]"),
        ("[[ruel]]", "there is no [[ruel]]. There are: [[rule]], [[root]]"),
        (RULE.replace('"mine"', '""'), "rule '1': it needs an id"),
        (RULE + RULE, "two entries are called 'mine'"),
        (RULE.replace('"ANE"', '"NPU"'), "rule 'mine': engine is 'NPU', expected one of ANE, GPU, CPU, none, unknown"),
        (RULE.replace("dispatch", "flying"), "rule 'mine': phase is 'flying'"),
        (RULE.replace("^go$", "("), "rule 'mine': symbol is not a regular expression"),
        (RULE.replace("symbol", "symbl"), "rule 'mine': there is no field 'symbl'"),
        (RULE.replace('symbol = "^go$"', ""), "rule 'mine': it needs a symbol, an image, or both"),
        (RULE + 'within = ["kitchen"]', "'mine': within names 'kitchen', expected some of outside, cut"),
        (RULE + "examples = 3", "rule 'mine': examples must be a list of text"),
        (RULE.replace('"^go$"', "4"), "rule 'mine': symbol must be text"),
        (RULE + 'unnamed = "true"', "rule 'mine': unnamed must be true or false"),
        (RULE + 'role = "wait"', "rule 'mine': engines is given for wait rules, and only for them"),
        (RULE + 'engines = ["ANE"]', "rule 'mine': engines is given for wait rules, and only for them"),
        (RULE + 'role = "wait"\nengines = ["NPU"]', "rule 'mine': engines is ['NPU'], expected some of ANE, GPU"),
        (ROOT.replace('kind = "Mine"\n', ""), "root 'mine': it needs a kind"),
        (ROOT + 'role = "wait"', "root 'mine': role is 'wait', expected one of call, work, caller"),
        (ROOT + 'engine = "ANE"', "root 'mine': there is no field 'engine'"),
        (PLACE.replace('place = "kitchen"\n', ""), "place 'mine': it needs a place"),
        (THREAD.replace("^go$", ""), "thread 'mine': it needs a name"),
        (THREAD.replace("ane-service-thread", "nobody"), "'mine': there is no rule 'nobody'"),
        (THREAD + 'symbol = "x"', "thread 'mine': there is no field 'symbol'"),
        ('[[start]]\nid = "mine"\nsymbol = "go"\nplace = "x"', "start 'mine': there is no field 'place'"),
        ('[[image]]\nid = "mine"', "image 'mine': it needs a symbol, an image, or both"),
    ],
)
def test_a_malformed_file_is_a_sentence(text: str, complaint: str) -> None:
    with pytest.raises(RuleError) as problem:
        parse_catalogue(text, "my.toml", CATALOGUE)
    assert str(problem.value).startswith("my.toml: ")
    assert complaint in str(problem.value)


@pytest.mark.parametrize("text", [RULE.replace("^go$", "("), '[[thread]]\nname = "x"', ""])
def test_a_mistake_says_where_the_form_is_told(text: str) -> None:
    with pytest.raises(RuleError) as problem:
        parse_catalogue(text, "my.toml")
    assert str(problem.value).endswith("See docs/attribution.md for the form.")


def test_every_kind_of_entry_can_be_given() -> None:
    start, image = ROOT.replace("root", "start"), ROOT.replace("root", "image")
    text = RULE + ROOT + PLACE + THREAD + (start + image).replace('kind = "Mine"\n', "")
    own = parse_catalogue(text, "my.toml", CATALOGUE)
    assert [len(getattr(own, name)) for name in Catalogue.__slots__] == [1] * 6
    assert {entry.id for entry in own.entries} == {own.threads[0].id} == {"mine"}


def test_every_field_of_a_rule_is_read() -> None:
    text = RULE.replace("engine", 'role = "wait"\nengine', 1) + (
        'engines = ["ANE", "GPU", "CPU", "none", "unknown"]\nimage = "K.*"\nunnamed = true\nwithin = ["cut"]\n'
        'place = "here"\nos = "iOS 27"\nsource = "seen"\nexamples = ["a", "b"]\nnear_misses = ["c"]\n'
    )
    (rule,) = parse_catalogue(text, "my.toml").rules
    assert (rule.role, rule.engine, rule.phase, rule.engines) == ("wait", "ANE", "dispatch", get_args(Engine))
    assert rule.symbol is not None
    assert rule.image is not None
    assert (rule.symbol.pattern, rule.image.pattern, rule.unnamed) == ("^go$", "K.*", True)
    assert (rule.within, rule.place, rule.os, rule.source) == (("cut",), "here", "iOS 27", "seen")
    assert (rule.examples, rule.near_misses) == (("a", "b"), ("c",))


def test_what_is_left_out_is_empty() -> None:
    (rule,) = parse_catalogue(RULE, "my.toml").rules
    assert (rule.role, rule.image, rule.unnamed, rule.within, rule.place) == ("engine", None, False, (), None)
    with pytest.raises(RuleError, match="engine is '', expected one of"):
        parse_catalogue(RULE.replace('engine = "ANE"\n', ""), "my.toml")


def test_images_and_starts_have_a_symbol_or_an_image() -> None:
    text = "".join(f'[[{kind}]]\nid = "mine"\nimage = "K"\n' for kind in ("start", "image"))
    own = parse_catalogue(text, "my.toml")
    assert all(each.allows_image("K") and not each.allows_image("L") for each in own.entries)


def test_a_place_of_one_s_own_can_be_named() -> None:
    own = parse_catalogue(PLACE + RULE + 'within = ["kitchen", "coreml"]', "my.toml", CATALOGUE)
    assert own.place_names == (OUTSIDE, CUT, "kitchen")
    assert own.rules[0].holds_in("kitchen")
    assert not own.rules[0].holds_in(OUTSIDE)


def test_roots_by_their_role() -> None:
    text = ROOT + "".join(ROOT.replace("mine", role) + f'role = "{role}"\n' for role in ("work", "caller"))
    own = parse_catalogue(text, "my.toml")
    assert [root.id for root in own.calls] == ["mine"]
    assert [root.id for root in own.beginnings] == ["mine", "work"]
    assert [root.id for root in own.callers] == ["caller"]


def test_symbols_of_the_wrong_image_do_not_match() -> None:
    (entry,) = parse_catalogue(RULE + 'image = "Espresso"', "my.toml").rules
    assert entry.allows_image("Espresso")
    assert not entry.allows_image("EspressoMachine")
    assert not entry.allows_image("MyApp")
    assert entry.allows_image("")


def test_without_a_symbol_an_image_is_needed() -> None:
    (entry,) = parse_catalogue(RULE.replace('symbol = "^go$"', 'image = "Espresso"'), "my.toml").rules
    assert entry.allows_image("Espresso")
    assert not entry.allows_image("")
