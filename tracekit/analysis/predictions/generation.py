"""What a language model did: prefill and decode apart, with tokens per second where tokens are said.

    Prompt tokens=512   ├────────────────┤                              prefill: all of the prompt at once
    Extend                               ├──┤├──┤├──┤├──┤               decode: one token after the other
    LogitsInference     ├───────────────┤ ├─┤ ├─┤ ├─┤ ├─┤               the model itself, in both
    Decode                               ││  ││  ││  ││                 a token made text: no decoding of the model

Three sources tell of it, each in its own words, and none of them was seen in a recording:

    coreai-models       signposts of com.apple.coreai-models.performance, as Apple's package writes them
    mlx-swift-lm        signposts of ai.mlx.bench, as its benchmark writes them
    Foundation Models   FMEventTable (request_start, response_start, response_complete) and ModelInferenceTable, whose
                        columns are known from one public repository; ModelLoadingTable, of which rows are

A span of Extend, and one of decode_step, is the time from one token to the next: where it says no number, it is one.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

import pandas as pd

from tracekit.analysis.predictions.breakdown import EngineTimes
from tracekit.analysis.predictions.hardware import common
from tracekit.analysis.predictions.intervals import first_texts, numbers, paired
from tracekit.analysis.predictions.spans import durations, union
from tracekit.analysis.running import is_running
from tracekit.model.instruments import (
    ANE_TABLES,
    EVENT_TABLE,
    FM_EVENT_TABLE,
    FM_INFERENCE_TABLE,
    FM_LOADING_TABLE,
    GPU_TABLE,
    MPS_TABLE,
    SIGNPOST_INTERVAL_TABLES,
)
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE, from_rows, from_tuples

PREFILL: Final = "prefill"
DECODE: Final = "decode"

GENERATION: Final[Mapping[str, str]] = {
    "source": "str",
    "phase": "str",
    "name": "str",
    **dict.fromkeys(("count", "busy_ns", "mean_ns", "p50_ns", "p95_ns", "longest_ns", "tokens", "tokens_ns"), "int64"),
    **dict.fromkeys(("ane_busy_ns", "gpu_busy_ns", "cpu_ANE", "cpu_GPU", "cpu_CPU"), "int64"),
}
"""Columns of ``generation``. ``name`` is what the source calls the phase; ``busy_ns`` the union of its spans;
``tokens`` how many are said (-1: none are), in spans that took ``tokens_ns`` together; ``ane_busy_ns`` and
``gpu_busy_ns`` how long the engines worked for the process in them (-1: no table of theirs was recorded); ``cpu_…`` the
weight of running samples inside predictions in them, by the engine that they drove."""


class _Naming(NamedTuple):
    """How one package names its signposts."""

    source: str
    phases: Mapping[str, str]
    tokens: re.Pattern[str]
    one_each: str
    """The signpost of which each is a token, where it says no number."""


_SIGNPOSTS: Final[Mapping[str, _Naming]] = {
    "com.apple.coreai-models.performance": _Naming(
        "coreai-models",
        {
            "Prompt": PREFILL,
            "Extend": DECODE,
            "LogitsInference": "inference",
            "PrepareStep": "prepare",
            "CacheManagement": "cache",
            "Sample": "sample",
            "SampleEncoding": "sample",
            "Tokenization": "tokens from text",
            "Decode": "text from tokens",
            "ModelLoad": "load",
            "TokenizerLoad": "load",
            "Warmup": "warm-up",
        },
        re.compile(r"\btokens=(\d{1,9})\b"),
        "Extend",
    ),
    "ai.mlx.bench": _Naming(
        "mlx-swift-lm",
        {
            "prefill": PREFILL,
            "decode_step": DECODE,
            "sampler": "sample",
            "prompt_prep": "prepare",
            "kv_update": "cache",
            "model_load": "load",
        },
        re.compile(r"\bprompt_tokens=(\d{1,9})\b"),
        "decode_step",
    ),
}
_FM: Final = "Foundation Models"
_ORDER: Final = (
    *(PREFILL, DECODE, "request", "inference", "prepare", "cache", "sample"),
    *("tokens from text", "text from tokens", "warm-up", "load"),
)
_MESSAGE: Final = ("start-message", "message")
_LONGEST_EVENT: Final = 4_096
"""Characters. Events that say when are short; others hold prompts and answers, which are none of our business."""
_SLACK_NS: Final = 1_000_000
GENERATION_SPANS: Final[Mapping[str, str]] = {
    "source": "str",
    "phase": "str",
    "name": "str",
    **dict.fromkeys(("start_ns", "duration_ns", "tokens"), "int64"),
}
"""Columns of ``generation_spans``: a row each time that a phase ran, on the recording's clock."""


