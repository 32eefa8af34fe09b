"""The layout of a table comes from its descriptor, and only from there."""

import struct
from collections.abc import Callable

import pytest

from sample_traces.bundle_files import Column, Object, Table, keyed_archive, tables_plist
from tests.support.bundle_writer import in_memory, sample_files
from tracekit.errors import InputError, UnsupportedError
from tracekit.model.facts import Notice, Notices
from tracekit.readers.bundle.storage.stores import Store, list_stores

POINTS = Table(
    "points",
    "point",
    (Column("time", "SampleTimestamp", "time"), Column("big", "PrototypeValue", 2), Column("small", "CPUCore", 1)),
    [(10, 1 << 63, 7), (20, 2, 8)],
    {
        "codes": ["0x1f,0x05", "0x07,0x00"],
        "pmc-events": [],
        "pmi-event": "CYCLES",
        "callstack": ["user"],
        "on": True,
        "off": False,
        "frequency": 10,
        "target": "SINGLE",
        "none": None,
    },
)
INTERVALS = Table(
    "intervals",
    "interval",
    (
        Column("name", "PrototypeString", "category2"),
        Column("start", "StartTime", "time"),
        Column("length", "Duration", "duration"),
        Column("kind", "PrototypeString", "category1"),
    ),
    [(4, 100, 50, 3)],
)
FOLDER = "corespace/run1/core/stores/indexed-store-0"


def store_of(table: Table, **exchanged: bytes) -> Store:
    files = {f"{FOLDER}/{name}": data for name, data in table.files().items()}
    files |= {f"{FOLDER}/{name.replace('_xml', '.xml')}": data for name, data in exchanged.items()}
    return Store(in_memory(files), FOLDER, table.schema, {})


def test_rows_of_points_and_intervals() -> None:
    rows = store_of(POINTS).rows()
    assert rows["@time"].tolist() == [10, 20]
    assert rows["big"].tolist() == [1 << 63, 2]
    assert rows["small"].tolist() == [7, 8]
    rows = store_of(INTERVALS).rows()
    assert {name: rows[name].tolist() for name in rows.dtype.names or ()} == {
        "@time": [100],
        "@duration": [50],
        "@category1": [3],
        "@category2": [4],
    }


def test_columns_say_which_field_holds_them() -> None:
    columns = {column.mnemonic: (column.type, column.field) for column in store_of(INTERVALS).columns}
    assert columns == {
        "name": ("XRPrototypeStringTypeID", "@category2"),
        "start": ("XRStartTimeTypeID", "@time"),
        "length": ("XRDurationTypeID", "@duration"),
        "kind": ("XRPrototypeStringTypeID", "@category1"),
    }


def test_an_empty_table_needs_no_rows() -> None:
    store = store_of(Table("points", "point", POINTS.columns, []), bulkstore=b"")
    assert len(store.rows()) == 0
    assert store.rows().dtype == store_of(POINTS).rows().dtype


def test_only_the_bytes_of_the_rows_are_read() -> None:
    """The rest of the file is padding, which compresses to nothing and inflates to megabytes."""
    content = POINTS.files()["bulkstore"]
    assert len(store_of(POINTS, bulkstore=content[: 0x1000 + 2 * 28]).rows()) == 2
    with pytest.raises(InputError, match=r"indexed-store-0/bulkstore: the file is cut off: 4151 bytes of 4152"):
        store_of(POINTS, bulkstore=content[: 0x1000 + 2 * 28 - 1]).rows()


def test_rows_that_the_descriptor_does_not_count_are_told() -> None:
    more = Table("points", "point", POINTS.columns, [*POINTS.rows, (30, 0, 9), (40, 1, 0)], POINTS.attributes)
    store = store_of(POINTS, bulkstore=more.files()["bulkstore"])
    notices = Notices()
    assert store.rows(notices)["@time"].tolist() == [10, 20]
    told = "behind the 2 rows that points says it has stand 2 more"
    assert notices.collected() == (Notice("skipped-row:not-counted", f"{told}; they were left out", 2),)
    with pytest.raises(InputError, match=told):
        store.rows(strict=True)
    whole = Notices()
    store_of(POINTS).rows(whole)
    assert whole.collected() == ()


def descriptor(**changed: object) -> bytes:
    fields = [
        Object("XRFieldDescriptor", {"$0": {"_name": "topology", "_index": 0, "_type": 7, "_multi": 1}}),
        Object("XRFieldDescriptor", {"$0": {"_name": "small", "_index": 2, "_type": 1, "_multi": 1}}),
        Object("XRFieldDescriptor", {"$0": {"_name": "big", "_index": 1, "_type": 2, "_multi": 1}}),
    ]
    described = {
        "_minEventSize": 28,
        "_maxEventSize": 28,
        "_variableSize": False,
        "_version": 1,
        "_fields": fields,
        "_props": {"next_event_id": 2},
    }
    return keyed_archive({"root": Object("XREventDescriptor", {"$0": {**described, **changed}})})


def field(kind: int, name: str = "x", **others: object) -> Object:
    return Object("XRFieldDescriptor", {"$0": {"_name": name, "_index": 0, "_type": kind, **others}})


def test_fields_stand_in_the_order_of_their_index() -> None:
    rows = store_of(POINTS, bulkstore_descriptor=descriptor()).rows()
    assert rows["small"].tolist() == [7, 8]


