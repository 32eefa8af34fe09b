"""Whose predictions samples are of: process by process, and within one by model, or by the function that calls.

    main                        App           plumbing above it and below it is passed over
      detect()                  App        ◄─ the caller: the nearest function of the app above the call
        -[VNCoreMLRequest …]    Vision        Vision runs the app's model: still the app's
          -[MLModel predictionFromFeatures:…]

    start_wqthread
      -[VNDetector process]     Vision     ◄─ no MLModel is called: Vision's own model
        espresso_plan_execute_sync

A model that something names (Core ML's table, the sidecar) is taken before a caller.
"""

import re
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.find import Sampled
from tracekit.analysis.predictions.sidecar import MEASURED_FRAME, WARMUP_FRAME
from tracekit.analysis.predictions.spans import Mask, Times
from tracekit.model.forest import climb, forest_of
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE
from tracekit.model.sums import added

CORE_AI: Final = "Core AI"
APPS_KINDS: Final = ("Core ML", CORE_AI, "MLTensor")
"""Kinds of prediction root that an app begins itself. Those of the other kinds belong to a framework."""

_SYSTEM_PATHS: Final = ("/System/", "/usr/lib/", "/Library/Apple/", "/AppleInternal/")
_SYSTEM_IMAGE = re.compile(
    r"^(dyld|lib\w.*\.dylib|CoreML\w*|Espresso|AppleNeuralEngine|ANEServices|MetalPerformance\w*|MPS\w+|Metal|AGX\w+|"
    r"IOGPU|IOKit|\w*Foundation|UIKit\w*|AppKit|HIToolbox|SwiftUI\w*|GraphicsServices|AV\w+|QuartzCore|ViewBridge|"
    r"CoreAI\w*|CoreVideo|CoreMedia|CMCapture|XCTest\w*|"
    r"Vision\w*|NaturalLanguage|CoreNLP|SoundAnalysis|Speech|CoreSpeech|MediaAnalysis|ARKit\w*|Translation)$"
)
"""Images of the system by name, where a recording has no paths."""
_PLUMBING = re.compile(
    r"^(_?(start|main|thread_start|clone)$|_?_?dispatch_|_dispatch|_?pthread|start_wqthread|thunk for |partial apply|"
    rf"swift::|swift_|objc_|__?CF|-\[NS|__NS|0x|{MEASURED_FRAME}|{WARMUP_FRAME})"
)
"""Functions that pass a call on, in whatever image: nobody knows his code by them."""
_UNNAMED_IMAGE = re.compile(r"^[-+]\[(ML|NS|VN|UI)|^MLE5|^Espresso|^E5RT|^e5rt_|^espresso_")


class Owners(NamedTuple):
    """Whose each sample is."""

    table: pd.DataFrame
    """A row an owner: ``process`` str, ``pid`` int64, ``model`` str (empty: nothing names it), ``caller`` str (a
    function, or a framework that predicts with its own models; empty: not known), ``kind`` str (Core ML, or that
    framework), ``samples`` int64 and ``weight`` int64; heaviest first."""
    of_sample: NDArray[np.int64]
    """For every sample, its row; -1 outside of predictions."""


def owners(sampled: Sampled, predictions: pd.DataFrame) -> Owners:
    """Whose predictions there are. ``predictions`` has ``start_ns``, ``end_ns`` and ``model`` of each that is known."""
    profile = sampled.profile
    inside = np.flatnonzero(sampled.in_focus)
    samples = profile.samples.iloc[inside]
    caller, kind = _callers(sampled, inside)
    model = _models_at(samples["time_ns"].to_numpy(), predictions)
    thread = samples["thread_id"].to_numpy()
    rows = pd.DataFrame(
        {
            "process": np.append(profile.threads["process"].to_numpy(object), "")[thread],
            "pid": np.append(profile.threads["pid"].to_numpy(), NONE)[thread],
            "model": model,
            "caller": np.where(model == "", caller, ""),
            "kind": kind,
            "weight": samples["weight"].to_numpy(),
        }
    )
    keys = ["process", "pid", "model", "caller", "kind"]
    number = rows.groupby(keys, sort=False).ngroup().to_numpy()
    table = rows[keys].drop_duplicates(ignore_index=True)
    count = len(table)
    weight = added(number, rows["weight"].to_numpy(), count)
    counted = weight if profile.meta.unit == "samples" else np.bincount(number, minlength=count)
    table = table.assign(samples=counted.astype(np.int64), weight=weight)
    order = np.lexsort((np.arange(count), -weight))
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    of_sample = np.full(len(profile.samples), NONE, np.int64)
    of_sample[inside] = place[number]
    return Owners(table.iloc[order].reset_index(drop=True), of_sample)


def _models_at(time: Times, predictions: pd.DataFrame) -> NDArray[np.object_]:
    """The model of the prediction that each time falls into; empty where several that run at once name several."""
    found = np.full(len(time), "", object)
    for model in predictions["model"].unique():
        rows = predictions[predictions["model"] == model]
        start, end = np.sort(rows["start_ns"].to_numpy()), np.sort(rows["end_ns"].to_numpy())
        running = np.searchsorted(start, time, side="right") > np.searchsorted(end, time, side="right")
        found = np.where(running, np.where(found == "", model, None), found)
    return np.where(found == None, "", found)  # noqa: E711 - elementwise


def _callers(sampled: Sampled, inside: NDArray[np.intp]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    profile = sampled.profile
    kind = pd.Series(sampled.kind[inside]).astype("object").fillna(APPS_KINDS[0]).to_numpy()
    root, position = np.unique(sampled.root[inside], return_inverse=True)
    forest = forest_of(profile.stacks)
    at = climb(forest, forest.parent_id[root], _passed_over(profile))
    names = np.append(profile.frames["name"].to_numpy(object), "")
    caller = names[np.where(at == NONE, NONE, forest.frame_id[at])][position]
    return np.where(np.isin(kind, APPS_KINDS), caller, kind), kind


def _passed_over(profile: Profile) -> Mask:
    """For every frame, whether it is of the system or only passes a call on."""
    images = zip([*profile.binaries["path"], ""], [*profile.binaries["name"], ""], strict=True)
    is_system = np.array([path.startswith(_SYSTEM_PATHS) or bool(_SYSTEM_IMAGE.match(name)) for path, name in images])
    binary = profile.frames["binary_id"].to_numpy()
    names = profile.frames["name"].tolist()
    plumbing = np.array([_PLUMBING.match(name) is not None for name in names], bool)
    nameless = (binary == NONE) & np.array([_UNNAMED_IMAGE.match(name) is not None for name in names], bool)
    passed: Mask = is_system[binary] | plumbing | nameless
    return passed
