"""Lists of operations hold every operation once."""

from collections import Counter
from pathlib import Path

from tests.mlmodel.reference import program_operations, specification
from tests.mlmodel.test_against_coremltools import read
from tracekit.analysis.operations.listing import by_type, listing


def test_types_are_counted_as_coremltools_counts_them(saved: dict[str, Path]) -> None:
    for name in ("transformer-fp16", "transformer-fp32", "branching", "multifunction"):
        expected = Counter(kind for _, kind, *_ in program_operations(specification(saved[name])))
        rows = by_type(read(saved[name]))
        counted = rows.groupby("type")["count"].sum().to_dict()
        assert counted == {kind: count for kind, count in expected.items() if kind != "const"}


def test_dtypes_part_a_type(saved: dict[str, Path]) -> None:
    rows = by_type(read(saved["transformer-fp16"]))
    casts = rows[rows["type"] == "cast"]
    pairs = casts[["reads", "makes", "count"]].to_numpy().tolist()
    assert ["fp16", "fp32", 1] in pairs  # at the output
    assert ["int32", "int16", 2] in pairs  # of the indices


def test_what_is_read_is_written_out(saved: dict[str, Path]) -> None:
    rows = listing(read(saved["stateful"])).set_index("type")
    assert rows.at["add", "inputs"] == "x fp16 [1, 4]; y fp16 [1, 4]"
    assert (rows.at["write_state", "inputs"], rows.at["write_state", "outputs"]) == (
        "data fp16 [1, 4]; input fp16 [1, 4]",
        "",
    )
    assert rows["outputs"].tolist()[0] == "read_state_0 fp16 [1, 4]"
