"""The pieces that stacks are made of, each with the engine and phase it stands for.

The symbols are real, but for a few that README.md names: seen in published stacks, or in the symbol tables of the
systems that a heading names. Argument lists stand where a source shows them. The order within a piece is that of
published stacks where there are any, else the one that the public literature describes. A tuple is a choice: a stack
takes one of its pieces.
"""

# ruff: noqa: E501  (a symbol is not broken over lines, so that it can be searched for)

from sample_traces.compose import part
from sample_traces.recording import Label

ANE_DISPATCH = Label("ANE", "dispatch")
ANE_WAIT = Label("ANE", "wait")
ANE_COMPLETION = Label("ANE", "completion")
GPU_DISPATCH = Label("GPU", "dispatch")
GPU_WAIT = Label("GPU", "wait")
GPU_PREPARE = Label("GPU", "prepare")
GPU_COMPILE = Label("GPU", "compile")
CPU_EXECUTE = Label("CPU", "execute")
CPU_COPY = Label("CPU", "copy")
CPU_CONVERT = Label("CPU", "convert")
FRAMEWORK = Label("none", "framework")
LOAD = Label("none", "load")
TEARDOWN = Label("none", "teardown")
IDLE = Label("none", "idle")
CONTENTION = Label("unknown", "contention")

# ---- Neutral leaves: they serve whoever called them, and so bring no truth of their own.

NOTHING = part("")
MALLOC = part("""
    libsystem_malloc.dylib`szone_malloc_should_clear
    libsystem_malloc.dylib`tiny_malloc_should_clear
    libsystem_malloc.dylib`tiny_malloc_from_free_list
""")
FREE = part("""
    libsystem_malloc.dylib`_szone_free
    libsystem_malloc.dylib`tiny_free_no_lock
""")
RETAIN = part("libobjc.A.dylib`objc_retain")
RELEASE = part("libobjc.A.dylib`objc_release")
MESSAGE = part("libobjc.A.dylib`objc_msgSend")
MEMMOVE = part("libsystem_platform.dylib`_platform_memmove")
MEMSET = part("libsystem_platform.dylib`_platform_memset")
LOCK = part("libsystem_platform.dylib`_os_unfair_lock_lock_slow")
TRACE = part("libsystem_kernel.dylib`__kdebug_trace64")
NEUTRAL = (NOTHING, NOTHING, MALLOC, FREE, RETAIN, RELEASE, MESSAGE)

# ---- Threads begin, and wait.

LAUNCH = (
    part("?`?1\n?`?2\n?`?3\n?`?4", activity="launch"),  # before dyld has told anybody what is loaded
    part(
        """
        dyld`start
        dyld`dyld4::prepare(dyld4::APIs&, mach_o::Header const*)
        dyld`dyld4::JustInTimeLoader::loadDependents(Diagnostics&, dyld4::RuntimeState&, dyld4::Loader::LoadOptions const&)
        dyld`mach_o::Header::forEachLoadCommand(void (load_command const*, bool&) block_pointer) const
        """,
        activity="launch",
    ),
    part(
        """
        dyld`start
        dyld`dyld4::prepare(dyld4::APIs&, mach_o::Header const*)
        dyld`dyld4::APIs::runAllInitializersForMain()
        libSystem.B.dylib`libSystem_initializer
        libsystem_c.dylib`_libc_fork_init
        """,
        activity="launch",
    ),
)
SERIAL_WORKER = part("""
    libsystem_pthread.dylib`start_wqthread
    libsystem_pthread.dylib`_pthread_wqthread
    libdispatch.dylib`_dispatch_workloop_worker_thread
    libdispatch.dylib`_dispatch_root_queue_drain_deferred_wlh
    libdispatch.dylib`_dispatch_lane_invoke
    libdispatch.dylib`_dispatch_lane_serial_drain
""")
CONCURRENT_WORKER = part("""
    libsystem_pthread.dylib`start_wqthread
    libsystem_pthread.dylib`_pthread_wqthread
    libdispatch.dylib`_dispatch_worker_thread2
    libdispatch.dylib`_dispatch_root_queue_drain
""")
BLOCK = part("""
    libdispatch.dylib`_dispatch_client_callout
    libdispatch.dylib`_dispatch_call_block_and_release
""")
MACH_ASYNC_METHOD = part("""
    IOKit`IOConnectCallAsyncMethod
    IOKit`io_connect_async_method
    libsystem_kernel.dylib`mach_msg2_internal
    libsystem_kernel.dylib`mach_msg2_trap
""")
MACH_METHOD = part("""
    IOKit`IOConnectCallMethod
    IOKit`io_connect_method
    libsystem_kernel.dylib`mach_msg2_internal
    libsystem_kernel.dylib`mach_msg2_trap
""")
USER_CLIENT_TRAP = part("IOKit`IOConnectTrap6\nIOKit`iokit_user_client_trap")
GROUP_WAIT = part("""
    libdispatch.dylib`_dispatch_group_wait_slow
    libdispatch.dylib`_dlock_wait
    libsystem_kernel.dylib`__ulock_wait
""")
SEMAPHORE_WAIT = part("""
    libdispatch.dylib`_dispatch_semaphore_wait_slow
    libdispatch.dylib`_dispatch_sema4_wait
    libsystem_kernel.dylib`semaphore_wait_trap
""")
CONDITION_WAIT = part("""
    libsystem_pthread.dylib`_pthread_cond_wait
    libsystem_kernel.dylib`__psynch_cvwait
""")

# ---- The service thread of ANEServices: any process that once looked for the ANE has one, and it sleeps.

