"""Whether a recording is good, from what was written; exit codes and messages only explain.

    bundle there? ─► its table of contents exports? ─► the target ended well? ─► a CPU table with rows?

Code 54 means that a launched target did not end with exit(0): stopped by Ctrl-C or the time limit, or by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tracekit.errors import RecordingError
from tracekit.model.facts import Facts
from tracekit.model.instruments import PROFILE_TABLES
from tracekit.recording.xctrace.failures import NO_PROFILE, NO_SAMPLES, UNFINISHED, explain, last_line
from tracekit.recording.xctrace.session import Ended

TARGET_FAILED: Final = 54

_OF_TEMPLATES: Final = frozenset({"no-template", "no-instrument", "injection", "privacy-prompt", "unfinished-bundle"})

Severity = Literal["fatal", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a recording. ``fatal`` ends the work, unless ``--keep-going``."""

    severity: Severity
    error: RecordingError


def without_bundle(ended: Ended) -> RecordingError:
    """Why nothing was written."""
    failure = explain(ended.printed, None if ended.code == TARGET_FAILED else ended.code)
    if failure is not None:
        return failure.error()
    return RecordingError(f"xctrace ended with code {ended.code} and wrote nothing: {last_line(ended.printed)}")


def without_contents(ended: Ended | None, printed: str, bundle: str) -> RecordingError:
    """Why the table of contents of a bundle cannot be exported."""
    cause = explain(ended.printed) if ended is not None else None
    known = cause or explain(printed) or UNFINISHED
    error = known.error(bundle)
    if known.id == UNFINISHED.id:
        return error
    return RecordingError(f"{error.what}; the bundle was not finished", where=bundle, hint=error.hint)


def may_be_the_template(ended: Ended, printed: str = "") -> bool:
    """Whether a recording that failed might succeed with another template: nothing else is known to be wrong.

    ``printed`` is what an export of it said.
    """
    failure = explain(ended.printed, None if ended.code == TARGET_FAILED else ended.code) or explain(printed)
    return not ended.interrupted and (failure is None or failure.id in _OF_TEMPLATES)


def judge_target(
    facts: Facts, ended: Ended, account: str | None = None, *, is_whole: bool | None = None
) -> list[Finding]:
    """How the target ended. ``account`` is what it said itself: the harness's reason, or a program's last line.

    ``is_whole`` is whether the harness says that it came to its end; it decides where the table of contents has no exit
    status, which is so on devices and was seen on Macs.
    """
    findings = []
    reached_limit = "time limit" in (facts.end_reason or "").lower()
    said = f": {account}" if account else ""
    failed = bool(facts.exit_status) or is_whole is False
    if reached_limit and facts.target_type == "launched" and is_whole is not True:
        findings.append(
            _warning(f"the time limit ended the target before it was done{said}", "Give more with --time-limit")
        )
    elif failed and not ended.interrupted:
        how = "came to no end" if facts.exit_status is None else f"ended with status {facts.exit_status}"
        what = f"the target {facts.process or ''} {how}{said}".replace("  ", " ")
        hint = "Run it by hand to see why; --keep-going analyses what was recorded"
        findings.append(Finding("fatal", RecordingError(what, hint=hint)))
    if ended.interrupted:
        findings.append(_warning(f"the recording was stopped by hand{said}", "It holds what was recorded until then"))
    trouble = explain(ended.printed)
    if trouble is not None:
        findings.append(Finding("warning", trouble.error()))
    return findings


def judge_conditions(conditions: Mapping[str, str]) -> list[Finding]:
    """What about the machine makes times of little use: see ``Sidecar.conditions``."""
    found = []
    if conditions.get("Rosetta") == "True":
        what = "the harness ran under Rosetta: its times say nothing about this Mac"
        found.append(_warning(what, "Use a native Python"))
    state = conditions.get("thermal state")
    if state in ("serious", "critical"):
        found.append(_warning(f"the Mac was hot (thermal state {state}) and slower for it", "Let it cool"))
    if conditions.get("low-power mode") == "on":
        found.append(_warning("the Mac was in low-power mode, and slower for it", "Switch it off, or plug it in"))
    return found


def judge_tables(rows: Mapping[str, int], listed: Sequence[str]) -> list[Finding]:
    """Whether there is something to analyse: ``rows`` by schema as exported, ``listed`` by the table of contents."""
    if not any(schema in listed for schema in PROFILE_TABLES):
        return [Finding("fatal", NO_PROFILE.error())]
    if not any(rows.get(schema) for schema in PROFILE_TABLES):
        return [Finding("fatal", NO_SAMPLES.error())]
    return []


def _warning(what: str, hint: str) -> Finding:
    return Finding("warning", RecordingError(what, hint=hint))
