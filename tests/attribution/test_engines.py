"""Attribution: drawings of stacks with the engine, phase and rule they must get, and real stacks with known truth."""

import gzip
import json
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given

from tests.support.profiles import profile_from_stacks, profile_from_text, profiles
from tracekit.attribution.catalogue import builtin_catalogue, parse_catalogue
from tracekit.attribution.engines import attribute, service_threads, unmatched_symbols
from tracekit.attribution.roots import root_nodes
from tracekit.model.profile import Profile

PREDICT = "start;MyApp`main;CoreML`-[MLModel predictionFromFeatures:error:]"
E5 = f"{PREDICT};CoreML`-[MLE5Engine predictionFromFeatures:options:error:];Espresso`e5rt_execution_stream_execute_sync"
NN = (
    f"{PREDICT};CoreML`-[MLNeuralNetworkEngine predictionFromFeatures:options:error:];Espresso`Espresso::net::__forward"
)
LOAD = "start;MyApp`main;CoreML`+[MLModel modelWithContentsOfURL:configuration:error:]"
AI = "start;MyApp`main;CoreAI`InferenceFunction.run(inputs:);CoreAIRuntime`CoreAIRuntime.ExecutionContext.run()"
GPU_OP = "Espresso`E5RT::Ops::MpsGraphInferenceOperation::ExecuteSync(E5RT::ExecuteOptions const&)"
ANE_OP = "Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()"
GRAPH = "MetalPerformanceShadersGraph"

