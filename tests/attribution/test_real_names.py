"""Every rule is shown on names that Apple's own libraries have, as far as the real lists and stacks hold any."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tracekit.attribution.catalogue import builtin_catalogue
from tracekit.attribution.names import own_name
from tracekit.attribution.rules import Rule
from tracekit.model.folded import split_image
from tracekit.readers.demangling import demangled
from tracekit.recording.lldb.symbol_lists import read_symbols

RULES = [rule for rule in builtin_catalogue().rules if rule.symbol is not None and not rule.unnamed]
CUT_SHORT = "..."
"""In a name that its reporter did not write out."""


def frames_of(stack: Mapping[str, list[dict[str, str]]]) -> Iterator[tuple[str, str]]:
    for frame in stack["frames"]:
        yield frame.get("image") or "", frame.get("symbol") or ""


@pytest.fixture(scope="module")
def names(real_data: Path) -> dict[str, set[str]]:
    """Own names of functions by image: of all lists of symbols, the public stacks and the real recording."""
    found: dict[str, set[str]] = {}
    for path in sorted((real_data / "symbols").glob("*.txt.gz")):
        listed = read_symbols(path, demangled)
        image = listed.image or ("CoreML" if "CoreML" in path.name else "Espresso")
        found.setdefault(image, set()).update(own_name(name) for name in listed.names)
    lines = (real_data / "stacks.jsonl").read_text().splitlines()
    lines += gzip.decompress((real_data / "coreml_predict_macos15.6.jsonl.gz").read_bytes()).decode().splitlines()
    for line in lines:
        for image, symbol in frames_of(json.loads(line)):
            if CUT_SHORT not in symbol:
                found.setdefault(image, set()).add(own_name(symbol))
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_two_examples_and_a_near_miss_are_real_where_there_are_such(rule: Rule, names: dict[str, set[str]]) -> None:
    every = set().union(*names.values())
    meant = {name for image, held in names.items() if rule.allows_image(image) for name in held}
    known = {name for name in meant if rule.symbol is not None and rule.symbol.search(name)}
    examples, near_misses = (
        {own_name(split_image(text.split(";")[-1])[1]) for text in texts} for texts in (rule.examples, rule.near_misses)
    )
    assert len(rule.examples) >= 2
    assert rule.near_misses
    assert len(examples & every) >= min(2, len(known))
    assert not known or near_misses & every
