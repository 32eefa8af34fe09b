"""Which frames begin a prediction, and whose it is."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.profiles import profile_from_text
from tracekit.attribution.catalogue import builtin_catalogue, parse_catalogue
from tracekit.attribution.engines import attribute
from tracekit.attribution.patterns import parse
from tracekit.attribution.roots import candidates, root_kinds, root_nodes, roots_found, sample_roots
from tracekit.model.schema import NONE

PREDICT = "start;main;CoreML`-[MLModel predictionFromFeatures:error:]"
WORK = "Espresso`E5RT::ExecutionStream::ExecuteStreamSync()"
CALLER = '[[root]]\nid = "kit"\nkind = "Kit"\nrole = "caller"\nimage = "Kit"\n'


def root_symbols(text: str, *patterns: str) -> list[str]:
    """The symbol of the root of each sample; empty where there is none."""
    profile = profile_from_text(text)
    frames = profile.frames["name"].to_numpy()[profile.stacks["frame_id"].to_numpy()]
    return ["" if row == NONE else frames[row] for row in sample_roots(profile, [parse(each) for each in patterns])]


def test_the_match_nearest_the_root_counts() -> None:
    text = f"{PREDICT};CoreML`-[MLE5Engine predictionFromFeatures:options:error:];{WORK} 1"
    assert root_symbols(text) == ["-[MLModel predictionFromFeatures:error:]"]
    assert root_symbols(f"start_wqthread;{WORK};Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync() 1") == [
        "E5RT::ExecutionStream::ExecuteStreamSync()"
    ]
    assert root_symbols("start;main;work 1") == [""]


def test_a_pattern_of_one_s_own_counts_instead() -> None:
    assert root_symbols(f"{PREDICT};{WORK} 1", "mai") == ["main"]
    assert root_symbols(f"{PREDICT};{WORK} 1", "nothing") == [""]


def test_root_nodes_are_at_or_above_and_the_same_all_the_way_down() -> None:
    profile = profile_from_text(f"{PREDICT};{WORK};leaf 1")
    assert root_nodes(profile).tolist() == [NONE, NONE, 2, 2, 2]


@pytest.mark.parametrize(
    "stack,kind",
    [
        (f"{PREDICT};{WORK}", "Core ML"),
        (f"start_wqthread;{WORK}", "Core ML"),
        (f"start_wqthread;Kit`run;{WORK}", "Kit"),
        # The framework must stand above: what a prediction calls back is not whose it is.
        (f"start_wqthread;{WORK};Kit`log", "Core ML"),
        # The nearest of two.
        (f"start_wqthread;Other`run;Kit`run;{WORK}", "Kit"),
        (f"start_wqthread;Kit`run;Other`run;{WORK}", "Other"),
        # An app's own model is its own, whoever was asked to run it.
        (f"start;main;Kit`run;CoreML`-[MLModel predictionFromFeatures:error:];{WORK}", "Core ML"),
        ("start;main;Kit`run", None),
        ("start;main", None),
    ],
)
def test_whose_a_prediction_is(stack: str, kind: str | None) -> None:
    own = parse_catalogue(CALLER + CALLER.replace("kit", "other").replace("Kit", "Other"), "own") + builtin_catalogue()
    profile = profile_from_text(f"{stack} 1")
    kinds = root_kinds(profile, sample_roots(profile, (), own), own)
    assert kinds.astype(object).tolist() == [kind] if kind else kinds.isna().all()


def test_a_root_of_a_pattern_is_of_no_kind_but_its_caller_s() -> None:
    own = parse_catalogue(CALLER, "own") + builtin_catalogue()
    profile = profile_from_text("start;Kit`run;mine;work 1\nstart;mine 1\n")
    kinds = root_kinds(profile, sample_roots(profile, [parse("mine")], own), own)
    assert kinds.codes.tolist() == [list(kinds.categories).index("Kit"), NONE]


def test_roots_that_were_found_are_summed_by_symbol() -> None:
    profile = profile_from_text(f"{PREDICT};a 3\n{PREDICT};b 4\nstart_wqthread;{WORK} 9\nmain;x 1\n")
    rows = roots_found(profile, sample_roots(profile)).to_numpy().tolist()
    assert rows == [
        ["E5RT::ExecutionStream::ExecuteStreamSync()", 1, 9],
        ["-[MLModel predictionFromFeatures:error:]", 2, 7],
    ]


def test_roots_of_equal_weight_are_in_order_of_their_names() -> None:
    profile = profile_from_text(f"{PREDICT};a 3\nstart_wqthread;{WORK} 3\n")
    rows = roots_found(profile, sample_roots(profile))
    assert rows["symbol"].tolist() == [
        "-[MLModel predictionFromFeatures:error:]",
        "E5RT::ExecutionStream::ExecuteStreamSync()",
    ]
    assert rows.index.tolist() == [0, 1]


def test_candidates_name_core_ml_s_own_images_first_and_count_a_sample_once() -> None:
    profile = profile_from_text("""
        start;MyApp`infer;MyApp`infer;work      5
        start;Espresso`0x12;work                1
        start;libBNNS.dylib`0x13                2
        start;MyApp`inferno                     7
    """)
    assert candidates(profile).to_numpy().tolist() == [["0x13", 1, 2], ["0x12", 1, 1], ["infer", 1, 5]]
    assert candidates(profile, most=1)["symbol"].tolist() == ["0x13"]
    assert candidates(profile_from_text("start;work 1")).empty


@pytest.mark.parametrize(
    "function",
    [
        *("runInference", "-[Net forward:]", "Net.forward(_:)", "torch::nn::Module::forward", "forward_pass", "infer"),
        *("Graph::Execute()", "execute(model:)", "evaluate", "Net::evaluate<float>(int)", "MyApp`executeModel"),
        *("CoreML`-[MLFutureModel run]", "Espresso`Espresso::net::odd()"),
    ],
)
def test_a_function_that_may_call_a_model_is_a_candidate(function: str) -> None:
    assert len(candidates(profile_from_text(f"start;main;{function};work 3"))) == 1