_RUN_LOOP = part(
    """
    CoreFoundation`CFRunLoopRun
    CoreFoundation`CFRunLoopRunSpecific
    CoreFoundation`__CFRunLoopRun
    """,
    IDLE,
    activity="ANE service thread",
)
_RUN_LOOP_SLEEPS = part("""
    CoreFoundation`__CFRunLoopServiceMachPort
    libsystem_kernel.dylib`mach_msg
    libsystem_kernel.dylib`mach_msg2_internal
    libsystem_kernel.dylib`mach_msg2_trap
""")
_RUN_LOOP_SOURCE = part("""
    CoreFoundation`__CFRunLoopDoSource1
    CoreFoundation`__CFRUNLOOP_IS_CALLING_OUT_TO_A_SOURCE1_PERFORM_FUNCTION__
    CoreFoundation`__CFMachPortPerform
    IOKit`IODispatchCalloutFromCFMessage
""")
_SERVICE_15 = (
    part("""
        libsystem_pthread.dylib`thread_start
        libsystem_pthread.dylib`_pthread_start
        ANEServices`H11ANE::H11ANEServicesThreadStart(H11ANE::H11ANEServicesThreadParams*)
    """)
    + _RUN_LOOP
)
_SERVICE_26 = (
    part("""
        libsystem_pthread.dylib`thread_start
        libsystem_pthread.dylib`_pthread_start
        ANEServices`ANE::ANEServicesThreadStart
    """)
    + _RUN_LOOP
)
SERVICE_SLEEPS_15 = _SERVICE_15 + _RUN_LOOP_SLEEPS
SERVICE_SLEEPS_26 = _SERVICE_26 + _RUN_LOOP_SLEEPS
FRAME_DONE_15 = (
    _SERVICE_15
    + _RUN_LOOP_SOURCE
    + part("ANEServices`H11ANE::H11ANEFrameReceiver::FrameDone(void*, int, unsigned long long*, int)", ANE_COMPLETION)
)
FRAME_DONE_26 = (
    _SERVICE_26
    + _RUN_LOOP_SOURCE
    + part(
        """
        ANEServices`ANEServicesFrameProcDirect
        ANEServices`ANE::ANERequestReceiver::FrameDone
        """,
        ANE_COMPLETION,
    )
)

# ---- Loading, the same for all generations down to the engine's own initialiser.

MODEL_LOAD = part(
    """
    CoreML`+[MLModel modelWithContentsOfURL:configuration:error:]
    CoreML`-[MLModelAsset modelWithConfiguration:error:]
    CoreML`-[MLModelAssetModelVendor modelWithConfiguration:error:]
    CoreML`-[MLModelAssetResourceFactory modelWithConfiguration:error:]
    libdispatch.dylib`_dispatch_lane_barrier_sync_invoke_and_complete
    libdispatch.dylib`_dispatch_client_callout
    CoreML`__60-[MLModelAssetResourceFactory modelWithConfiguration:error:]_block_invoke
    CoreML`-[MLModelAssetResourceFactoryOnDiskImpl modelWithConfiguration:error:]
    CoreML`+[MLLoader loadModelFromAssetAtURL:configuration:error:]
    CoreML`+[MLLoader _loadModelFromAssetAtURL:configuration:loaderEvent:error:]
    CoreML`+[MLLoader _loadModelFromArchive:configuration:loaderEvent:useUpdatableModelLoaders:error:]
    CoreML`+[MLLoader _loadWithModelLoaderFromArchive:configuration:loaderEvent:useUpdatableModelLoaders:error:]
    """,
    LOAD,
    activity="load",
)
_LOAD_CLASS = MODEL_LOAD + part("""
    CoreML`+[MLLoader _loadModelFromArchive:configuration:modelVersion:compilerVersion:loaderEvent:useUpdatableModelLoaders:loadingClasses:error:]
    CoreML`+[MLLoader _loadModelWithClass:fromArchive:modelVersionInfo:compilerVersionInfo:configuration:error:]
""")
# AppleNeuralEngine on a stack, and yet nothing ran there: Core ML only asks whether the machine has one.
_LOOK_FOR_ANE = (
    part("AppleNeuralEngine`+[_ANEDeviceInfo hasANE]"),
    part("""
        AppleNeuralEngine`+[_ANEClient sharedConnection]
        libdispatch.dylib`_dispatch_once_callout
        libdispatch.dylib`_dispatch_client_callout
        AppleNeuralEngine`__30+[_ANEClient sharedConnection]_block_invoke
        AppleNeuralEngine`-[_ANEClient initWithRestrictedAccessAllowed:]
        AppleNeuralEngine`+[_ANEDaemonConnection daemonConnection]
        AppleNeuralEngine`-[_ANEDaemonConnection initWithMachServiceName:restricted:]
    """),
)

# ---- A legacy neural network, macOS 15.4: MLNeuralNetworkEngine and Espresso.

_NN_INIT = _LOAD_CLASS + part("""
    CoreML`-[MLNeuralNetworkEngine initWithContainer:configuration:error:]
    CoreML`-[MLNeuralNetworkEngine _setupContextAndPlanWithConfiguration:usingCPU:priority:reshapeWithContainer:error:]
""")
_NN_ADD_NETWORK = _NN_INIT + part("""
    CoreML`-[MLNeuralNetworkEngine _addNetworkToPlan:error:]
    Espresso`espresso_plan_add_network
    Espresso`EspressoLight::espresso_plan::add_network(char const*, espresso_storage_type_t)
    Espresso`EspressoLight::espresso_plan::add_network(char const*, espresso_storage_type_t, std::__1::shared_ptr<Espresso::net>)
""")
_NN_PARTITION = _NN_ADD_NETWORK + part("""
    Espresso`Espresso::cpu_context_transfer_algo_t::check_all_kernels_availability_on_context(...)
    Espresso`is_kernel_available_on_engine(unsigned long, std::__1::shared_ptr<Espresso::base_kernel>, Espresso::kernel_info_t const&, std::__1::shared_ptr<Espresso::SerDes::generic_serdes_object>, std::__1::shared_ptr<Espresso::abstract_context>, Espresso::compute_path, std::__1::shared_ptr<Espresso::net_info_ir_t>, std::__1::shared_ptr<Espresso::kernels_validation_status_t>)
""")
NN_LOAD = (
    _NN_INIT + part("Espresso`espresso_create_context"),
    _NN_INIT
    + part(
        "Espresso`espresso_create_context\nEspresso`Espresso::ANERuntimeEngine::engine::register_kernels(Espresso::abstract_engine_factory*)"
    ),
    _NN_ADD_NETWORK,
    _NN_PARTITION,
    _NN_PARTITION
    + part(
        "Espresso`Espresso::ANECompilerEngine::convolution_kernel::is_valid_for_engine(std::__1::shared_ptr<Espresso::kernels_validation_status_t>, Espresso::base_kernel::validate_for_engine_args_t const&) const"
    ),
    _NN_PARTITION
    + part(
        "Espresso`Espresso::ANECompilerEngine::elementwise_kernel::is_valid_for_engine(std::__1::shared_ptr<Espresso::kernels_validation_status_t>, Espresso::base_kernel::validate_for_engine_args_t const&) const"
    ),
    _NN_ADD_NETWORK
    + part(
        "Espresso`Espresso::ANERuntimeEngine::compiler::build_segment(std::__1::shared_ptr<Espresso::abstract_batch> const&, int, Espresso::net_compiler_segment_based::segment_t const&)"
    )
    + _LOOK_FOR_ANE[1],
)
NN_TEARDOWN = part(
    """
    libobjc.A.dylib`_objc_rootDealloc
    libobjc.A.dylib`objc_destructInstance_nonnull_realized(objc_object*)
    libobjc.A.dylib`object_cxxDestructFromClass(objc_object*, objc_class*)
    CoreML`-[MLDelegateModel .cxx_destruct]
    CoreML`-[MLNeuralNetworkEngine dealloc]
    CoreML`-[MLNeuralNetworkEngine _deallocContextAndPlan]
    Espresso`EspressoLight::espresso_plan::~espresso_plan()
    """,
    TEARDOWN,
    activity="teardown",
)

