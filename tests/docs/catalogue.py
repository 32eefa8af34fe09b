"""The parts of docs/attribution.md that are written from the code: the prediction roots and the rules."""

import re
from collections.abc import Sequence

from tracekit.attribution.roots import PRIMARY_ROOTS, SECONDARY_ROOTS, Root
from tracekit.attribution.rules import PLACES, Rule, builtin_rules

Numbered = tuple[int, Rule]

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
    return _filled(_filled(page, "roots", roots_table()), "catalogue", rules_tables())


def roots_table() -> str:
    """A row a prediction root."""
    rows = [("primary", root) for root in PRIMARY_ROOTS] + [("secondary", root) for root in SECONDARY_ROOTS]
    return _table(
        ["root", "symbol (a regular expression)", "image", "seen on", "source"],
        [[kind, _code(root.symbol.pattern), _images(root), root.os, root.source] for kind, root in rows],
    )


def rules_tables() -> str:
    """A row a rule, in sections."""
    numbered = list(enumerate(builtin_rules(), start=1))
    sections = [(title, [each for each in numbered if belongs(each[1])]) for title, belongs in _SECTIONS.items()]
    assert sum(len(rules) for _, rules in sections) == len(numbered)
    return "\n\n".join(f"### {title}\n\n{_section(rules)}" for title, rules in sections)


def _section(rules: Sequence[Numbered]) -> str:
    return _table(
        ["", "rule", "says", "frame", "where", "seen on", "source"],
        [
            [str(number), f"`{rule.id}`", _says(rule), _code(rule.examples[0]), _where(rule), rule.os, rule.source]
            for number, rule in rules
        ],
    )


def _says(rule: Rule) -> str:
    if rule.role == "wait":
        return rule.phase
    if rule.role == "stage" and rule.engine == "none":
        return rule.phase
    return f"{rule.engine}, {rule.phase}"


def _where(rule: Rule) -> str:
    if rule.role == "wait":
        return "below " + ", ".join(engine for engine in ("ANE", "GPU", "CPU", "none") if engine in rule.engines)
    return "" if len(rule.within) == len(PLACES) else ", ".join(place for place in PLACES if place in rule.within)


def _images(root: Root) -> str:
    return ", ".join(sorted(root.images))


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