DRAWINGS = [
    # stack, engine, phase, rule
    (f"{E5};{ANE_OP}", "ANE", "dispatch", "ane-operation"),
    (f"{E5};{ANE_OP};libsystem_malloc.dylib`malloc", "ANE", "dispatch", "ane-operation"),
    (f"{E5};{ANE_OP};IOKit`IOConnectCallAsyncMethod;libsystem_kernel.dylib`mach_msg2_trap", "ANE", "wait", "wait-ane-call"),  # noqa: E501
    (f"{E5};Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync();libBNNS.dylib`0x1a5", "CPU", "execute", "bnns-image"),  # noqa: E501
    (f"{E5};{GPU_OP}", "GPU", "dispatch", "mpsgraph-operation"),
    (f"{E5};{GPU_OP};libsystem_kernel.dylib`mach_msg2_trap", "GPU", "dispatch", "mpsgraph-operation"),
    (f"{E5};{GPU_OP};Metal`-[_MTLCommandBuffer waitUntilCompleted]", "GPU", "wait", "gpu-wait"),
    (f"{E5};{GPU_OP};{GRAPH}`-[MPSGraphExecutable specializeWithDevice:];mlir`clone", "GPU", "compile", "mpsgraph-specialise"),  # noqa: E501
    (f"{E5};{GPU_OP};AGXMetalG14X`0x1a;libsystem_kernel.dylib`__ulock_wait", "GPU", "wait", "wait-primitive"),
    (f"{NN};Espresso`Espresso::layer::__launch;Espresso`Espresso::BNNSEngine::convolution_kernel::__launch",
     "CPU", "execute", "espresso-cpu-engine"),
    (f"{NN};Espresso`Espresso::layer::__launch;Espresso`Espresso::elementwise_kernel_cpu::__launch",
     "CPU", "execute", "espresso-cpu-kernel"),
    (f"{NN};Espresso`Espresso::layer::__launch", "none", "framework", "espresso-launch"),
    # A stripped kernel straight below the layer loop could be any engine's.
    (f"{NN};Espresso`Espresso::layer::__launch;Espresso`0x1b2d", "unknown", "other", "espresso-unnamed-kernel"),
    # … but not below a kernel that has a name.
    (f"{NN};Espresso`Espresso::layer::__launch;Espresso`Espresso::MPSEngine::context::__launch_kernel;Espresso`0x1b2d",
     "GPU", "dispatch", "espresso-gpu-engine"),
    (f"{NN};Espresso`Espresso::V9Engine::convolution_kernel::__launch", "unknown", "other", "espresso-engine-by-name"),
    (f"{NN};Espresso`Espresso::NewEngine::convolution_kernel::__launch", "unknown", "other", "espresso-unknown"),
    # Loading is never execution, whatever engine's class or image is on the stack.
    (f"{LOAD};Espresso`Espresso::ANERuntimeEngine::register_kernels", "none", "load", "espresso-register-kernels"),
    (f"{LOAD};AppleNeuralEngine`+[_ANEDeviceInfo hasANE]", "none", "load", "coreml-load"),
    (f"{LOAD};{GRAPH}`-[MPSGraphExecutable encodeToCommandBuffer:]", "none", "load", "coreml-load"),
    (f"{E5};CoreML`-[MLNeuralNetworkEngine setEspressoBlobShapes:];{ANE_OP}", "none", "load", "espresso-reshape"),
    # A prediction started from a loading callback is a prediction.
    (f"{LOAD};MyApp`loaded;CoreML`-[MLModel predictionFromFeatures:error:];{ANE_OP}", "ANE", "dispatch", "ane-operation"),  # noqa: E501
    # Blocked in the framework: on whom, this stack does not tell.
    (f"{PREDICT};libdispatch.dylib`_dispatch_group_wait;libsystem_kernel.dylib`semaphore_wait_trap",
     "unknown", "wait", "wait-primitive"),
    (f"{PREDICT};libdispatch.dylib`_dispatch_sync_f_slow;libsystem_kernel.dylib`kevent_id",
     "unknown", "contention", "wait-own-queue"),
    # The first wait frame that can be the engine's decides.
    (f"{E5};{ANE_OP};libdispatch.dylib`_dispatch_sync_f_slow;libsystem_kernel.dylib`kevent_id", "ANE", "wait", "wait-primitive"),  # noqa: E501
    # Below a named operation or kernel a helper works for it, named or stripped, and waits for it.
    (f"{E5};{ANE_OP};Espresso`E5RT::SurfaceObject::GetSurface()", "ANE", "dispatch", "ane-operation"),
    (f"{E5};{ANE_OP};Espresso`0x1b2d", "ANE", "dispatch", "ane-operation"),
    (f"{NN};Espresso`Espresso::inner_product_kernel_cpu::__launch(int);Espresso`Espresso::__launch_spmv(int)",
     "CPU", "execute", "espresso-cpu-kernel"),
    (f"{E5};{GPU_OP};Espresso`E5RT::AsyncEvent::SyncWait();libsystem_kernel.dylib`__psynch_cvwait", "GPU", "wait", "wait-primitive"),  # noqa: E501
    # What loads, compiles, prepares or copies does so whatever its class is called.
    (f"{E5};Espresso`E5RT::Ops::Impl::AneInferenceOperationImpl::LoadAneModel()", "none", "load", "e5rt-operation-load"),  # noqa: E501
    (f"{E5};Espresso`Espresso::ANERuntimeEngine::compiler::build_segment(int)", "none", "compile", "espresso-segment-compile"),  # noqa: E501
    (f"{E5};{ANE_OP};Espresso`E5RT::Ops::AneInferenceOperation::ResetOperation()", "ANE", "dispatch", "ane-operation"),
    (f"{E5};Espresso`E5RT::Ops::AneInferenceOperation::ResetOperation()", "none", "prepare", "e5rt-operation-reset"),
    (f"{E5};Espresso`e5rt_execution_stream_operation_reshape_operation;Espresso`E5RT::Ops::AneInferenceOperation::ResetOperation()",
     "none", "load", "e5rt-reshape"),
    (f"{NN};Espresso`Espresso::ANERuntimeEngine::blob_container::__copy_from_host(int);libsystem_platform.dylib`_platform_memmove",
     "CPU", "copy", "espresso-copy-blob"),
    (f"{NN};Espresso`Espresso::MPSEngine::blob_container::__copy_to_host(int);libvDSP.dylib`vDSP_vsmul", "CPU", "copy", "espresso-copy-blob"),  # noqa: E501
    (f"{E5};Espresso`E5RT::Ops::CastOperation::ExecuteSync();libvDSP.dylib`vDSP_vsmul", "CPU", "convert", "e5rt-cast-operation"),  # noqa: E501
    (f"{E5};Espresso`E5RT::Ops::CastOperation::ExecuteSync();Espresso`E5RT::TensorUtils::Cast();vImage`0x1", "CPU", "convert", "e5rt-cast-operation"),  # noqa: E501
    # Making an operation is loading; making a buffer, or destroying one, is a part of the run.
    (f"{E5};Espresso`E5RT::Ops::AneInferenceOperation::AneInferenceOperation(int);AppleNeuralEngine`0x1", "none", "load", "e5rt-construct"),  # noqa: E501
    (f"{E5};Espresso`E5RT::BufferObject::~BufferObject()", "none", "framework", "e5rt-runtime"),
    (f"{E5};{ANE_OP};Espresso`E5RT::BufferObject::BufferObject(int)", "ANE", "dispatch", "ane-operation"),
    # An engine's class in an argument list or a template argument claims nothing.
    (f"{NN};Espresso`Espresso::layer::f(std::__1::shared_ptr<Espresso::MPSEngine::batch>)", "unknown", "other", "espresso-unknown"),  # noqa: E501
    # A custom layer is the app's: on the CPU it computes there, on the GPU it encodes; what it calls is its own.
    (f"{NN};CoreML`-[MLCustomLayerWrapper computeOnCPUWithInputTensors:outputTensors:];MyApp`-[L evaluateOnCPUWithInputs:outputs:error:];libBLAS.dylib`cblas_sgemm",  # noqa: E501
     "CPU", "execute", "custom-layer-cpu"),
    (f"{NN};MyApp`-[L evaluateOnCPUWithInputs:outputs:error:];MPSCore`0x1", "CPU", "execute", "custom-layer-cpu"),
    (f"{NN};MyApp`-[L encodeToCommandBuffer:inputs:outputs:error:];AGXMetalG14X`0x1", "GPU", "dispatch", "custom-layer-gpu"),  # noqa: E501
    # What an app computes when it is asked for its inputs is the app's, unless it predicts.
    (f"{PREDICT};MyApp`-[P featureValueForName:];libBLAS.dylib`cblas_sgemm", "none", "other", "app-input-provider"),
    (f"{PREDICT};MyApp`-[P featureValueForName:];MPSCore`-[MPSKernel encode]", "none", "other", "app-input-provider"),
    (f"{PREDICT};MyApp`-[P featureValueForName:];CoreML`-[MLModel predictionFromFeatures:error:];{ANE_OP}", "ANE", "dispatch", "ane-operation"),  # noqa: E501
    (f"{PREDICT};CoreML`-[MLDictionaryFeatureProvider featureValueForName:]", "none", "framework", "coreml-framework"),
    # MLTensor computes; Core ML called by the same libraries converts.
    ("start;MyApp`main;CoreML`MLTensor.matmul(_:);CoreML`MLTensorScheduler.run();libBLAS.dylib`cblas_sgemm", "CPU", "execute", "accelerate-executes"),  # noqa: E501
    ("start;MyApp`main;CoreML`MLTensor.matmul(_:);libBNNS.dylib`BNNSDirectApplyBroadcastMatMul", "CPU", "execute", "bnns-image"),  # noqa: E501
    (f"start;MyApp`main;CoreML`MLTensor.matmul(_:);{GRAPH}`-[MPSGraphExecutable encodeToCommandBuffer:]", "GPU", "dispatch", "mpsgraph-symbol"),  # noqa: E501
    # Core AI: the delegate of MPSGraph runs graphs on the GPU and on the ANE; the leafward frame says which.
    (f"{AI};{GRAPH}`MPSGraphDelegateKernel.inferValue(_:)", "none", "framework", "coreai-mpsgraph-delegate"),
    (f"{AI};{GRAPH}`MPSGraphDelegateKernel.inferValue(_:);{GRAPH}`GPU::GPURegionCallOpHandler::encodeOp", "GPU", "dispatch", "mpsgraph-symbol"),  # noqa: E501
    (f"{AI};{GRAPH}`MPSGraphDelegateKernel.inferValue(_:);{GRAPH}`GPU::ANERegionCallOpHandler::encodeOp()", "ANE", "dispatch", "mpsgraph-ane-region"),  # noqa: E501
    (f"{AI};{GRAPH}`MPSGraphDelegateKernel.inferValue(_:);{GRAPH}`GPU::ANERegionCallOpHandler::getCurrentProcedureInfo()", "none", "prepare", "mpsgraph-ane-region-upkeep"),  # noqa: E501
    (f"{AI};{GRAPH}`MPSGraphDelegateKernel.inferValue(_:);{GRAPH}`-[MPSGraphExecutable runInternalWithDevice:];{GRAPH}`GPU::ANERegionCallOpHandler::getCurrentProcedureInfo()",  # noqa: E501
     "none", "prepare", "mpsgraph-ane-region-upkeep"),
    (f"{AI};{GRAPH}`MPSGraphDelegateKernel.inferValue(_:);Metal`MTL3On4CommandBuffer.waitUntilCompleted", "GPU", "wait", "gpu-wait"),  # noqa: E501
    (f"{AI};CoreMLOdie`CoreMLOdie.BNNSDelegateKernel.inferValue();libBNNS.dylib`0x1", "CPU", "execute", "bnns-image"),
    ("start;MyApp`main;CoreAI`AIModel.specialize(contentsOf:);libsystem_malloc.dylib`malloc", "none", "compile", "coreai-specialise"),  # noqa: E501
    (f"start;MyApp`main;CoreAI`AIModel.init(contentsOf:);{GRAPH}`-[MPSGraphExecutable encodeToCommandBuffer:]", "none", "load", "coreai-load"),  # noqa: E501
    # What runs below the frame that waited is no wait any more; what waits while it loads is loading.
    (f"{PREDICT};libdispatch.dylib`_dispatch_sync_f_slow;CoreML`-[MLE5Engine run];{ANE_OP}", "ANE", "dispatch", "ane-operation"),  # noqa: E501
    (f"{LOAD};libsystem_kernel.dylib`semaphore_wait_trap", "none", "load", "coreml-load"),
    (f"{E5};{GPU_OP};{GRAPH}`-[MPSGraphExecutable specializeWithDevice:];libsystem_kernel.dylib`__ulock_wait", "GPU", "compile", "mpsgraph-specialise"),  # noqa: E501
    # A stage brings its own engine where it names one; an engine that is not known is none that was tagged.
    (f"{PREDICT};{GRAPH}`-[MPSGraphExecutable specializeWithDevice:]", "GPU", "compile", "mpsgraph-specialise"),
    (f"{NN};Espresso`Espresso::NewEngine::f();Espresso`Espresso::AOT::g()", "none", "compile", "e5rt-aot-compile"),
    # Conversion: Accelerate called by Core ML converts, called by Espresso executes.
    (f"{PREDICT};libvDSP.dylib`vDSP_vdpsp", "CPU", "convert", "accelerate-converts"),
    (f"{NN};Espresso`Espresso::layer::__launch;libvDSP.dylib`vDSP_vmul", "CPU", "execute", "accelerate-executes"),
    (f"{PREDICT};CoreML`-[MLMultiArray setNumber:atOffset:]", "CPU", "convert", "multiarray-inside-prediction"),
    (f"{PREDICT};CoreML`-[MLMultiArray(ScopedBufferAccess) getBytesWithHandler:]", "CPU", "convert", "multiarray-inside-prediction"),  # noqa: E501
    # Outside Core ML the same images are not claimed.
    ("start;MyApp`main;libvDSP.dylib`vDSP_vmul", "none", "other", ""),
    ("start;MyApp`main;libBNNS.dylib`BNNSGraphContextExecute_v2", "none", "other", "bnns-outside-prediction"),
    (f"start;torch`at::mps::sync;{GRAPH}`GPU::MatMulOpHandler::encodeNDArrayOp();MPSCore`0x2", "none", "other", ""),
    ("start;MyApp`main;CoreML`-[MLMultiArray setNumber:atOffset:]", "none", "other", "app-uses-values"),
    ("start_wqthread;_pthread_wqthread;IOGPU`IOGPUMetalCommandQueueSubmit", "none", "other", "metal-outside-prediction"),  # noqa: E501
    # A stack that ends before its thread's root proves nothing of what is above.
    (f"{GRAPH}`GPU::MatMulOpHandler::encodeNDArrayOp();MPSCore`0x2", "GPU", "dispatch", "mps-image"),
    # The service thread waits in every process that ever opened the ANE; only its callback is work.
    ("thread_start;ANEServices`H11ANE::H11ANEServicesThreadStart;CoreFoundation`CFRunLoopRun;libsystem_kernel.dylib`mach_msg2_trap",
     "none", "idle", "ane-service-thread"),
    ("thread_start;ANEServices`H11ANE::H11ANEServicesThreadStart;ANEServices`ANEServicesFrameProcDirect",
     "ANE", "completion", "ane-frame-done"),
    ("start;MyApp`main", "none", "other", ""),
]  # fmt: skip


