"""Pictures of the notebooks' figures, for viewers that run no script, such as GitHub's.

``python -m tests.notebooks.pictures`` draws every stored figure in Chromium and stores the picture beside it. Jupyter
shows the figure, and a viewer that cannot shows the picture.
"""

import base64
import json
from typing import Any, Final

import nbformat
from playwright.sync_api import Page, sync_playwright
from plotly.offline import get_plotlyjs

from tests.browser.conftest import FLAGS, find_chromium
from tests.browser.screenshots import small
from tests.notebooks.test_notebooks import FIGURE, NOTEBOOKS, PICTURE, figures, read

WIDTH: Final = 960
"""Pixels: as much as Jupyter gives a figure on a common screen."""


def picture(page: Page, figure: dict[str, Any]) -> str:
    """A figure as PNG in base64, on white: viewers of pictures may be dark."""
    page.set_content("<!doctype html><div id=figure></div>")
    page.add_script_tag(content=get_plotlyjs())
    layout = {**figure["layout"], "width": WIDTH, "paper_bgcolor": "#fff"}
    drawn = json.dumps([figure["data"], layout, {"displayModeBar": False}])
    page.evaluate(f"Plotly.newPlot('figure', ...{drawn})")
    return base64.b64encode(small(page.locator(".svg-container").screenshot())).decode()


def main() -> None:
    """Store the pictures of all notebooks anew."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), chromium_sandbox=False, args=[*FLAGS])
        page = browser.new_page(viewport={"width": WIDTH + 40, "height": 900})
        for path in NOTEBOOKS:
            notebook = read(path)
            for data in figures(notebook):
                data[PICTURE] = picture(page, data[FIGURE])
            nbformat.write(notebook, path)
            print(f"{path.name} {path.stat().st_size:,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
