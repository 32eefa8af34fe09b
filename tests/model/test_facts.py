import pytest

from tracekit.model.facts import Facts, Notice, Notices, models_launched


def test_only_known_facts_are_listed_in_order() -> None:
    assert Facts(pid=0, os="macOS 15.6", device="").known() == {"device": "", "os": "macOS 15.6", "pid": 0}
    assert Facts().known() == {}


def test_notices_count_by_code_and_keep_the_first_message_and_the_first_order() -> None:
    notices = Notices()
    notices.add("b", "first b")
    notices.add("a", "first a", 3)
    notices.add("b", "second b", 2)
    assert notices.collected() == (Notice("b", "first b", 3), Notice("a", "first a", 3))


def test_no_notices_are_none() -> None:
    assert Notices().collected() == ()


@pytest.mark.parametrize(
    "arguments,models",
    [
        ("", ()),
        ("--user me", ()),
        ("--model /tmp/Letters.mlmodelc --units all", ("Letters",)),
        ("--model Letters.mlpackage /tmp/Flowers.mlmodel --model=Letters.mlmodelc", ("Letters", "Flowers")),
        ("Letters.aimodel", ("Letters",)),
        ("--model /tmp/My Letters.mlmodelc", ()),  # the file may be called "My Letters"
        ("/tmp/Letters.mlmodelc/weights", ()),
        ("/tmp/Letters.mlmodelcache", ()),
    ],
)
def test_models_are_named_by_the_files_that_a_process_was_launched_with(
    arguments: str, models: tuple[str, ...]
) -> None:
    assert models_launched(arguments) == models


def test_models_are_shown_as_one_fact() -> None:
    assert Facts(pid=7, models=("A", "B")).known() == {"pid": 7, "models": "A, B"}
    assert Facts(pid=7).known() == {"pid": 7}
