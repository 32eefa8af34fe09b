import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.model import schema


@pytest.mark.parametrize(
    "dtypes",
    [schema.SAMPLES, schema.STACKS, schema.FRAMES, schema.BINARIES, schema.THREADS],
    ids=lambda d: next(iter(d)),
)
def test_an_empty_table_has_its_dtypes_and_their_order(dtypes: dict[str, str]) -> None:
    table = schema.table(dtypes, {name: [] for name in reversed(dtypes)})
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == dict(dtypes)
    assert list(table.columns) == list(dtypes)


def test_a_table_takes_plain_lists_and_gives_exact_dtypes() -> None:
    table = schema.table(
        schema.BINARIES, {"name": ["Espresso"], "path": [""], "uuid": ["U"], "load_addr": [0xFFFF_FFFF_FFFF_FFFF]}
    )
    assert table["load_addr"].iloc[0] == 0xFFFF_FFFF_FFFF_FFFF
    assert "object" not in {str(dtype) for dtype in table.dtypes}


@pytest.mark.parametrize("rows", [[], [("a", "p", "u", 7)], [("a", "p", "u", 7), ("b", "", "v", 2**64 - 1)]], ids=len)
def test_rows_by_name_rows_in_order_and_columns_make_the_same_table(rows: list[tuple[str, str, str, int]]) -> None:
    columns = {name: [row[at] for row in rows] for at, name in enumerate(schema.BINARIES)}
    expected = schema.table(schema.BINARIES, columns)
    named = [{**dict(zip(schema.BINARIES, row, strict=True)), "more": 1} for row in rows]
    pd.testing.assert_frame_equal(schema.from_rows(schema.BINARIES, named), expected)
    pd.testing.assert_frame_equal(schema.from_tuples(schema.BINARIES, rows), expected)


def test_a_row_that_is_too_short_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        schema.from_tuples(schema.BINARIES, [("a", "p", "u")])


def test_a_missing_column_is_an_error() -> None:
    with pytest.raises(KeyError, match="depth"):
        schema.table(schema.STACKS, {"parent_id": [], "frame_id": []})


def test_category_minus_one_is_no_value() -> None:
    state = pd.Series(schema.categorical(np.array([1, -1, 0], np.int16), ["Running", "Blocked"]))
    assert state.isna().tolist() == [False, True, False]
    assert state.dropna().tolist() == ["Blocked", "Running"]


def test_categories_of_a_table_without_states_are_strings() -> None:
    assert schema.categorical(np.array([], np.int16), []).categories.dtype == "str"


def test_engines_and_phases_are_listed_once_each() -> None:
    assert len(set(schema.ENGINES)) == len(schema.ENGINES) == 5
    assert len(set(schema.PHASES)) == len(schema.PHASES) == 14


@given(st.lists(st.integers(1, 4), max_size=5))
def test_level_slices_are_the_rows_of_each_depth(level_sizes: list[int]) -> None:
    depth = np.repeat(np.arange(len(level_sizes), dtype=np.int32), level_sizes)
    levels = schema.level_slices(depth)
    assert [depth[level].tolist() for level in levels] == [[d] * size for d, size in enumerate(level_sizes)]