NN_PREDICTION = part(
    """
    CoreML`-[MLModel predictionFromFeatures:error:]
    CoreML`-[MLDelegateModel predictionFromFeatures:options:error:]
    CoreML`-[MLDelegateModel _predictionFromFeatures:usingState:options:error:]
    CoreML`-[MLNeuralNetworkEngine predictionFromFeatures:options:error:]
    libdispatch.dylib`_dispatch_lane_barrier_sync_invoke_and_complete
    libdispatch.dylib`_dispatch_client_callout
    CoreML`__62-[MLNeuralNetworkEngine predictionFromFeatures:options:error:]_block_invoke
    CoreML`-[MLNeuralNetworkEngine evaluateInputs:bufferIndex:options:error:]
    """,
    FRAMEWORK,
    opens_focus=True,
    activity="prediction",
)
NN_BIND = part("""
    CoreML`-[MLNeuralNetworkEngine bindInputsAndOutputs:cleanUpBlocks:bufferIndex:options:error:]
    CoreML`-[MLNeuralNetworkEngine bindInputFeatures:bufferIndex:cleanUpBlocks:directlyBoundFeatureNames:error:]
""")
_NN_CONVERT_INPUT = NN_BIND + part(
    "CoreML`-[MLNeuralNetworkEngine bindInputFeatureNamed:convertingMultiArray:bufferIndex:error:]"
)
NN_CONVERT_INPUT = (
    _NN_CONVERT_INPUT
    + part(
        "CoreML`bool CoreML::vectorizeMultiArray<float, _Float16>(CoreML::MultiArrayBuffer const&, CoreML::StorageOrder, CoreML::MultiArrayBuffer&)",
        CPU_CONVERT,
    ),
    # vDSP called by CoreML converts; called by Espresso it computes (see NN_KERNELS).
    _NN_CONVERT_INPUT + part("libvDSP.dylib`vDSP_vdpsp", CPU_CONVERT),
)
NN_CONVERT_OUTPUT = part(
    """
    CoreML`-[MLNeuralNetworkEngine populateOutputs:outputBackings:directlyBoundOutputFeatureNames:error:]
    CoreML`bool CoreML::vectorizeMultiArray<_Float16, float>(CoreML::MultiArrayBuffer const&, CoreML::StorageOrder, CoreML::MultiArrayBuffer&)
    """,
    CPU_CONVERT,
)
# A new input shape makes the engine plan again, in the middle of a prediction.
NN_RESHAPE = part(
    """
    CoreML`-[MLNeuralNetworkEngine resetSizesWithEspressoConfigurations:error:]
    CoreML`-[MLNeuralNetworkEngine setEspressoBlobShapes:widths:heights:ks:batches:sequences:ranks:error:]
    Espresso`espresso_network_change_input_blob_shapes_seq_rank
    """,
    LOAD,
)
_NN_EXECUTE = part("""
    CoreML`-[MLNeuralNetworkEngine executePlan:error:]
    Espresso`espresso_plan_execute_sync
    Espresso`EspressoLight::espresso_plan::execute_sync()
    Espresso`EspressoLight::espresso_plan::dispatch_task_on_compute_batch(std::__1::shared_ptr<Espresso::abstract_batch> const&, std::__1::shared_ptr<EspressoLight::plan_task_t> const&)
""")
NN_COPY_INPUT = _NN_EXECUTE + part(
    "Espresso`EspressoLight::espresso_plan::__copy_inputs(std::__1::shared_ptr<EspressoLight::plan_task_t>, std::__1::shared_ptr<Espresso::abstract_batch> const&, int, std::__1::shared_ptr<Espresso::net>)",
    CPU_COPY,
)
NN_COPY_OUTPUT = _NN_EXECUTE + part(
    "Espresso`EspressoLight::espresso_plan::__copy_outputs(std::__1::shared_ptr<EspressoLight::plan_task_t>, std::__1::shared_ptr<Espresso::abstract_batch> const&, int, std::__1::shared_ptr<Espresso::net>)",
    CPU_COPY,
)
_NN_FORWARD = _NN_EXECUTE + part(
    "Espresso`Espresso::net::__forward(std::__1::shared_ptr<Espresso::abstract_batch> const&, int, int)"
)
_NN_SEGMENTS = _NN_FORWARD + part(
    "Espresso`Espresso::net_compiler_segment_based::__forward(std::__1::shared_ptr<Espresso::abstract_batch> const&)"
)
_NN_LAYER = part(
    "Espresso`Espresso::layer::__launch(std::__1::shared_ptr<Espresso::abstract_batch> const&, unsigned long)"
)
_NN_ANE_SEGMENT = part(
    "Espresso`Espresso::ANERuntimeEngine::compiler::forward_single_ane_segment(std::__1::shared_ptr<Espresso::abstract_batch> const&, NSObject<OS_dispatch_queue>*, void (bool, NSError*) block_pointer)",
    ANE_DISPATCH,
)
NN_ANE = (
    _NN_SEGMENTS
    + part(
        "Espresso`Espresso::ANERuntimeEngine::compiler::__forward_segment(std::__1::shared_ptr<Espresso::abstract_batch> const&, int, Espresso::net_compiler_segment_based::segment_t const&)"
    )
    + _NN_ANE_SEGMENT,
    _NN_FORWARD + _NN_LAYER + _NN_ANE_SEGMENT,
)
_NN_ANE_CLIENT = part("""
    AppleNeuralEngine`-[_ANEClient evaluateWithModel:options:request:qos:error:]
    AppleNeuralEngine`-[_ANEClient doEvaluateDirectWithModel:options:request:qos:error:]
""")
_NN_ANE_PROGRAM = _NN_ANE_CLIENT + part(
    "AppleNeuralEngine`-[_ANEProgramForEvaluation processRequest:model:qos:qIndex:modelStringID:options:returnValue:error:]"
)
_NN_ANE_DRIVER = _NN_ANE_PROGRAM + part("""
    ANEServices`H11ANEProgramProcessRequestDirect
    ANEServices`H11ANE::H11ANEFrameReceiver::ProgramProcessRequest(H11ANE::H11ANEFrameReceiverRequest&, H11ANESharedEventsStruct*, bool)
""")
_NN_ANE_SEND = _NN_ANE_DRIVER + part(
    "ANEServices`H11ANE::H11ANEDevice::ANE_ProgramSendRequest(H11ANEProgramRequestArgsStruct*, unsigned int, bool, H11ANEReqCallbackDataStruct*)"
)
_NN_ANE_SYNC = part("Espresso`Espresso::ANERuntimeEngine::batch::sync_wait()")
NN_ANE_REQUEST = (NOTHING, _NN_ANE_CLIENT, _NN_ANE_PROGRAM, _NN_ANE_DRIVER, _NN_ANE_DRIVER + LOCK, _NN_ANE_SEND)
NN_ANE_BLOCKED = (
    (_NN_ANE_SEND + MACH_ASYNC_METHOD).labelled(ANE_WAIT),
    (_NN_ANE_SEND + MACH_METHOD).labelled(ANE_WAIT),
    (_NN_ANE_SEND + USER_CLIENT_TRAP).labelled(ANE_WAIT),
    (_NN_ANE_SYNC + GROUP_WAIT).labelled(ANE_WAIT),
    (_NN_ANE_SYNC + SEMAPHORE_WAIT).labelled(ANE_WAIT),
)
_NN_CPU_LAYER = (
    _NN_SEGMENTS
    + part(
        "Espresso`Espresso::compiler_cpu::__forward_segment(std::__1::shared_ptr<Espresso::abstract_batch> const&, int, Espresso::net_compiler_segment_based::segment_t const&)"
    )
    + _NN_LAYER
    + part(
        "Espresso`Espresso::abstract_context::__launch_kernel(std::__1::shared_ptr<Espresso::abstract_batch> const&, std::__1::shared_ptr<Espresso::base_kernel> const&, Espresso::layer_data&, Espresso::layer_data&) const"
    )
)
_NN_TOPK = part(
    "Espresso`Espresso::topk_kernel_cpu::__launch(std::__1::shared_ptr<Espresso::abstract_batch> const&, Espresso::layer_data&, Espresso::layer_data&)",
    CPU_EXECUTE,
)
_NN_CONVOLUTION = part(
    "Espresso`Espresso::BNNSEngine::convolution_kernel::__launch(std::__1::shared_ptr<Espresso::abstract_batch> const&, Espresso::layer_data&, Espresso::layer_data&)",
    CPU_EXECUTE,
)
_NN_INNER_PRODUCT = part(
    "Espresso`Espresso::BNNSEngine::inner_product_kernel::__launch(std::__1::shared_ptr<Espresso::abstract_batch> const&, Espresso::layer_data&, Espresso::layer_data&)",
    CPU_EXECUTE,
)
_NN_SOFTMAX = part(
    "Espresso`Espresso::softmax_kernel_cpu::__launch(std::__1::shared_ptr<Espresso::abstract_batch> const&, Espresso::layer_data&, Espresso::layer_data&)",
    CPU_EXECUTE,
)
NN_FALLBACK = (
    _NN_CPU_LAYER + _NN_TOPK,
    _NN_CPU_LAYER + _NN_TOPK,
    _NN_CPU_LAYER
    + part(
        "Espresso`Espresso::gather_nd_kernel_cpu::__launch(std::__1::shared_ptr<Espresso::abstract_batch> const&, Espresso::layer_data&, Espresso::layer_data&)",
        CPU_EXECUTE,
    ),
    _NN_CPU_LAYER + _NN_CONVOLUTION + part("libBNNS.dylib`?1\nlibBNNS.dylib`?2"),
    _NN_CPU_LAYER + _NN_SOFTMAX + part("libvDSP.dylib`vDSP_vsmul"),
)
NN_CPU_KERNELS = (
    _NN_CPU_LAYER + _NN_CONVOLUTION + part("libBNNS.dylib`?1\nlibBNNS.dylib`?2"),
    _NN_CPU_LAYER + _NN_CONVOLUTION + part("libBNNS.dylib`?1\nlibBNNS.dylib`?3\nlibBNNS.dylib`?4"),
    _NN_CPU_LAYER + _NN_INNER_PRODUCT + part("libBLAS.dylib`cblas_sgemm"),
    _NN_CPU_LAYER + _NN_SOFTMAX + part("libvDSP.dylib`vDSP_vsmul"),
    _NN_CPU_LAYER + _NN_TOPK,
)

