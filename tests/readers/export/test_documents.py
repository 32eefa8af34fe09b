"""A whole query result: nodes, schemas and runs; nothing matched, nothing recorded; which table is read."""

import pytest

from tests.readers.export.documents import (
    COLUMNS,
    ROW,
    document,
    node,
    opened,
    profile_of,
    row,
    samples_of,
    schema,
    time_profile,
)
from tracekit.errors import InputError, SelectionError
from tracekit.model.facts import Notice

CYCLES = [(name, "cycle-weight" if name == "weight" else kind) for name, kind in COLUMNS]
COUNTERS = [(name, "any" if name == "weight" else kind) for name, kind in COLUMNS]
TICK = schema("tick", [("time", "sample-time")])


# ---- Nothing there.


def test_a_query_that_matched_nothing_is_an_error_with_the_command_to_run() -> None:
    nothing = document()
    assert opened(nothing).tables() == []
    with pytest.raises(InputError) as error:
        profile_of(nothing)
    assert str(error.value) == (
        "x.xml: the export is empty: its query matched no table (xctrace calls that a success). Export them with: "
        'xctrace export --input run.trace --xpath \'/trace-toc/run[@number="1"]/data/table[@schema="time-profile"]\'.'
    )


@pytest.mark.parametrize("what", ["<target><process name='x'/></target>", ""])
def test_what_is_no_table_is_not_listed_as_one(what: str) -> None:
    """``--xpath '/trace-toc/run/info'`` gives a node without a schema and without rows."""
    export = opened(document(f"<node xpath='//trace-toc[1]/run[1]/info[1]'>{what}</node>"))
    assert export.tables() == []
    with pytest.raises(InputError, match="its query matched no table"):
        export.profile()


def test_a_table_that_recorded_nothing_is_an_empty_profile() -> None:
    profile = profile_of(time_profile())
    assert (len(profile), profile.meta.unit, profile.meta.table) == (0, "ns", "time-profile")
    assert [(info.schema, info.rows) for info in opened(time_profile()).tables()] == [("time-profile", 0)]


def test_without_a_profile_the_tables_that_are_there_are_named() -> None:
    with pytest.raises(InputError) as error:
        profile_of(document(node(head=TICK), node(head=schema("kdebug", []))))
    assert str(error.value).startswith(
        "x.xml: no CPU samples: the export holds kdebug, tick, none of time-profile, cpu-profile, counters-profile. "
        "Export them with: "
    )


def test_rows_without_a_schema_are_no_profile() -> None:
    with pytest.raises(
        InputError, match=r"^x\.xml: no CPU samples: the export holds a table without a schema, none of "
    ):
        profile_of(document(node(ROW, head="")))


@pytest.mark.parametrize("missing", ["time", "weight", "stack"])
def test_a_profile_needs_its_columns(missing: str) -> None:
    columns = [(name, kind) for name, kind in COLUMNS if name != missing]
    with pytest.raises(InputError) as error:
        opened(document(node(ROW, head=schema(columns=columns))))
    found = ", ".join(name for name, _ in columns)
    assert str(error.value) == f"x.xml: the table time-profile has no column {missing}. Columns found: {found}."


def test_a_schema_without_columns_says_so() -> None:
    with pytest.raises(InputError) as error:
        opened(document(node(head=schema(columns=[]))))
    assert str(error.value) == (
        "x.xml: the table time-profile has no column time and weight and stack. Columns found: none."
    )


# ---- Several nodes, several runs.


def test_the_second_node_of_a_schema_has_none_of_its_own() -> None:
    trace = opened(document(node(ROW, row()), node(row(), head="", run=2)))
    assert [(run.number, len(run.profile())) for run in trace.runs] == [(1, 2), (2, 1)]
    assert samples_of(trace.profile(2)) == samples_of(trace.profile(1))[:1]


def test_a_run_that_is_not_there_is_an_error() -> None:
    trace = opened(document(node(ROW), node(row(), head="", run=3)))
    with pytest.raises(SelectionError) as error:
        trace.profile(2)
    assert str(error.value) == "x.xml: there is no run 2. Runs: 1, 3."
    assert len(trace.profile()) == 1


@pytest.mark.parametrize(
    "xpath, run",
    [
        ("//trace-toc[1]/run[12]/data[1]/table[3]", 12),
        ('/trace-toc/run[@number="2"]/data/table[@schema="time-profile"]', 2),
        ("/trace-toc/run/data/table", 1),
        ("", 1),
        ("run[" + "9" * 5000 + "]", 1),
    ],
    ids=["position", "attribute", "none", "empty", "absurd"],
)
def test_the_run_is_in_the_xpath_of_the_node(xpath: str, run: int) -> None:
    rows = f"<node xpath='{xpath}'>{schema()}{ROW}</node>"
    assert [run.number for run in opened(document(rows)).runs] == [run]


def test_a_node_may_have_no_xpath_and_rows_no_node() -> None:
    assert len(profile_of(document(f"<node>{schema()}{ROW}</node>"))) == 1
    assert len(profile_of(document(f"{schema()}{ROW}{row()}"))) == 2


def test_schemas_of_the_same_document_do_not_mix() -> None:
    ticks = "".join(f'<row><sample-time id="{50 + second}">{second}</sample-time></row>' for second in range(3))
    trace = opened(document(node(ROW), node(ticks, head=TICK), node(row(), head=schema())))
    assert [(info.schema, info.rows) for info in trace.tables()] == [
        ("time-profile", 1),
        ("tick", 3),
        ("time-profile", 1),
    ]
    assert trace.table("tick")["time"].tolist() == [0, 1, 2]


