"""A compiled model's text holds what the package holds."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.mlmodel.mil_writer import mil_text
from tests.mlmodel.reading import PROGRAMS, read
from tests.mlmodel.reference import specification
from tracekit.errors import InputError, UnsupportedError
from tracekit.mlmodel import open_model

HEAD = 'program(1.0)\n[buildInfo = dict<string, string>({{"coremlc-version", "3505.4.1"}})]\n{\n'
SMALL = HEAD + "    func main<ios16>(tensor<fp16, [1, 4]> x) {\n        STATEMENT\n    } -> (y);\n}\n"


def compiled(folder: Path, text: str, **files: str) -> Path:
    """A compiled model that holds a text."""
    model = folder / "some.mlmodelc"
    model.mkdir(parents=True, exist_ok=True)
    (model / "model.mil").write_text(text)
    for name, content in files.items():
        (model / name.replace("_", ".")).write_text(content)
    return model


def one(folder: Path, statement: str) -> pd.DataFrame:
    """Operations of a program of one statement."""
    return read(compiled(folder, SMALL.replace("STATEMENT", statement))).operations


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("name", [name for name in PROGRAMS if name != "branching"])
def test_text_and_message_say_the_same(saved: dict[str, Path], tmp_path: Path, name: str, verbose: bool) -> None:
    package, text = read(saved[name]), mil_text(specification(saved[name]), verbose=verbose)
    model = read(compiled(tmp_path, text))
    assert model.kind == "mlmodelc"
    columns = ["function", "parent_id", "depth", "name", "type", "is_constant", "stored_bytes", "constant_bytes"]
    pd.testing.assert_frame_equal(model.operations[columns], package.operations[columns])
    pd.testing.assert_frame_equal(model.values, package.values)


@pytest.mark.parametrize(
    "statement,kind,name",
    [
        ('tensor<fp16, [1, 4]> y = relu(x = x)[name = string("r")];', "relu", "r"),
        ('tensor<fp16, [1, 4]> y = relu(x = x)[name = tensor<string, []>("r")];', "relu", "r"),
        ("tensor<fp16, [1, 4]> y = relu(x = x);", "relu", "y"),
        ("tensor<fp16, [1, 2]> y, tensor<fp16, [1, 2]> z = split(axis = int32(1), x = x);", "split", "y"),
        ("fp16 y = reduce_sum(axes = tensor<int32, [2]>([0, 1]), keep_dims = bool(false), x = x);", "reduce_sum", "y"),
        ("tensor<fp16, [2, 4]> y = concat(axis = int32(0), interleave = bool(false), values = (x, x));", "concat", "y"),
        ('tensor<fp16, [1, 4]> y = add(x = x, y = fp16(-0x1.8p+1))[name=string("a;{}()\\"")];', "add", 'a;{}()\\"'),
    ],
)
def test_statements(tmp_path: Path, statement: str, kind: str, name: str) -> None:
    assert one(tmp_path, statement)[["type", "name"]].to_numpy().tolist() == [[kind, name]]


def test_what_the_compiler_says_of_engines_is_the_reason(tmp_path: Path) -> None:
    statement = (
        'tensor<fp32, [1, 4]> y = cast(x = x)[name = string("c"), ValidationMessage = dict<string, string>('
        '{{"ane", "Invalid output tensor format: fp32"}})];'
    )
    assert one(tmp_path, statement)["reason"].tolist() == ["ane: Invalid output tensor format: fp32"]


def test_the_text_with_the_compilers_remarks_is_preferred(tmp_path: Path) -> None:
    model = compiled(tmp_path, SMALL.replace("STATEMENT", "tensor<fp16, [1, 4]> y = relu(x = x);"))
    (model / "analytics").mkdir()
    (model / "analytics" / "analytics.mil").write_text(
        SMALL.replace("STATEMENT", "tensor<fp16, [1, 4]> y = tanh(x = x);")
    )
    assert read(model).operations["type"].tolist() == ["tanh"]


def test_blocks_belong_to_their_operation(tmp_path: Path) -> None:
    inner = "{ tensor<fp16, [1, 4]> a = relu(x = x); } -> (a)"
    operations = one(tmp_path, f'tensor<fp16, [1, 4]> y = cond(pred = p)[name = string("c")] {inner}, {inner};')
    assert operations[["type", "depth", "parent_id"]].to_numpy().tolist() == [
        ["cond", 0, -1],
        ["relu", 1, 0],
        ["relu", 1, 0],
    ]


def test_metadata_tells_inputs_and_outputs(tmp_path: Path) -> None:
    feature = {"name": "x", "type": "MultiArray", "dataType": "Float16", "shape": "[1, 4]", "hasShapeFlexibility": "1"}
    metadata = json.dumps([{"specificationVersion": 8, "inputSchema": [feature], "outputSchema": []}])
    text = SMALL.replace("STATEMENT", "tensor<fp16, [1, 4]> y = relu(x = x);")
    model = read(compiled(tmp_path, text, metadata_json=metadata))
    assert model.version == 8
    assert model.features[["direction", "name", "dtype", "shape", "is_static"]].to_numpy().tolist() == [
        ["in", "x", "fp16", "[1, 4]", False]
    ]


def test_other_compiled_models_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "old.mlmodelc").mkdir()
    (tmp_path / "old.mlmodelc" / "coremldata.bin").write_bytes(b"\x00" * 64)
    with pytest.raises(
        UnsupportedError, match=r"neither model\.mil nor model\.espresso\.net.*Give the \.mlmodel or \.mlpackage"
    ):
        open_model(tmp_path / "old.mlmodelc")


@pytest.mark.parametrize(
    "text,complaint",
    [
        ("", "the file is empty"),
        ("hello", "line 1 is no MIL that is known: hello stands where program should be"),
        (HEAD, "line 3 is no MIL that is known: the end stands where func should be"),
        (SMALL.replace("STATEMENT", "relu"), "stands where a name should be"),
        (SMALL.replace("STATEMENT", "tensor<fp16, [1, 4]> y = relu(x = x)"), r"line 6 .*} stands where { should be"),
        (SMALL.replace("STATEMENT", "tensor<fp16, [one]> y = relu(x = x);"), "'one' is no size"),
        (SMALL.replace("STATEMENT", 'string y = const()[name = string("y);'), "a text without an end"),
        (SMALL.replace("STATEMENT", 'fp16 y = const()[val = fp16((([)]];'), r"\) stands where \] is missing"),
        (SMALL.replace("STATEMENT", f"{'state<' * 99}fp16{'>' * 99} y = relu(x = x);"), "nested too deep"),
        (SMALL.replace("STATEMENT", "fp16 y = cond()" + "{ fp16 y = cond()" * 99), "nested"),
        (SMALL.replace("STATEMENT", "tensor<fp16, [99999999, 99999999]> y = const()[val = tensor<fp16, "
                                    "[99999999, 99999999]>([1])];"), "beyond any real model"),
    ],
)  # fmt: skip
def test_damaged_texts_are_refused_in_a_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        open_model(compiled(tmp_path, text))
