"""Tables of contents: what they say, and what they add to the tables of the same folder."""

import itertools
from pathlib import Path

import pytest

from tests.readers.export.documents import ROW, node, opened, profile_of, samples_of, schema, time_profile, toc, toc_run
from tracekit.errors import InputError
from tracekit.model.facts import Facts
from tracekit.model.trace import TableInfo
from tracekit.readers import open_trace

FINDER = {
    "device": "Robert’s MacBook Pro",
    "device_model": "MacBook Pro",
    "os": "15.7.3 (24G419)",
    "platform": "macOS",
    "xcode": "26.0 (17C529)",
    "template": "Blank",
    "process": "Finder",
    "pid": 751,
    "target_type": "attached",
    "exit_status": 0,
    "termination_reason": "exit(0)",
    "start_date": "2026-03-05T17:27:38.879Z",
    "end_date": "2026-03-05T17:27:42.278Z",
    "duration_s": 3.398757,
    "end_reason": "Time limit reached",
    "recording_mode": "Deferred",
    "time_limit": "3 seconds",
}
EVERYTHING = {
    key: value
    for key, value in FINDER.items()
    if key not in ("process", "pid", "exit_status", "termination_reason")
} | {
    "target_type": "all",
    "start_date": "2026-03-05T17:52:11.171Z",
    "end_date": "2026-03-05T17:52:14.760Z",
    "duration_s": 3.588782,
}  # fmt: skip
YES = FINDER | {
    "device": "Mac Studio",
    "device_model": "Mac Studio",
    "os": "26.5 (25F71)",
    "xcode": "16.0 (17F42)",
    "process": "yes",
    "pid": 37476,
    "start_date": "2026-06-04T07:00:40.915-07:00",
    "end_date": "2026-06-04T07:00:44.365-07:00",
    "duration_s": 3.450364,
}
PROFILE = time_profile(ROW)


@pytest.mark.parametrize(
    "name, facts, tables",
    [
        ("toc_xcode26.3.xml", FINDER, 19),
        ("toc_signpost_xcode26.3.xml", EVERYTHING, 9),
        ("toc_xcode26.5.xml", YES, 19),
    ],
)
def test_the_facts_of_real_recordings(real_data: Path, name: str, facts: dict, tables: int) -> None:
    (run,) = open_trace(real_data / "exports" / name).runs
    assert run.facts.known() == facts
    assert (len(run.tables()), {info.available for info in run.tables()}) == (tables, {False})


def test_a_real_table_of_contents_tells_its_tables_apart(real_data: Path) -> None:
    tables = open_trace(real_data / "exports" / "toc_xcode26.5.xml").tables()
    assert tables[0] == TableInfo(
        schema="kdebug",
        attributes={"codes": '"0x1f,0x7"', "target": "SINGLE"},
        documentation="Tracing the kernel and some system frameworks.",
        available=False,
    )
    (profile,) = [info for info in tables if info.schema == "cpu-profile"]
    assert profile.attributes == {"high-frequency-sampling": "0", "needs-kernel-callstack": "0", "target-pid": "SINGLE"}


def test_facts_may_be_missing() -> None:
    (run,) = opened(toc('<run number="1"/>')).runs
    assert (run.facts, run.tables()) == (Facts(), [])


@pytest.mark.parametrize(
    "text, known",
    [("4.5", 4.5), ("", None), ("soon", None), ("nan", None), ("inf", None), ("1e999", None)],
)
def test_a_duration_that_is_no_number_is_not_known(text: str, known: float | None) -> None:
    assert opened(toc(toc_run().replace("4.5", text))).runs[0].facts.duration_s == known


def test_comments_are_not_there() -> None:
    (run,) = opened(toc(toc_run().replace("4.5", "4<!-- four -->.5"))).runs
    assert run.facts.duration_s == 4.5


def test_the_environment_of_the_target_is_not_kept() -> None:
    target = (
        '<process type="launched" name="Tool" pid="7" arguments="--user me"><environment>TOKEN=swordfish</environment>'
        '</process><environment key="TOKEN">swordfish</environment>'
    )
    (run,) = opened(toc(toc_run(target=target))).runs
    assert run.facts.process == "Tool"
    assert "swordfish" not in repr((run.facts, run.tables()))


