"""Whose a request is: tied by a name, by samples that ask beside it, or by nothing."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom

from tests.analysis.predictions.tables import interval_rows, sampled
from tests.support.timelines import TICK
from tracekit.analysis.predictions.credit import (
    Asks,
    asking,
    asks_for,
    at_other_times,
    chance,
    has_any,
    near_any,
    reach,
    same_model,
    ties,
)

Spans = Sequence[tuple[float, float]]


def asked_for(**of_model: Spans) -> pd.DataFrame:
    """Requests of the Neural Engine; ``nameless`` are of no model."""
    return interval_rows(
        *(
            {"model": "" if model == "nameless" else model, **at(start, end)}
            for model, spans in of_model.items()
            for start, end in spans
        )
    )


def at(start: float, end: float) -> dict[str, object]:
    return {"start_ns": round(start * TICK), "duration_ns": round((end - start) * TICK)}


def by_model(asked: pd.DataFrame, found: NDArray[np.str_]) -> dict[str, str]:
    return dict(zip(asked["model"], map(str, found), strict=True))


def tied(*threads: str, **of_model: Spans) -> dict[str, str]:
    """The ties that the samples of drawn threads make."""
    profile, asked = sampled(*threads), asked_for(**of_model)
    time = profile.profile.samples["time_ns"]
    samples = asks_for(profile.profile, profile.in_focus, "ANE")
    return by_model(asked, ties(asked, "ANE", samples, (), (int(time.min()), int(time.max()))))


LOOP = "xxxxxxx a ........ a xx " * 20  # 19 ticks; the ANE works while the thread sleeps
MINE = [(19 * at + 8.2, 19 * at + 16.0) for at in range(20)]


def test_samples_that_ask_beside_its_rows_tie_a_model() -> None:
    assert tied(LOOP, Mine=MINE) == {"Mine": "asked"}


def test_a_model_in_the_background_is_not_tied_beside_one_that_is_asked() -> None:
    everywhere = [(3.0 * at, 3.0 * at + 2.0) for at in range(120)]
    assert tied(LOOP, Mine=MINE, Theirs=everywhere) == {"Mine": "asked", "Theirs": "none"}


def test_a_model_that_worked_while_this_process_did_is_not_tied_beside_its_own() -> None:
    """Both rest in the second half of the recording."""
    mine = [(at + 0.5, at + 7.5) for at in range(8, 199, 19)]
    theirs = [(at + 0.2, at + 0.4) for at in range(0, 199, 10)]
    drawing = LOOP.replace(" ", "")[:190] + "x" * 190
    found = tied(drawing, Mine=mine, Theirs=theirs)
    assert found == {"Mine": "asked", "Theirs": "none"}
    # Where every moment is beside one of theirs, no sample tells of which it asks.
    theirs = [(at + 0.2, at + 0.4) for at in range(199)]
    assert set(tied(drawing, Mine=mine, Theirs=theirs).values()) == {"none"}


def test_few_rows_of_another_are_not_tied_by_chance() -> None:
    assert tied(LOOP, Mine=MINE, Theirs=[(5.0, 8.6)])["Theirs"] == "none"


def test_an_engine_that_never_rests_is_tied_where_no_other_model_explains_the_samples() -> None:
    tight = "aaaa" * 50
    rows = [(4.0 * at, 4.0 * at + 3.9) for at in range(50)]
    assert tied(tight, Mine=rows) == {"Mine": "asked"}
    assert tied(tight, Mine=rows, Theirs=rows) == {"Mine": "none", "Theirs": "none"}
    # Against it: the process computed while they lasted.
    assert tied("accc" * 50, Theirs=rows) == {"Theirs": "none"}


@pytest.mark.parametrize(
    "label,name,same",
    [
        ("Net", "Net", True),
        ("Net_0", "Net", True),
        ("Net-5F", "Net", True),
        ("Network", "Net", False),
        ("Net", "", False),
    ],
)
def test_a_label_names_the_model_or_a_part_of_it(label: str, name: str, same: bool) -> None:
    assert same_model(label, name) == same


# ---- In line for the engine: one process's call waits for its turn behind another's request.


def test_a_request_behind_which_a_call_waits_is_not_asked_for() -> None:
    """Every call is made in the midst of a stranger's request, and served when that has ended."""
    waiting = "xxx a ........ a xxxxx " * 20  # 18 ticks: asks at 3, served from 9 to 11
    theirs = [(18 * at + 1.0, 18 * at + 9.0) for at in range(20)]
    mine = [(18 * at + 9.0, 18 * at + 11.9) for at in range(20)]
    found = tied(waiting, Mine=mine, Theirs=theirs)
    assert found["Theirs"] == "none"


