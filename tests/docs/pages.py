"""The pages of documentation, and the pieces of Markdown that tests look at."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

PAGES: Final = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("notebooks/*.ipynb"),
        ROOT / "sample_traces" / "README.md",
    ]
)

_FENCE = re.compile(r"^(?P<fence>```+)(?P<info>\w*)\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.M | re.S)
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    info: str
    text: str


def name_of(page: Path) -> str:
    """A page as pytest shows it."""
    return str(page.relative_to(ROOT))


def markdown_of(page: Path) -> str:
    """The Markdown of a page; of a notebook, that of its cells, code as fenced blocks."""
    text = page.read_text("utf-8")
    if page.suffix != ".ipynb":
        return text
    cells = [("".join(cell["source"]), cell["cell_type"]) for cell in json.loads(text)["cells"]]
    return "\n\n".join(f"```python\n{source}\n```" if kind == "code" else source for source, kind in cells) + "\n"


def blocks_of(markdown: str) -> list[Block]:
    """The fenced blocks."""
    return [Block(match["info"], match["text"]) for match in _FENCE.finditer(markdown)]


def without_blocks(markdown: str) -> str:
    """What is written between fenced blocks."""
    return _FENCE.sub("", markdown)


def spans_of(markdown: str) -> list[str]:
    """The inline code, on one line each."""
    return [" ".join(match[2].split()) for match in _SPAN.finditer(without_blocks(markdown))]


def prose_of(markdown: str) -> str:
    """What is no code at all."""
    return _SPAN.sub("", without_blocks(markdown))


def headings_of(markdown: str) -> set[str]:
    """The anchors that GitHub gives to the headings."""
    titles = re.findall(r"^#+\s+(.+?)\s*$", without_blocks(markdown), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
