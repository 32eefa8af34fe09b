"""Core ML's compute plan, asked for in a run of the harness that nothing records.

``MLComputePlan`` was seen to end the process that asks (apple/coremltools#2757): it must not end a recording with it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tracekit.errors import RecordingError
from tracekit.recording.runner import Runner

WITHIN_S: Final = 180.0
"""The harness itself gives up after two minutes; compiling a large model comes before."""


def read_plan(runner: Runner, commands: Iterable[Sequence[str]], answer: Path) -> Mapping[str, Any]:
    """``{"operations": [...]}``, or ``{"note": why there are none}``, that ``commands`` leave in ``answer``.

    docs/harness.md describes an operation. This raises nothing: a recording is good without it.
    """
    said = "it said nothing"
    try:
        for command in commands:
            done = runner.ask(command, within_s=WITHIN_S)
            if done.code < 0:
                return {"note": f"asking for Core ML's plan ended the process with signal {-done.code}"}
            said = (done.err.strip().splitlines() or [said])[-1]
    except RecordingError as error:
        return {"note": f"Core ML's plan could not be asked for: {error.what}"}
    try:
        document = json.loads(answer.read_bytes())
    except (OSError, ValueError):
        return {"note": f"Core ML's plan could not be asked for: {said}"}
    return document if isinstance(document, dict) else {"note": "the plan is no JSON object"}