def test_of_a_blocked_thread_the_last_moment_alone_asks() -> None:
    waiting = "xxx a AAAAAAAA a xxxxx " * 20
    theirs = [(18 * at + 1.0, 18 * at + 8.0) for at in range(20)]
    mine = [(18 * at + 8.0, 18 * at + 11.9) for at in range(20)]
    assert tied(waiting, Mine=mine, Theirs=theirs) == {"Mine": "asked", "Theirs": "none"}
    # A sample without a stack does not end the waiting.
    nameless = waiting.replace("AAAAAAAA", "A?A?A?AA")
    assert tied(nameless, Mine=mine, Theirs=theirs) == {"Mine": "asked", "Theirs": "none"}


def test_two_models_at_the_same_moments_are_of_no_known_process() -> None:
    """A stranger that keeps exactly this process's pace: no sample tells of which of the two it asks."""
    again = [(start + 0.1, end + 0.1) for start, end in MINE]
    assert tied(LOOP, Mine=MINE, Theirs=again) == {"Mine": "none", "Theirs": "none"}


def test_an_engine_that_never_rests_is_tied_where_others_rows_explain_little() -> None:
    rows = [(4.0 * at, 4.0 * at + 3.9) for at in range(50)]
    found = tied("aaaa" * 50, Mine=rows, Stray=[(20.0, 21.0), (90.0, 91.0)])
    assert found == {"Mine": "asked", "Stray": "none"}


def test_a_stranger_at_this_pace_is_not_tied_by_what_lost_rows_leave_unexplained() -> None:
    """Of every fifth call the request is not in the table, and a stranger's begin and end with every call."""
    theirs = [span for at in range(20) for span in ((19 * at + 7.5, 19 * at + 8.0), (19 * at + 15.2, 19 * at + 15.8))]
    lost = [row for at, row in enumerate(MINE) if at % 5]
    assert tied(LOOP, Mine=lost, Theirs=theirs)["Theirs"] == "none"


def test_rows_at_another_pace_meet_samples_by_chance() -> None:
    theirs = [(13.0 * at, 13.0 * at + 1.0) for at in range(29)]
    assert tied(LOOP, Theirs=theirs, Stray=[(12.0, 12.1)])["Theirs"] == "none"


def test_a_thread_that_computes_does_not_speak_against_what_another_asks_for() -> None:
    computing = "c" * 380
    assert tied(LOOP, computing, Mine=MINE) == {"Mine": "asked"}


# ---- Which samples ask.


