"""The reports of ``check``: whatever a sentence holds, each format stays what it is."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tracekit.analysis.gates import Outcome
from tracekit.report.formats.gates import GateFormat, gates_text

OUTCOMES = (
    Outcome("min-ane", "passed", "91.0 % drove the ANE, at least 80.0 % is asked"),
    Outcome("max-cpu", "failed", "27.6 % computed on the CPU, at most 10.0 % is allowed"),
    Outcome("max-p95", "not measurable", "predictions are not known one by one in this recording"),
)
HOSTILE = "a|b `c` <img src=x> & \"q\" 's' 100 % :: , \r\n::error::x \x00\x1b[31m\u202e @team ]]> \ufffe"

texts = st.one_of(st.text(max_size=40), st.just(HOSTILE))
outcomes = st.lists(
    st.builds(Outcome, st.just("min-ane"), st.sampled_from(["passed", "failed", "not measurable"]), texts), max_size=4
)

# The JUnit reports of Ant and Maven, as Jenkins' xUnit plugin (junit-10.xsd) takes them: what each element may hold,
# which attributes it must have and which others it may.
JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors"},
        {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "testcase": (
        {"skipped", "error", "failure", "system-out", "system-err"},
        {"name"},
        {"time", "classname", "group"},
    ),
    "failure": (set(), set(), {"type", "message"}),
}


def problems(report: str) -> list[str]:
    """What a JUnit reader would not take."""
    root = etree.fromstring(report.encode())
    found = [] if root.tag == "testsuites" else [f"the root is {root.tag!s}"]
    for element in root.iter():
        tag = str(element.tag)
        children, required, optional = JUNIT[tag]
        attributes = {str(name) for name in element.attrib}
        found += [f"{tag} lacks {name}" for name in required - attributes]
        found += [f"{tag} has {name}" for name in attributes - required - optional]
        found += [f"{tag} holds {child.tag!s}" for child in element if child.tag not in children]
    for suite in root.iter("testsuite"):
        counts = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error"}
        found += [
            f"{name} is wrong" for name, path in counts.items() if int(suite.get(name, -1)) != len(suite.findall(path))
        ]
    return found


def test_a_wrong_junit_report_is_found() -> None:
    report = '<testsuites><testsuite name="a" tests="2" failures="0"><testcase/><failure/></testsuite></testsuites>'
    assert set(problems(report)) == {
        *(
            "testsuite lacks errors",
            "testcase lacks name",
            "testsuite holds failure",
            "tests is wrong",
            "errors is wrong",
        )
    }


@pytest.mark.parametrize("kind", ["text", "json", "junit", "github", "markdown"])
def test_formats(kind: GateFormat, golden) -> None:
    golden(f"check.{kind}.txt", gates_text(OUTCOMES, "traces/Mobile|Net.trace", kind))


def test_text_is_a_line_a_gate_that_did_not_pass() -> None:
    lines = gates_text(OUTCOMES, "x", "text").splitlines()
    assert [line.split(": ")[:2] for line in lines] == [["max-cpu", "failed"], ["max-p95", "not measurable"]]


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