def generation_spans(
    tables: Mapping[str, pd.DataFrame],
    pid: int | None,
    time_range: tuple[int | None, int | None] = (None, None),
) -> pd.DataFrame:
    """When language models did what, as the tables of a recording say; those that begin in ``time_range``. See
    ``GENERATION_SPANS``.
    """
    spans = pd.concat([_of_signposts(tables, pid), _of_foundation_models(tables)], ignore_index=True)
    begin, end = time_range
    if begin is not None:
        spans = spans[(spans["start_ns"] >= begin).to_numpy()]
    if end is not None:
        spans = spans[(spans["start_ns"] <= end).to_numpy()]
    return spans


def generation(spans: pd.DataFrame, recorded: Collection[str], profile: Profile, own: EngineTimes) -> pd.DataFrame:
    """The spans summed by phase; empty where there are none. See ``GENERATION``.

    ``recorded`` names the tables of the recording; ``profile`` holds the samples of predictions, ``own`` says when the
    engines worked for the process.
    """
    if spans.empty:
        return from_rows(GENERATION, [])
    running = profile.samples[is_running(profile)]
    time, weight = running["time_ns"].to_numpy(), running["weight"].to_numpy()
    engine = running["engine"].astype("str").to_numpy()
    found = []
    for (source, phase, name), rows in spans.groupby(["source", "phase", "name"], sort=False):
        start, duration = rows["start_ns"].to_numpy(), rows["duration_ns"].to_numpy()
        covered, says = union(start, start + duration), (rows["tokens"] != NONE).to_numpy()
        inside = covered.holds(time)
        found.append(
            {
                "source": source,
                "phase": phase,
                "name": name,
                **durations(start, duration),
                "tokens": int(rows["tokens"][says].sum()) if says.any() else NONE,
                "tokens_ns": int(duration[says].sum()),
                "ane_busy_ns": common(own.ane, covered) if {*recorded} & {*ANE_TABLES} else NONE,
                "gpu_busy_ns": common(own.gpu, covered) if {*recorded} & {GPU_TABLE, MPS_TABLE} else NONE,
                **{f"cpu_{each}": int(weight[inside & (engine == each)].sum()) for each in ("ANE", "GPU", "CPU")},
            }
        )
    found.sort(key=lambda row: (row["source"], _ORDER.index(str(row["phase"])), row["name"]))
    return from_rows(GENERATION, found)


def tokens_per_second(tokens: int, time_ns: int) -> float | None:
    """None where no tokens are said, or no time."""
    return round(tokens * 1e9 / time_ns, 2) if tokens >= 0 and time_ns > 0 else None


def rate_of(phase: str, tokens: int, time_ns: int) -> float | None:
    """Tokens per second of a row of ``generation``; None, too, of a phase that is neither prefill nor decode."""
    return tokens_per_second(tokens, time_ns) if phase in (PREFILL, DECODE) else None


def _of_signposts(tables: Mapping[str, pd.DataFrame], pid: int | None) -> pd.DataFrame:
    """The spans of known packages, each once, of the process and of none that is known."""
    parts = [_known(tables[name], pid) for name in SIGNPOST_INTERVAL_TABLES if name in tables]
    if EVENT_TABLE in tables and "subsystem" in tables[EVENT_TABLE]:
        events = tables[EVENT_TABLE]
        parts.append(_known(paired(events[events["subsystem"].isin(_SIGNPOSTS).to_numpy(bool)]), pid))
    spans = pd.concat([_spans([]), *parts], ignore_index=True)
    # What several tables hold is there once.
    return spans.drop_duplicates(["source", "name", "start_ns", "duration_ns"], ignore_index=True)


def _known(rows: pd.DataFrame, pid: int | None) -> pd.DataFrame:
    if not {"subsystem", "name", "start", "duration"} <= set(rows):
        return _spans([])
    rows = rows[rows["subsystem"].isin(_SIGNPOSTS) & rows["start"].notna() & rows["duration"].notna()]
    if pid is not None and "process.pid" in rows:
        owner = pd.to_numeric(rows["process.pid"], errors="coerce")
        rows = rows[(owner.isna() | (owner == pid)).to_numpy(bool)]
    said = first_texts(rows, _MESSAGE)
    columns = (rows["subsystem"].astype("str"), rows["name"].astype("str"), rows["start"], rows["duration"], said)
    found = []
    for subsystem, name, start, duration, text in zip(*columns, strict=True):
        naming = _SIGNPOSTS[subsystem]
        if name in naming.phases:
            number = naming.tokens.search(text)
            tokens = int(number[1]) if number else 1 if name == naming.one_each else NONE
            found.append((naming.source, naming.phases[name], name, int(start), int(duration), tokens))
    return _spans(found)


