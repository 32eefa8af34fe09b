"""Stacks that no rule was written for: composed of public names, of kinds and systems that the catalogue's own examples
do not show. No engine and no phase may be wrong; ``unknown`` is never wrong.
"""

import pytest

from tests.support.profiles import profile_from_text
from tracekit.attribution.engines import attribute
from tracekit.attribution.roots import sample_roots
from tracekit.model.schema import NONE

APP = "dyld`start;App`main"
WORKER = "libsystem_pthread.dylib`start_wqthread;libdispatch.dylib`_dispatch_client_callout"
PREDICT = f"{APP};CoreML`-[MLModel predictionFromFeatures:error:]"
E5 = (
    f"{PREDICT};CoreML`-[MLE5Engine predictionFromFeatures:options:error:];Espresso`e5rt_execution_stream_execute_sync;"
    "Espresso`E5RT::ExecutionStreamImpl::ExecuteStreamSync()"
)
ANE = f"{E5};Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()"
BNNS = f"{E5};Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()"
NN = (
    f"{APP};CoreML`-[MLNeuralNetworkEngine predictionFromFeatures:options:error:];Espresso`espresso_plan_execute_sync;"
    "Espresso`Espresso::net::__forward(std::__1::shared_ptr<Espresso::abstract_batch> const&, int, int)"
)
BIND = "CoreML`-[MLNeuralNetworkEngine bindInputsAndOutputs:bufferIndex:cleanUpBlocks:options:error:]"
GRAPH = "MetalPerformanceShadersGraph"
ENCODE = f"{E5};Espresso`E5RT::Ops::MpsGraphInferenceOperation::ExecuteSync();{GRAPH}`-[MPSGraphExecutable encode:]"
AI = f"{APP};CoreAI`InferenceFunction.run(inputs:);CoreAIRuntime`CoreAIRuntime.ExecutionContext.run()"
DELEGATE = f"{AI};{GRAPH}`{GRAPH}.MPSGraphDelegateKernel.inferValue(inputs:outputs:symbol:kernelContext:)"
RUN = f"{DELEGATE};{GRAPH}`-[MPSGraphExecutable runInternalWithDevice:commandBuffer:feedsDictionary:]"
HANDLER = "CoreML`__57-[MLE5Engine _predictionFromFeatures:options:completionHandler:]_block_invoke"
EVALUATE = "AppleNeuralEngine`-[_ANEClient doEvaluateDirectWithModel:options:request:qos:error:]"
IN_MEMORY = "AppleNeuralEngine`-[_ANEInMemoryModel"

INSIDE, OUTSIDE = True, False

