"""The pictures of the documentation can be taken from the samples at any time."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.screenshots import IMAGES, take_all
from tests.docs.pages import PAGES

pytestmark = pytest.mark.browser


def test_the_pictures_of_the_documentation(page: Page, screenshots: Path) -> None:
    folder = screenshots / "docs"
    take_all(page, folder)
    taken = {image.name for image in folder.glob("*.png")}
    assert taken == {image.name for image in IMAGES.glob("*.png")}
    assert all((folder / name).read_bytes()[:4] == b"\x89PNG" for name in taken)


def test_every_picture_is_shown_somewhere() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    assert [image.name for image in IMAGES.glob("*.png") if image.name not in text] == []
