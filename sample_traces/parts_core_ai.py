"""The pieces of Core AI's stacks, iOS and macOS 27, each with the engine and phase it stands for.

Nobody here has seen a recording of Core AI. The names are those of its public interface, of public crash reports and of
class lists; how they are put together is a guess.
"""

from sample_traces.compose import part
from sample_traces.parts import (
    ANE_DISPATCH,
    ANE_WAIT,
    BNNS_KERNELS,
    CPU_EXECUTE,
    FRAMEWORK,
    GPU_DISPATCH,
    GPU_WAIT,
    LOAD,
    USER_CLIENT_TRAP,
)
from sample_traces.recording import Label

COMPILE = Label("none", "compile")

MODEL_LOAD = (part("CoreAI`CoreAI.AIModel.init(contentsOf:)", LOAD, activity="load"),)
SPECIALIZE = part("CoreAI`CoreAI.AIModel.specialize(contentsOf:)", COMPILE, activity="compile")

INFERENCE = part(
    """
    CoreAI`CoreAI.InferenceFunction.run(inputs:)
    CoreAIRuntime`CoreAIRuntime.ExecutionContext.run()
    """,
    FRAMEWORK,
    opens_focus=True,
    activity="prediction",
)
# One delegate works on the GPU and on the Neural Engine: the region's handler tells which.
_GRAPH = part("""
    MetalPerformanceShadersGraph`MetalPerformanceShadersGraph.MPSGraphDelegateKernel.inferValue(inputs:outputs:symbol:kernelContext:)
    MetalPerformanceShadersGraph`-[MPSGraphExecutable runInternalWithDevice:commandBuffer:feeds:results:executableExecutionDescriptor:mpsGraphOwnedCommandBuffer:]
""")  # noqa: E501
GPU_REGION = _GRAPH + part(
    """
    MetalPerformanceShadersGraph`GPURegionRuntime::evaluateOps(GPU::EncodeDescriptor*, NSArray<MPSGraphTensorData*>*, NSArray<MPSGraphTensorData*>*)
    MetalPerformanceShadersGraph`GPU::GPURegionCallOpHandler::encodeOp(GPU::EncodeDescriptor*)
    """,  # noqa: E501
    GPU_DISPATCH,
)
GPU_BLOCKED = (_GRAPH + part("Metal`MTL3On4CommandBuffer.waitUntilCompleted")).labelled(GPU_WAIT)
ANE_REGION = _GRAPH + part(
    "MetalPerformanceShadersGraph`GPU::ANERegionCallOpHandler::encodeOp(GPU::EncodeDescriptor*)", ANE_DISPATCH
)
ANE_CLIENT = part("AppleNeuralEngine`-[_ANEClient doEvaluateDirectWithModel:options:request:qos:error:]")
ANE_BLOCKED = (ANE_REGION + ANE_CLIENT + USER_CLIENT_TRAP).labelled(ANE_WAIT)
BNNS_DELEGATE = part(
    """
    CoreAIDelegates`BNNSDelegateKernel.inferValue(inputs:outputs:symbol:kernelContext:)
    libBNNS.dylib`BNNSGraphContextExecute_v2
    """,
    CPU_EXECUTE,
)
BNNS = BNNS_KERNELS
