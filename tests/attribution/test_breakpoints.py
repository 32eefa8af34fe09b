"""What of the rules breakpoints can use."""

import re

from tracekit.attribution.breakpoints import engine_patterns, stage_patterns, symbols_seen
from tracekit.attribution.catalogue import builtin_catalogue, parse_catalogue
from tracekit.model.folded import from_folded

RULES = """
[[rule]]
id = "run"
engine = "ANE"
phase = "dispatch"
symbol = '^N::(f|g)$|^cost\\$'

[[rule]]
id = "load"
role = "stage"
engine = "ANE"
phase = "load"
symbol = '^N::load$'

[[rule]]
id = "somewhere"
engine = "GPU"
phase = "dispatch"
symbol = '^N::h$'
within = ["cut"]
"""


def test_patterns_meet_whole_names() -> None:
    rules = parse_catalogue(RULES, "own").rules
    ((engine, pattern),) = engine_patterns(rules)
    (stage,) = stage_patterns(rules)
    assert engine == "ANE"
    for name, meant in {
        "N::f(int)": True,
        "N::g": True,
        "N::fun()": False,
        "cost$f": True,
        "N::load(int)": False,
    }.items():
        assert (re.search(pattern, name) is not None) == meant
    assert re.search(stage, "N::load(int)")
    assert not re.search(stage, "N::loader()")


def test_only_what_runs_an_engine_is_a_breakpoint() -> None:
    rule = '[[rule]]\nid = "{0}"\nengine = "CPU"\nphase = "{0}"\nsymbol = "^{0}"\n'
    phases = ("execute", "dispatch", "wait", "copy", "convert", "completion")
    rules = parse_catalogue("".join(rule.format(phase) for phase in phases), "own").rules
    assert engine_patterns(rules) == [("CPU", "^execute"), ("CPU", "^dispatch"), ("CPU", "^wait")]


def test_the_symbols_seen_most_come_first_and_equals_by_name() -> None:
    root = "main;CoreML`-[MLModel predictionFromFeatures:error:];Espresso`Espresso"
    names = ["b", "a", "c", "c", "d", "d", "d"]
    profile = from_folded("".join(f"{root}::{name}_kernel_cpu::__launch() 1\n" for name in names))
    seen = symbols_seen(profile, builtin_catalogue())
    assert [name[10] for name in seen["symbol"]] == ["d", "c", "a", "b"]
    assert seen["samples"].tolist() == [3, 2, 1, 1]
    assert seen.index.tolist() == [0, 1, 2, 3]


def test_symbols_that_decided_in_a_profile() -> None:
    root = "main;CoreML`-[MLModel predictionFromFeatures:error:]"
    profile = from_folded(
        f"{root};Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync();libBNNS.dylib`0x1234 9\n"
        f"{root};Espresso`Espresso::topk_kernel_cpu::__launch() 1\n"
        f"{root};CoreML`-[MLE5InputPort bind] 4\n"
        f"main;work 5\n"
    )
    seen = symbols_seen(profile, builtin_catalogue())
    assert seen["symbol"].tolist() == ["Espresso::topk_kernel_cpu::__launch()"]
    assert seen["engine"].tolist() == ["CPU"]
