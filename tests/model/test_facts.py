from tracekit.model.facts import Facts, Notice, Notices


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
