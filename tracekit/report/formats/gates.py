"""The outcome of ``tracekit check`` for a person, a program, a CI server, and a pull request.

    text      a line a gate
    json      schema tracekit.check/1
    junit     a test case a gate, as the JUnit reports of Ant and Maven that every CI server reads
    github    workflow commands: annotations of a GitHub Actions run
    markdown  a table, for $GITHUB_STEP_SUMMARY or a comment

Paths and sentences may hold anything, so each format escapes what it gives a meaning to.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Final, Literal
from xml.sax.saxutils import quoteattr  # noqa: TID251 - it escapes text, it parses none

from tracekit.analysis.verdict.gates import Outcome
from tracekit.report.numbers import visible

GateFormat = Literal["text", "json", "junit", "github", "markdown"]

SCHEMA: Final = "tracekit.check/1"
_NO_CLOCK: Final = 'timestamp="1970-01-01T00:00:00" hostname="localhost" time="0"'
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")


def gates_text(outcomes: Sequence[Outcome], source: str, kind: GateFormat) -> str:
    """The outcomes in one of the formats; ``source`` is the recording. Empty, or ending in a newline."""
    return _FORMATS[kind](outcomes, source)


def _text(outcomes: Sequence[Outcome], source: str) -> str:
    del source
    return "".join(f"{each.gate}: {each.result}: {visible(each.sentence)}\n" for each in outcomes)


def _json(outcomes: Sequence[Outcome], source: str) -> str:
    document = {
        "schema": SCHEMA,
        "source": source,
        "passed": all(each.is_passed for each in outcomes),
        "gates": [asdict(each) for each in outcomes],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _junit(outcomes: Sequence[Outcome], source: str) -> str:
    """What the schemas of Ant and of Jenkins both take.

    Ant's demands a date, a time and a host. The same recording gives the same report, so they say nothing. (By hand: a
    library would write the clock, and no less of it would stay here.)
    """
    failures = sum(not each.is_passed for each in outcomes)
    counts = f'tests="{len(outcomes)}" failures="{failures}" errors="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<testsuites>",
        f'  <testsuite name="tracekit check" package="tracekit" id="0" {counts} {_NO_CLOCK}>',
        "    <properties>",
        f'      <property name="source" value={_attribute(source)}/>',
        "    </properties>",
    ]
    for each in outcomes:
        case = f'    <testcase classname="tracekit.check" name={_attribute(each.gate)} time="0"'
        if each.is_passed:
            lines.append(f"{case}/>")
        else:
            failure = f"      <failure type={_attribute(each.result)} message={_attribute(each.sentence)}/>"
            lines += [f"{case}>", failure, "    </testcase>"]
    return "\n".join([*lines, "    <system-out/>", "    <system-err/>", "  </testsuite>", "</testsuites>"]) + "\n"


def _attribute(text: str) -> str:
    """A quoted attribute value; what XML cannot hold is written out."""
    return quoteattr(_NOT_XML.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", text), {"\n": "&#10;", "\r": "&#13;"})


def _github(outcomes: Sequence[Outcome], source: str) -> str:
    """https://docs.github.com/actions/reference/workflow-commands-for-github-actions; escapes as its toolkit does."""
    lines = []
    for each in outcomes:
        command = "notice" if each.is_passed else "error"
        title = _property(f"tracekit check {each.gate}: {each.result}")
        lines.append(f"::{command} title={title}::{_data(f'{source}: {each.sentence}')}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _markdown(outcomes: Sequence[Outcome], source: str) -> str:
    marks = {"passed": "✅ passed", "failed": "❌ failed", "not measurable": "❌ not measurable"}
    rows = [f"| {each.gate} | {marks[each.result]} | {_cell(each.sentence)} |\n" for each in outcomes]
    return f"**tracekit check** {_cell(source)}\n\n| gate | result | found |\n|---|---|---|\n{''.join(rows)}"


def _cell(text: str) -> str:
    """Plain text in a table: no markup, no HTML, no new line."""
    return _MARKDOWN.sub(r"\\\1", visible(text)).replace("&", "&amp;").replace("@", "&#64;")


_FORMATS: Final[Mapping[GateFormat, Callable[[Sequence[Outcome], str], str]]] = {
    "text": _text,
    "json": _json,
    "junit": _junit,
    "github": _github,
    "markdown": _markdown,
}
