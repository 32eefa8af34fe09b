"""Compiled neural networks: layers, shapes and sizes; and what is none, refused in a sentence."""

import json
from pathlib import Path

import pytest

from tests.mlmodel.network_writer import NET, compiled_network, weights
from tests.mlmodel.reading import read
from tests.support.operations import plan_from
from tracekit.analysis.operations.placement import place
from tracekit.errors import InputError, TracekitError, UnsupportedError
from tracekit.mlmodel import is_model, open_model


def stored(folder: Path, **changed: bytes | None) -> Path:
    """A compiled network with some of its files changed, or without them; ``net`` for ``model.espresso.net``."""
    place = folder / "some.mlmodelc"
    place.mkdir()
    files = {**compiled_network(), **{f"model.espresso.{kind}": data for kind, data in changed.items()}}
    for name, data in files.items():
        if data is not None:
            (place / name).write_bytes(data)
    return place


def test_layers_are_told_with_shapes_and_sizes(tmp_path: Path) -> None:
    model = read(stored(tmp_path))
    assert (model.kind, model.version) == ("espresso", 4)
    each = model.operations
    assert list(zip(each["name"], each["type"], each["stored_bytes"], strict=True)) == [
        ("turn", "transpose", 0),
        ("edges", "convolution", 896),
        ("sum", "elementwise", 0),
        ("parts", "split_nd", 0),
        ("dense", "inner_product", 40),
    ]
    made = model.values[model.values["direction"] == "out"]
    assert dict(zip(made["name"], made["shape"], strict=True)) == {
        "turned": "[1, 3, 9, 8]",
        "edges_out": "[1, 8, 9, 8]",
        "summed": "[1, 8, 9, 8]",  # without a rank: all four
        "left": "[4, 7]",
        "right": "[2, 1, 1, 4, 7]",
        "scores": "",
    }
    reads = model.values[model.values["direction"] == "in"]
    assert list(zip(reads["operation_id"], reads["name"], reads["source_id"], strict=True)) == [
        (0, "image", -1),
        (1, "turned", 0),
        (2, "edges_out", 1),
        (2, "turned", 0),
        (3, "summed", 2),
        (4, "left", 3),
    ]
    assert reads["shape"].iloc[0] == "[1, 3, 8, 9]"
    assert model.features["name"].tolist() == ["image", "scores"]


def test_a_folder_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    place = stored(tmp_path).rename(tmp_path / "copied")
    assert is_model(place)
    assert len(read(place).operations) == 5
    (place / "model.espresso.net").unlink()
    assert not is_model(place)


def test_a_plan_names_layers_by_their_own_names(tmp_path: Path) -> None:
    model = read(stored(tmp_path))
    plan = plan_from(model, "turned CPU 0.2 CPU\nscores ANE 0.8 CPU ANE")
    plan["name"] = ["turn", "dense"]
    plan["function"] = ""
    placed = place(model, plan.astype({"name": "str", "function": "category"}))
    assert (placed.unmatched_plan, placed.operations["preferred"].tolist()) == (0, ["CPU", "", "", "", "ANE"])


def test_it_is_read_without_shapes_and_weights(tmp_path: Path) -> None:
    model = read(stored(tmp_path, shape=None, weights=None))
    assert (len(model.operations), model.constant_bytes, set(model.values["shape"])) == (5, 0, {""})


def test_a_compressed_network_is_refused_by_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"network is compressed, .* Give the \.mlmodel or \.mlpackage"):
        open_model(stored(tmp_path, net=b"pbze" + bytes(99)))


@pytest.mark.parametrize(
    "kind,data,complaint",
    [
        ("net", b"{", "is no JSON"),
        ("net", b"[" * 100_000, "is no JSON"),
        ("net", b"5", "is no JSON object"),
        ("net", b"{}", "has no list of layers"),
        ("net", b'{"layers": [1]}', "has no list of layers"),
        ("shape", b'{"layer_shapes": 5}', "has no shapes by name"),
        ("weights", weights(56, 32)[:20], "is cut off, or not the weights of a network: it lists 2 blobs"),
        ("weights", b"\xff" * 64, "is cut off, or not the weights"),
        ("weights", weights(56, 9)[:-1], "its 2 blobs take more than its 104 bytes"),
    ],
)
def test_damaged_files_are_refused_in_a_sentence(tmp_path: Path, kind: str, data: bytes, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        open_model(stored(tmp_path, **{kind: data}))


@pytest.mark.parametrize(
    "shape", ["5", "{}", '{"w": 7, "_rank": 9}', '{"w": "7", "_rank": 1}', '{"w": -1, "_rank": 1}']
)
def test_shapes_that_say_nothing_are_not_known(tmp_path: Path, shape: str) -> None:
    document = f'{{"layer_shapes": {{"turned": {shape}}}}}'.encode()
    made = read(stored(tmp_path, shape=document)).values.set_index("name").loc["turned"].iloc[0]
    assert made["shape"] in ("", "[?]")
    assert not made["is_static"]


def test_a_value_may_be_huge_and_a_layer_may_read_itself(tmp_path: Path) -> None:
    net = NET | {"layers": [{"name": "x", "type": "y", "bottom": "a,a", "top": "a"}] * 3}
    shapes = {"layer_shapes": {"a": {"n": 1 << 40, "k": 1 << 40, "h": 1 << 40, "w": 1 << 40}}}
    model = read(stored(tmp_path, net=json.dumps(net).encode(), shape=json.dumps(shapes).encode()))
    assert model.values.loc[model.values["direction"] == "in", "source_id"].tolist() == [-1, -1, 0, 0, 1, 1]


def test_types_of_fields_do_not_matter(tmp_path: Path) -> None:
    net: dict = {"layers": [{"name": 5, "type": None, "bottom": [], "top": "a", "blob_weights": "x"}, {}]}
    assert read(stored(tmp_path, net=json.dumps(net).encode())).operations["name"].tolist() == ["", ""]


def test_every_error_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TracekitError) as caught:
        open_model(stored(tmp_path, net=b"\xff"))
    assert "\n" not in str(caught.value)