# A batch that was submitted to the ANE comes back on a worker: no call of predict… above it, only Core ML's own block.
NN_BATCH_DONE = (
    SERIAL_WORKER
    + BLOCK
    + part("Espresso`EspressoLight::espresso_plan::submit_ane")
    + part(
        """
        CoreML`__53-[MLNeuralNetworkEngine evaluateBatch:options:error:]_block_invoke.326
        libdispatch.dylib`dispatch_group_leave
        """,
        ANE_COMPLETION,
        opens_focus=True,
        activity="prediction",
    )
)
# A batch waits for the engine's serial queue, which another prediction holds: no telling for which engine.
NN_BATCH_QUEUED = part(
    """
    CoreML`-[MLModel predictionsFromBatch:error:]
    CoreML`-[MLDelegateModel predictionsFromBatch:options:error:]
    CoreML`-[MLNeuralNetworkEngine predictionsFromBatch:options:error:]
    CoreML`-[MLNeuralNetworkEngine evaluateBatch:options:error:]
    libdispatch.dylib`_dispatch_sync_f_slow
    libdispatch.dylib`__DISPATCH_WAIT_FOR_QUEUE__
    libdispatch.dylib`_dispatch_event_loop_wait_for_ownership
    libdispatch.dylib`_dispatch_kq_poll
    libsystem_kernel.dylib`kevent_id
    """,
    CONTENTION,
    opens_focus=True,
    activity="prediction",
)