def test_samples_inside_predictions_ask_and_compute() -> None:
    """Driving or waiting for the engine asks; of a wait the last moment, whatever has no stack between."""
    found = sampled("x a c p A A ? A g y . a b", "c c c c", "c x A A")
    asks = asks_for(found.profile, found.in_focus, "ANE")
    assert asks.interval == TICK
    assert (asks.times // TICK).tolist() == [1, 3, 7, 11]
    assert asks.blocked.tolist() == [False, True, True, False]
    # Of each thread that asks; what only computes is not asked.
    assert [(each // TICK).tolist() for each in asks.elsewhere] == [[2, 9], [0]]
    later = found.in_focus & (found.profile.samples["time_ns"] > 2 * TICK).to_numpy()
    assert [(each // TICK).tolist() for each in asks_for(found.profile, later, "ANE").elsewhere] == [[9], []]
    nowhere = asks_for(found.profile, np.zeros(len(found.root), bool), "ANE")
    assert (len(nowhere.times), nowhere.elsewhere) == (0, ())
    assert (asks_for(found.profile, found.in_focus, "GPU").times // TICK).tolist() == [8]


@pytest.mark.parametrize(
    "time,beside,running,blocked",
    [
        # 1.5 ms before it until 0.2 ms after it has begun; 0.2 ms before its end until 1.5 ms after. Ends are outside.
        (8.499_999, False, False, False),
        (8.5, True, True, False),
        (10.199_999, True, True, False),
        (10.2, True, False, False),
        (15.0, True, False, False),
        # Of one that was blocked the last moment, an interval before the end.
        (16.999_999, True, False, False),
        (17.0, True, False, True),
        (19.799_999, True, False, True),
        (19.8, True, True, True),
        (21.499_999, True, True, True),
        (21.5, False, False, False),
    ],
)
def test_when_a_sample_asks_for_a_request_from_10_to_20_ms(
    time: float, beside: bool, running: bool, blocked: bool
) -> None:
    start, end, times = (np.array([round(edge * TICK)], np.int64) for edge in (10, 20, time))
    assert near_any(start, end, times).tolist() == [beside]
    found = [
        bool(asking(start, end, Asks(times, np.array([is_blocked]), 3 * TICK, ()))[0]) for is_blocked in (False, True)
    ]
    assert found == [running, blocked]


def test_of_a_short_request_every_moment_is_an_edge_and_a_short_interval_is_a_slack() -> None:
    start, end = np.array([10 * TICK], np.int64), np.array([10 * TICK + 1_000], np.int64)
    times = np.array([8_499_999, 8_500_000, 10_000_500, 11_500_999, 11_501_000], np.int64)
    for blocked in (False, True):
        found = asking(start, end, Asks(times, np.full(5, blocked), 1, ()))
        assert found.tolist() == [False, not blocked, True, True, False]


def test_a_request_has_a_sample_that_is_in_it_or_so_near() -> None:
    start, end = (np.array(edges, np.int64) for edges in ([10, 10 * TICK, 30 * TICK], [20, 20 * TICK, 40 * TICK]))
    for time, has in ((8_500_000, True), (8_499_999, False), (21_500_000, True), (21_500_001, False)):
        assert has_any(start, end, np.array([time], np.int64)).tolist() == [False, has, False]


# ---- What samples at any other moment would show.


@given(st.integers(1, 40), st.integers(0, 40), st.floats(0.01, 0.99))
def test_a_chance_is_a_bound_on_the_exact_probability(count: int, hits: int, each: float) -> None:
    """Above the binomial tail, as Chernoff's bound is; and the exact one where all hit."""
    hits = min(hits, count)
    found = chance(hits / count, each, count)
    assert binom.sf(hits - 1, count, each) <= found * (1 + 1e-9) <= 1 + 1e-9
    assert chance(1.0, each, count) == pytest.approx(each**count)


def test_a_chance_by_hand() -> None:
    """Half of eight where a quarter would: (1/4 ÷ 1/2)⁴ × (3/4 ÷ 1/2)⁴."""
    assert chance(0.5, 0.25, 8) == pytest.approx(0.75**4)
    assert (chance(0.25, 0.25, 8), chance(0.5, 0.0, 8)) == (1.0, 0.0)


def test_the_share_of_the_time_in_which_a_sample_would_ask() -> None:
    """Of 100 ms: twice 1.7 ms for those that run, 3 ms at the end for those that are blocked; every fourth is."""
    start, end = np.array([10 * TICK], np.int64), np.array([20 * TICK], np.int64)
    samples = Asks(np.arange(4), np.array([True, False, False, False]), TICK, ())
    assert reach(start, end, samples, (7, 100 * TICK + 7)) == pytest.approx((3.4 * 0.75 + 3.0 * 0.25) / 100)
    # Of a span that begins and ends in the midst of its edges, what lies in it.
    running = samples._replace(blocked=np.zeros(4, bool))
    assert reach(start, end, running, (10 * TICK, 20 * TICK)) == pytest.approx(0.4 / 10)
    assert reach(start, end, running, (5, 5)) == 0.0


@pytest.mark.parametrize("count", [50, 1_000, 1_200, 2_500])
@pytest.mark.parametrize("begin", [0, 7_123_456_789])
def test_samples_at_the_pace_of_requests_ask_for_them_at_other_times_as_often_as_those_have_edges(
    count: int, begin: int
) -> None:
    """Each 20 ms apart, and 3.4 ms of it are edges: so at 17 % of 200 other times. A request more on either side of the
    recording makes its end no different from its midst.
    """
    start = begin + (10 + 20 * np.arange(-1, count + 1)) * TICK
    samples = Asks(start[1:-1] - TICK, np.zeros(count, bool), TICK, ())
    found = at_other_times(start, start + 10 * TICK, samples, (begin, begin + 20 * TICK * count))
    assert found == pytest.approx(0.17, abs=0.04)


@pytest.mark.parametrize("begin", [0, 6_550_000])
@pytest.mark.parametrize("time", [9, 21])
def test_samples_are_moved_by_more_than_a_request_and_both_its_edges(begin: int, time: int) -> None:
    """One request, and one sample beside it: wherever that is moved, it asks for nothing."""
    start = np.array([begin + 10 * TICK], np.int64)
    samples = Asks(np.array([begin + time * TICK], np.int64), np.array([False]), TICK, ())
    assert at_other_times(start, start + 10 * TICK, samples, (begin, begin + 26_100_000)) == 0.0
    # Twice 13 ms leave nowhere to move to.
    assert at_other_times(start, start + 10 * TICK, samples, (begin, begin + 26_000_000)) == 1.0


def test_everything_is_asked_for_everywhere_where_requests_leave_no_time() -> None:
    start = np.arange(100, dtype=np.int64) * TICK
    samples = Asks(start[::10], np.zeros(10, bool), TICK, ())
    assert at_other_times(start, start + TICK, samples, (0, 100 * TICK)) == 1.0


# ---- What ties, a case a rule. Times are in milliseconds.


def asks(*times: float, blocked: Sequence[float] = (), elsewhere: Sequence[Sequence[float]] = ()) -> Asks:
    both = sorted([(time, False) for time in times] + [(time, True) for time in blocked])
    moments = np.array([round(time * TICK) for time, _ in both], np.int64)
    others = tuple(np.array([round(time * TICK) for time in each], np.int64) for each in elsewhere)
    return Asks(moments, np.array([waits for _, waits in both], bool), 10 * TICK, others)


def ties_of(samples: Asks, *, rivals: Asks | None = None, until: float = 1_000, **of_model: Spans) -> dict[str, str]:
    asked = asked_for(**of_model)
    return by_model(asked, ties(asked, "ANE", samples, (), (0, round(until * TICK)), rivals))


def spans_at(*starts: float, length: float = 5) -> Spans:
    return [(start, start + length) for start in starts]


def test_where_no_other_model_was_recorded_one_sample_beside_ties() -> None:
    assert ties_of(asks(99), Mine=spans_at(100)) == {"Mine": "asked"}
    assert ties_of(asks(99), nameless=spans_at(100)) == {"": "beside"}
    assert ties_of(asks(98), Mine=spans_at(100)) == {"Mine": "none"}
    assert ties_of(asks(), Mine=spans_at(100)) == {"Mine": "none"}


@pytest.mark.parametrize(
    "elsewhere,tie",
    [
        ([[102]], "asked"),  # one of four requests: it computed in the midst of it
        ([[102, 112]], "none"),  # half of them speak against it
        ([[102, 112], [112, 122]], "asked"),  # of two threads that ask, both must
        ([[102, 112], [102, 112, 122]], "none"),
        ([[100, 115]], "asked"),  # its beginning is in it, its end is not
        ([[100, 110]], "none"),
        ([[105, 115]], "asked"),
    ],
)
def test_computing_in_the_midst_of_half_the_requests_speaks_against_a_tie(
    elsewhere: Sequence[Sequence[float]], tie: str
) -> None:
    found = ties_of(asks(99, 109, 119, elsewhere=elsewhere), Mine=spans_at(100, 110, 120, 130))
    assert found == {"Mine": tie}


@pytest.mark.parametrize(
    "mine,theirs,nothing,tie",
    [
        (1, 0, 0, "asked"),
        (2, 1, 0, "asked"),
        (1, 1, 0, "none"),  # the other is near half of the samples
        (1, 0, 1, "asked"),  # half of what nothing else explains
        (1, 0, 2, "none"),
        (1, 1, 1, "asked"),
        (0, 1, 1, "none"),
    ],
)
def test_most_samples_tie_where_those_of_all_others_leave_most_unexplained(
    mine: int, theirs: int, nothing: int, tie: str
) -> None:
    """So few that chance alone would do it: ten requests of each, in a tenth of a second."""
    times = [*(50 * at + 9 for at in range(mine)), *(50 * at + 29 for at in range(theirs))]
    times += [50 * at + 45 for at in range(nothing)]
    of_mine, of_theirs = spans_at(*range(10, 200, 50)), spans_at(*range(30, 200, 50))
    assert ties_of(asks(*times), until=200, Mine=of_mine, Theirs=of_theirs)["Mine"] == tie


def test_what_others_explain_by_a_thread_s_last_wait_is_explained_though_none_of_them_is_near() -> None:
    """An interval of 10 ms: blocked 8 ms before the end of a request that lasts 5."""
    theirs, mine = spans_at(30, 80), spans_at(10, 60)
    assert ties_of(asks(9, blocked=[27, 77]), until=110, Mine=mine, Theirs=theirs)["Mine"] == "none"
    assert ties_of(asks(9, blocked=[27]), until=110, Mine=mine, Theirs=theirs)["Mine"] == "asked"


def test_many_samples_of_one_moment_are_one_piece_of_evidence() -> None:
    """Requests of a stranger near by, so that chance decides: once in 29 is no proof, 20 times would be."""
    theirs = spans_at(99, 199, 299)
    assert (
        ties_of(asks(*(103.5 + 0.01 * at for at in range(20)), 203, 303), Mine=[(104, 108)], Theirs=theirs)["Mine"]
        == "none"
    )


def test_what_only_one_model_explains_ties_it_if_it_is_a_quarter_or_not_so_at_other_times() -> None:
    """Of 40 samples a stranger explains the others. This model works in a tenth of the recording, and so do the samples
    that ask for it: a tenth of all moves finds them there again.
    """
    dense = spans_at(*(2.9 * number for number in range(34)), length=0.1)
    rare = spans_at(*(41 + 2 * number for number in range(10)), length=0.1)

    def tie(mine: int, requests: Spans) -> str:
        theirs = [200 + 19 * number for number in range(40 - mine)]
        times = [*(40 + 2 * number for number in range(mine)), *(start - 1 for start in theirs)]
        return ties_of(asks(*times), Mine=requests, Theirs=spans_at(*theirs))["Mine"]

    assert (tie(10, dense), tie(9, dense)) == ("asked", "none")
    assert tie(9, rare) == "asked"


def test_requests_that_a_rival_asks_for_as_often_are_its_own() -> None:
    mine = spans_at(100, 200, 300, 400)
    for rivals, tie in (([99], "asked"), ([99, 199], "none"), ([99, 199, 299], "none"), ([50], "asked")):
        assert ties_of(asks(199, 299), rivals=asks(*rivals), Mine=mine)["Mine"] == tie
    # One that asks for another's is no rival for these.
    assert ties_of(asks(199), rivals=asks(51, 52), Mine=mine, Theirs=spans_at(50, 53))["Mine"] == "asked"


def test_what_is_done_once_goes_with_its_model_and_other_engines_are_left_alone() -> None:
    rows = [
        {"model": "Mine", **at(100, 105)},
        {"model": "Mine", "phase": "load", **at(0, 50)},
        {"model": "Mine", "phase": "other", **at(300, 301)},
        {"model": "", "phase": "compile", **at(500, 501)},
        {"model": "Loaded", "phase": "load", **at(98, 106)},
        {"model": "Mine", "kind": "mps", **at(100, 105)},
        {"model": "Net_0", **at(700, 701)},
    ]
    asked = interval_rows(*rows)
    found = ties(asked, "ANE", asks(99), ["Net"], (0, 1000 * TICK)).tolist()
    assert found == ["asked", "asked", "asked", "none", "none", "none", "named"]
    # A load alone is no request that a sample could ask for.
    alone = interval_rows({"model": "", "phase": "load", **at(100, 105)}, {"model": "", **at(900, 901)})
    assert ties(alone, "ANE", asks(99), (), (0, 1000 * TICK)).tolist() == ["none", "none"]
