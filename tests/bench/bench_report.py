"""How fast the report of a call tree of 100,000 calls is, beside speedscope on the same profile in the same browser.

    python -m tests.bench.bench_report [--calls 100000] [--runs 3] [--no-speedscope]

Bars: written in at most 3 s; at most 2.5 MB beside Plotly's script; first paint at most 1.5 s after that of an empty
page with Plotly; zoom and search at most 200 ms each. Times are medians, in headless Chromium without a GPU. What the
machine does beside it shows: run it when nothing else runs.
"""

import argparse
import base64
import json
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import find_chromium
from tracekit.analysis.analyze import Analysis, analyze_profile
from tracekit.model.builder import ProfileBuilder
from tracekit.model.forest import forest_of, paths_of
from tracekit.model.profile import Meta, Profile
from tracekit.report.html.page import plotly_script
from tracekit.report.html.report import render
from tracekit.report.layout import Provenance

MS = 1_000_000
SOFTWARE_GL = ("--disable-quic", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
"""speedscope draws with WebGL, which must do without a GPU here."""
SPEEDSCOPE = "1.25.0"
CACHE = Path(__file__).parents[2] / "build" / "npm"
ENGINES = ("AneInferenceOperation", "BnnsCpuInferenceOperation", "MpsGraphInferenceOperation")


def wide_profile(calls: int, seed: int = 5) -> Profile:
    """A random call tree of so many calls under three engines, a timed sample of each call."""
    random = np.random.default_rng(seed)
    builder = ProfileBuilder()
    images = [builder.binary(f"lib{number}.dylib") for number in range(40)]
    functions = [
        builder.frame(f"E5RT::Module{number % 211}::Function{number}(int, float const*)", images[number % 40])
        for number in range(3000)
    ]
    predict = builder.frame("-[MLModel predictionFromFeatures:error:]", builder.binary("CoreML"))
    espresso = builder.binary("Espresso")
    roots = [builder.frame(f"E5RT::Ops::{name}::ExecuteSync()", espresso) for name in ENGINES]
    paths = [[root, predict] for root in roots]
    thread = builder.thread(1, "Main Thread", 1, "Bench")
    while len(paths) < calls:
        near = len(paths) - 1 - int(random.random() * min(len(paths) - 1, 30))
        above = paths[int(len(paths) * random.random() ** 1.6) if random.random() < 0.5 else near]
        if len(above) < 34:
            paths.append([functions[int(random.integers(3000))], *above])
    order = random.permutation(len(paths))
    weights = (random.pareto(1.2, len(paths)) * 3 + 1).astype(np.int64) * MS
    for time, row in enumerate(order.tolist()):
        weight = int(weights[row])
        builder.sample(time_ns=time * MS, thread_id=thread, stack=builder.stack(paths[row]), weight=weight)
    return builder.build(Meta("ns", format="export", source="bench"))


WATCH = """
const watch = setInterval(() => {
    if (!(%s)) return;
    clearInterval(watch);
    requestAnimationFrame(() => setTimeout(() => { window.paintedAt = performance.now(); }));
}, 5);
"""


def measure_page(browser: Browser, address: str, ready: str) -> float:
    """Seconds from the call of a page until what is looked for is there and painted, as the page itself sees it."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.add_init_script(WATCH % ready)
    page.goto(address)
    page.wait_for_function("window.paintedAt", timeout=120_000)
    took: float = page.evaluate("window.paintedAt")
    page.close()
    return took / 1000


PAINTED = """async (act) => {
    const began = performance.now();
    await act();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - began;
}"""


def acts(page: Page) -> dict[str, float]:
    """Milliseconds that what a reader does takes until it is painted."""
    script = f"async (text) => ({PAINTED})(eval(text))"
    every = {
        "zoom in": "() => tracekit.viewer.set({ zoom: tracekit.viewer.flame.boxes[40].node })",
        "zoom out": "() => tracekit.viewer.set({ zoom: 0 })",
        "search": "() => tracekit.viewer.set({ search: 'Function12' })",
        "search, regex": "() => tracekit.viewer.set({ search: 'Function1.*4\\\\(', isRegex: true })",
        "search cleared": "() => tracekit.viewer.set({ search: '', isRegex: false })",
        "colour by image": "() => tracekit.viewer.set({ colour: 'image' })",
        "inverted": "() => tracekit.viewer.set({ view: 'inverted' })",
        "sandwich": "() => tracekit.viewer.set({ view: 'sandwich' })",
        "time order": "() => tracekit.viewer.set({ view: 'time' })",
        "left-heavy": "() => tracekit.viewer.set({ view: 'callers' })",
    }
    return {name: page.evaluate(script, act) for name, act in every.items()}


def speedscope_page(folder: Path, profile: Profile) -> Path | None:
    """speedscope with the profile in it, as its own command line makes it; None where npm cannot bring it."""
    npm = shutil.which("npm")
    release = CACHE / "node_modules" / "speedscope" / "dist" / "release"
    if not release.is_dir() and npm is not None:
        CACHE.mkdir(parents=True, exist_ok=True)
        argv = [npm, "install", "--no-save", "--no-audit", "--prefix", str(CACHE), f"speedscope@{SPEEDSCOPE}"]
        subprocess.run(argv, capture_output=True, timeout=180, check=False)
    if not release.is_dir():
        return None
    shutil.copytree(release, folder / "speedscope")
    data = base64.b64encode(json.dumps(speedscope_document(profile)).encode()).decode()
    script = f"speedscope.loadFileFromBase64('bench.speedscope.json', {json.dumps(data)})"
    (folder / "speedscope" / "profile.js").write_text(script)
    return folder / "speedscope" / "index.html"


def speedscope_document(profile: Profile) -> dict[str, object]:
    """The samples in speedscope's own format."""
    samples = profile.samples
    paths, lengths = paths_of(forest_of(profile.stacks), samples["stack_id"].to_numpy())
    ends = np.cumsum(lengths).tolist()
    rows = [paths[end - length : end].tolist() for end, length in zip(ends, lengths.tolist(), strict=True)]
    weights = samples["weight"].tolist()
    shown = {"type": "sampled", "name": "bench", "unit": "nanoseconds", "startValue": 0, "endValue": sum(weights)}
    return {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "shared": {"frames": [{"name": name} for name in profile.frames["name"]]},
        "profiles": [{**shown, "samples": rows, "weights": weights}],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-speedscope", action="store_true")
    arguments = parser.parse_args()
    profile = wide_profile(arguments.calls)
    analysis = analyze_profile(profile)
    text = measure_writing(analysis)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), chromium_sandbox=False, args=[*SOFTWARE_GL]
        )
        (folder / "report.html").write_text(text, "utf-8")
        measure_report(browser, folder, arguments.runs)
        other = None if arguments.no_speedscope else speedscope_page(folder, analysis.focused)
        if other is not None:
            profile_script = other.with_name("profile.js").as_posix().removeprefix("/")
            address = f"{other.as_uri()}#localProfilePath={profile_script}"
            seen = "document.body && /Left Heavy/.test(document.body.innerText)"
            took = median(lambda: measure_page(browser, address, seen), arguments.runs)
            print(f"speedscope        {took:.2f} s to its first paint ({SPEEDSCOPE})")
        browser.close()