# ---- An ML Program, macOS 15.6 to 27: MLE5Engine and E5RT.

_E5_INIT = _LOAD_CLASS + part("""
    CoreML`+[MLE5Engine loadModelFromCompiledArchive:modelVersionInfo:compilerVersionInfo:configuration:error:]
    CoreML`-[MLE5Engine initWithContainer:configuration:error:]
    CoreML`-[MLE5ProgramLibrary prepareAndReturnError:]
    libdispatch.dylib`_dispatch_lane_barrier_sync_invoke_and_complete
    libdispatch.dylib`_dispatch_client_callout
    CoreML`__44-[MLE5ProgramLibrary prepareAndReturnError:]_block_invoke
    CoreML`-[MLE5ProgramLibrary _programLibraryHandleWithForceRespecialization:error:]
    CoreML`-[MLE5ProgramLibraryOnDeviceAOTCompilationImpl createProgramLibraryHandleWithRespecialization:error:]
""")
_E5_PARSE = _E5_INIT + part(
    "MIL`MIL::Text::ParseProgramFromFile(std::__1::shared_ptr<MIL::MILContext>, MIL::ParserOptions const&)"
)
_E5_COMPILE = _E5_INIT + part("""
    Espresso`e5rt_e5_compiler_compile_from_ir_program
    Espresso`E5RT::ExceptionSafeExecute(std::__1::function<e5rt_error_code_t ()>)
    Espresso`?1
    Espresso`std::__1::unique_ptr<E5RT::ProgramLibrary, std::__1::default_delete<E5RT::ProgramLibrary>> E5RT::E5CompilerImpl::Compile<MIL::IRProgram>(MIL::IRProgram const&, E5RT::E5CompilerOptions const&)
""")
E5_LOAD = (
    _E5_PARSE
    + part(
        "MIL`MIL::Text::Parser::Program::Parse()\nMIL`MIL::Text::Parser::FunctionMap::Parse()\nMIL`<deduplicated_symbol>\nMIL`MIL::Text::Parser::Op::Parse(MIL::IROpset const*)"
    ),
    _E5_PARSE
    + part(
        "MIL`MIL::Text::Parser::Program::Parse()\nMIL`MIL::IRProgramValidator::Validate(MIL::IRProgram const&)\nMIL`<deduplicated_symbol>"
    ),
    _E5_INIT
    + part(
        "MIL`MIL::Opsets::Common::CreateMILContext()\nMIL`MIL::Opsets::Common::ios18::ios18Opset::Register(MIL::MILContext&)"
    ),
    _E5_COMPILE
    + part(
        "Espresso`E5RT::E5BundleCacheKeyUtils::ToE5BundleCacheKey(MIL::IRProgram const&, E5RT::E5CompilerOptions const*)"
    ),
    _E5_COMPILE,
    _E5_INIT + _LOOK_FOR_ANE[0],
    _E5_INIT + _LOOK_FOR_ANE[1],
)
# An operation of E5RT without a prediction around it: a worker prepares it while the model loads.
E5_LOAD_WORKER = CONCURRENT_WORKER + part(
    """
    libdispatch.dylib`_dispatch_client_callout
    libdispatch.dylib`_dispatch_apply_invoke
    libdispatch.dylib`_dispatch_client_callout2
    Espresso`?2
    Espresso`E5RT::Ops::BnnsCpuInferenceOperation::PrepareOpForEncode()
    Espresso`E5RT::Ops::BnnsCpuInferenceOperation::Impl::PrepareOpForEncode()
    Espresso`E5RT::SharedResourceManager::InitializeMILContext()
    MIL`MIL::Opsets::Common::CreateMILContext()
    """,
    LOAD,
    activity="load",
)
E5_TEARDOWN = part(
    """
    libobjc.A.dylib`_objc_rootDealloc
    libobjc.A.dylib`objc_destructInstance_nonnull_realized(objc_object*)
    libobjc.A.dylib`object_cxxDestructFromClass(objc_object*, objc_class*)
    CoreML`-[MLDelegateModel .cxx_destruct]
    CoreML`-[MLE5ExecutionStreamPool .cxx_destruct]
    CoreML`-[MLE5ExecutionStream dealloc]
    CoreML`-[MLE5ExecutionStreamOperation dealloc]
    Espresso`e5rt_execution_stream_operation_release
    Espresso`E5RT::ExceptionSafeExecute(std::__1::function<e5rt_error_code_t ()>)
    Espresso`?3
    Espresso`E5RT::Ops::PreCompiledComputeOperation::~PreCompiledComputeOperation()
    Espresso`E5RT::Ops::PreCompiledComputeOperation::Impl::~Impl()
    Espresso`E5RT::Ops::BnnsCpuInferenceOperation::~BnnsCpuInferenceOperation()
    """,
    TEARDOWN,
    activity="teardown",
)

