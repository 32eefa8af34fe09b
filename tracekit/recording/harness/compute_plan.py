"""Core ML's compute plan, asked for in a run of the harness that nothing records.

``MLComputePlan`` was seen to end the process that asks (apple/coremltools#2757): it must not end a recording with it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tracekit.errors import RecordingError
from tracekit.recording.harness.command import HarnessRun
from tracekit.recording.runner import Runner

WITHIN_S: Final = 180.0
"""The harness itself gives up after two minutes; compiling a large model comes before."""


def ask_plan(run: HarnessRun, program: Path, runner: Runner, answer: Path) -> Mapping[str, Any]:
    """``{"operations": [...]}``, or ``{"note": why there are none}``; ``answer`` is a file to use.

    docs/harness.md describes an operation. This raises nothing: a recording is good without it.
    """
    try:
        done = runner.ask(run.plan_argv(program, answer), within_s=WITHIN_S)
    except RecordingError as error:
        return {"note": f"Core ML's plan could not be asked for: {error.what}"}
    if done.code < 0:
        return {"note": f"asking for Core ML's plan ended the process with signal {-done.code}"}
    try:
        document = json.loads(answer.read_bytes())
    except (OSError, ValueError):
        last = (done.err.strip().splitlines() or ["it said nothing"])[-1]
        return {"note": f"Core ML's plan could not be asked for: {last}"}
    return document if isinstance(document, dict) else {"note": "the plan is no JSON object"}