def measure_writing(analysis: Analysis) -> str:
    """The report, with how long it took and how large it is."""
    provenance = Provenance.of(analysis.profile.meta, command="bench", tracekit_version="0")
    began = perf_counter()
    text = render(analysis, provenance)
    wrote = perf_counter() - began
    beside = len(text.encode()) - len(plotly_script().encode())
    print(f"calls             {len(analysis.focused.stacks):,}")
    print(f"written in        {wrote:.2f} s (at most 3)")
    print(f"beside Plotly     {beside / 1e6:.2f} MB (at most 2.5)")
    return text


def measure_report(browser: Browser, folder: Path, runs: int) -> None:
    """First paint beside that of an empty page with Plotly, then what a reader does."""
    empty = f"<!DOCTYPE html><div id=a></div><script>{plotly_script()}</script><script>Plotly.react('a', [])</script>"
    (folder / "empty.html").write_text(empty, "utf-8")
    is_drawn = "document.querySelector('#flame.is-drawn') !== null"
    is_plotted = "document.querySelector('#a .main-svg') !== null"
    bare = median(lambda: measure_page(browser, (folder / "empty.html").as_uri(), is_plotted), runs)
    full = median(lambda: measure_page(browser, (folder / "report.html").as_uri(), is_drawn), runs)
    print(f"first paint       {full:.2f} s, {full - bare:+.2f} s to an empty page with Plotly (at most +1.5)")
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto((folder / "report.html").as_uri())
    page.wait_for_selector(".is-ready", timeout=120_000)
    measured = [acts(page) for _ in range(runs)]
    for name in measured[0]:
        print(f"{name:<18}{statistics.median(run[name] for run in measured):.0f} ms")
    page.close()


def median(measure: Callable[[], float], runs: int) -> float:
    """The median of some runs."""
    return statistics.median(measure() for _ in range(runs))


if __name__ == "__main__":
    main()