@pytest.mark.parametrize("stack,engine,phase,rule", DRAWINGS)
def test_a_stack_gets_its_engine_phase_and_rule(stack: str, engine: str, phase: str, rule: str) -> None:
    sample = attribute(profile_from_text(f"{stack} 1")).samples.iloc[0]
    found = (sample["engine"], sample["phase"], "" if sample["rule"] != sample["rule"] else sample["rule"])
    assert found == (engine, phase, rule)


def test_without_images_symbols_decide() -> None:
    profile = profile_from_text("""
        start;main;-[MLModel predictionFromFeatures:error:];E5RT::Ops::AneInferenceOperation::ExecuteSync()  1
        start;main;vDSP_vmul                                                                                 1
    """)
    assert attribute(profile).samples["engine"].tolist() == ["ANE", "none"]


SLEEPING = {
    "frames": [
        {"symbol": "mach_msg2_trap", "image": "libsystem_kernel.dylib"},
        {"symbol": "???", "image": "ANEServices"},
    ]
}


@pytest.mark.parametrize("name", ["H11ANEServicesThread", "ANEServicesThread"])
def test_a_thread_name_shows_idleness_where_symbols_are_stripped(name: str) -> None:
    idle = attribute(profile_from_stacks([{**SLEEPING, "thread_name": name}]))
    assert idle.samples.iloc[0][["engine", "phase", "rule"]].tolist() == ["none", "idle", "ane-service-thread"]
    assert service_threads(idle) == (name,)


