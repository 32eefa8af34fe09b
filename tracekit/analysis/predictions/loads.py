"""What had to happen before a model could predict: loading, compiling for an engine, and the first prediction.

One row a model, and one without a name for rows of the Neural Engine that name none: those may be anybody's, also where
the harness loaded a model meanwhile. Each time is from one source:

    load_ns, prepare_ns   the harness's own clock: from the call to its return; compiling a .mlpackage before that. Of
                          Core AI its own table's rows Load, which name the model
    ane_load_ns           rows of the Neural Engine's table that say Load
    ane_compile_ns        rows that say Compile: it was not found in a cache
    first_ns, usual_ns    the first recorded prediction, and the median after warm-up, where one model is the process's

What loading waited for and compiled is read from functions on the stacks outside predictions (``waits_of``). That work
is done by other processes (aned, ANECompilerService), so a recording of one process shows the wait and not the work.
"""

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from tracekit.analysis.predictions.measure import Measured
from tracekit.analysis.predictions.sidecar import Harness, model_of
from tracekit.analysis.predictions.spans import spans_of
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE, from_rows, level_slices

LOADS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("model", "tie"), "str"),
    **dict.fromkeys(("prepare_ns", "load_ns", "ane_load_ns", "ane_compile_ns", "first_ns", "usual_ns"), "int64"),
}
"""``tie`` says what makes a load the process's own, as that of requests does; the harness's model is ``named``.
Times are -1 where nothing tells of them."""

_UNLOAD: Final = re.compile(r"\bUnload", re.I)
_WAITS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("aned", re.compile(r"_ANEDaemonConnection|-\[_ANE(Client|VirtualClient) (do)?(load|compile|unload)", re.I)),
    ("ANECompilerService", re.compile(r"ANECompiler|ANECCompile")),
    ("Core AI's specialisation", re.compile(r"\bAIModel\.specialize\b")),
    ("e5rt compile", re.compile(r"E5CompilerImpl|e5rt_e5_compiler|Espresso::AOT::|OnDeviceAOTCompiler")),
)
_LOADING: Final = ("load", "compile")


def loads(measured: Measured, harness: Harness | None) -> pd.DataFrame:
    """What is known of each model's load; see the top of this file. Empty where nothing is."""
    ane = measured.intervals[(measured.intervals["kind"] == "ane") & measured.intervals["phase"].isin(_LOADING)]
    ane = ane[~ane["label"].str.contains(_UNLOAD)]
    own = model_of(harness) if harness is not None else ""
    ties = {} if harness is None else {own: "named"}
    found: dict[str, dict[str, int]] = {}
    if harness is not None:
        found[own] = {"load_ns": _phase_ns(harness, "load"), "prepare_ns": _phase_ns(harness, "compile")}
    for name in ane["model"].unique():
        rows = ane[ane["model"] == name]
        times = {f"ane_{phase}_ns": _busy(rows[rows["phase"] == phase]) for phase in _LOADING}
        found.setdefault(name, {}).update(times)
        ties.setdefault(name, _tie(measured.requests, name))
    core_ai = measured.intervals[(measured.intervals["kind"] == "coreai") & (measured.intervals["phase"] == "load")]
    for name in core_ai["model"].unique():
        found.setdefault(name, {}).setdefault("load_ns", _busy(core_ai[core_ai["model"] == name]))
        ties[name] = "named"
    iterations = measured.iterations
    ours = [own] if harness is not None else [name for name in found if ties[name] != "none"]
    if len(iterations.table) and len(ours) == 1:
        times = found[ours[0]]
        times["first_ns"] = int(iterations.table["wall_ns"].iloc[0])
        times["usual_ns"] = iterations.steady.p50_ns if iterations.steady else NONE
    unknown = dict.fromkeys(LOADS, NONE)
    rows = [{**unknown, **times, "model": name, "tie": ties[name]} for name, times in found.items()]
    return from_rows(LOADS, [row for row in rows if max(found[str(row["model"])].values()) >= 0])


def _tie(requests: pd.DataFrame, model: str) -> str:
    is_load = (requests["table"] == "ane") & (requests["model"] == model) & requests["kind"].isin(_LOADING)
    return min(set(requests.loc[is_load, "tie"]) - {"none"}, default="none")


def waits_of(outside: Profile) -> tuple[str, ...]:
    """What loading waited for or compiled with, by the functions on stacks of samples that load or compile."""
    loading = outside.samples[outside.samples["phase"].isin(_LOADING)]
    stack = loading["stack_id"].to_numpy()
    if not len(stack):
        return ()
    seen = np.zeros(len(outside.stacks), bool)
    seen[stack[stack != NONE]] = True
    parent, frame = outside.stacks["parent_id"].to_numpy(), outside.stacks["frame_id"].to_numpy()
    for level in reversed(level_slices(outside.stacks["depth"].to_numpy())[1:]):
        seen[parent[level][seen[level]]] = True
    names = outside.frames["name"].to_numpy()[np.unique(frame[seen])]
    return tuple(what for what, pattern in _WAITS if any(pattern.search(name) for name in names))


def _phase_ns(harness: Harness, name: str) -> int:
    """How long a phase of the harness took; -1 where it is not written."""
    phases = harness.document.get("phases")
    numer, denom = harness.timebase
    for each in phases if isinstance(phases, list) else ():
        if isinstance(each, Mapping) and each.get("name") == name:
            start, end = each.get("start_mach"), each.get("end_mach")
            if isinstance(start, int) and isinstance(end, int):
                return (end - start) * numer // denom
    return NONE


def _busy(rows: pd.DataFrame) -> int:
    """The time that intervals cover together; -1 where there is none."""
    return spans_of(rows).total if len(rows) else NONE