@pytest.mark.parametrize(
    "function",
    [
        *("lookUpImpOrForward", "_objc_msgForward", "___forwarding___", "_CF_forwarding_prep_0", "fast_forwarding"),
        *("-[NSProxy forwardInvocation:]", "int&& std::__1::forward[abi:ne180100]<int>(int&)", "swift::execute()"),
        *("reevaluate", "Foo::postExecute()", "run(std::function<Inference>)", "-[NSPredicate matches:]", "inferno"),
        *("CoreML`-[MLMultiArray numberAtOffset:]", "CoreML`+[MLModel modelWithContentsOfURL:error:]"),
        "CoreML`+[MLLoader loadModelFromArchive:error:]",
    ],
)
def test_plumbing_and_what_a_rule_knows_better_is_no_candidate(function: str) -> None:
    assert candidates(profile_from_text(f"start;main;{function};work 3")).empty


def test_what_only_loads_is_no_candidate() -> None:
    text = "main;runInference;CoreML`+[MLModel modelWithContentsOfURL:error:];CoreML`+[_ANEClient sharedConnection] 3"
    assert candidates(attribute(profile_from_text(text))).empty
    found = candidates(attribute(profile_from_text(f"{text}\nmain;runInference;work 2")))
    assert found.to_numpy().tolist() == [["runInference", 1, 2]]


@pytest.mark.parametrize(
    "path, found",
    [("/usr/lib/libsqlite3.dylib", 0), ("/System/Library/Frameworks/WebKit.framework/WebKit", 0), ("/Users/me/Net", 1)],
)
def test_executing_in_an_image_of_the_system_is_no_sign_of_a_model(path: str, found: int) -> None:
    profile = profile_from_text("start;main;Image`execute();work 3")
    binaries = profile.binaries.assign(path=path)
    assert len(candidates(replace(profile, binaries=binaries))) == found


def test_candidates_of_equal_weight_are_in_order_of_their_names_and_five() -> None:
    profile = profile_from_text("".join(f"start;predict{name} 2\n" for name in "fedcba"))
    found = candidates(profile)
    assert found["symbol"].tolist() == [f"predict{name}" for name in "abcde"]
    assert found.columns.tolist() == ["symbol", "samples", "weight"]
    assert found.index.tolist() == [0, 1, 2, 3, 4]


def test_what_no_sample_stands_under_is_no_candidate() -> None:
    profile = profile_from_text("start;infer 2\nstart;other 3\n")
    assert candidates(profile.with_samples(profile.samples.iloc[1:].reset_index(drop=True))).empty


def test_no_root_no_kind() -> None:
    profile = profile_from_text("start;main 1")
    assert root_kinds(profile, np.array([NONE], np.int32)).isna().all()
