"""Operations, names, types, shapes and sizes are those that coremltools finds in the same files."""

import json
import time
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from tests.mlmodel import reference
from tests.mlmodel.reading import BUNDLED, PROGRAMS, read
from tracekit.model.operations import FEATURES, OPERATIONS, VALUES, Model


def operations_of(model: Model) -> list[reference.Operation]:
    """Our tables in the form of the reference."""
    values = model.values
    typed = values["dtype"].astype("str") + " " + values["shape"]

    def gathered(column: pd.Series, direction: str) -> list[tuple[str, ...]]:
        rows = column[values["direction"] == direction].groupby(values["operation_id"]).agg(tuple)
        found = rows.to_dict()
        return [found.get(row, ()) for row in range(len(model.operations))]

    each = model.operations
    reads = [tuple(sorted(names)) for names in gathered(values["name"], "in")]
    columns = (each["function"], each["type"], each["name"], each["depth"], reads)
    return list(zip(*columns, gathered(values["name"], "out"), gathered(typed, "out"), strict=True))


def function_of(operation: reference.Operation) -> str:
    return operation[0]


def test_every_program_that_is_made_is_read(saved: dict[str, Path]) -> None:
    parts = {"encode", "decode"}  # of the multifunction package
    assert set(saved) == {*PROGRAMS, "network", "pipeline"} | parts


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_read_as_coremltools_reads_it(saved: dict[str, Path], name: str) -> None:
    expected = reference.program_operations(reference.specification(saved[name]))
    # A map has no order: coremltools gives functions in another one than the file.
    assert sorted(operations_of(read(saved[name])), key=function_of) == sorted(expected, key=function_of)


def test_the_bundled_models_are_read_as_coremltools_reads_them() -> None:
    program, network = BUNDLED / "TinyConv.mlpackage", BUNDLED / "TinyConv.mlmodel"
    assert operations_of(read(program)) == reference.program_operations(reference.specification(program))
    layers = reference.specification(network).neuralNetwork
    assert operations_of(read(network)) == list(reference.network_layers(layers))
    assert read(network).constant_bytes == sum(reference.weight_bytes(each) for each in layers.layers)


def test_a_network_is_read_as_coremltools_reads_it(saved: dict[str, Path]) -> None:
    spec, model = reference.specification(saved["network"]), read(saved["network"])
    assert operations_of(model) == list(reference.network_layers(spec.neuralNetwork))
    assert "inside" in model.operations["name"].tolist()  # in the branch
    expected = [reference.weight_bytes(each) for each in spec.neuralNetwork.layers]
    assert model.operations.loc[model.operations["depth"] == 0, "stored_bytes"].tolist() == expected


@pytest.mark.parametrize("name", [*PROGRAMS, "network", "pipeline", "TinyConv.mlmodel", "TinyConv.mlpackage"])
def test_inputs_and_outputs_are_those_that_coremltools_reads(saved: dict[str, Path], name: str) -> None:
    path = saved.get(name, BUNDLED / name)
    model = read(path)
    own = model.features[model.features["part"] == ""]
    columns = (own[each].astype("object") for each in ("function", "direction", "name", "dtype", "shape", "is_static"))
    assert sorted(zip(*columns, strict=True)) == sorted(reference.features(reference.specification(path)))


def test_a_pipeline_is_read_as_coremltools_reads_it(saved: dict[str, Path]) -> None:
    spec, model = reference.specification(saved["pipeline"]), read(saved["pipeline"])
    parts = [list(reference.network_layers(each.neuralNetwork)) for each in spec.pipeline.models]
    assert operations_of(model) == [layer for part in parts for layer in part]
    sizes = [reference.weight_bytes(each.neuralNetwork) for each in spec.pipeline.models]
    assert model.operations.groupby("part", observed=True)["stored_bytes"].sum().tolist() == sizes


