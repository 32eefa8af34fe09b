import pytest

from tracekit.errors import InputError, SelectionError
from tracekit.model.facts import Facts
from tracekit.model.trace import Run
from tracekit.readers.text import open_text, sniff


def test_a_text_is_a_trace_of_one_run() -> None:
    trace = open_text("a.folded", b"main 3\n", "folded")
    assert (trace.path, trace.format, len(trace.runs), trace.notices) == ("a.folded", "folded", 1, ())
    run: Run = trace.run(1)
    assert (run.number, run.facts) == (1, Facts())
    with pytest.raises(SelectionError, match=r"^a\.folded: there is no run 2\. Runs: 1\.$"):
        trace.run(2)


def test_a_text_has_no_tables() -> None:
    trace = open_text("a.folded", b"main 3\n", "folded")
    assert list(trace.tables()) == []
    with pytest.raises(SelectionError, match=r"^a\.folded: there is no table 'thread': a text holds a call tree"):
        trace.table("thread")


def test_the_profile_is_parsed_once_and_not_before_it_is_asked_for() -> None:
    broken = open_text("a.folded", b"no weight\n", "folded")
    with pytest.raises(InputError, match="holds no folded stack"):
        broken.profile()
    trace = open_text("a.folded", b"main 3\n", "folded")
    assert trace.profile() is trace.profile()


def test_what_sniff_says_can_be_opened() -> None:
    for text in ("a;b 1\n", "Weight\tSymbol Name\n1.0 s\tmain\n", "Call graph:\n    3 Thread_1\n\nBinary Images:\n"):
        kind = sniff(text.encode())
        assert kind is not None
        assert open_text("x", text.encode(), kind).profile().meta.format == kind
