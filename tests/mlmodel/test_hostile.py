"""Model files that are cut, swapped or made to do harm: a sentence, and bounded memory."""

import json
import os
import shutil
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mlmodel.reading import BUNDLED, read
from tracekit.errors import InputError, UnknownFormatError
from tracekit.mlmodel import open_model
from tracekit.mlmodel.specification import read_specification
from tracekit.mlmodel.weights import Weights
from tracekit.model.operations import CoreAIModel

NETWORK = (BUNDLED / "TinyConv.mlmodel").read_bytes()
PROGRAM = (BUNDLED / "TinyConv.mlpackage/Data/com.apple.CoreML/model.mlmodel").read_bytes()
WEIGHTS = Weights("hostile")


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number: int, content: bytes | int) -> bytes:
    """One field of a message."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def entry(key: str, value: bytes) -> bytes:
    return field(1, key.encode()) + field(2, value)


def program(block: bytes) -> bytes:
    """A model whose one function has a block."""
    function = field(2, b"CoreML5") + field(3, entry("CoreML5", block))
    return field(1, 6) + field(502, field(2, entry("main", function)))


def tensor(*shape: int, dtype: int = 10) -> bytes:
    dimensions = b"".join(field(3, field(1, field(1, size))) for size in shape)
    return field(1, field(1, dtype) + field(2, len(shape)) + dimensions)


def refuse(data: bytes, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        read_specification(memoryview(data), "hostile", "mlmodel", WEIGHTS)


@given(st.integers(0, 5000), st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_no_byte_makes_more_than_an_error(place: int, byte: int) -> None:
    for whole in (PROGRAM, NETWORK):
        damaged = bytearray(whole)
        damaged[place % len(whole)] = byte
        with suppress(InputError):
            read_specification(memoryview(damaged), "damaged", "mlmodel", WEIGHTS)


@given(st.integers(1, len(PROGRAM) - 1))
@settings(max_examples=30, deadline=None)
def test_a_program_that_is_cut_off_is_refused(length: int) -> None:
    refuse(PROGRAM[:length], "is no Core ML model, or a damaged one")


@pytest.mark.parametrize(
    "junk", [b"\x89PNG\r\n\x1a\n" + b"\0" * 99, b"PK\x03\x04", b"<?xml version='1.0'?>", b"\0" * 9]
)
def test_other_files_are_no_models(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "some.mlmodel"
    path.write_bytes(junk)
    with pytest.raises(InputError, match=r"is no Core ML model, or a damaged one: .*Copy the model again"):
        open_model(path)


def test_blocks_in_blocks_end(tmp_path: Path) -> None:
    block = b""
    for _ in range(2000):
        block = field(3, field(1, b"cond") + field(4, block))
    refuse(program(block), "blocks are nested more than 50 deep")


def test_models_in_models_end() -> None:
    model = field(500, b"")
    for _ in range(500):
        model = field(202, field(1, model))
    refuse(model, "models are nested more than 50 deep")


def test_networks_in_networks_end() -> None:
    network = b""
    for _ in range(500):
        network = field(1, field(605, field(1, network)))
    refuse(field(500, network), "blocks are nested more than 50 deep")


def test_types_in_types_end() -> None:
    kind = tensor(1)
    for _ in range(2000):
        kind = field(5, field(1, kind))
    refuse(program(field(3, field(1, b"x") + field(3, field(1, b"y") + field(2, kind)))), "types are nested too deep")


def test_an_operation_that_reads_itself_reads_nothing() -> None:
    """Cycles cannot be told apart from names that nobody made: the id of the source is -1."""
    reads = field(2, entry("x", field(1, field(1, b"y"))))
    operation = field(1, b"relu") + reads + field(3, field(1, b"y") + field(2, tensor(4)))
    model = read_specification(memoryview(program(field(3, operation) * 2)), "hostile", "mlmodel", WEIGHTS)
    assert model.values.loc[model.values["direction"] == "in", "source_id"].tolist() == [-1, 0]


def test_gigantic_shapes_cost_nothing() -> None:
    value = field(2, tensor(1 << 31, 1 << 31)) + field(5, field(1, b"@model_path/w.bin"))
    constant = field(1, b"const") + field(3, field(1, b"w") + field(2, tensor(1 << 31, 1 << 31)))
    tracemalloc.start()
    refuse(program(field(3, constant + field(5, entry("val", value)))), "beyond any real model")
    for sizes in ((1 << 62, 1 << 62), (1 << 62,) * 99, (1 << 62, 0)):
        result = field(1, b"relu") + field(3, field(1, b"y") + field(2, tensor(*sizes)))
        model = read_specification(memoryview(program(field(3, result))), "hostile", "mlmodel", WEIGHTS)
        assert model.values["elements"].tolist() == [0 if 0 in sizes else 1 << 62]
    assert tracemalloc.get_traced_memory()[1] < 5 << 20
    tracemalloc.stop()


def test_shapes_have_no_thousand_axes() -> None:
    result = field(1, b"relu") + field(3, field(1, b"y") + field(2, tensor(*[1] * 101)))
    refuse(program(field(3, result)), "a shape has more than 100 axes")
    layer = field(1, field(1, b"x") + field(3, b"y") + field(5, field(1, 9) + field(2, b"\x01" * 5000)))
    refuse(field(500, layer), "a shape has more than 100 axes")
    unpacked = field(1, field(1, b"x") + field(3, b"y") + field(5, field(1, 9) + field(2, 1) * 101))
    refuse(field(500, unpacked), "a shape has more than 100 axes")


def test_operations_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes two bytes of the file."""
    monkeypatch.setattr("tracekit.model.operations.MAX_OPERATIONS", 1000)
    refuse(program(field(3, b"") * 1001), "there are more than 1,000 operations")
    monkeypatch.setattr("tracekit.model.operations.MAX_VALUES", 1000)
    refuse(program(field(3, field(3, b"") * 1001)), "read and make more than 1,000 values")


