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