E5_PREDICTION = part(
    """
    CoreML`-[MLModel predictionFromFeatures:error:]
    CoreML`-[MLDelegateModel predictionFromFeatures:options:error:]
    CoreML`-[MLDelegateModel _predictionFromFeatures:usingState:options:error:]
    CoreML`-[MLE5Engine predictionFromFeatures:options:error:]
    CoreML`-[MLE5Engine _predictionFromFeatures:usingState:options:error:]
    CoreML`-[MLE5Engine _predictionFromFeatures:options:error:]
    """,
    FRAMEWORK,
    opens_focus=True,
    activity="prediction",
)
_E5_STREAM = part("""
    CoreML`-[MLE5Engine _predictionFromFeatures:stream:options:error:]
    CoreML`-[MLE5ExecutionStream executeForInputFeatures:options:error:]
""")
_E5_PREPARE = _E5_STREAM + part("CoreML`-[MLE5ExecutionStream _prepareForInputFeatures:options:error:]")
_E5_INPUT_PORT = _E5_PREPARE + part("""
    CoreML`-[MLE5ExecutionStreamOperation prepareForInputFeatures:options:error:]
    CoreML`-[MLE5ExecutionStreamOperation _prepareInputPortsForFeatures:error:]
    CoreML`-[MLE5InputPort prepareForFeatureValue:error:]
""")
E5_BIND = (
    _E5_INPUT_PORT + part("CoreML`-[MLE5InputPortBinder bindMemoryObjectForFeatureValue:error:]"),
    _E5_INPUT_PORT
    + part("""
        CoreML`-[MLE5InputPortBinder bindMemoryObjectForFeatureValue:error:]
        CoreML`MLE5BindEmptyMemoryObjectToPort
        CoreML`-[MLPixelBufferPool createPixelBufferWithSize:pixelFormatType:error:]
        CoreVideo`CVPixelBufferPoolCreatePixelBuffer
        CoreVideo`CVPixelBufferPool::createPixelBuffer(__CFAllocator const*, __CFDictionary const*, int*)
    """),
)
_E5_CLEAN_UP = part("""
    CoreML`-[MLE5ExecutionStream _reset]
    CoreML`-[MLE5ExecutionStreamOperation reset]
    CoreML`-[MLE5InputPort reset]
    Espresso`e5rt_io_port_bind_buffer_object
    Espresso`E5RT::ExceptionSafeExecute(std::__1::function<e5rt_error_code_t ()>)
    Espresso`?4
    Espresso`E5RT::IOPort::BindMemoryObject(std::__1::shared_ptr<E5RT::MemoryObject>)
    Espresso`<deduplicated_symbol>
""")
E5_RESET = part("CoreML`-[MLE5Engine _cleanUpAndReconfigureStream:forInputFeatures:error:]") + _E5_CLEAN_UP
# The same reset about a second after the last prediction returned: outside every prediction.
E5_LATE_RESET = (
    SERIAL_WORKER + part("libdispatch.dylib`_dispatch_client_callout", activity="stream reset") + _E5_CLEAN_UP
)
E5_CONVERT_INPUT = _E5_INPUT_PORT + part(
    """
    CoreML`-[MLE5InputPortBinder copyFeatureValue:error:]
    CoreML`bool CoreML::vectorizeMultiArray<float, _Float16>(CoreML::MultiArrayBuffer const&, CoreML::StorageOrder, CoreML::MultiArrayBuffer&)
    """,
    CPU_CONVERT,
)
E5_CONVERT_OUTPUT = _E5_STREAM + part(
    """
    CoreML`-[MLE5OutputPortBinder _copyOutputFromPort:toOutputBacking:featureDescription:error:]
    CoreML`bool CoreML::copyMultiArrayBNNS<_Float16, float>(CoreML::MultiArrayBuffer const&, CoreML::MultiArrayBuffer&)
    """,
    CPU_CONVERT,
)
_E5_ENCODE = _E5_PREPARE + part(
    """
    Espresso`e5rt_execution_stream_encode_operation
    Espresso`E5RT::ExceptionSafeExecute(std::__1::function<e5rt_error_code_t ()>)
    Espresso`?5
    Espresso`E5RT::ExecutionStream::EncodeOperation(std::__1::shared_ptr<E5RT::ExecutionStreamOperation>)
    Espresso`E5RT::ExecutionStreamImpl::EncodeOperation(std::__1::shared_ptr<E5RT::ExecutionStreamOperation>)
    Espresso`E5RT::Ops::PreCompiledComputeOperation::EncodeOperation(E5RT::ExecutionStreamConfigOptions const*, unsigned long long)
    Espresso`E5RT::Ops::MpsGraphInferenceOperation::EncodeOperation(E5RT::ExecutionStreamConfigOptions const*, unsigned long long)
    Espresso`E5RT::Ops::MpsGraphInferenceOperation::Impl::EncodeOperation(bool)
    """,
    GPU_PREPARE,
)
E5_GPU_PREPARE = (
    _E5_ENCODE,
    _E5_ENCODE
    + part("""
        AGXMetalG14X`-[AGXG14XFamilyDevice newCommandQueueWithDescriptor:]
        AGXMetalG14X`-[AGXG14XFamilyCommandQueue initWithDevice:descriptor:]
        IOGPU`-[IOGPUMetalCommandQueue initWithDevice:descriptor:]
        IOGPU`IOGPUCommandQueueCreateWithQoS
    """),
    _E5_ENCODE
    + part("""
        Espresso`E5RT::Ops::MpsGraphInferenceOperation::Impl::EncodeMemoryBuffers(bool)
        Espresso`?6
        MetalPerformanceShadersGraph`-[MPSGraphTensorData initWithMTLBuffer:shape:strides:interleaves:dataType:]
        MPSCore`?1
        MPSCore`MPSDevice::GetLibrary(MPSLibraryInfo const*)
    """),
)
E5_EXECUTE = _E5_STREAM + part("""
    CoreML`-[MLE5ExecutionStream _executeStream:error:]
    Espresso`e5rt_execution_stream_execute_sync
    Espresso`E5RT::ExceptionSafeExecute(std::__1::function<e5rt_error_code_t ()>)
    Espresso`?7
    Espresso`E5RT::ExecutionStreamImpl::ExecuteStreamSync()
    Espresso`void E5RT::ExecutionStreamImpl::ExecuteStreamSyncImpl<(E5RT::TraceDetail::EventId)723730532>(E5RT::ExecuteOptions const&, std::__1::function<void ()>)
""")
# The asynchronous interface: the call returns, and operations run on workers of com.apple.e5rt.concurrentExecutionQueue.
E5_SUBMIT = (
    SERIAL_WORKER
    + BLOCK
    + part(
        """
    CoreML`-[MLE5Engine _predictionFromFeatures:options:completionHandler:]
    CoreML`-[MLE5ExecutionStream submitWithCompletionHandler:]
    """,
        FRAMEWORK,
        opens_focus=True,
        activity="prediction",
    )
)
E5_ASYNC_TASK = (
    CONCURRENT_WORKER
    + BLOCK
    + part(
        """
    Espresso`?8
    Espresso`E5RT::AsyncTask::SafeExecuteTask()
    """,
        FRAMEWORK,
        opens_focus=True,
        activity="prediction",
    )
)

