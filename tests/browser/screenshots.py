"""The pictures of README and docs/report.md, made from the samples: ``python -m tests.browser.screenshots``."""

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import FLAGS, find_chromium
from tests.browser.reports import SAMPLES, open_text
from tracekit import api
from tracekit.report.html import render
from tracekit.report.layout import Provenance

IMAGES = Path(__file__).parents[2] / "docs" / "images"
MARGIN = 16
HIGHEST = 560
LARGEST = 150_000
"""Bytes: pictures are kept in the repository."""


def main() -> None:
    """Write all pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), chromium_sandbox=False, args=[*FLAGS])
        measured, split = Path(place) / "measured", Path(place) / "split"
        take(browser, measured, "all-ane", "light", {"verdict": "#answer", "prediction": "#prediction"})
        take(browser, split, "mlprogram-split.xcode27.xml.gz", "light", {"flame": "#flame-graph"})
        take(browser, split, "mlprogram-split.xcode27.xml.gz", "dark", {"flame-dark": "#flame-graph"})
        take(browser, measured, "all-ane", "light", {"timeline": "#timeline"})
        browser.close()
    for image in sorted(IMAGES.glob("*.png")):
        size = image.stat().st_size
        print(f"{image.name} {size:,} bytes")
        if size > LARGEST:
            raise SystemExit(f"{image.name} is larger than {LARGEST:,} bytes")


def take(browser: Browser, folder: Path, sample: str, scheme: Any, sections: dict[str, str]) -> None:
    """Pictures of some sections of a sample's report, by the name of the picture."""
    folder.mkdir(exist_ok=True)
    analysis = api.analyze(SAMPLES / sample)
    provenance = Provenance.of(analysis.profile.meta, command=f"tracekit report {sample}", tracekit_version="0.1.0")
    page = browser.new_page(viewport={"width": 920, "height": 900}, color_scheme=scheme)
    open_text(page, folder, render(analysis, provenance))
    for name, heading in sections.items():
        box: Any = page.locator("section", has=page.locator(heading)).first.bounding_box()
        clip = {"x": 0, "y": box["y"] - MARGIN, "width": 920, "height": min(box["height"], HIGHEST) + 2 * MARGIN}
        page.screenshot(path=IMAGES / f"{name}.png", full_page=True, clip=clip)  # type: ignore[arg-type]
    page.close()


if __name__ == "__main__":
    main()
