"""Functions of a library against the rules."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tracekit.attribution import known_symbols
from tracekit.attribution.catalogue import builtin_catalogue
from tracekit.attribution.rules import Rule
from tracekit.readers.demangling import demangled
from tracekit.recording.lldb.symbol_lists import read_symbols

RULES = builtin_catalogue().rules


@pytest.mark.parametrize(
    "name, image, rule",
    [
        ("Espresso::topk_kernel_cpu::__launch(int)", "Espresso", "espresso-cpu-kernel"),
        ("Espresso::topk_kernel_cpu::set_params()", "Espresso", "espresso-engine-setup"),
        ("Espresso::topk_kernel_cpu::invented()", "Espresso", "espresso-unknown"),
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


def test_how_many_names_a_class_is_in() -> None:
    names = ["Espresso::V9Engine::f()", "Espresso::V9Engine::g(Espresso::V9Engine::h)", "Espresso::MPSEngine::f()"]
    classes = known_symbols.engine_classes(names, "Espresso", RULES)
    assert classes[["name", "methods"]].to_numpy().tolist() == [["Espresso::MPSEngine", 1], ["Espresso::V9Engine", 2]]
    assert known_symbols.engine_classes(names, "MyApp", RULES)["rule"].tolist() == ["", ""]


@pytest.mark.parametrize(
    "rule,knows",
    [
        ({}, True),
        ({"role": "stage", "engine": "none"}, True),
        ({"place": "kernel", "engine": "none"}, True),
        ({"engine": "none"}, False),
        ({"engine": "unknown"}, False),
        ({"engine": "unknown", "place": "kernel"}, False),
        ({"unnamed": True}, False),
        ({"symbol": None}, False),
    ],
)
def test_which_rules_know_a_class(rule: dict[str, Any], knows: bool) -> None:
    fields = {"id": "mine", "role": "engine", "engine": "ANE", "phase": "dispatch", "symbol": re.compile("NewEngine")}
    classes = known_symbols.engine_classes(["Espresso::NewEngine::f()"], "Espresso", [Rule(**{**fields, **rule})])
    assert classes["rule"].tolist() == (["mine"] if knows else [""])


def test_rules_that_lost_all_their_names_come_first() -> None:
    def of(*rules: str) -> pd.DataFrame:
        names = [str(number) for number in range(len(rules))]
        return pd.DataFrame({"name": names, "rule": rules, "engine": "ANE", "phase": "wait"}).astype("str")

    changes = known_symbols.compare(of("a", "b", "b", "", "c", "e"), of("a", "b", "", "", "x", "d", "c", "c", "z"))
    assert changes.rules.to_numpy().tolist() == [
        ["d", 1, 0], ["x", 1, 0], ["z", 1, 0], ["b", 1, 2], ["c", 2, 1], ["e", 0, 1],
    ]  # fmt: skip
    assert changes.rules.dtypes.astype(str).tolist() == ["str", "int64", "int64"]
    assert changes.rules.index.tolist() == list(range(6))


def test_what_an_update_changed() -> None:
    launch, gone, new = "Espresso::a_kernel_cpu::__launch()", "Espresso::BNNSEngine::c::__launch()", "Espresso::f()"
    old, update = (known_symbols.matched([launch, each], "Espresso", RULES) for each in (gone, new))
    changes = known_symbols.compare(update, old)
    assert changes.added == (new,)
    assert changes.removed == (gone,)
    assert changes.rules.to_numpy().tolist() == [["espresso-cpu-engine", 1, 0], ["espresso-unknown", 0, 1]]


def test_nothing_changed() -> None:
    same = known_symbols.matched(["Espresso::net::__forward(int)"], "Espresso", RULES)
    assert known_symbols.compare(same, same).rules.empty


METHODS = [
    # What a class name does not tell: facts of public lists of symbols, 11.4 to 27.
    # name, image, engine and phase; "" where nothing is decided
    ("E5RT::Ops::Impl::AneInferenceOperationImpl::LoadAneModel()", "Espresso", "none load"),
    (
        "E5RT::Ops::AneInferenceOperation::ReshapeOperationInternal(std::__1::map<int, int> const&)",
        "Espresso",
        "none load",
    ),
    ("E5RT::Ops::AneInferenceOperation::AneInferenceOperation(int)", "Espresso", "none load"),
    ("E5RT::Ops::AneInferenceOperation::~AneInferenceOperation()", "Espresso", "none teardown"),
    ("Espresso::MPSEngine::deconvolution_kernel::~deconvolution_kernel()", "Espresso", "none teardown"),
    ("E5RT::Ops::Impl::AneInferenceOperationImplUsingAnefAPIs::ResetOperation()", "Espresso", "none prepare"),
    ("E5RT::Ops::Impl::AneInferenceOperationImplUsingAnefAPIs::PreWireMemoryObjects()", "Espresso", "none prepare"),
    (
        "E5RT::Ops::Impl::AneInferenceOperationImplUsingAnefAPIs::EvaluateANERequest(int) const",
        "Espresso",
        "ANE dispatch",
    ),
    ("E5RT::Ops::AneInferenceOperation::SubmitAsync(unsigned long long)", "Espresso", "ANE dispatch"),
    ("E5RT::Ops::AneInferenceOperation::Invented()", "Espresso", ""),
    ("Espresso::ANERuntimeEngine::compiler::build_segment(int)", "Espresso", "none compile"),
    ("Espresso::ANERuntimeEngine::compiler::compile_network_to_cache_url_identifier(int)", "Espresso", "none compile"),
    ("Espresso::ANERuntimeEngine::compiler::__forward_segment(int)", "Espresso", "ANE dispatch"),
    ("Espresso::ANERuntimeEngine::batch::sync_wait()", "Espresso", "ANE wait"),
    ("Espresso::ANERuntimeEngine::blob_container::__copy_from_host(int)", "Espresso", "CPU copy"),
    ("Espresso::ANERuntimeEngine::context::begin_batch()", "Espresso", "ANE dispatch"),
    ("Espresso::MPSEngine::blob_container::__copy_to_host(int)", "Espresso", "CPU copy"),
    ("Espresso::MPSEngine::context::__launch_kernel(int)", "Espresso", "GPU dispatch"),
    ("Espresso::MPSEngine::deconvolution_kernel::__set_weights_finalize()", "Espresso", "none load"),
    ("Espresso::MPSBuffersEngine::activation_kernel::on_resized(Espresso::layer_data&)", "Espresso", "none load"),
    ("Espresso::batch_metal::sync_wait()", "Espresso", "GPU wait"),
    ("Espresso::MPSEngine::invented()", "Espresso", ""),
    ("Espresso::rnn_arch_kernel_montreal::__launch_cell_lstm(int)", "Espresso", "CPU execute"),
    ("Espresso::inner_product_kernel_cpu::__launch_quantized_int8_int8(int)", "Espresso", "CPU execute"),
    ("Espresso::inner_product_kernel_cpu::inner_product_kernel_cpu(int)", "Espresso", "none load"),
    ("Espresso::CPUFP16Engine::f16_to_fp32(unsigned short*, float*, unsigned long)", "Espresso", "CPU convert"),
    ("Espresso::BNNSEngine::engine::register_kernels(Espresso::abstract_engine_factory*)", "Espresso", "none load"),
    ("E5RT::Ops::CastOperation::Impl::ExecuteSync()", "Espresso", "CPU convert"),
    ("E5RT::Ops::E5MinimalCpu::ReadStateKernel::Launch()", "Espresso", "CPU execute"),
    ("E5RT::Ops::MpsGraphInferenceOperation::Impl::SubmitWorkToMpsGraph(bool)", "Espresso", "GPU dispatch"),
    ("E5RT::Ops::PreCompiledComputeOperation::Impl::BindEventsForOps()", "Espresso", "none framework"),
    ("Espresso::V9Engine::v9_conv_kernel::__launch(int)", "Espresso", "unknown other"),
    ("H11ANE::H11ANEDevice::ANE_ProgramSendRequest(int*, unsigned int)", "ANEServices", "ANE dispatch"),
    ("H11ANE::H11ANEDevice::ANE_ProgramCreate(int*)", "ANEServices", "none load"),
    ("H11ANE::H11ANEDevice::ANE_IsPowered()", "ANEServices", "none framework"),
    ("H11ANE::H11ANEFrameReceiver::FrameDone(void*)", "ANEServices", "ANE completion"),
    ("-[_ANEClient evaluateWithModel:options:request:qos:error:]", "AppleNeuralEngine", "ANE dispatch"),
    ("-[_ANEClient invented]", "AppleNeuralEngine", ""),
]


@pytest.mark.parametrize("name,image,decision", METHODS, ids=lambda value: value.partition("(")[0])
def test_what_a_method_of_an_engine_s_class_does(name: str, image: str, decision: str) -> None:
    (row,) = known_symbols.engine_methods([name], image, RULES).itertuples(index=False)
    assert f"{row.engine} {row.phase}".strip() == decision


def test_methods_are_of_classes_and_listed_once() -> None:
    names = [
        "Espresso::MPSEngine::context::f(int)",
        "Espresso::MPSEngine::context::f(long) (.123)",
        "vtable for Espresso::MPSEngine::context",
        "guard variable for Espresso::MPSEngine::context::f(int)::once",
        "std::__1::vector<Espresso::MPSEngine::context>::push_back(Espresso::MPSEngine::context const&)",
        "Espresso::net::__forward(int)",
        "E5RT::MpsGraphInferenceOperation::Impl::ExecuteSync()",
        "MPSGraphExecutable",
        "-[MPSGraphExecutable run]",
        "ANE::ANERequestReceiver::FrameDone()",
        "Espresso::blob_cpu::reshape()",
    ]
    methods = known_symbols.engine_methods(names, "", RULES)
    assert methods.columns.tolist() == ["class", "method", "rule", "engine", "phase"]
    assert set(methods.dtypes.astype(str)) == {"str"}
    assert list(zip(methods["class"], methods["method"], strict=True)) == [
        ("MPSGraphExecutable", "-[MPSGraphExecutable run]"),
        ("ANE::ANERequestReceiver", "ANE::ANERequestReceiver::FrameDone"),
        ("E5RT::MpsGraphInferenceOperation", "E5RT::MpsGraphInferenceOperation::Impl::ExecuteSync"),
        ("Espresso::MPSEngine", "Espresso::MPSEngine::context::f"),
        ("Espresso::blob_cpu", "Espresso::blob_cpu::reshape"),
    ]
    assert known_symbols.engine_methods([], "", RULES).empty
    (elsewhere,) = known_symbols.engine_methods(["Espresso::MPSEngine::context::__launch()"], "MyApp", RULES)["rule"]
    assert elsewhere == ""


def test_of_all_real_lists_less_than_two_in_a_hundred_methods_are_undecided(real_data: Path) -> None:
    count, undecided = 0, set()
    for path in sorted((real_data / "symbols").glob("*.txt.gz")):
        listed_here = read_symbols(path, demangled)
        methods = known_symbols.engine_methods(listed_here.names, listed_here.image, RULES)
        missing = methods.loc[methods["rule"] == "", "method"]
        assert len(missing) <= 0.02 * len(methods), path.name
        count += len(methods)
        undecided |= set(missing)
    assert count > 3_500
    assert len(undecided) < 10, sorted(undecided)


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