ANE_OPERATION = part(
    """
    Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()
    Espresso`E5RT::Ops::Impl::AneInferenceOperationImplUsingAnefAPIs::ExecuteSync()
    Espresso`E5RT::Ops::Impl::AneInferenceOperationImplUsingAnefAPIs::EvaluateANERequest(_ANERequest*) const
    """,
    ANE_DISPATCH,
)
_ANE_PROGRAM = part("""
    AppleNeuralEngine`-[_ANEClient doEvaluateDirectWithModel:options:request:qos:error:]
    AppleNeuralEngine`-[_ANEProgramForEvaluation processRequest:model:qos:qIndex:modelStringID:options:returnValue:error:]
""")
_ANE_DRIVER = _ANE_PROGRAM + part("""
    ANEServices`ANEServicesProgramProcessRequestDirect
    ANEServices`ANE::ANERequestReceiver::ProgramProcessRequest
""")
_ANE_SEND = _ANE_DRIVER + part("ANEServices`ANE::ANEServicesDevice::ANE_ProgramSendRequest")
ANE_REQUEST = (NOTHING, _ANE_PROGRAM, _ANE_PROGRAM + LOCK, _ANE_DRIVER, _ANE_SEND)
ANE_BLOCKED = (
    (_ANE_SEND + MACH_ASYNC_METHOD).labelled(ANE_WAIT),
    (_ANE_SEND + MACH_ASYNC_METHOD).labelled(ANE_WAIT),
    (_ANE_SEND + USER_CLIENT_TRAP).labelled(ANE_WAIT),
    (_ANE_DRIVER + SEMAPHORE_WAIT).labelled(ANE_WAIT),
)

BNNS_OPERATION = part(
    """
    Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()
    Espresso`E5RT::Ops::BnnsCpuInferenceOperation::Impl::ExecuteSync()
    libBNNS.dylib`BNNSGraphContextExecute_v2
    libBNNS.dylib`?5
    libBNNS.dylib`?6
    """,
    CPU_EXECUTE,
)
BNNS_KERNELS = (  # libBNNS keeps its own names to itself
    part("libBNNS.dylib`?7\nlibBNNS.dylib`?8\nlibBNNS.dylib`?9"),
    part("libBNNS.dylib`?7\nlibBNNS.dylib`?10\nlibBNNS.dylib`?11\nlibBNNS.dylib`?12"),
    part("libBNNS.dylib`?13\nlibBNNS.dylib`?14") + MEMMOVE,
    part("libBNNS.dylib`?13\nlibBNNS.dylib`?15\nlibBNNS.dylib`?16"),
)
# libBNNS spreads a kernel over workers: the same computation, and no frame above it that says for whom.
BNNS_WORKER = CONCURRENT_WORKER + part(
    """
    libdispatch.dylib`_dispatch_client_callout
    libdispatch.dylib`_dispatch_apply_invoke
    libdispatch.dylib`_dispatch_client_callout2
    libBNNS.dylib`?17
    """,
    CPU_EXECUTE,
    activity="BNNS worker",
)
CAST_OPERATION = part(
    """
    Espresso`E5RT::Ops::CastOperation::ExecuteSync()
    Espresso`E5RT::Ops::CastOperation::Impl::ExecuteSync()
    """,
    CPU_CONVERT,
)