def test_a_pipeline_has_its_parts_by_name(saved: dict[str, Path]) -> None:
    model = read(saved["pipeline"])
    assert list(zip(model.operations["part"], model.operations["type"], strict=True)) == [
        ("first", "activation"),
        ("second", "innerProduct"),
    ]
    assert model.features.loc[model.features["part"] == "", "name"].tolist() == ["a", "c"]


@pytest.mark.parametrize("name", ["transformer-fp16", "transformer-fp32", "palettized"])
def test_constants_take_what_their_files_take(saved: dict[str, Path], name: str) -> None:
    """Weight files hold a header of 64 bytes, and for each constant another and padding to 64."""
    model = read(saved[name])
    (file,) = saved[name].rglob("weight.bin")
    blobs = [
        value.blobFileValue
        for function in reference.specification(saved[name]).mlProgram.functions.values()
        for each in function.block_specializations[function.opset].operations
        for value in each.attributes.values()
        if value.WhichOneof("value") == "blobFileValue"
    ]
    assert 0 <= file.stat().st_size - model.constant_bytes < 64 + 128 * len(blobs) + 64


def test_what_an_operation_reads_counts_through_compression(saved: dict[str, Path]) -> None:
    each = read(saved["palettized"]).operations.set_index("type")
    assert each.at["constexpr_lut_to_dense", "stored_bytes"] == 64 * 64 // 2 + 16 * 2 + 4 * 4  # indices, table, shape
    conv = each.loc["conv"]
    assert (conv["stored_bytes"], conv["is_constant"]) == (0, False)
    assert conv["constant_bytes"] >= each.at["constexpr_lut_to_dense", "stored_bytes"]


def test_states_and_flexible_inputs_are_told(saved: dict[str, Path]) -> None:
    state = read(saved["stateful"]).features
    assert state.loc[state["direction"] == "state", ["name", "dtype", "shape"]].to_numpy().tolist() == [
        ["sums", "fp16", "[1, 4]"]
    ]
    flexible = read(saved["flexible"])
    inputs = flexible.features[flexible.features["direction"] == "in"]
    assert (inputs["shape"].tolist(), inputs["is_static"].tolist()) == (["[1, 4, 16]"], [False])
    assert not flexible.values.loc[flexible.values["name"] == "x", "is_static"].any()


def test_values_know_what_made_them(saved: dict[str, Path]) -> None:
    """Every value that an operation reads was made by an earlier one, or is an input."""
    model = read(saved["branching"])
    made = model.values[model.values["direction"] == "out"].set_index("name")["operation_id"].to_dict()
    reads = model.values[(model.values["direction"] == "in") & (model.values["source_id"] >= 0)]
    assert (reads["source_id"] < reads["operation_id"]).all()
    assert reads["source_id"].tolist() == [made[name] for name in reads["name"]]
    assert model.operations["depth"].max() == 1


@pytest.mark.parametrize("name", [*PROGRAMS, "network", "pipeline"])
def test_tables_have_the_columns_they_promise(saved: dict[str, Path], name: str) -> None:
    model = read(saved[name])
    for frame, columns in ((model.operations, OPERATIONS), (model.values, VALUES), (model.features, FEATURES)):
        assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == dict(columns)


def test_layer_types_are_those_of_the_format() -> None:
    known = json.loads(files("tracekit.mlmodel").joinpath("layers.json").read_bytes())
    assert known == reference.layer_types()


def test_ten_thousand_operations_take_seconds(tmp_path: Path) -> None:
    spec = reference.messages("Model_pb2").Model(specificationVersion=7)
    spec.CopyFrom(reference.specification(BUNDLED / "TinyConv.mlpackage"))
    function = spec.mlProgram.functions["main"]
    block = function.block_specializations[function.opset]
    few = len(block.operations)
    for number in range(10_000):
        block.operations.add().CopyFrom(block.operations[few - 1 - number % few])
    path = tmp_path / "big.mlmodel"
    path.write_bytes(spec.SerializeToString())
    begin = time.perf_counter()
    model = read(path)
    assert time.perf_counter() - begin < 5
    assert len(model.operations) == 10_000 + few
