"""The rule catalogue: every example matches, every near miss does not, and a file of one's own is checked."""

from pathlib import Path

import pytest

from tracekit.attribution.rules import Rule, builtin_rules, load_rules, matches_text, parse_rules, without_block
from tracekit.errors import RuleError

RULES = builtin_rules()
EXAMPLES = [pytest.param(rule, text, id=f"{rule.id}: {text}") for rule in RULES for text in rule.examples]
NEAR_MISSES = [pytest.param(rule, text, id=f"{rule.id}: {text}") for rule in RULES for text in rule.near_misses]


@pytest.mark.parametrize("rule,text", EXAMPLES)
def test_an_example_matches(rule: Rule, text: str) -> None:
    assert matches_text(rule, text)


@pytest.mark.parametrize("rule,text", NEAR_MISSES)
def test_a_near_miss_does_not_match(rule: Rule, text: str) -> None:
    assert not matches_text(rule, text)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_where_it_comes_from(rule: Rule) -> None:
    assert len(rule.examples) >= 2
    assert len(rule.near_misses) >= 1
    assert rule.os
    assert rule.source


def test_symbols_of_the_wrong_image_do_not_match() -> None:
    by_id = {rule.id: rule for rule in RULES}
    assert not matches_text(by_id["ane-operation"], "MyApp`E5RT::Ops::AneInferenceOperation::ExecuteSync()")
    assert matches_text(by_id["ane-operation"], "E5RT::Ops::AneInferenceOperation::ExecuteSync()")


def test_a_rule_without_a_symbol_needs_an_image() -> None:
    by_id = {rule.id: rule for rule in RULES}
    assert not matches_text(by_id["mps-image"], "0x1a4df480c")


@pytest.mark.parametrize(
    "name,plain",
    [
        (
            "__53-[MLNeuralNetworkEngine evaluateBatch:]_block_invoke.326",
            "-[MLNeuralNetworkEngine evaluateBatch:]_block_invoke.326",
        ),
        ("invocation function for block in Espresso::net::__forward()", "Espresso::net::__forward()"),
        ("DYLD-STUB$$objc_retain", "objc_retain"),
        ("__53_not_a_block", "__53_not_a_block"),
        ("-[MLModel predictionFromFeatures:error:]", "-[MLModel predictionFromFeatures:error:]"),
    ],
)
def test_block_decoration_is_taken_off(name: str, plain: str) -> None:
    assert without_block(name) == plain


ONE = '[[rule]]\nid = "mine"\nengine = "ANE"\nphase = "dispatch"\nsymbol = "^go$"\n'


@pytest.mark.parametrize(
    "text,complaint",
    [
        ("[[rule", "not TOML"),
        ("rule = 3", "rules are written as [[rule]] tables"),
        ("x = 1", "there is no [[rule]] in the file"),
        (ONE.replace("mine", ""), "it needs an id"),
        (ONE + ONE, "two rules are called 'mine'"),
        (ONE.replace('"ANE"', '"NPU"'), "rule 'mine': engine is 'NPU', expected one of ANE, GPU, CPU, none, unknown"),
        (ONE.replace("dispatch", "flying"), "rule 'mine': phase is 'flying'"),
        (ONE.replace("^go$", "("), "rule 'mine': symbol is not a regular expression"),
        (ONE.replace("symbol", "symbl"), "rule 'mine': there is no field 'symbl'"),
        (ONE.replace('symbol = "^go$"', ""), "rule 'mine': it needs a symbol, an image, or both"),
        (ONE + 'within = ["kitchen"]', "rule 'mine': within is ['kitchen'], expected some of outside"),
        (ONE + "examples = 3", "rule 'mine': examples must be a list of text"),
        (ONE.replace('"^go$"', "4"), "rule 'mine': symbol must be text"),
        (ONE + 'unnamed = "true"', "rule 'mine': unnamed must be true or false"),
        (ONE + 'role = "wait"', "rule 'mine': engines is given for wait rules, and only for them"),
        (ONE + 'engines = ["ANE"]', "rule 'mine': engines is given for wait rules, and only for them"),
        (ONE + 'examples = ["stop"]', "rule 'mine' does not match its example 'stop'"),
        (ONE + 'near_misses = ["go"]', "rule 'mine' matches its near miss 'go'"),
    ],
)
def test_a_malformed_rule_file_is_a_sentence(text: str, complaint: str) -> None:
    with pytest.raises(RuleError) as problem:
        parse_rules(text, "my.toml")
    assert str(problem.value).startswith("my.toml: ")
    assert complaint in str(problem.value)


def test_ones_own_rules_come_first(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text(ONE)
    assert [rule.id for rule in load_rules(path)] == ["mine", *(rule.id for rule in RULES)]
    assert load_rules(None) == RULES


def test_a_rule_that_takes_a_built_in_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text(ONE.replace("mine", "ane-operation"))
    with pytest.raises(RuleError, match="two rules are called 'ane-operation', counting the built-in ones"):
        load_rules(path)


def test_a_missing_rule_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="the rules cannot be read"):
        load_rules(tmp_path / "absent.toml")