# ---- Which profile is read.


def weighing(cell: str) -> str:
    return ROW.replace('<weight id="9" fmt="1.00 ms">1000000</weight>', cell)


CYCLE_ROW = weighing('<cycle-weight id="9" fmt="837.20 k">837200</cycle-weight>')
EVENT_ROW = weighing('<pmc-event id="9" fmt="1.00 M">1000007</pmc-event>')
UNITS = {
    "time-profile": (schema(), ROW, "ns", 1_000_000),
    "cpu-profile": (schema("cpu-profile", CYCLES), CYCLE_ROW, "cycles", 837_200),
    "counters-profile": (schema("counters-profile", COUNTERS), EVENT_ROW, "events", 1_000_007),
    "counters-profile of time": (schema("counters-profile", COUNTERS), ROW, "ns", 1_000_000),
}


@pytest.mark.parametrize("what", UNITS)
def test_a_profile_weighs_in_what_its_rows_say(what: str) -> None:
    head, cells, unit, weight = UNITS[what]
    profile = profile_of(document(node(cells, head=head)))
    assert (profile.meta.unit, profile.weight, profile.meta.table) == (unit, weight, what.split()[0])


@pytest.mark.parametrize(
    "table, unit", [("time-profile", "ns"), ("cpu-profile", "cycles"), ("counters-profile", "events")]
)
def test_an_empty_profile_has_the_unit_of_its_table(table: str, unit: str) -> None:
    assert profile_of(document(node(head=schema(table, COUNTERS)))).meta.unit == unit


@pytest.mark.parametrize("strict", [False, True])
def test_weights_of_several_kinds_are_refused(strict: bool) -> None:
    rows = (EVENT_ROW, row(weight='<pmc-event ref="9"/>'), row(weight='<weight id="20">5</weight>'))
    with pytest.raises(InputError) as error:
        opened(document(node(*rows, head=schema("counters-profile", COUNTERS))), strict=strict)
    assert str(error.value) == (
        "x.xml: row 3 of counters-profile weighs in ns, the rows before it in events. "
        "Such a table cannot be added up; export it again."
    )


def test_a_weight_of_an_unknown_kind_is_no_weight() -> None:
    profile = profile_of(time_profile(ROW, row(weight="<size-in-bytes>5</size-in-bytes>")))
    assert (len(profile), profile.weight) == (1, 1_000_000)
    assert profile.meta.notices[0].message == (
        "row 2 of time-profile (line 4): the weight is a <size-in-bytes>; the row was skipped"
    )


def test_of_several_profiles_the_best_with_rows_is_read_and_the_others_are_named() -> None:
    counters = node(row(weight='<pmc-event id="70">1</pmc-event>'), head=schema("counters-profile", COUNTERS))
    cycles = node(row(weight='<cycle-weight id="71">2</cycle-weight>'), head=schema("cpu-profile", CYCLES))
    assert profile_of(document(node(ROW), counters, cycles)).meta.notices == (
        Notice(
            "other-profile-tables",
            "read time-profile; not added to it: counters-profile (1 rows), cpu-profile (1 rows)",
            2,
        ),
    )
    assert profile_of(document(node(ROW), counters)).meta.table == "time-profile"
    assert profile_of(document(node(head=TICK), node(ROW), node(head=schema()))).meta.notices == ()


def test_a_profile_with_rows_is_read_before_a_better_one_without() -> None:
    cycles = node(CYCLE_ROW, head=schema("cpu-profile", CYCLES))
    profile = profile_of(document(node(), cycles))
    assert (profile.meta.table, len(profile), profile.meta.notices) == ("cpu-profile", 1, ())


def test_of_two_tables_of_a_kind_the_first_with_rows_is_read() -> None:
    profile = profile_of(document(node(), node(ROW, row(), head=schema()), node(row(), head=schema())))
    assert len(profile) == 2
    assert [notice.message for notice in profile.meta.notices] == [
        "read time-profile; not added to it: time-profile (1 rows)"
    ]


def test_documents_of_a_folder_are_read_together() -> None:
    ticks = document(node('<row><sample-time id="1">5</sample-time></row>', head=TICK))
    trace = opened(ticks, time_profile(ROW))
    assert [(info.schema, info.rows) for info in trace.tables()] == [("tick", 1), ("time-profile", 1)]
    assert len(trace.profile()) == 1
    assert trace.table("tick")["time"].tolist() == [5]


def test_ids_of_one_document_mean_nothing_in_another() -> None:
    trace = opened(document(node(ROW, head=schema("cpu-profile"))), time_profile(row()))
    with pytest.raises(InputError) as error:
        trace.profile()
    assert str(error.value) == (
        'x/2.xml: no row of time-profile could be read; row 1 of time-profile (line 3): <sample-time ref="1"/> '
        "refers to nothing that was defined before. "
        "Was the file cut or edited? Rows refer to earlier ones; export it again."
    )


# ---- Far down.


def test_lines_are_told_beyond_65535() -> None:
    """libxml2 keeps the line of an element in 16 bits, and finds those beyond by way of the texts inside."""
    xml = time_profile(ROW + "\n" * 70_000, row(time='<sample-time id="90">5</sample-time>', core='<core ref="99"/>'))
    assert "(line 70004)" in profile_of(xml).meta.notices[0].message


def test_a_line_that_is_not_known_is_not_told() -> None:
    xml = time_profile(ROW + "\n" * 70_000, row(core='<core ref="99"/>'))
    assert profile_of(xml).meta.notices[0].message.startswith("row 2 of time-profile: <core ")
