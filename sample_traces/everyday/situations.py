"""The everyday recordings, one entry each: who predicts what how often, and what else the machine does meanwhile.

Nothing here was measured; every number is a choice. A language model's phases (signposts called Prompt, Extend and
Decode) would be rows of ``SIGNPOST`` that the steps of its calls leave.
"""

from collections.abc import Sequence
from dataclasses import replace

from sample_traces import parts, parts_core_ai
from sample_traces.everyday.situation import Calls, Machine, Program, Row, Situation, Step, Strangers, ane
from sample_traces.export_xml import XCODE_16_4, XCODE_26_5, XCODE_27
from sample_traces.interval_tables import ANE, ANE_INTERNAL, CORE_AI, COREML, GPU, MARKS, MPS
from sample_traces.recording import Answer, Process
from sample_traces.scenarios import App, Choice

_VIDEO = Process(512, "mediaanalysisd", "/System/Library/PrivateFrameworks/MediaAnalysis.framework/mediaanalysisd")
_SCREEN = Process(394, "WindowServer", "/System/Library/PrivateFrameworks/SkyLight.framework/WindowServer")

_MAC_15 = Machine(XCODE_16_4, "15.6 (24G84)", "16.0 (16F6)")
_MAC_26 = Machine(XCODE_26_5, "26.5 (25F71)", "16.0 (17F42)")
_MAC_27 = Machine(XCODE_27, "27.2 (26B5086k)", "27.2 (27B5019j)")

# ---- What predictions do.

_NEUTRAL: Choice = parts.NEUTRAL
_BIND = Step(0.3, (parts.E5_BIND,))


def _asks(often: float, *rows: Row) -> Step:
    """A request to the Neural Engine."""
    return Step(often, ((parts.E5_EXECUTE,), (parts.ANE_OPERATION,), parts.ANE_REQUEST), rows)


def _computes(times: int = 1) -> tuple[Step, ...]:
    """Milliseconds on the CPU."""
    return (Step(1.0, ((parts.E5_EXECUTE,), (parts.BNNS_OPERATION,), parts.BNNS_KERNELS)),) * times


def _draws(often: float, *rows: Row) -> Step:
    """Work handed to the GPU."""
    return Step(often, ((parts.E5_EXECUTE,), (parts.GPU_OPERATION,), parts.GPU_OP_HANDLERS), rows)


def _of_graph(length_us: Sequence[int]) -> Row:
    """A row of MPSGraph, which names no process."""
    return Row(MPS, "GPU", "MPSGraph:0x10f504470", "MPSGraph:0x10f504470", tuple(length_us), channel="MPSGraph")


def _gpu(length_us: int) -> Row:
    return Row(GPU, "GPU", "", "Command Buffer 0", (length_us,), channel="Compute")


def _app(name: str) -> App:
    return App(name, "", {})


def _frame() -> Strangers:
    """The screen is drawn, 60 times a second."""
    return Strangers(Row(GPU, "GPU", "", "Render", (900, 1_400), channel="Vertex"), 60, 2.0, 16.7, _SCREEN)


# ---- Programs that several recordings share.

_TELLER = Program(
    _app("Teller"),
    2711,
    (Calls("Receipts", ("Reader.read(_:)",), _computes(4)),),
    rounds=80,
    every_ms=25.0,
    after=((1.0, _NEUTRAL),),
)
"""An app whose model runs on the CPU alone, 40 times a second."""


def _beside_teller(name: str, teaches: str, answer: Answer, strangers: Strangers) -> Situation:
    """The app on the CPU, and work that another process has the Neural Engine do."""
    return Situation(name, teaches, answer, _MAC_27, (_TELLER,), (ANE,), (strangers,))


def _scenes(times: int, first_ms: float, every_ms: float) -> Strangers:
    return Strangers(ane(ANE, "Scenes", [1_500]), times, first_ms, every_ms, _VIDEO)


# ---- Core AI: a model of two functions. What its template writes beside ODIEProfile is not known.


