"""The words of a first screen, each in a sentence: tooltips of the page, and the table in docs/report.md."""

from collections.abc import Mapping
from typing import Final

TERMS: Final[Mapping[str, str]] = {
    "Neural Engine": "Apple's accelerator for neural networks, ANE for short. Core ML decides what runs on it.",
    "prediction": "One call of the model by the app, such as -[MLModel predictionFromFeatures:error:].",
    "warm-up": "The first predictions, which also load and prepare. Lengths and means leave them out, and say so.",
    "CPU time": "Samples of threads that ran on a CPU. Every share is a part of it, unless it says otherwise.",
    "driving": "CPU time spent for an engine: preparing, handing it work, what comes back: never the engine's own.",
    "busy": "How long an engine worked, by the rows of its own table. Samples cannot tell it.",
    "blocked": "Time in which a thread waited, where such threads were recorded: no CPU time, and in no share.",
    "hardware intervals": "Rows of the tables of Neural Engine and GPU: when each piece of work began and ended.",
    "request": "One piece of work that the Neural Engine was given. A prediction may need one, several or none.",
    "evidence": "What the answer rests on: hardware, waiting, stacks, threads or none, strongest first.",
    "p50": "Half of the predictions after warm-up were at most so long; p95 and p99 are for 95 and 99 of a hundred.",
    "sidecar": "What the harness wrote beside the recording: when each prediction ran, the model, Core ML's plan.",
    "focus": "The part of the recording that is looked at: the predictions, or what --focus names.",
}