_GPU_EXECUTE = part(
    """
    Espresso`E5RT::Ops::MpsGraphInferenceOperation::ExecuteSync(E5RT::ExecuteOptions const&)
    Espresso`E5RT::Ops::MpsGraphInferenceOperation::Impl::ExecuteSync(E5RT::ExecuteOptions const&)
    """,
    GPU_DISPATCH,
)
GPU_BLOCKED = (_GPU_EXECUTE + part("Metal`-[_MTLCommandBuffer waitUntilCompleted]") + CONDITION_WAIT).labelled(GPU_WAIT)
_MPS_GRAPH_RUN = part("""
    MetalPerformanceShadersGraph`-[MPSGraphExecutable encodeWithMPSCommandBuffer:inputsArray:resultsArray:executionDescriptor:]
    MetalPerformanceShadersGraph`-[MPSGraphExecutable runInternalWithDevice:commandBuffer:feeds:results:executableExecutionDescriptor:mpsGraphOwnedCommandBuffer:]
""")
_GPU_RUN = (
    _GPU_EXECUTE
    + part("""
        Espresso`E5RT::Ops::MpsGraphInferenceOperation::Impl::SubmitWorkToMpsGraph(bool)
        MetalPerformanceShadersGraph`-[MPSGraphExecutable encodeToCommandBuffer:inputsArray:resultsArray:executionDescriptor:]
    """)
    + _MPS_GRAPH_RUN
)
_MPS_GRAPH_OPS = part("""
    MetalPerformanceShadersGraph`MPSRuntime::evaluateOps(mlir::func::FuncOp, RuntimeSpecialization*, NSArray<MPSGraphTensorData*>*, NSArray<MPSGraphTensorData*>*, MPSGraphExecutableExecutionDescriptor*, MPSCommandBuffer*, bool, bool, bool, bool*)
    MetalPerformanceShadersGraph`GPURegionRuntime::evaluateOps(GPU::EncodeDescriptor*, NSArray<MPSGraphTensorData*>*, NSArray<MPSGraphTensorData*>*)
    MetalPerformanceShadersGraph`GPURegionRuntime::encodeOpWithCommitAndContinue(mlir::Operation*, GPU::EncodeDescriptor*)
    MetalPerformanceShadersGraph`GPURegionRuntime::encodeOp(mlir::Operation*, GPU::EncodeDescriptor*)
    MetalPerformanceShadersGraph`<deduplicated_symbol>
""")
GPU_OPERATION = _GPU_RUN + _MPS_GRAPH_OPS
GPU_OP_HANDLERS = (
    part("""
        MetalPerformanceShadersGraph`GPU::StitchedOpHandler::encodeOp(GPU::EncodeDescriptor*)
        MetalPerformanceShadersGraph`GPU::MatMulOpHandler::encodeNDArrayOp(GPU::EncodeDescriptor*, NSArray*)
        MPSNDArray`?1
        MPSNDArray`?2
    """),
    part("""
        MetalPerformanceShadersGraph`GPU::StitchedOpHandler::encodeOp(GPU::EncodeDescriptor*)
        MetalPerformanceShadersGraph`GPU::IdentityOpHandler::encodeNDArrayOp(GPU::EncodeDescriptor*, NSArray*)
        MPSNDArray`?1
        MPSNDArray`?3
        MPSCore`?2
        AGXMetalG14X`-[AGXG14XFamilyComputeContext dispatchThreadgroups:threadsPerThreadgroup:]
    """),
    part("""
        MetalPerformanceShadersGraph`GPU::BaseOpHandler::encodeOp(GPU::EncodeDescriptor*)
        MetalPerformanceShadersGraph`GPU::ConcatOpHandler::encodeNDArrayOp(GPU::EncodeDescriptor*, NSArray*)
        MPSCore`?3
        MPSCore`?4
    """),
    part("""
        MetalPerformanceShadersGraph`GPU::StridedSliceOpHandler::encodeOp(GPU::EncodeDescriptor*)
        MetalPerformanceShadersGraph`GPURegionRuntime::allocateTensorDataForValue(mlir::Value, id<MTLCommandBuffer>, bool, unsigned long, unsigned long)
        MPSCore`MPSAutoCache::GetTempBuffer(unsigned long, MTLSizeAndAlign*)
        IOGPU`-[IOGPUMetalBuffer initWithHeap:resource:offset:length:gpuTag:]
    """),
)
_GPU_SPECIALIZE = _GPU_RUN + part(
    """
    MetalPerformanceShadersGraph`-[MPSGraphExecutable specializeWithDevice:shapedEntryPoint:compilationDescriptor:]
    MetalPerformanceShadersGraph`-[MPSGraphExecutable specializedModuleWithDevice:shapedEntryPoints:compilationDescriptor:fallingBack:fallbackRuntimeKey:]
    """,
    GPU_COMPILE,
)
_GPU_OPTIMIZE = _GPU_SPECIALIZE + part("""
    MetalPerformanceShadersGraph`-[MPSGraphExecutable applyOptimizationPassesWithDevice:module:compilationID:compilationDescriptor:]
    MetalPerformanceShadersGraph`mlir::PassManager::run(mlir::Operation*)
    MetalPerformanceShadersGraph`mlir::detail::OpToOpPassAdaptor::run(mlir::Pass*, mlir::Operation*, mlir::AnalysisManager, bool, unsigned int)
""")
GPU_SPECIALIZE = (
    _GPU_OPTIMIZE + part("MetalPerformanceShadersGraph`(anonymous namespace)::InlinerPass::runOnOperation()"),
    _GPU_OPTIMIZE
    + part("""
        MetalPerformanceShadersGraph`mlir::verify(mlir::Operation*, bool)
        MetalPerformanceShadersGraph`(anonymous namespace)::OperationVerifier::verifyOpAndDominance(mlir::Operation&)
        MetalPerformanceShadersGraph`<deduplicated_symbol>
    """),
    _GPU_OPTIMIZE
    + part("""
        MetalPerformanceShadersGraph`mlir::detail::OpToOpPassAdaptor::runOnOperationImpl(bool)
        MetalPerformanceShadersGraph`mlir::OperationEquivalence::isEquivalentTo(mlir::Operation*, mlir::Operation*, llvm::function_ref<llvm::LogicalResult (mlir::Value, mlir::Value)>, llvm::function_ref<void (mlir::Value, mlir::Value)>, mlir::OperationEquivalence::Flags, llvm::function_ref<llvm::LogicalResult (mlir::ValueRange, mlir::ValueRange)>)
    """),
    _GPU_SPECIALIZE
    + part("""
        MetalPerformanceShadersGraph`-[MPSGraphExecutable getNewRuntimeForDevice:specializedModule:shapedEntryPoints:compilationDescriptor:fallingBack:fallbackRuntimeKey:]
        MetalPerformanceShadersGraph`GPURegionRuntime::initializeOps()
    """),
)

# ---- Metal's own workers: they serve Core ML or anybody else, and no frame tells which.

_METAL_QUEUE = SERIAL_WORKER + part("libdispatch.dylib`_dispatch_client_callout", activity="Metal worker")
METAL_SUBMIT = _METAL_QUEUE + part("""
    Metal`-[_MTLCommandQueue _submitAvailableCommandBuffers]
    IOGPU`-[IOGPUMetalCommandQueue submitCommandBuffers:count:]
    IOGPU`IOGPUCommandQueueSubmitCommandBuffers
    IOKit`iokit_user_client_trap
""")
METAL_COMPLETION = _METAL_QUEUE + part("""
    IOGPU`__IOGPUNotificationQueueSetDispatchQueue_block_invoke
    IOGPU`IOGPUNotificationQueueDispatchAvailableCompletionNotifications
    Metal`-[_MTLCommandQueue commandBufferDidComplete:startTime:completionTime:error:]
    IOGPU`-[IOGPUMetalCommandBuffer didCompleteWithStartTime:endTime:error:]
    IOGPU`IOGPUMetalCommandBufferStorageReset
    Metal`-[MTLResourceList releaseAllObjectsAndReset]
""")

# ---- What an app does by itself with the same libraries. None of it is Core ML's doing.

ARRAY_READ = part("""
    CoreML`-[MLMultiArray objectAtIndexedSubscript:]
    CoreML`-[MLMultiArray numberAtOffset:]
    CoreML`-[MLMultiArray(ScopedBufferAccess) getBytesWithHandler:]
""")
ARRAY_WRITE = part("""
    CoreML`-[MLMultiArray setObject:atIndexedSubscript:]
    CoreML`-[MLMultiArray setNumber:atOffset:]
    CoreML`-[MLMultiArray(ScopedBufferAccess) getMutableBytesWithHandler:]
""")
OWN_GRAPH = (
    part("MetalPerformanceShadersGraph`-[MPSGraph runWithMTLCommandQueue:feeds:targetTensors:targetOperations:]")
    + _MPS_GRAPH_RUN
    + _MPS_GRAPH_OPS
)
OWN_TRANSFORM = (
    part("libvDSP.dylib`vDSP_fft_zrip"),
    part("libvDSP.dylib`vDSP_vmul"),
    part("libBLAS.dylib`cblas_sgemm"),
)
