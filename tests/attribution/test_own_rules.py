"""``--rules FILE``: a user's own entries, of any kind, before the built-in ones."""

from pathlib import Path

import pytest

from tests.attribution.test_catalogue import RULE
from tests.support.profiles import profile_from_stacks, profile_from_text
from tracekit.analysis.analyze import analyze_profile
from tracekit.attribution.catalogue import builtin_catalogue
from tracekit.attribution.engines import attribute
from tracekit.attribution.own_rules import load_catalogue
from tracekit.errors import InputError, RuleError

OWN = """
[[root]]
id = "engine-run"
kind = "My engine"
symbol = '^MyEngine::run$'
image = "MyKit"
place = "mykit"
examples = ["MyKit`MyEngine::run(int)", "MyEngine::run()"]
near_misses = ["MyKit`MyEngine::running()"]

[[rule]]
id = "kernels"
engine = "CPU"
phase = "execute"
image = "libkernels.dylib"
within = ["mykit"]
examples = ["libkernels.dylib`0x12"]
near_misses = ["libkernel.dylib`0x12"]

[[thread]]
id = "pool"
name = '^kernels \\d+$'
rule = "kernels"
examples = ["kernels 3"]
near_misses = ["kernels"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "my.toml"
    path.write_text(text)
    return path


def test_ones_own_entries_come_first(tmp_path: Path) -> None:
    builtin = builtin_catalogue()
    both = load_catalogue(written(tmp_path, RULE))
    assert [rule.id for rule in both.rules] == ["mine", *(rule.id for rule in builtin.rules)]
    assert both.roots == builtin.roots
    assert load_catalogue(None) is builtin


def test_a_root_a_place_and_a_thread_of_ones_own(tmp_path: Path) -> None:
    catalogue = load_catalogue(written(tmp_path, OWN))
    profile = profile_from_text("""
        start;MyApp`main;MyKit`MyEngine::run(int);libkernels.dylib`0x12    40
        start;MyApp`main;libkernels.dylib`0x12                              1
    """)
    assert attribute(profile, catalogue).samples["rule"].astype(object).fillna("").tolist() == ["kernels", ""]
    analysis = analyze_profile(profile, catalogue=catalogue)
    assert analysis.engines[["engine", "weight"]].to_numpy().tolist() == [["CPU", 40]]
    assert analysis.roots["symbol"].tolist() == ["MyEngine::run(int)"]
    idle = profile_from_stacks([{"frames": [{"symbol": "nap"}], "thread_name": "kernels 3"}])
    assert attribute(idle, catalogue).samples.iloc[0][["engine", "phase", "rule"]].tolist() == [
        "CPU",
        "execute",
        "kernels",
    ]


def test_a_root_makes_the_place_before_a_place_does(tmp_path: Path) -> None:
    place = '[[place]]\nid = "mine"\nplace = "elsewhere"\nimage = "MyKit"\n'
    catalogue = load_catalogue(written(tmp_path, OWN + place))
    profile = profile_from_text("start;MyKit`MyEngine::run(int);libkernels.dylib`0x12 1")
    assert attribute(profile, catalogue).samples["rule"].tolist() == ["kernels"]


@pytest.mark.parametrize(
    "text,complaint",
    [
        (RULE.replace("mine", "ane-operation"), "two entries are called 'ane-operation', counting the built-in ones"),
        (RULE + 'examples = ["stop"]', "'mine' does not decide its example 'stop': nothing does"),
        (RULE + "x = 1", "rule 'mine': there is no field 'x'"),
        (RULE + 'near_misses = ["go"]', "'mine' takes its near miss 'go'"),
        (RULE + 'examples = ["go;Espresso`Espresso::net::__forward(int)"]', "'espresso-launch' does"),
        (OWN.replace("run$", "run"), "'engine-run' takes its near miss 'MyKit`MyEngine::running()'"),
        (OWN.replace('"kernels 3"', '"kernel 3"'), "'pool' does not decide its example 'kernel 3': nothing does"),
    ],
)
def test_examples_of_ones_own_are_tested(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(RuleError) as problem:
        load_catalogue(written(tmp_path, text))
    assert complaint in str(problem.value)
    assert str(problem.value).startswith(f"{tmp_path / 'my.toml'}: ")


def test_places_of_the_built_in_entries_can_be_named_and_any_language_written(tmp_path: Path) -> None:
    own = RULE.replace('"mine"', '"größer"') + 'within = ["coreml"]\nexamples = ["go"]\nsource = "gemessen: µs"\n'
    rule = load_catalogue(written(tmp_path, own)).rules[0]
    assert (rule.id, rule.within, rule.source) == ("größer", ("coreml",), "gemessen: µs")


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.toml: there is no such file"):
        load_catalogue(tmp_path / "absent.toml")
