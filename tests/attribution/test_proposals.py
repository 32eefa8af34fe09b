"""Rules proposed for engine classes that no rule knows."""

import re
import tomllib

import pytest

from tracekit.attribution import known_symbols
from tracekit.attribution.catalogue import parse_catalogue
from tracekit.attribution.proposals import proposed_rules, toml_text


@pytest.mark.parametrize(
    "name,engine,phase",
    [
        ("Espresso::NewCpuEngine", "CPU", "execute"),
        ("Espresso::Bnns3Engine", "CPU", "execute"),
        ("Espresso::AneFooEngine", "ANE", "dispatch"),
        ("Espresso::Plane2Engine", "unknown", "other"),
        ("Espresso::NewMPSEngine", "GPU", "dispatch"),
        ("Espresso::gpu_Engine", "GPU", "dispatch"),
        ("Espresso::V11Engine", "unknown", "other"),
    ],
)
@pytest.mark.parametrize("image", ["Espresso", ""])
def test_the_engine_is_guessed_from_the_name(name: str, engine: str, phase: str, image: str) -> None:
    text = proposed_rules(known_symbols.engine_classes([f"{name}::f()"], image, ()), image, "list.txt")
    assert text.startswith("# Proposed by `tracekit symbols`. Engines are guessed from names: check each")
    (rule,) = parse_catalogue(text, "proposed").rules
    assert (rule.engine, rule.phase, rule.source) == (engine, phase, "proposed from list.txt")
    assert (rule.image.pattern if rule.image else "") == image
    (example,) = rule.examples
    assert example == (f"{image}`{name}::__launch" if image else f"{name}::__launch")
    assert re.fullmatch(r"new-[a-z0-9-]*[a-z0-9]", rule.id)


@pytest.mark.parametrize("text", ['a "b" \\ c', "\x00\x1f\x7f\n\t", "\u202egpj.exe", "µ", "\ud800"])
def test_any_text_is_a_toml_string(text: str) -> None:
    written = toml_text(text)
    assert tomllib.loads(f"x = {written}")["x"] == text.encode("utf-8", "replace").decode()
    assert written.isprintable()


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
