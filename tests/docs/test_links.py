"""Every relative link leads somewhere, and every page that the code names is there."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, headings_of, markdown_of, name_of, prose_of

_LINK = re.compile(r"\]\(([^)\s]+)\)")


def broken_links(page: Path, markdown: str) -> list[str]:
    """The relative links of a page that lead nowhere."""
    broken = []
    for target in _LINK.findall(prose_of(markdown)):
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        if not _is_external(target) and not (place.exists() and ROOT in place.parents and _has(place, anchor)):
            broken.append(target)
    return broken


def _is_external(target: str) -> bool:
    return re.match(r"[a-z]+:", target) is not None


def _has(page: Path, anchor: str) -> bool:
    return not anchor or anchor in headings_of(markdown_of(page))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_relative_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page, markdown_of(page)) == []


def test_readme_leads_to_every_page() -> None:
    readme = ROOT / "README.md"
    targets = {target.partition("#")[0] for target in _LINK.findall(prose_of(markdown_of(readme)))}
    linked = {(ROOT / target).resolve() for target in targets if not _is_external(target)}
    assert [name_of(page) for page in PAGES if page != readme and page not in linked] == []


def test_a_broken_link_is_found() -> None:
    page = ROOT / "docs" / "made-up.md"
    markdown = (
        "[a](architecture.md) [b](architecture.md#layout) [c](https://example.org) `[d](none.md)`\n"
        "[e](none.md) [f](architecture.md#none) [g](../../etc)\n"
    )
    assert broken_links(page, markdown) == ["none.md", "architecture.md#none", "../../etc"]


def test_headings_have_the_anchors_that_github_gives() -> None:
    assert headings_of("# A *big* title, with `code`\n\n```\n# no title\n```\n") == {"a-big-title-with-code"}


def test_pages_that_the_code_names_exist() -> None:
    files = [path for pattern in ("*.py", "*.toml", "*.jinja") for path in (ROOT / "tracekit").rglob(pattern)]
    named = {name for path in files for name in re.findall(r"\bdocs/[\w-]+\.md", path.read_text("utf-8"))}
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