def _of_foundation_models(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Requests in their two phases where events tell of them, else as wholes; and models that were loaded."""
    inferences = _inferences(tables.get(FM_INFERENCE_TABLE))
    found = list(_phases_of(_events(tables.get(FM_EVENT_TABLE)), inferences))
    if not found:
        found = [
            (_FM, "request", FM_INFERENCE_TABLE, each.start, each.duration, each.response)
            for group in inferences.values()
            for each in group
        ]
    loads = tables.get(FM_LOADING_TABLE)
    if loads is not None and {"start", "duration", "to-state"} <= set(loads):
        whole = loads[(loads["to-state"].astype("str") == "loaded").to_numpy(bool)]
        found += [
            (_FM, "load", FM_LOADING_TABLE, int(start), int(duration), NONE)
            for start, duration in zip(whole["start"], whole["duration"], strict=True)
        ]
    return _spans(found)


class _Inference(NamedTuple):
    """A row of ModelInferenceTable; tokens are -1 where it does not say."""

    start: int
    duration: int
    prompt: int
    response: int
    cached: int


def _inferences(rows: pd.DataFrame | None) -> dict[str, list[_Inference]]:
    """By request."""
    found: dict[str, list[_Inference]] = {}
    if rows is None or not {"start", "duration", "model-request-id"} <= set(rows):
        return found
    counts = [numbers(rows, (f"{name}-tokens",)) for name in ("prompt", "response", "cached")]
    for key, start, duration, *tokens in zip(
        rows["model-request-id"].astype("str"), rows["start"], rows["duration"], *counts, strict=True
    ):
        found.setdefault(key, []).append(_Inference(int(start), int(duration), *map(int, tokens)))
    return found


class _Event(NamedTuple):
    time: int
    key: str
    event: str
    data: Mapping[str, Any]


def _events(rows: pd.DataFrame | None) -> list[_Event]:
    """The events of requests that say when: ``TAG,eventId,requestId,turnId,sessionId::{json}``, in order of time."""
    if rows is None or not {"timestamp", "message"} <= set(rows):
        return []
    found = []
    for time, message in zip(rows["timestamp"], rows["message"].astype("str"), strict=True):
        head, _, payload = message[: _LONGEST_EVENT + 1].partition("::")
        fields = head.split(",")
        if len(message) > _LONGEST_EVENT or len(fields) < 3 or pd.isna(time):
            continue
        try:
            said = json.loads(payload)
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict) and isinstance(said.get("event"), str):
            data = said.get("data")
            found.append(_Event(int(time), fields[2], said["event"], data if isinstance(data, dict) else {}))
    return sorted(found, key=lambda each: each.time)


def _phases_of(
    events: Iterable[_Event], inferences: Mapping[str, list[_Inference]]
) -> Iterable[tuple[str, str, str, int, int, int]]:
    """Prefill and decode of each request: an answer is of the request of its key that began last."""
    asked: dict[str, int] = {}
    answering: dict[str, tuple[int, int]] = {}
    for time, key, event, data in events:
        if event == "request_start":
            asked[key] = time
            answering.pop(key, None)
        elif event == "response_start" and key in asked:
            began = asked.pop(key)
            answering[key] = (began, time)
            prompt, _ = _tokens(inferences.get(key, []), began, time)
            yield _FM, PREFILL, "request_start to response_start", began, time - began, prompt
        elif event == "response_complete" and key in answering:
            began, first = answering.pop(key)
            _, response = _tokens(inferences.get(key, []), began, time)
            said = data.get("generatedTokenCount")
            if response == NONE and isinstance(said, int) and not isinstance(said, bool):
                response = said
            yield _FM, DECODE, "response_start to response_complete", first, time - first, response


def _tokens(rows: list[_Inference], began: int, ended: int) -> tuple[int, int]:
    """Tokens of the prompt and of the answer of what began in a time; -1 where they are not said.

    Whether the tokens of a prompt include those that came from a cache is not known, so of such none are said.
    """
    mine = [each for each in rows if began - _SLACK_NS <= each.start <= ended]
    if not mine:
        return NONE, NONE
    says_prompt = all(each.prompt != NONE and each.cached <= 0 for each in mine)
    says_response = all(each.response != NONE for each in mine)
    return (
        sum(each.prompt for each in mine) if says_prompt else NONE,
        sum(each.response for each in mine) if says_response else NONE,
    )


def _spans(rows: list[tuple[str, str, str, int, int, int]]) -> pd.DataFrame:
    return from_tuples(GENERATION_SPANS, [row for row in rows if row[4] >= 0])
