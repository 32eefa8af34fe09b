"""The reports of ``check``: whatever a sentence holds, each format stays what it is."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tracekit.analysis.verdict.gates import Outcome
from tracekit.report.formats.gates import GateFormat, gates_text

OUTCOMES = (
    Outcome("min-ane", "passed", "91.0 % drove the ANE, at least 80.0 % is asked"),
    Outcome("max-cpu", "failed", "27.6 % computed on the CPU, at most 10.0 % is allowed"),
    Outcome("max-p95", "not measurable", "how long predictions take is not known of this recording"),
)
HOSTILE = "a|b `c` <img src=x> & \"q\" 's' 100 % :: , \r\n::error::x \x00\x1b[31m\u202e @team ]]> \ufffe"

texts = st.one_of(st.text(max_size=40), st.just(HOSTILE))
outcomes = st.lists(
    st.builds(Outcome, st.just("min-ane"), st.sampled_from(["passed", "failed", "not measurable"]), texts), max_size=4
)

SCHEMAS = Path(__file__).parent / "schemas"
JENKINS = etree.XMLSchema(etree.parse(SCHEMAS / "junit-10.xsd"))


class Element(NamedTuple):
    """What an element of Ant's reports must have and may have."""

    children: str
    """A regular expression over their names, each with a blank after it."""
    required: set[str]
    optional: frozenset[str] = frozenset()


# What JUnit.xsd of windyroad/JUnit-Schema demands of the reports of Ant's junit and junitreport tasks.
_SUITE = "name package id timestamp hostname tests failures errors time"
ANT = {
    "testsuites": Element("(testsuite )*", set()),
    "testsuite": Element("properties (testcase )*system-out system-err ", set(_SUITE.split())),
    "properties": Element("(property )*", set()),
    "property": Element("", {"name", "value"}),
    "testcase": Element("((skipped|error|failure) )?", {"name", "classname", "time"}),
    "failure": Element("", {"type"}, optional=frozenset({"message"})),
    "system-out": Element("", set()),
    "system-err": Element("", set()),
}
ANT_VALUES = {
    "timestamp": "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}",
    "hostname": "[^ ]+",
    "time": "[0-9]+([.][0-9]+)?",
    **dict.fromkeys(["id", "tests", "failures", "errors"], "[0-9]+"),
}


def problems(report: str) -> list[str]:
    """What the schema of Jenkins, that of Ant, and somebody who counts would not take."""
    root = etree.fromstring(report.encode())
    JENKINS.validate(root)
    found = [f"Jenkins: {error.message}" for error in JENKINS.error_log]
    found += [] if root.tag == "testsuites" else [f"the root is {root.tag!s}"]
    for element in root.iter():
        demanded, has = ANT[str(element.tag)], {str(name) for name in element.attrib}
        children = "".join(f"{child.tag!s} " for child in element)
        found += [f"Ant: {element.tag!s} lacks {name}" for name in demanded.required - has]
        found += [f"Ant: {element.tag!s} has {name}" for name in has - demanded.required - demanded.optional]
        found += [] if re.fullmatch(demanded.children, children) else [f"Ant: {element.tag!s} holds {children}"]
        for name, pattern in ANT_VALUES.items():
            if name in has and not re.fullmatch(pattern, element.attrib[name]):
                found.append(f"Ant: {name} is {element.attrib[name]}")
    for suite in root.iter("testsuite"):
        counts = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error"}
        found += [
            f"{name} is wrong" for name, path in counts.items() if int(suite.get(name, -1)) != len(suite.findall(path))
        ]
    return found