def test_other_threads_are_not_told_by_their_names() -> None:
    busy = attribute(profile_from_stacks([{**SLEEPING, "thread_name": "worker"}, {"frames": []}]))
    assert busy.samples[["engine", "phase"]].to_numpy().tolist() == [["none", "other"], ["unknown", "other"]]
    assert service_threads(busy) == ()


def test_a_rule_goes_before_a_thread_s_name() -> None:
    frames = [{"symbol": "ANEServicesFrameProcDirect", "image": "ANEServices"}]
    awake = attribute(profile_from_stacks([{"frames": frames, "thread_name": "ANEServicesThread"}]))
    assert awake.samples["rule"].tolist() == ["ane-frame-done"]


def test_service_threads_are_named_as_seen_and_once() -> None:
    names = ["H11ANEServicesThread", "ANEServicesThread", "ANEServicesThread", ""]
    start = [{"symbol": "H11ANE::H11ANEServicesThreadStart", "image": "ANEServices"}]
    stacks = [{"frames": start, "thread_name": name, "tid": tid} for tid, name in enumerate(names, start=1)]
    assert service_threads(attribute(profile_from_stacks(stacks))) == ("ANEServicesThread", "H11ANEServicesThread")


def test_a_sample_without_a_stack_is_unknown() -> None:
    profile = profile_from_stacks([{"frames": []}])
    assert attribute(profile).samples["engine"].tolist() == ["unknown"]


