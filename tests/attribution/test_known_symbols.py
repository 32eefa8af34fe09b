"""Functions of a library against the rules."""

from pathlib import Path

import pandas as pd
import pytest

from tracekit.attribution import known_symbols
from tracekit.attribution.catalogue import builtin_catalogue, parse_catalogue
from tracekit.model.folded import from_folded
from tracekit.readers.bundle.demangling import demangled
from tracekit.recording.lldb.symbol_lists import read_symbols

RULES = builtin_catalogue().rules


@pytest.mark.parametrize(
    "name, image, rule",
    [
        ("Espresso::topk_kernel_cpu::__launch(int)", "Espresso", "espresso-cpu-kernel"),
        ("Espresso::topk_kernel_cpu::set_params()", "Espresso", "espresso-unknown"),
        ("-[_ANEClient evaluateWithModel:options:request:qos:error:]", "AppleNeuralEngine", "ane-client-evaluate"),
        ("-[_ANEClient evaluateWithModel:options:request:qos:error:]", "", "ane-client-evaluate"),
        ("-[_ANEClient evaluateWithModel:options:request:qos:error:]", "Espresso", ""),
        ("malloc", "libsystem_malloc.dylib", ""),
    ],
)
def test_which_rule_knows_a_name(name: str, image: str, rule: str) -> None:
    assert known_symbols.matched([name], image, RULES)["rule"].tolist() == [rule]


@pytest.mark.parametrize(
    "name, expected",
    [
        ("vtable for Espresso::conv_kernel_cpu", [("Espresso::conv_kernel_cpu", "CPU")]),
        ("Espresso::V9Engine::convolution_kernel::__launch(int)", [("Espresso::V9Engine", "")]),
        ("f(std::shared_ptr<Espresso::MPSEngine::blob>)", [("Espresso::MPSEngine", "GPU")]),
        ("Espresso::ANECompilerEngine::compile()", [("Espresso::ANECompilerEngine", "none")]),
        ("E5RT::Ops::AneInferenceOperation::Impl::Impl()", [("E5RT::Ops::AneInferenceOperation", "ANE")]),
        ("E5RT::Ops::NewOperation::ExecuteSync()", [("E5RT::Ops::NewOperation", "")]),
        ("Espresso::generic_pool_kernel::top_shapes()", []),
        ("Espresso::abstract_engine_factory::register_engine(int)", []),
        ("MyEspresso::OtherEngine::run()", []),
    ],
)
def test_classes_that_look_like_engines(name: str, expected: list[tuple[str, str]]) -> None:
    classes = known_symbols.engine_classes([name], "Espresso", RULES)
    assert list(zip(classes["name"], classes["engine"], strict=True)) == expected


def test_proposed_rules_are_rules() -> None:
    names = ["Espresso::V9Engine::f()", "Espresso::NewMetalEngine::f()", "Espresso::Ane2Engine::f()"]
    names.append("Espresso::other_kernel_mps::g()")
    text = known_symbols.proposed_rules(known_symbols.engine_classes(names, "Espresso", ()), "Espresso", 'a "list"\n')
    rules = parse_catalogue(text, "proposed").rules
    assert [(rule.id, rule.engine) for rule in rules] == [
        ("new-espresso-ane2engine", "ANE"),
        ("new-espresso-newmetalengine", "GPU"),
        ("new-espresso-v9engine", "unknown"),
        ("new-espresso-other-kernel-mps", "GPU"),
    ]
    again = known_symbols.engine_classes(names, "Espresso", [rule for rule in rules if rule.engine != "unknown"])
    assert again.loc[again["rule"] == "", "name"].tolist() == ["Espresso::V9Engine"]


def test_what_an_update_changed() -> None:
    old = known_symbols.matched(["Espresso::a_kernel_cpu::__launch()", "Espresso::BNNSEngine::f()"], "Espresso", RULES)
    new = known_symbols.matched(["Espresso::a_kernel_cpu::__launch()", "Espresso::V9Engine::f()"], "Espresso", RULES)
    changes = known_symbols.compare(new, old)
    assert changes.added == ("Espresso::V9Engine::f()",)
    assert changes.removed == ("Espresso::BNNSEngine::f()",)
    assert changes.rules.to_numpy().tolist() == [["espresso-cpu-engine", 1, 0], ["espresso-unknown", 0, 1]]


def test_nothing_changed() -> None:
    same = known_symbols.matched(["Espresso::net::__forward(int)"], "Espresso", RULES)
    assert known_symbols.compare(same, same).rules.empty


def test_symbols_that_decided_in_a_profile() -> None:
    root = "main;CoreML`-[MLModel predictionFromFeatures:error:]"
    profile = from_folded(
        f"{root};Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync();libBNNS.dylib`0x1234 9\n"
        f"{root};Espresso`Espresso::topk_kernel_cpu::__launch() 1\n"
        f"{root};CoreML`-[MLE5InputPort bind] 4\n"
        f"main;work 5\n"
    )
    seen = known_symbols.symbols_seen(profile, builtin_catalogue())
    assert seen["symbol"].tolist() == ["Espresso::topk_kernel_cpu::__launch()"]
    assert seen["engine"].tolist() == ["CPU"]


def listed(folder: Path, name: str) -> "tuple[list[str], pd.DataFrame]":
    found = read_symbols(folder / "symbols" / f"{name}.txt.gz", demangled)
    return list(found.names), known_symbols.engine_classes(found.names, "Espresso", RULES)


def test_the_real_espresso_of_macos_14(real_data: Path) -> None:
    names, classes = listed(real_data, "espresso_symbols_macOS14.0")
    import re

    kernels = {each for name in names for each in re.findall(r"Espresso::\w+_kernel_cpu\b", name)}
    engine = dict(zip(classes["name"], classes["engine"], strict=True))
    assert len(kernels) == 97
    assert {engine[kernel] for kernel in kernels} == {"CPU"}
    assert engine["E5RT::Ops::MpsGraphInferenceOperation"] == "GPU"


def test_the_real_espresso_of_ios_27(real_data: Path) -> None:
    _, classes = listed(real_data, "changed_espresso_symbols_iOS_26_5_23F77_vs_27_0_24A5355q")
    engine = dict(zip(classes["name"], classes["engine"], strict=True))
    operations = {name.rsplit("::", 1)[1]: of for name, of in engine.items() if name.startswith("E5RT::Ops::")}
    assert operations["AneInferenceOperation"] == "ANE"
    assert operations["MpsGraphInferenceOperation"] == "GPU"
    unknown = classes.loc[classes["rule"] == "", "name"].tolist()
    assert unknown == ["Espresso::CVAEngine", "Espresso::HXEngine", "Espresso::V9Engine"]
