"""The pictures of README and docs/report.md, made from the samples.

``python -m tests.browser.screenshots`` refreshes those in docs/images. CI takes them too (test_pictures.py) and keeps
them with the other screenshots, so that a change can be looked at before the committed ones are refreshed.
"""

import io
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import FLAGS, find_chromium
from tests.browser.reports import open_text
from tests.support.samples import analysis_of
from tracekit.analysis.analyze import Analysis
from tracekit.analysis.compare.diff import diff
from tracekit.analysis.compare.sides import Side
from tracekit.analysis.running import running
from tracekit.model.schema import NONE
from tracekit.report.html.compared import Compared
from tracekit.report.html.comparison import render_comparison
from tracekit.report.html.report import render
from tracekit.report.layout import Provenance

IMAGES = Path(__file__).parents[2] / "docs" / "images"
MARGIN = 16
WIDTH = 920
HIGHEST = 1000
LARGEST = 70_000
"""Bytes: pictures are kept in the repository."""
COLOURS = 256
"""As many as a byte can tell apart."""

Scheme = Literal["light", "dark"]
_OF_ONE = {"verdict": "answer", "prediction": "prediction", "timeline": "timeline", "operations": "operations"}
MODELS = {"ane-with-cpu-fallback": "Letters.mlpackage"}
_GRAPH = "section:has(#flame-graph)"
_SANDWICH = "#view=sandwich&function=BNNSGraphContextExecute_v2"
PICTURES: tuple[tuple[str, Scheme, str, dict[str, str]], ...] = (
    ("ane-with-cpu-fallback", "light", "", {name: f"section:has(#{id})" for name, id in _OF_ONE.items()}),
    ("ane-with-cpu-fallback", "light", _SANDWICH, {"sandwich": "#flame .flame-body"}),
    ("ane-with-cpu-fallback", "light", "heaviest call", {"detail": "#flame .detail"}),
    ("mlprogram-split.xcode27.xml.gz", "light", "", {"flame": _GRAPH}),
    ("mlprogram-split.xcode27.xml.gz", "dark", "", {"flame-dark": _GRAPH}),
)
"""A sample, a colour scheme, a view, and the pictures of it: their names, and what they show."""
COMPARED: tuple[str, str] = ("ane-with-cpu-fallback", "all-ane")
PICTURES_OF_TWO: dict[str, str] = {"diff": "section:has(#answer)", "diff-flame": "#flame"}
"""The same of the comparison of two samples."""


def take_all(page: Page, folder: Path) -> None:
    """Write all pictures into a folder, taken in one tab.

    Raises:
        ValueError: one is too large to be kept in the repository.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": WIDTH, "height": 900})
    for name, scheme, view, sections in PICTURES:
        shown = _heaviest_call(name) if view == "heaviest call" else view
        _take(page, folder, _report(name), scheme, sections, shown)
    _take(page, folder, _comparison(*COMPARED), "light", PICTURES_OF_TWO)
    for image in sorted(folder.glob("*.png")):
        size = image.stat().st_size
        if size > LARGEST:
            raise ValueError(f"{image.name} has {size:,} bytes, more than {LARGEST:,}")


@cache
def _report(name: str) -> str:
    analysis = analysis_of(name, MODELS.get(name))
    return render(analysis, _provenance(analysis, f"tracekit report {name}"))


def _heaviest_call(name: str) -> str:
    """The view of the call in which most CPU time was spent."""
    ran = running(analysis_of(name, MODELS.get(name)).focused)
    weights = np.bincount(ran.samples["stack_id"], ran.samples["weight"])
    node = int(weights.argmax())
    path: list[str] = []
    while node != NONE:
        path.insert(0, f"call={quote(ran.frames['name'].iloc[ran.stacks['frame_id'].iloc[node]])}")
        node = int(ran.stacks["parent_id"].iloc[node])
    return f"#{'&'.join(path)}"


def _comparison(*names: str) -> str:
    analyses = [analysis_of(f"{name}.trace.zip") for name in names]
    about = [Compared.of(each, _provenance(each, f"tracekit diff {' '.join(names)}")) for each in analyses]
    found = diff(*(Side.of(each) for each in analyses))
    return render_comparison(found, (about[0], about[1]), redact_paths=True)


def _provenance(analysis: Analysis, command: str) -> Provenance:
    return Provenance.of(analysis.profile.meta, command=command, tracekit_version="0.1.0")


def _take(page: Page, folder: Path, text: str, scheme: Scheme, sections: dict[str, str], view: str = "") -> None:
    page.emulate_media(color_scheme=scheme)
    open_text(page, text, view)
    page.evaluate("scrollTo(0, 0)")  # a view brings itself into sight
    for name, shown in sections.items():
        box: Any = page.locator(shown).bounding_box()
        clip = {"x": 0, "y": box["y"] - MARGIN, "width": WIDTH, "height": min(box["height"], HIGHEST) + 2 * MARGIN}
        picture = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
        (folder / f"{name}.png").write_bytes(small(picture))


def small(png: bytes) -> bytes:
    """A picture in its commonest colours: a third of the bytes. Areas keep theirs, edges of letters lose shades."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    counts: Any = image.getcolors(image.width * image.height)
    commonest = [colour for _, colour in sorted(counts, reverse=True)[:COLOURS]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([level for colour in commonest for level in colour])
    into = io.BytesIO()
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(into, "PNG", optimize=True)
    return into.getvalue()


def main() -> None:
    """Refresh the pictures of the documentation."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), chromium_sandbox=False, args=[*FLAGS])
        take_all(browser.new_page(), IMAGES)
        browser.close()
    for image in sorted(IMAGES.glob("*.png")):
        print(f"{image.name} {image.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