def test_ones_own_rule_decides_before_the_built_in_ones() -> None:
    own = parse_catalogue(
        '[[rule]]\nid = "v9"\nengine = "CPU"\nphase = "execute"\nsymbol = "Espresso::V9Engine::"\nimage = "Espresso"\n',
        "own",
    )
    profile = profile_from_text(f"{NN};Espresso`Espresso::V9Engine::convolution_kernel::__launch 1")
    sample = attribute(profile, own + builtin_catalogue()).samples.iloc[0]
    assert (sample["engine"], sample["rule"]) == ("CPU", "v9")


def test_unmatched_lists_what_no_rule_knows_and_nothing_else() -> None:
    profile = profile_from_text(f"""
        {NN};Espresso`Espresso::V9Engine::convolution_kernel::__launch                        3
        {PREDICT};libdispatch.dylib`_dispatch_sync_f_slow;libsystem_kernel.dylib`kevent_id    2
        {E5};{ANE_OP}                                                                         1
    """)
    rows = unmatched_symbols(profile).values.tolist()
    assert rows == [["Espresso::V9Engine::convolution_kernel::__launch", "Espresso", 1, 3]]


def test_unmatched_symbols_are_in_order_and_say_whose_they_are() -> None:
    profile = profile_from_text(f"""
        {NN};Espresso`Espresso::z_new::run()    2
        {NN};Espresso`Espresso::a_new::run()    2
        {NN};Espresso::m_new::run()             3
    """)
    rows = unmatched_symbols(profile)
    assert rows.to_numpy().tolist() == [
        ["Espresso::m_new::run()", "", 1, 3],
        ["Espresso::a_new::run()", "Espresso", 1, 2],
        ["Espresso::z_new::run()", "Espresso", 1, 2],
    ]
    assert rows.columns.tolist() == ["symbol", "binary", "samples", "weight"]
    assert rows.dtypes.astype(str).tolist() == ["str", "str", "int64", "int64"]
    assert rows.index.tolist() == [0, 1, 2]


