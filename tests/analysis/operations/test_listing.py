"""Lists of operations hold every operation once."""

from collections import Counter
from pathlib import Path

from tests.mlmodel.reading import read
from tests.mlmodel.reference import program_operations, specification
from tracekit.analysis.operations.listing import listing


def test_types_are_counted_as_coremltools_counts_them(saved: dict[str, Path]) -> None:
    for name in ("transformer-fp16", "transformer-fp32", "branching", "multifunction"):
        expected = Counter(kind for _, kind, *_ in program_operations(specification(saved[name])))
        rows = listing(read(saved[name]))
        counted = rows.loc[~rows["is_constant"], "type"].value_counts().to_dict()
        assert counted == {kind: count for kind, count in expected.items() if kind != "const"}


def test_what_is_read_and_made_has_its_dtype(saved: dict[str, Path]) -> None:
    rows = listing(read(saved["transformer-fp16"]))
    casts = Counter(map(tuple, rows.loc[rows["type"] == "cast", ["reads", "makes"]].to_numpy().tolist()))
    assert casts["fp16", "fp32"] == 1  # at the output
    assert casts["int32", "int16"] == 2  # of the indices


def test_what_is_read_is_written_out(saved: dict[str, Path]) -> None:
    rows = listing(read(saved["stateful"])).set_index("type")
    assert rows.at["add", "inputs"] == "x fp16 [1, 4]; y fp16 [1, 4]"
    assert (rows.at["write_state", "inputs"], rows.at["write_state", "outputs"]) == (
        "data fp16 [1, 4]; input fp16 [1, 4]",
        "",
    )
    assert rows["outputs"].tolist()[0] == "read_state_0 fp16 [1, 4]"