KEPT_BACK = [
    # The Neural Engine's own interface, through Core ML and without it.
    (f"{ANE};AppleNeuralEngine`-[_ANEClient evaluateRealTimeWithModel:options:request:error:]", "ANE dispatch", INSIDE),
    (f"{ANE};AppleNeuralEngine`-[_ANEVirtualClient doEvaluateWithModelLegacy:options:request:qos:completionEvent:error:]",  # noqa: E501
     "ANE dispatch", INSIDE),
    (f"{ANE};AppleNeuralEngine`-[_ANEVirtualClient callIOUserClient:inParams:outParams:];libsystem_kernel.dylib`mach_msg2_trap",  # noqa: E501
     "ANE wait", INSIDE),
    (f"{ANE};AppleNeuralEngine`-[_ANEClient loadModelNewInstance:options:modelInstParams:qos:error:]", "none load", INSIDE),  # noqa: E501
    (f"{APP};{IN_MEMORY} evaluateWithQoS:options:request:error:];{EVALUATE}", "ANE dispatch", INSIDE),
    (f"{APP};{IN_MEMORY} evaluateWithQoS:options:request:error:]", "ANE dispatch", INSIDE),
    (f"{APP};{IN_MEMORY} compileWithQoS:options:error:];AppleNeuralEngine`-[_ANEClient compileModel:options:qos:error:]", "none load", OUTSIDE),  # noqa: E501
    (f"{APP};{IN_MEMORY} loadWithQoS:options:error:]", "none load", OUTSIDE),
    (f"{WORKER};ANEServices`H11ANE::H11ANEFrameReceiver::FrameDone(void*, int)", "ANE completion", OUTSIDE),
    # iOS 12: Espresso's engines by name, and what they call.
    (f"{NN};Espresso`Espresso::ANERuntimeEngine::compiler::__forward_segment(int);ANEServices`H11ANE::H11ANEDevice::ANE_ProgramSendRequest(H11ANEProgramRequestArgsStruct*, unsigned int);libsystem_kernel.dylib`mach_msg_trap",  # noqa: E501
     "ANE wait", INSIDE),
    (f"{NN};Espresso`Espresso::MPSEngine::convolution_kernel::__launch(int);MPSNeuralNetwork`-[MPSCNNConvolution encodeToCommandBuffer:sourceImage:destinationImage:]",  # noqa: E501
     "GPU dispatch", INSIDE),
    (f"{NN};Espresso`Espresso::batch_metal::sync_wait();Metal`-[_MTLCommandBuffer waitUntilCompleted];libsystem_kernel.dylib`__psynch_cvwait",  # noqa: E501
     "GPU wait", INSIDE),
    (f"{NN};Espresso`Espresso::convolution_kernel_cpu::__launch(int);Espresso`Espresso::sgemm(int);vecLib`cblas_sgemm", "CPU execute", INSIDE),  # noqa: E501
    (f"{NN};Espresso`Espresso::rnn_arch_kernel_montreal::__launch(int);Montreal`MontrealNNRun", "CPU execute", INSIDE),
    (f"{NN};Espresso`Espresso::context_transfer_kernel::__launch(int);Espresso`Espresso::blob_metal::__copy_from_host(int);AGXMetalG13X`0x1",
     "CPU copy", INSIDE),
    (f"{PREDICT};{BIND};Espresso`espresso_network_bind_cvpixelbuffer;vImage`vImageConvert_AnyToAny", "CPU convert", INSIDE),  # noqa: E501
    # BNNSGraph.
    (f"{BNNS};libBNNS.dylib`BNNSGraphContextExecute_v2;libBNNS.dylib`0x1;libsystem_kernel.dylib`semaphore_wait_trap", "CPU wait", INSIDE),  # noqa: E501
    (f"{BNNS};libBNNS.dylib`BNNSGraphCompileFromFile_v2;libBNNS.dylib`0x1", "CPU compile", INSIDE),
    (f"{BNNS};libBNNS.dylib`BNNSGraphContextSetDynamicShapes_v2", "CPU prepare", INSIDE),
    (f"{APP};libswiftAccelerate.dylib`BNNSGraph.Context.executeFunction(_:arguments:);libBNNS.dylib`BNNSGraphContextExecute",
     "none other", OUTSIDE),
    # MPSGraph's own delegate of the Neural Engine, below Core ML and below Core AI.
    (f"{ENCODE};{GRAPH}`GPU::ANERegionCallOpHandler::encodeOp(GPU::EncodeDescriptor*);{EVALUATE}", "ANE dispatch", INSIDE),  # noqa: E501
    (f"{ENCODE};{GRAPH}`GPU::ANERegionCallOpHandler::ANERegionCallOpHandler(GPURegionRuntime*)", "none prepare", INSIDE),  # noqa: E501
    (f"{RUN};{GRAPH}`GPU::ANERegionCallOpHandler::encodeAsynchronousWithIOFences(GPU::EncodeDescriptor*)", "ANE dispatch", INSIDE),  # noqa: E501
    (f"{RUN};{GRAPH}`GPU::ANEHelper::aneStreamingSessionSignal()", "ANE dispatch", INSIDE),
    (f"{AI};{GRAPH}`0x2;AppleNeuralEngine`0x3;ANEServices`0x4", "ANE dispatch", INSIDE),
    (f"{AI};{GRAPH}`0x2;MPSNDArray`0x3;AGXMetalG16`0x4", "GPU dispatch", INSIDE),
    (f"{AI};CoreAIDelegates`0x1;libBNNS.dylib`0x3", "CPU execute", INSIDE),
    (f"{APP};CoreAI`AIModel.init(contentsOf:);AppleNeuralEngine`-[_ANEClient loadModel:options:qos:error:]", "none load", OUTSIDE),  # noqa: E501
    (f"{WORKER};{GRAPH}`closure #1 in MPSGraphDelegateKernel.inferValue(inputs:outputs:symbol:kernelContext:);{GRAPH}`GPU::GPURegionCallOpHandler::encodeOp",  # noqa: E501
     "GPU dispatch", INSIDE),
    # Metal 4.
    (f"{RUN};Metal`-[MTL3On4CommandBuffer waitUntilCompleted];libsystem_kernel.dylib`__psynch_cvwait", "GPU wait", INSIDE),  # noqa: E501
    (f"{RUN};Metal`-[_MTL4MachineLearningCommandEncoder dispatchNetworkWithIntermediatesHeap:]", "GPU dispatch", INSIDE),  # noqa: E501
    (f"{ENCODE};Metal`-[_MTL4CommandQueue commit:count:]", "GPU dispatch", INSIDE),
    (f"{APP};Metal`-[_MTL4MachineLearningCommandEncoder dispatchNetworkWithIntermediatesHeap:]", "none other", OUTSIDE),
    # What the app does when Core ML calls it back is the app's; what Core ML does there is Core ML's.
    (f"{WORKER};{HANDLER};App`Detector.detect(_:);libvDSP.dylib`vDSP_maxvi", "none framework", INSIDE),
    (f"{WORKER};{HANDLER};App`Detector.detect(_:);CoreML`-[MLMultiArray objectAtIndexedSubscript:]", "none framework", INSIDE),  # noqa: E501
    (f"{WORKER};{HANDLER};CoreML`-[MLE5OutputPort _copyOutputFromPort:error:];libvDSP.dylib`vDSP_vdpsp", "CPU convert", INSIDE),  # noqa: E501
    (f"{WORKER};{HANDLER};CoreML`-[MLE5Engine submitPredictionRequest:completionHandler:];Espresso`E5RT::Ops::AneInferenceOperation::SubmitAsync()",  # noqa: E501
     "ANE dispatch", INSIDE),
    (f"{PREDICT};App`-[Frames featuresAtIndex:];libvDSP.dylib`vDSP_vsmul", "none other", INSIDE),
    (f"{PREDICT};App`@objc App.Input.featureValue(for: Swift.String) -> CoreML.MLFeatureValue?;vImage`vImageScale_ARGB8888",  # noqa: E501
     "none other", INSIDE),
    (f"{PREDICT};CoreML`-[MLCustomModelWrapper predictionFromFeatures:options:error:];App`-[M predictionFromFeatures:options:error:];libBLAS.dylib`cblas_sgemm",  # noqa: E501
     "none other", INSIDE),
    # Models that are no neural networks.
    (f"{PREDICT};CoreML`-[MLGLMClassification predictionFromFeatures:options:error:];libBLAS.dylib`cblas_dgemv", "CPU execute", INSIDE),  # noqa: E501
    (f"{PREDICT};CoreML`-[MLPipeline predictionFromFeatures:options:error:];CoreML`-[MLNonMaximumSuppression predictionFromFeatures:options:error:]",  # noqa: E501
     "CPU execute", INSIDE),
    # Other engines of inference, beside Core ML or through it.
    (f"{APP};libggml-metal.dylib`ggml_metal_graph_compute;Metal`-[_MTLCommandBuffer waitUntilCompleted]", "none other", OUTSIDE),  # noqa: E501
    (f"{APP};libggml-blas.dylib`ggml_backend_blas_mul_mat;libBLAS.dylib`cblas_sgemm", "none other", OUTSIDE),
    (f"{APP};whisper-cli`whisper_coreml_encode;CoreML`-[MLModel predictionFromFeatures:options:error:];Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()",  # noqa: E501
     "ANE dispatch", INSIDE),
    (f"{APP};libmlx.dylib`mlx::core::gpu::eval(mlx::core::array&);Metal`-[_MTLCommandBuffer commit]", "none other", OUTSIDE),  # noqa: E501
    (f"{APP};TensorFlowLiteC`tflite::ops::builtin::conv::Eval<(tflite::KernelType)2>(TfLiteContext*, TfLiteNode*)", "none other", OUTSIDE),  # noqa: E501
    (f"{APP};TensorFlowLiteCCoreML`-[CoreMlExecutor invokeWithInputs:outputs:];CoreML`-[MLModel predictionFromFeatures:options:error:];TensorFlowLiteCCoreML`-[MultiArrayFeatureProvider featureValueForName:];libsystem_platform.dylib`_platform_memmove",  # noqa: E501
     "none other", INSIDE),
    (f"{APP};libonnxruntime.dylib`onnxruntime::coreml::Execution::Predict();CoreML`-[MLModel predictionFromFeatures:options:error:];Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync();libBNNS.dylib`0x1",  # noqa: E501
     "CPU execute", INSIDE),
    (f"{APP};runner`executorch::backends::MPSBackend::execute(int);{GRAPH}`-[MPSGraphExecutable encodeToCommandBuffer:inputsArray:resultsArray:executionDescriptor:]",  # noqa: E501
     "none other", OUTSIDE),
    (f"{APP};runner`xnn_run_operator_with_index", "none other", OUTSIDE),
    (f"{APP};App`ANE::ANEServicesThread::run()", "none other", OUTSIDE),
]  # fmt: skip


@pytest.mark.parametrize("stack,right,inside", KEPT_BACK)
def test_no_engine_and_no_phase_is_wrong(stack: str, right: str, inside: bool) -> None:
    profile = attribute(profile_from_text(f"{stack} 1"))
    sample = profile.samples.iloc[0]
    assert (sample["engine"] == "unknown") or f"{sample['engine']} {sample['phase']}" == right
    assert bool(sample_roots(profile)[0] != NONE) == inside
