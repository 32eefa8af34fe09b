"""Every example of the catalogue is decided by its own entry, in the order of its whole stack."""

import pytest

from tests.attribution.test_catalogue import PLACE, ROOT, RULE, THREAD
from tracekit.attribution.catalogue import builtin_catalogue, parse_catalogue
from tracekit.attribution.examples import decided_by, failures, stack_of
from tracekit.errors import RuleError

CATALOGUE = builtin_catalogue()


def test_examples_and_near_misses_of_the_catalogue() -> None:
    assert list(failures(CATALOGUE, CATALOGUE)) == []


def told(text: str) -> list[str]:
    own = parse_catalogue(text, "my.toml", CATALOGUE)
    return list(failures(own, own + CATALOGUE))


@pytest.mark.parametrize(
    "text,problem",
    [
        (RULE + 'examples = ["go"]', []),
        (RULE + 'examples = ["start;go"]', []),
        (RULE + 'examples = ["gone"]', ["'mine' does not decide its example 'gone': nothing does"]),
        (RULE + 'near_misses = ["go"]', ["'mine' takes its near miss 'go'"]),
        (RULE + 'near_misses = ["start;go"]', ["'mine' takes its near miss 'start;go'"]),
        (RULE + 'within = ["coreml"]\nnear_misses = ["start;go"]', []),
        # The frame nearest the leaf decides, and of two rules the one that is asked first.
        (RULE + 'examples = ["go;-[_ANEModel program]"]',
         ["'mine' does not decide its example 'go;-[_ANEModel program]': 'ane-model-program' does"]),
        (RULE + 'examples = ["go"]\n' + RULE.replace("mine", "late") + 'examples = ["go"]',
         ["'late' does not decide its example 'go': 'mine' does"]),
        (ROOT + 'examples = ["go"]', []),
        (ROOT + 'examples = ["start;-[MLModel predictionFromFeatures:error:];go"]',
         ["'mine' does not decide its example 'start;-[MLModel predictionFromFeatures:error:];go': nothing does"]),
        (ROOT + 'role = "caller"\nexamples = ["start;-[MLModel predictionFromFeatures:error:];go"]', []),
        (ROOT + 'examples = ["go"]\n' + ROOT.replace("mine", "late") + 'examples = ["go"]',
         ["'late' does not decide its example 'go': 'mine' does"]),
        (ROOT + 'near_misses = ["go"]', ["'mine' takes its near miss 'go'"]),
        (PLACE + 'examples = ["go"]', []),
        (PLACE + 'examples = ["gone"]', ["'mine' does not decide its example 'gone': nothing does"]),
        (PLACE + 'examples = ["go"]\n' + PLACE.replace("mine", "late") + 'examples = ["go"]',
         ["'late' does not decide its example 'go': 'mine' does"]),
        # In the place where it is asked, the first that holds there.
        (PLACE + 'within = ["coreml"]\n' + PLACE.replace("mine", "me") + 'within = ["launch"]\nexamples = ["go"]', []),
        (PLACE + 'within = ["coreml"]\nexamples = ["go"]', []),
        (THREAD + 'examples = ["go"]\nnear_misses = ["gone"]', []),
        (THREAD + 'examples = ["H11ANEServicesThread"]',
         ["'mine' does not decide its example 'H11ANEServicesThread': 'ane-services-h11' does"]),
        (THREAD + 'near_misses = ["go"]', ["'mine' takes its near miss 'go'"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_example_is_said(text: str, problem: list[str]) -> None:
    assert told(text) == problem


def test_a_frame_stands_where_its_entry_holds() -> None:
    own = parse_catalogue(RULE + 'within = ["espresso"]\nexamples = ["go"]', "my.toml", CATALOGUE)
    stack = stack_of(own.rules[0], "go", own + CATALOGUE)
    assert stack == "dyld`start;Espresso`e5rt_execution_stream_execute_sync;go"
    assert decided_by(own.rules[0], "go", own + CATALOGUE) == "mine"


def test_a_place_is_made_below_where_its_maker_holds_or_as_its_stack_says() -> None:
    nested = PLACE + 'within = ["launch"]\nexamples = ["go"]\n' + RULE + 'within = ["kitchen"]\nexamples = ["go"]'
    own = parse_catalogue(nested, "my.toml", CATALOGUE)
    stack = stack_of(own.rules[0], "leaf", own + CATALOGUE)
    assert stack.split(";")[-3:] == ["Espresso`Espresso::net::__forward(int)", "go", "leaf"]
    whole = parse_catalogue(PLACE + 'examples = ["a;go"]\n' + RULE + 'within = ["kitchen"]', "my.toml", CATALOGUE)
    assert stack_of(whole.rules[0], "leaf", whole + CATALOGUE) == "a;go;leaf"


def test_a_place_that_only_itself_leads_to_cannot_be_reached() -> None:
    own = parse_catalogue(PLACE + 'within = ["kitchen"]\nexamples = ["go"]', "my.toml", CATALOGUE)
    with pytest.raises(RuleError, match="no example shows"):
        stack_of(own.places[0], "go", own + CATALOGUE)


def test_a_place_that_no_example_shows_is_said() -> None:
    own = parse_catalogue(PLACE + RULE + 'within = ["kitchen"]\nexamples = ["go"]', "my.toml", CATALOGUE)
    with pytest.raises(RuleError, match="no example shows how a frame comes to stand in the place 'kitchen'"):
        list(failures(own, own + CATALOGUE))