def test_a_wrong_junit_report_is_found() -> None:
    report = """<testsuites tests="1">
        <testsuite name="a" package="" id="0" tests="2" failures="0" hostname="a b" time="x"
            timestamp="2026-01-01T00:00:00Z"><properties/><testcase/><failure type="x" cause="y"/></testsuite>
        </testsuites>"""
    found = problems(report)
    jenkins = [each for each in found if each.startswith("Jenkins: ")]
    for part in ("'errors' is required", "'name' is required", "Element 'failure'", "'x'"):
        assert any(part in each for each in jenkins), part
    assert set(found) - set(jenkins) == {
        *("Ant: testsuites has tests", "Ant: testsuite lacks errors", "Ant: failure has cause"),
        *("Ant: testsuite holds properties testcase failure ", "Ant: hostname is a b", "Ant: time is x"),
        *("Ant: testcase lacks name", "Ant: testcase lacks classname", "Ant: testcase lacks time"),
        *("Ant: timestamp is 2026-01-01T00:00:00Z", "tests is wrong", "errors is wrong"),
    }


@pytest.mark.parametrize(
    "given",
    [
        (),
        OUTCOMES[:1],
        OUTCOMES[1:2],
        OUTCOMES[2:],
        OUTCOMES,
        [Outcome("min-ane", "failed", HOSTILE)],
        [Outcome("min-ane", "passed", "")],
        [Outcome("min-ane", "failed", "")],
    ],
    ids=["none", "passed", "failed", "not measurable", "all", "hostile", "empty and passed", "empty and failed"],
)
@pytest.mark.parametrize("source", ["run.trace", HOSTILE, "", " "])
def test_junit_is_valid_for_jenkins_and_ant(given: Sequence[Outcome], source: str) -> None:
    assert problems(gates_text(given, source, "junit")) == []


@pytest.mark.parametrize("kind", ["text", "json", "junit", "github", "markdown"])
def test_formats(kind: GateFormat, golden) -> None:
    golden(f"check.{kind}.txt", gates_text(OUTCOMES, "traces/Mobile|Net.trace", kind))


def test_text_is_a_line_a_gate() -> None:
    lines = gates_text(OUTCOMES, "x", "text").splitlines()
    assert [line.split(": ")[:2] for line in lines] == [[each.gate, each.result] for each in OUTCOMES]


@given(outcomes, texts)
def test_junit_is_valid_and_keeps_the_text(given: list[Outcome], source: str) -> None:
    report = gates_text(given, source, "junit")
    assert problems(report) == []
    root = etree.fromstring(report.encode())
    messages = [failure.get("message") for failure in root.iter("failure")]
    plain = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
    expected = [plain.sub(lambda m: f"\\u{{{ord(m[0]):x}}}", each.sentence) for each in given if not each.is_passed]
    assert messages == expected


@given(outcomes, texts)
def test_json_reads_back(given: list[Outcome], source: str) -> None:
    document = json.loads(gates_text(given, source, "json"))
    assert document["source"] == source
    assert [each["sentence"] for each in document["gates"]] == [each.sentence for each in given]
    assert document["passed"] == all(each.is_passed for each in given)


@given(outcomes, texts)
def test_github_is_one_command_a_gate_and_reads_back(given: list[Outcome], source: str) -> None:
    """A command is ``::name key=value::message`` on one line; the runner decodes what the toolkit encodes."""
    lines = gates_text(given, source, "github").split("\n")[:-1]
    assert len(lines) == len(given)
    for line, each in zip(lines, given, strict=True):
        match = re.fullmatch(r"::(notice|error) title=([^:,\r\n]*)::([^\r\n]*)", line)
        assert match is not None
        assert (match[1] == "notice") == each.is_passed
        assert decoded(match[2]) == f"tracekit check {each.gate}: {each.result}"
        assert decoded(match[3]) == f"{source}: {each.sentence}"


def decoded(text: str) -> str:
    for code, sign in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, sign)
    return text


@given(outcomes, texts)
def test_markdown_is_a_table_of_plain_text(given: list[Outcome], source: str) -> None:
    lines = gates_text(given, source, "markdown").split("\n")
    assert lines[1:4] == ["", "| gate | result | found |", "|---|---|---|"]
    assert len(lines) == 5 + len(given)
    for line in lines[4:-1]:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 4
        assert not re.search(r"(?<!\\)(?:\\\\)*[<`\[]", line)
        assert "@" not in line
