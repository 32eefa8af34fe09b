"""Two readings of a recording: what differs is found, and nothing else."""

from pathlib import Path

from hypothesis import given, settings

from tests.support.profiles import profile_from_stacks, profile_from_text, profiles
from tracekit.analysis.compare.readings import compare
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE
from tracekit.readers import open_trace
from tracekit.report.terminal.drawing import to_plain
from tracekit.report.terminal.trace_text import agreement_view


def differing(first: Profile, second: Profile) -> dict[str, int]:
    columns = compare(first, second).columns
    return {row["property"]: row["different"] for row in columns.to_dict("records") if row["different"]}


@given(profiles())
@settings(max_examples=20)
def test_a_reading_agrees_with_itself(profile: Profile) -> None:
    agreement = compare(profile, profile)
    assert agreement.is_complete
    assert agreement.rows == len(profile)
    assert agreement.frames == int((profile.stacks["depth"].to_numpy() + 1)[_with_stack(profile)].sum())


def _with_stack(profile: Profile) -> list[int]:
    return [row for row in profile.samples["stack_id"].tolist() if row >= 0]


def test_each_difference_is_named() -> None:
    one = profile_from_text("main;Espresso`work 3\nmain;leaf 1")
    assert differing(one, profile_from_text("main;Espresso`work 4\nmain;leaf 1")) == {"weight": 1}
    assert differing(one, profile_from_text("main;Espresso`walk 3\nmain;leaf 1")) == {"function": 1}
    assert differing(one, profile_from_text("main;CoreML`work 3\nmain;leaf 1")) == {"image": 1}
    assert differing(one, profile_from_text("main;Espresso`work;x 3\nmain;leaf 1")) == {"depth": 1}
    assert differing(one, profile_from_text("main;Espresso`work 3")) == {"rows": 1}


def test_how_deep_a_stack_is_is_told_of_each_and_0_of_none() -> None:
    builder = ProfileBuilder()
    builder.sample(time_ns=0, stack=NONE, weight=1)
    none, one, three = builder.build(Meta("ns")), profile_from_text("main 1"), profile_from_text("main;a;b 1")

    def depths(first: Profile, second: Profile) -> str:
        columns = compare(first, second).columns.set_index("property")
        return str(columns.at["depth", "example"])

    assert (depths(one, three), depths(three, none)) == ("1 / 3", "3 / 0")
    assert differing(none, none) == {}


def test_rows_are_compared_in_order_of_time_and_thread_whatever_theirs_is() -> None:
    def read(order: list[int]) -> Profile:
        builder = ProfileBuilder()
        threads = [builder.thread(tid, f"thread {tid}") for tid in (1, 2)]
        for at in order:
            builder.sample(time_ns=at // 2, thread_id=threads[at % 2], stack=NONE, weight=at)
        return builder.build(Meta("ns"))

    assert differing(read([0, 1, 2, 3]), read([3, 1, 0, 2])) == {}
    assert compare(read([0, 1, 2, 3]), read([0, 2, 1])).columns.set_index("property").at["weight", "different"] == 0


def test_threads_are_compared() -> None:
    frames = {"frames": [{"symbol": "main"}], "tid": 1}
    one, two = ({**frames, "thread_name": name} for name in ("worker", "other"))
    assert differing(profile_from_stacks([one]), profile_from_stacks([two])) == {"thread": 1}


def test_a_name_that_only_the_first_knows_is_no_difference() -> None:
    named, bare = profile_from_text("main;work 1"), profile_from_text("main;0x1000 1")
    agreement = compare(named, bare)
    assert (agreement.is_complete, agreement.named_only_first) == (True, 1)
    assert differing(bare, named) == {"function": 1}
    assert "1 more have a name natively" in to_plain(agreement_view(agreement))


def test_native_readings_of_real_bundles_agree_with_apples_exports(real_data: Path) -> None:
    pairs = [
        ("bundles/time-profile_xcode16.4.trace.zip", "bundles/time-profile_xcode16.4.export.xml", 518, 5),
        ("bundles/cpu-profile_xcode26.3.trace.zip", "exports/cpu-profile_xcode26.3.xml", 91, 0),
    ]
    for bundle, export, rows, named_natively in pairs:
        agreement = compare(open_trace(real_data / bundle).profile(), open_trace(real_data / export).profile())
        assert agreement.is_complete, to_plain(agreement_view(agreement))
        assert (agreement.rows, agreement.named_only_first) == (rows, named_natively)
