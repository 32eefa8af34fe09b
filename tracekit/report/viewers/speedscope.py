"""speedscope's own format: one sampled profile a thread (https://www.speedscope.app/file-format-schema.json).

speedscope knows no categories. So that it shows engines and their totals, every stack begins with a frame that is
named after its engine, as tracekit names it:

    left heavy     driving ANE      CPU                 its totals are those of ``by_engine``
                     main             main
                       predict          predict
                         …                …

``engine_roots=False`` leaves these frames out. The unit is nanoseconds where weights are, else ``none``: speedscope
knows neither cycles nor counts, so the profile's title says what they are. Time order is the order of the samples:
speedscope puts them one after the other and shows no gaps between them.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracekit.analysis.analyze import Analysis
from tracekit.model.forest import forest_of, paths_of
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES
from tracekit.report.numbers import DRIVING
from tracekit.report.viewers.shared import (
    EXPORTER,
    images_of,
    json_text,
    symbols_of,
    thread_title,
    threads_of,
    title_of,
)

SCHEMA: Final = "https://www.speedscope.app/file-format-schema.json"
_ENGINE_FILE: Final = "engine (tracekit)"


def speedscope(analysis: Analysis, *, count_samples: bool = False, engine_roots: bool = True) -> bytes:
    """The samples inside the focus; ``count_samples`` gives each the weight 1."""
    profile = analysis.focused
    unit = "nanoseconds" if profile.meta.unit == "ns" and not count_samples else "none"
    weight = np.ones(len(profile), np.int64) if count_samples else profile.samples["weight"].to_numpy()
    texts, stack = _stack_texts(profile, engine_roots=engine_roots)
    profiles = []
    for thread, rows in threads_of(profile):
        head = {"type": "sampled", "name": thread_title(profile, thread), "unit": unit, "startValue": 0}
        head["endValue"] = int(weight[rows].sum())
        samples = ",".join([texts[number] for number in stack[rows].tolist()])
        weights = ",".join(map(str, weight[rows].tolist()))
        profiles.append(f'{json_text(head)[:-1]},"samples":[{samples}],"weights":[{weights}]}}')
    if not profiles:
        empty = {"type": "sampled", "name": "no samples", "unit": unit, "startValue": 0, "endValue": 0}
        profiles = [json_text({**empty, "samples": [], "weights": []})]
    frames = ",\n".join(map(json_text, _frames(profile)))
    head = {"$schema": SCHEMA, "name": title_of(analysis), "exporter": EXPORTER, "activeProfileIndex": 0}
    body = ",\n".join(profiles)
    text = f'{json_text(head)[:-1]},\n"shared":{{"frames":[\n{frames}]}},\n"profiles":[\n{body}]}}\n'
    return text.encode()


def _frames(profile: Profile) -> list[dict[str, str]]:
    """First the engines, then the profile's frames."""
    images = images_of(profile)
    owners = [images[binary] for binary in profile.frames["binary_id"]]
    named = zip(symbols_of(profile), owners, strict=True)
    return [
        *({"name": DRIVING[engine], "file": _ENGINE_FILE} for engine in ENGINES),
        *({"name": name, "file": owner} if owner else {"name": name} for name, owner in named),
    ]


def _stack_texts(profile: Profile, *, engine_roots: bool) -> tuple[list[str], NDArray[np.intp]]:
    """The distinct stacks as JSON, and which of them every sample has."""
    stack_id = profile.samples["stack_id"].to_numpy().astype(np.int64)
    engine = profile.samples["engine"].cat.codes.to_numpy().astype(np.int64) if engine_roots else np.int64(0)
    distinct, number = np.unique(stack_id * len(ENGINES) + engine, return_inverse=True)
    frames, lengths = paths_of(forest_of(profile.stacks), distinct // len(ENGINES))
    names = [str(frame + len(ENGINES)) for frame in range(len(profile.frames))]
    words = [names[frame] for frame in frames.tolist()]
    begin = [f"[{code}," if engine_roots else "[" for code in range(len(ENGINES))]
    ends = np.cumsum(lengths)
    parts = zip((distinct % len(ENGINES)).tolist(), (ends - lengths).tolist(), ends.tolist(), strict=True)
    return [f"{begin[code]}{','.join(words[first:last])}]" for code, first, last in parts], number
