"""The parts of docs/attribution.md that are written from the catalogue: one line an entry, in the catalogue's order.

No line says anything of its neighbours, so an entry that is added changes its own line alone.
"""

import re
from collections.abc import Sequence

from tracekit.attribution.catalogue import builtin_catalogue
from tracekit.attribution.rules import Entry, Root, Rule

CATALOGUE = builtin_catalogue()

_SECTIONS = {
    "Stages": lambda rule: rule.role == "stage",
    "Neural Engine": lambda rule: rule.role == "engine" and rule.engine == "ANE",
    "CPU": lambda rule: rule.role == "engine" and rule.engine == "CPU",
    "GPU": lambda rule: rule.role == "engine" and rule.engine == "GPU",
    "Waits": lambda rule: rule.role == "wait",
    "No engine": lambda rule: rule.role == "engine" and rule.engine == "none",
    "Not known which": lambda rule: rule.role == "engine" and rule.engine == "unknown",
}


def with_generated_parts(page: str) -> str:
    """The page with its generated parts written anew."""
    for name, content in (("roots", roots_table()), ("places", places_table()), ("catalogue", rules_tables())):
        page = _filled(page, name, content)
    return page


def roots_table() -> str:
    """A row a prediction root."""
    return _table(
        ["root", "is", "kind", "frame", "seen on", "source"],
        [[f"`{each.id}`", each.role, each.kind, _frame(each), each.os, each.source] for each in CATALOGUE.roots],
    )


def places_table() -> str:
    """A row for what makes a place, the other entries that rules rest on, and rules that make one."""
    makers = [*CATALOGUE.places, *(each for each in (*CATALOGUE.roots, *CATALOGUE.rules) if each.place)]
    rows = [[f"`{each.id}`", f"place {each.place}", _frame(each), _where(each)] for each in makers]
    rows += [[f"`{each.id}`", "a thread's first function", _frame(each), ""] for each in CATALOGUE.starts]
    rows += [[f"`{each.id}`", f"thread of `{each.rule}`", _code(each.examples[0]), ""] for each in CATALOGUE.threads]
    rows += [[f"`{each.id}`", "one of Core ML's images", _frame(each), ""] for each in CATALOGUE.images]
    return _table(["entry", "says", "frame or thread", "where"], rows)


def rules_tables() -> str:
    """A row a rule, in sections."""
    sections = [(title, [rule for rule in CATALOGUE.rules if belongs(rule)]) for title, belongs in _SECTIONS.items()]
    assert sum(len(rules) for _, rules in sections) == len(CATALOGUE.rules)
    return "\n\n".join(f"### {title}\n\n{_section(rules)}" for title, rules in sections)


def _section(rules: Sequence[Rule]) -> str:
    return _table(
        ["rule", "says", "frame", "where", "seen on", "source"],
        [[f"`{rule.id}`", _says(rule), _frame(rule), _where(rule), rule.os, rule.source] for rule in rules],
    )


def _says(rule: Rule) -> str:
    if rule.role == "wait":
        return rule.phase
    if rule.role == "stage" and rule.engine == "none":
        return rule.phase
    return f"{rule.engine}, {rule.phase}"


def _where(entry: Entry | Root) -> str:
    if isinstance(entry, Rule) and entry.role == "wait":
        return "below " + ", ".join(entry.engines)
    return ", ".join(entry.within)


def _frame(entry: Entry) -> str:
    """The first example; of a stack, the frame that it is about."""
    return _code(entry.examples[0].rpartition(";")[2])


def _code(text: str) -> str:
    """Inline code for a table's cell, whatever the text holds."""
    ticks = "``" if "`" in text else "`"
    return f"{ticks}{text.replace('|', chr(92) + '|')}{ticks}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _filled(page: str, name: str, content: str) -> str:
    """The page with ``content`` between ``<!-- name: … -->`` and ``<!-- end of name -->``."""
    part = re.compile(rf"(<!-- {name}: .*? -->\n).*?(<!-- end of {name} -->)", re.S)
    assert len(part.findall(page)) == 1
    return part.sub(lambda match: f"{match[1]}\n{content}\n\n{match[2]}", page)
