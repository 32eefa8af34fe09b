"""Rules proposed for engine classes that no rule knows."""

from tracekit.attribution import known_symbols
from tracekit.attribution.catalogue import parse_catalogue
from tracekit.attribution.proposals import proposed_rules


def test_proposed_rules_are_rules() -> None:
    names = ["Espresso::V9Engine::f()", "Espresso::NewMetalEngine::f()", "Espresso::Ane2Engine::f()"]
    names.append("Espresso::other_kernel_mps::g()")
    text = proposed_rules(known_symbols.engine_classes(names, "Espresso", ()), "Espresso", 'a "list"\n')
    rules = parse_catalogue(text, "proposed").rules
    assert [(rule.id, rule.engine) for rule in rules] == [
        ("new-espresso-ane2engine", "ANE"),
        ("new-espresso-newmetalengine", "GPU"),
        ("new-espresso-v9engine", "unknown"),
        ("new-espresso-other-kernel-mps", "GPU"),
    ]
    again = known_symbols.engine_classes(names, "Espresso", [rule for rule in rules if rule.engine != "unknown"])
    assert again.loc[again["rule"] == "", "name"].tolist() == ["Espresso::V9Engine"]