def test_numbers_that_no_table_holds_are_refused() -> None:
    result = field(1, b"relu") + field(3, field(1, b"y") + field(2, tensor((1 << 64) - 1)))
    refuse(program(field(3, result)), "is no Core ML model, or a damaged one")


@pytest.mark.parametrize(
    "data,complaint",
    [
        (b"\x0b", "unknown wire type 3"),
        (b"\x00\x00", "number 0"),
        (b"\x08" + b"\xff" * 11, "longer than 64 bits"),
        (field(502, 5), "a number stands where a message should be"),
        (field(500, field(1, field(1, b"\xff"))), "not UTF-8"),
        (field(1, 6) + field(502, field(2, entry("main", field(2, b"CoreML9")))), "has no block for its operations"),
        (field(1, 6), "it says of no kind of model that it is one"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, complaint: str) -> None:
    refuse(data, complaint)


# ---- Packages.


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of a package, to damage."""
    return Path(shutil.copytree(BUNDLED / "TinyConv.mlpackage", tmp_path / "copy.mlpackage"))


@pytest.mark.parametrize("path", ["../../secret", "/etc/passwd", "com.apple.CoreML/../../../x"])
def test_a_manifest_cannot_point_outside(package: Path, path: str) -> None:
    manifest = json.loads((package / "Manifest.json").read_text())
    manifest["itemInfoEntries"][manifest["rootModelIdentifier"]]["path"] = path
    (package / "Manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="points outside the package"):
        open_model(package)


@pytest.mark.parametrize("manifest", ["{}", "[]", "5", '{"rootModelIdentifier": []}', "{", "[" * 100_000, "\xff"])
def test_a_damaged_manifest_is_refused(package: Path, manifest: str) -> None:
    (package / "Manifest.json").write_text(manifest, encoding="latin-1")
    with pytest.raises(InputError):
        open_model(package)


def test_a_package_without_its_model_is_refused(package: Path) -> None:
    (package / "Data/com.apple.CoreML/model.mlmodel").unlink()
    with pytest.raises(InputError, match=r"com\.apple\.CoreML/model\.mlmodel is missing from the package"):
        open_model(package)


def test_weights_that_are_cut_off_are_noticed(package: Path) -> None:
    weights = package / "Data/com.apple.CoreML/weights/weight.bin"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(InputError, match=r"lies beyond the end of @model_path/weights/weight\.bin"):
        open_model(package)


def test_operations_are_read_without_weights(package: Path) -> None:
    shutil.rmtree(package / "Data/com.apple.CoreML/weights")
    assert read(package).constant_bytes == read(BUNDLED / "TinyConv.mlpackage").constant_bytes


# ---- What is no model at all.


def test_no_file_no_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^/.*/none: there is no such model\. tracekit reads \.mlpackage, "):
        open_model(os.path.relpath(tmp_path / "none"))
    with pytest.raises(UnknownFormatError, match="is no folder of a model"):
        open_model(tmp_path)


def test_pipes_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mlmodel")
    with pytest.raises(InputError, match="is a pipe"):
        open_model(tmp_path / "pipe.mlmodel")


def test_core_ai_models_are_told_by_their_files(tmp_path: Path) -> None:
    folder = tmp_path / "net.aimodelc"
    (folder / "regions").mkdir(parents=True)
    for name in ("ANE_region_0.bc", "ANE_region_1.bc", "GPU_region_0.bc"):
        (folder / "regions" / name).write_bytes(b"1234")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    assert open_model(folder) == CoreAIModel(str(folder), "aimodelc", ane_regions=2, bytes=12)
    (tmp_path / "empty.aimodel").mkdir()
    with pytest.raises(InputError, match="the model has no files"):
        open_model(tmp_path / "empty.aimodel")