@pytest.mark.parametrize("how,models", [("launched", ("Letters",)), ("attached", ())])
def test_of_the_arguments_models_alone_are_kept(how: str, models: tuple[str, ...]) -> None:
    target = f'<process type="{how}" name="Tool" pid="7" arguments="swordfish --model=/swordfish/Letters.mlmodelc"/>'
    (run,) = opened(toc(toc_run(target=target))).runs
    assert run.facts.models == models
    assert "swordfish" not in repr(run.facts)


def test_the_order_of_attributes_means_nothing() -> None:
    one, two = (
        opened(toc(toc_run(1, attributes))).tables()
        for attributes in ('schema="kdebug" codes="1" target="ALL"', 'target="ALL" codes="1" schema="kdebug"')
    )
    assert one == two


# ---- With tables.


def test_a_table_of_contents_adds_facts_to_the_profile_beside_it() -> None:
    with_attributes = 'schema="time-profile" record-waiting-threads="1" documentation="What it shows."'
    profile = profile_of(toc(toc_run(1, 'schema="tick"', with_attributes)), PROFILE)
    assert (profile.meta.facts.template, profile.meta.facts.os) == ("Time Profiler", "15.6 (24G84)")
    assert profile.meta.attributes == (("record-waiting-threads", "1"),)
    assert samples_of(profile) == samples_of(profile_of(PROFILE))
    assert profile_of(PROFILE).meta.facts == Facts()


def test_two_entries_of_a_schema_do_not_say_which_was_exported() -> None:
    contents = toc(toc_run(1, 'schema="time-profile" record-waiting-threads="1"', 'schema="time-profile"'))
    assert profile_of(contents, PROFILE).meta.attributes == ()


def test_tables_are_those_with_rows_and_then_those_that_were_not_exported() -> None:
    contents = toc(
        toc_run(1, 'schema="tick" frequency="10"', 'schema="time-profile" target-pid="ALL"', 'schema="tick"')
    )
    listed = opened(contents, PROFILE).tables()
    assert [(info.schema, info.rows, info.available, dict(info.attributes)) for info in listed] == [
        ("time-profile", 1, True, {"target-pid": "ALL"}),
        ("tick", None, False, {"frequency": "10"}),
        ("tick", None, False, {}),
    ]
    assert listed[0].columns == ("time", "thread", "process", "core", "thread-state", "weight", "stack")


def test_the_order_of_files_means_nothing() -> None:
    contents, ticks = toc(toc_run()), f"<trace-query-result>{node(head=schema('tick', []))}</trace-query-result>"
    found = []
    for documents in itertools.permutations((contents, PROFILE, ticks)):
        trace = opened(*documents)
        assert sorted(info.schema for info in trace.tables()) == ["tick", "time-profile"]
        found.append((trace.profile().meta, samples_of(trace.profile())))
    assert all(each == found[0] for each in found)


def test_every_run_has_its_own_facts_and_rows() -> None:
    contents = toc(toc_run(1), toc_run(2).replace("Time Profiler", "Core ML"))
    trace = opened(contents, PROFILE.replace("run[1]", "run[2]"))
    assert [(run.number, run.facts.template) for run in trace.runs] == [(1, "Time Profiler"), (2, "Core ML")]
    assert len(trace.profile(2)) == 1
    with pytest.raises(InputError, match=r"^x: no CPU samples: this is a table of contents without the tables"):
        trace.profile(1)


def test_no_row_is_lost_to_a_table_of_contents_that_does_not_know_its_run() -> None:
    trace = opened(toc(toc_run(1)), PROFILE.replace("run[1]", "run[3]"))
    assert [(run.number, run.facts.template) for run in trace.runs] == [(1, "Time Profiler"), (3, None)]
    assert len(trace.profile(3)) == 1


@pytest.mark.parametrize("number", ["", "x", "1" * 5000])
def test_a_run_without_a_number_is_counted(number: str) -> None:
    contents = toc(toc_run(1), toc_run(2).replace('number="2"', f'number="{number}"'))
    assert [run.number for run in opened(contents).runs] == [1, 2]


def test_the_command_to_export_names_the_run_and_what_was_recorded() -> None:
    contents = toc(toc_run(4, 'schema="tick"', 'schema="cpu-profile"', 'schema="time-profile"'))
    with pytest.raises(InputError) as error:
        profile_of(contents)
    assert '/trace-toc/run[@number="4"]/data/table[@schema="cpu-profile"]\'' in str(error.value)