def _core_ai(prefill: tuple[Step, ...], decode: tuple[Step, ...]) -> Program:
    caller = ("Chat.reply(to:)",)
    load = Row(CORE_AI, "none", "Story", "main", (4_200,), "load", "Story", category="Load")
    return Program(
        _app("StoryTime"),
        4080,
        (
            Calls("Story", caller, prefill, parts_core_ai.INFERENCE, function="prefill"),
            Calls("Story", caller, decode, parts_core_ai.INFERENCE, times=12, function="decode"),
        ),
        rounds=4,
        after=((0.5, _NEUTRAL),),
        work=("Chat.show(_:)",),
        loads=(*parts_core_ai.MODEL_LOAD, *[parts_core_ai.SPECIALIZE] * 5),
        load_rows=(load,),
    )


_AI_GPU = Step(1.0, ((parts_core_ai.GPU_REGION,), parts.GPU_OP_HANDLERS))
_AI_GPU_WAIT = Step(0.2, ((parts_core_ai.GPU_BLOCKED,),), blocked=2)
_AI_ANE = Step(1.0, ((parts_core_ai.ANE_REGION,), (parts_core_ai.ANE_CLIENT,)))
_AI_ANE_WAIT = Step(0.2, ((parts_core_ai.ANE_BLOCKED,),), blocked=2)
_AI_CPU = Step(1.0, ((parts_core_ai.BNNS_DELEGATE,), parts_core_ai.BNNS))


def _by_core_ai(name: str, teaches: str, answer: Answer, program: Program, *tables: str) -> Situation:
    return Situation(
        name, teaches, answer, _MAC_27, (program,), (CORE_AI, *tables), told_by="odie-profile", template="Core AI"
    )


# ---- The table.