@given(profiles())
def test_attributing_changes_nothing_but_three_columns(profile: Profile) -> None:
    attributed = attribute(profile).validate()
    assert attributed.samples.drop(columns=["engine", "phase", "rule"]).equals(profile.samples)
    assert attributed.samples["engine"].notna().all()
    assert attributed.samples["phase"].notna().all()


@given(profiles())
def test_each_stack_is_decided_by_itself(profile: Profile) -> None:
    """Deciding all stacks at once gives what deciding each alone gives."""
    whole = attribute(profile).samples
    for position in range(len(profile)):
        alone = profile.with_samples(profile.samples.iloc[[position]].reset_index(drop=True))
        columns = ["engine", "phase", "rule"]
        assert (
            attribute(alone)
            .samples[columns]
            .astype(str)
            .equals(whole[columns].iloc[[position]].reset_index(drop=True).astype(str))
        )


NOT_EXECUTION = {"load", "compile", "prepare", "teardown", "idle"}


def test_real_stacks_of_known_engine(real_data: Path) -> None:
    """35 stacks from public reports: none gets a wrong engine, at least 90 % of the known ones the right one."""
    rows = [json.loads(line) for line in (real_data / "stacks.jsonl").read_text().splitlines()]
    samples = attribute(profile_from_stacks(rows)).samples
    wrong, right, known = [], 0, 0
    for row, engine, phase in zip(rows, samples["engine"], samples["phase"], strict=True):
        truth = row["true_engine"]
        if "idle service thread" in row["phase"]:
            assert phase == "idle", row["id"]
        elif truth == "load/compile":
            assert phase in NOT_EXECUTION, row["id"]
        elif truth in ("ANE", "GPU", "CPU"):
            known += 1
            right += engine == truth
            if engine not in (truth, "unknown"):
                wrong.append((row["id"], truth, engine))
        elif truth == "unknown":
            assert engine in ("none", "unknown"), row["id"]
    assert wrong == []
    assert known == 17
    assert right >= 0.9 * known


def test_a_whole_real_recording(real_data: Path) -> None:
    """286 ms in focus: 169 GPU dispatch, 15 CPU execute, 91 compile, 7 prepare, 4 framework, within 3 ms each."""
    path = real_data / "coreml_predict_macos15.6.jsonl.gz"
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    profile = attribute(profile_from_stacks(rows))
    node = root_nodes(profile)
    inside = node[profile.samples["stack_id"].to_numpy()] >= 0
    assert [row["phase"].startswith("predict/") for row in rows] == inside.tolist()
    sums: dict[tuple[str, str], int] = defaultdict(int)
    chosen = profile.samples[inside]
    for engine, phase, weight in zip(chosen["engine"], chosen["phase"], chosen["weight"], strict=True):
        sums[engine, phase] += weight
    assert sum(sums.values()) == 286_000_000
    expected = {
        ("GPU", "dispatch"): 169, ("CPU", "execute"): 15, ("GPU", "compile"): 91, ("GPU", "prepare"): 7, ("none", "framework"): 4,  # noqa: E501
    }  # fmt: skip
    for key, milliseconds in expected.items():
        assert abs(sums[key] - milliseconds * 1_000_000) <= 3_000_000, key
    assert sum(weight for (engine, _), weight in sums.items() if engine == "ANE") == 0
    assert sum(weight for key, weight in sums.items() if key not in expected) <= 3_000_000