@pytest.mark.parametrize(
    "changed, kind, message",
    [
        ({"_fields": [field(3)]}, UnsupportedError, "a field has the unknown type 3"),
        ({"_fields": [field(9)]}, UnsupportedError, "a field has the unknown type 9"),
        ({"_fields": [field(1, _multi=2)]}, UnsupportedError, "unknown type 1"),
        ({"_version": 2}, UnsupportedError, "stored in an unknown way"),
        ({"_variableSize": True}, UnsupportedError, "stored in an unknown way"),
        ({"_fields": []}, InputError, "describes no fields"),
        ({"_fields": [{"$0": 1}]}, InputError, "describes no fields"),
        ({"_fields": [field(1), field(1)]}, InputError, "no or the same names"),
        ({"_fields": [field(4), field(5)]}, InputError, "no or the same names"),
        ({"_fields": [field(4), field(1, "@time")]}, InputError, "no or the same names"),
        ({"_maxEventSize": 32}, InputError, "do not add up"),
        ({"_props": {}}, InputError, "how many rows"),
        ({"_props": {"next_event_id": -1}}, InputError, "how many rows"),
        ({"_props": {"next_event_id": 1 << 40}}, InputError, "cut off"),
    ],
)
def test_descriptors_that_are_not_understood_are_refused(
    changed: dict[str, object], kind: type[InputError], message: str
) -> None:
    store = store_of(POINTS, bulkstore_descriptor=descriptor(**changed))
    with pytest.raises(kind, match=message) as caught:
        store.rows()
    assert FOLDER in str(caught.value)


@pytest.mark.parametrize(
    "header, kind, message",
    [
        (struct.pack("<5I", 0x12340A0B, 3, 40, 0x1000, 28), UnsupportedError, "stored in an unknown way"),
        (struct.pack("<5I", 0x12340A0A, 4, 40, 0x1000, 28), UnsupportedError, "stored in an unknown way"),
        (struct.pack("<5I", 0x12340A0A, 3, 40, 0x1000, 24), InputError, "not the one of the descriptor"),
        (struct.pack("<5I", 0x12340A0A, 3, 40, 0xFFFFFFFF, 28), InputError, "cut off"),
        (b"", InputError, "cut off: 0 bytes of 20"),
    ],
)
def test_row_files_that_are_not_understood_are_refused(header: bytes, kind: type[InputError], message: str) -> None:
    content = header + POINTS.files()["bulkstore"][20:] if header else b""
    with pytest.raises(kind, match=message):
        store_of(POINTS, bulkstore=content).rows()


@pytest.mark.parametrize(
    "schema, message",
    [
        (b"<schema/>", "names no columns"),
        (b"<schema><column mnemonic='a'/></schema>", "names no columns"),
        (b"<schema", "the XML is malformed"),
        (b"", "the XML is malformed"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><schema><column mnemonic="&a;"/></schema>', "names no columns|malformed"),
    ],
)
def test_schemas_that_are_not_understood_are_refused(schema: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        _ = store_of(POINTS, schema_xml=schema).columns


def listed(tables: list[Table]) -> tuple[Store, ...]:
    name = "corespace/run1/core/table-manager/tables.plist"
    return list_stores(in_memory({name: tables_plist(tables, 1)}), 1)


def test_attributes_are_spelled_as_in_a_table_of_contents() -> None:
    assert listed([POINTS])[0].attributes == {
        "callstack": "user",
        "codes": '"0x1f,0x05" "0x07,0x00"',
        "frequency": "10",
        "off": "0",
        "on": "1",
        "pmc-events": "",
        "pmi-event": '"CYCLES"',
        "target": "SINGLE",
    }


def test_tables_are_listed_once_in_the_order_of_their_stores() -> None:
    stores = listed([INTERVALS] * 3 + [POINTS] * 9)
    assert [store.folder.rpartition("-")[2] for store in stores] == [str(number) for number in range(12)]
    assert [store.schema for store in stores] == ["intervals"] * 3 + ["points"] * 9


@pytest.mark.parametrize("path", ["../../etc", "run1/core/stores/../../../form.template", "/run1/core/stores/x", None])
def test_paths_of_stores_lead_nowhere_else(path: str | None) -> None:
    detail = {"storeSubpath": path, "spec": POINTS.spec()}
    plist = keyed_archive({"root": {"tableDetails": {1: detail}}})
    with pytest.raises(InputError, match="the list of tables is damaged"):
        list_stores(in_memory({"corespace/run1/core/table-manager/tables.plist": plist}), 1)


@pytest.mark.parametrize("ask", [lambda store: store.rows(), lambda store: store.columns, lambda store: store.layout])
def test_a_missing_file_is_named(ask: Callable[[Store], object]) -> None:
    with pytest.raises(InputError, match=r"demo\.trace/corespace/run1/core/stores/indexed-store-0/\w+.* is missing"):
        ask(Store(in_memory({}), FOLDER, "points", {}))


def test_the_standard_bundle_has_its_tables() -> None:
    stores = list_stores(in_memory(sample_files()), 1)
    assert [(store.schema, store.layout.count) for store in stores] == [
        ("time-profile", 5),
        ("process-info", 2),
        ("thread-info", 2),
    ]
    assert stores[0].rows().dtype.names == (
        *("@time", "@category1", "@category2", "process", "core"),
        *("thread-state", "weight", "stack"),
    )
