"""The codes and their pages, from catalogue.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from tracekit.errors import SelectionError


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a finding before any is made."""

    code: str
    title: str
    evidence: tuple[str, ...]
    """On what it may rest: model, plan, trace, log."""
    what: str
    why: str
    example: str
    fix: str
    sources: tuple[str, ...]

    def page(self) -> str:
        """Its page, as Markdown."""
        return (
            f"# {self.code}\n\n{self.title}.\n\n"
            f"Rests on: {', '.join(self.evidence)}\n\n"
            f"## What it finds\n\n{self.what}\n\n"
            f"## Why that matters\n\n{self.why}\n\n"
            f"## Example\n\n```text\n{self.example}\n```\n\n"
            f"## What to do\n\n{self.fix}\n\n"
            "## Sources\n\n" + "".join(f"- {source}\n" for source in self.sources)
        )


@cache
def entries() -> Mapping[str, Entry]:
    """All of them, by code, in the order of the file."""
    known = tomllib.loads(files("tracekit.analysis.findings").joinpath("catalogue.toml").read_text("utf-8"))
    lists = ("evidence", "sources")
    return {code: Entry(code, **given | {name: tuple(given[name]) for name in lists}) for code, given in known.items()}


def entry(code: str) -> Entry:
    """The entry of a code.

    Raises:
        SelectionError: there is none.
    """
    known = entries()
    if code in known:
        return known[code]
    near = get_close_matches(code, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise SelectionError(f"no finding has the code {code!r}", hint=f"{hint}All codes: {', '.join(known)}")