SITUATIONS: tuple[Situation, ...] = (
    Situation(
        "paced-on-the-ane",
        "A camera app at 15 frames a second, all on the Neural Engine: its rows count requests, samples cannot.",
        "yes",
        _MAC_26,
        (
            Program(
                _app("LeafCam"),
                3120,
                (
                    Calls(
                        "Leaves",
                        ("Camera.found(_:)", "Finder.find(in:)"),
                        (_BIND, _asks(0.4, ane(ANE_INTERNAL, "Leaves", [3_300, 3_500, 3_700, 6_200], nested=True))),
                    ),
                ),
                rounds=120,
                every_ms=1000 / 15,
                after=((1.0, _NEUTRAL), (0.8, _NEUTRAL)),
            ),
        ),
        (ANE_INTERNAL,),
    ),
    Situation(
        "paced-on-the-cpu",
        "A prediction a frame, a sample a prediction, no tables: the engine is known, number and length are not.",
        "no",
        _MAC_15,
        (
            Program(
                _app("Pacer"), 2204, (Calls("Steps", ("Loop.tick()",), _computes()),), rounds=60, every_ms=1000 / 60
            ),
        ),
        template="Time Profiler",
    ),
    Situation(
        "tight-loop",
        "A benchmark's loop without a pause: 100 requests by their rows, and no sample that tells where one ends.",
        "yes",
        _MAC_26,
        (
            Program(
                _app("Bench"),
                5150,
                (Calls("Faces", ("Bench.loop()",), (_asks(1.0, ane(ANE_INTERNAL, "Faces", [7_900, 8_000, 8_300])),)),),
                rounds=100,
            ),
        ),
        (ANE_INTERNAL,),
    ),
    Situation(
        "idle-rows",
        "The table says Idle between its Active rows: idleness is no work.",
        "yes",
        _MAC_27,
        (
            Program(
                _app("Sketcher"),
                3377,
                (
                    Calls(
                        "Strokes",
                        ("Canvas.recognize(_:)",),
                        (_BIND, _asks(1.0, ane(ANE, "Strokes", [1_900, 2_100]))),
                    ),
                ),
                rounds=50,
                every_ms=20.0,
                after=((1.0, _NEUTRAL),),
            ),
        ),
        (ANE,),
        (Strangers(Row(ANE, "ANE", "", "", (14_000,), state="Idle"), 50, 6.0, 20.0, _VIDEO),),
    ),
    Situation(
        "ten-models",
        "A speech app of ten models: a line of requests for each; the GPU's rows are the screen's.",
        "yes",
        _MAC_27,
        (
            Program(
                _app("Dictation"),
                6001,
                tuple(
                    Calls(
                        f"Speech{part}", ("Engine.step()",), (_asks(0.7, ane(ANE, f"Speech{part}", [900 + 60 * part])),)
                    )
                    for part in range(10)
                ),
                rounds=12,
                every_ms=5.0,
            ),
        ),
        (ANE, GPU),
        (_frame(),),
    ),
    Situation(
        "prefill-and-decode",
        "Two models by Core ML's own table: prefill on the Neural Engine, decode on the CPU.",
        "partly",
        _MAC_26,
        (
            Program(
                _app("Writer"),
                4444,
                (
                    Calls("Prefill", ("Writer.begin(_:)",), (_asks(1.0, ane(ANE_INTERNAL, "Prefill", [60_000])),)),
                    Calls("Decode", ("Writer.next()",), (_BIND, *_computes(4)), times=24),
                ),
                rounds=4,
                after=((0.3, _NEUTRAL),),
            ),
        ),
        (ANE_INTERNAL, COREML),
        told_by="coreml-table",
        answers={"Decode": "no", "Prefill": "yes"},
    ),
    Situation(
        "two-callers",
        "Two models, no table names them: one answer for each function of the app that calls.",
        "partly",
        _MAC_15,
        (
            Program(
                _app("Scanner"),
                2950,
                (
                    Calls("Edges", ("Scanner.outline(_:)",), (_BIND, _asks(1.0))),
                    Calls("Text", ("Scanner.read(_:)",), _computes(3)),
                ),
                rounds=60,
                after=((1.0, _NEUTRAL),),
            ),
        ),
        template="Time Profiler",
        answers={"Scanner.outline(_:)": "yes", "Scanner.read(_:)": "no"},
    ),
    Situation(
        "two-processes",
        "All processes were recorded, and two of them predict: an answer for each.",
        "partly",
        _MAC_15,
        (
            Program(
                _app("Ledger"),
                2800,
                (Calls("Rows", ("Ledger.sort()",), _computes(3)),),
                rounds=80,
                after=((1.0, _NEUTRAL),),
            ),
            Program(
                _app("Album"),
                2850,
                (Calls("Faces", ("Album.tag(_:)",), (_BIND, _asks(1.0))),),
                rounds=60,
                every_ms=5.0,
                after=((1.0, _NEUTRAL),),
            ),
        ),
        template="Time Profiler",
        answers={"Ledger": "no", "Album": "yes"},
    ),
    Situation(
        "one-in-a-hundred",
        "One prediction of a hundred went to the Neural Engine, the others to the CPU: it was used, and that is all.",
        "partly",
        _MAC_27,
        (
            Program(
                _app("Sorter"),
                3900,
                (
                    Calls("Shapes", ("Sorter.sort(_:)",), _computes(3), times=60),
                    Calls("Shapes", ("Sorter.sort(_:)",), (_asks(1.0), _asks(1.0, ane(ANE, "Shapes", [1_700])))),
                    Calls("Shapes", ("Sorter.sort(_:)",), _computes(3), times=39),
                ),
                rounds=1,
                after=((1.0, _NEUTRAL),),
            ),
        ),
        (ANE,),
    ),
    _beside_teller(
        "others-rows-stray",
        "A model on the CPU, and three stray rows of another process: not credited.",
        "no",
        _scenes(3, 203.0, 625.0),
    ),
    _beside_teller(
        "others-rows-in-step",
        "The other process keeps the app's pace, so that its rows lie in every prediction: not credited either.",
        "unknown",
        _scenes(80, 1.2, 25.0),
    ),
    _beside_teller(
        "others-rows-first-half",
        "The other process works through the first half of the recording.",
        "unknown",
        _scenes(125, 0.4, 8.0),
    ),
    Situation(
        "harness-without-ane",
        "The harness was told cpuAndGPU; the Neural Engine's six rows are another process's.",
        "no",
        _MAC_15,
        (
            Program(
                _app("tracekit-harness"),
                3315,
                (
                    Calls(
                        "Depth",
                        ("run", "loop"),
                        (_BIND, _draws(1.0, _of_graph([1_700, 2_000]), _gpu(1_500)), _draws(0.8), *_computes()),
                    ),
                ),
                rounds=45,
                after=((1.0, _NEUTRAL),),
                work=("run", "loop"),
                warmup=5,
            ),
        ),
        (ANE_INTERNAL, GPU, MPS),
        (Strangers(ane(ANE_INTERNAL, "Scenes", [500]), 6, 11.0, 40.0, _VIDEO),),
        told_by="sidecar",
        compute_units="cpuAndGPU",
    ),
    Situation(
        "mpsgraph-rows",
        "MPSGraph's own rows and an empty table of the Neural Engine: the GPU, 22 times.",
        "no",
        _MAC_15,
        (
            Program(
                _app("Painter"),
                5720,
                (
                    Calls(
                        "Style",
                        ("Painter.paint(_:)",),
                        (_draws(1.0, _of_graph([8_700, 9_000, 9_600])), *[_draws(0.7)] * 4),
                    ),
                ),
                rounds=22,
            ),
        ),
        (ANE_INTERNAL, MPS),
    ),
    Situation(
        "ane-instrument-alone",
        "The Neural Engine instrument without Time Profiler: what it did is exact, for whom its table does not say.",
        "unknown",
        _MAC_27,
        (
            Program(
                _app("Reader"),
                1820,
                (
                    Calls("Words", ("Reader.read()",), (_asks(1.0, ane(ANE, "Words", [1_100, 1_300])),)),
                    Calls("Lines", ("Reader.read()",), (_asks(1.0, ane(ANE, "Lines", [2_400, 2_600, 3_900])),)),
                ),
                rounds=100,
                every_ms=6.0,
                load_rows=(
                    Row(ANE, "ANE", "Words", "Neural Engine Compile Words", (180_000,), "compile"),
                    Row(ANE, "ANE", "Lines", "Neural Engine Load Lines.mlmodelc", (9_000,), "load"),
                ),
            ),
        ),
        (ANE,),
        template="Blank",
        has_samples=False,
    ),
    _by_core_ai(
        "core-ai-on-the-gpu",
        "Core AI's table counts predictions by function; samples name the GPU, and an empty table adds nothing.",
        "no",
        _core_ai((_AI_GPU, *[_AI_GPU_WAIT] * 8), (_AI_GPU, _AI_GPU_WAIT)),
        ANE,
    ),
    _by_core_ai(
        "core-ai-on-the-ane",
        "The same delegate, and its region is the Neural Engine's: only samples can tell.",
        "yes",
        _core_ai((_AI_ANE, *[_AI_ANE_WAIT] * 8), (_AI_ANE, _AI_ANE_WAIT)),
    ),
    _by_core_ai(
        "core-ai-on-the-cpu",
        "Core AI with BNNS, on the CPU.",
        "no",
        _core_ai((_AI_CPU,) * 6, (_AI_CPU,) * 2),
    ),
    replace(
        _by_core_ai(
            "core-ai-without-samples",
            "Core AI's table alone, beside an empty one of the Neural Engine: that is no proof of anything.",
            "unknown",
            _core_ai((_AI_GPU,) * 5, (_AI_GPU,) * 2),
            ANE,
        ),
        has_samples=False,
    ),
    replace(
        _by_core_ai(
            "language-model",
            "Signposts tell prefill from decode, with tokens: prefill on the Neural Engine, decode on the GPU.",
            "partly",
            _core_ai((_AI_ANE, *[_AI_ANE_WAIT] * 8), (_AI_GPU, _AI_GPU_WAIT)),
            MARKS,
        ),
        answers={"Story · prefill": "yes", "Story · decode": "no"},
        prompt_tokens=256,
    ),
)
"""Every situation, in the order of README.md."""
