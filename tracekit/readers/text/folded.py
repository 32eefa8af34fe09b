"""Folded stacks, ``root;caller;leaf 42``: what stackcollapse tools, inferno and ``tracekit convert`` write."""

from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import Facts
from tracekit.model.folded import add_line, is_ignored, parse_line
from tracekit.model.profile import Meta, Profile
from tracekit.readers.text.lines import Lines

_FORM = "is not 'frame;frame weight' with a whole number as the weight"


def recognises(lines: list[str]) -> bool:
    """Whether all lines are folded stacks; or most of them, some with a caller."""
    content = [line.strip() for line in lines if not is_ignored(line)]
    stacks = [line for line in content if parse_line(line) is not None]
    most = 2 * len(stacks) > len(content) and any(";" in line for line in stacks)
    return bool(stacks) and (most or len(stacks) == len(content))


def facts(lines: Lines) -> Facts:  # noqa: ARG001 - one form for all text formats
    """Folded text says nothing of the recording."""
    return Facts()


def read(lines: Lines, facts: Facts) -> Profile:
    """One sample a line, its number the weight, all in one thread.

    Raises:
        InputError: no line is a folded stack, or the weights add up to more than 64 bits hold; ``strict`` and a
            line is not a folded stack.
    """
    builder = ProfileBuilder()
    thread_id = builder.thread(0)
    for number, line in lines:
        if not add_line(builder, line, thread_id) and not is_ignored(line):
            lines.skip(number, "skipped-row:malformed-line", _FORM)
    profile = builder.build(
        Meta(unit="samples", source=lines.path, format="folded", facts=facts, notices=lines.notices.collected())
    )
    if not len(profile):
        raise lines.error("holds no folded stack", hint="A line is 'root;caller;leaf 42'")
    return profile
