"""A compiled neural network: ``model.espresso.net`` and what lies beside it → its layers.

    model.espresso.net      JSON: layers, each with name, type, bottom (what it reads), top (what it makes), blob_…
    model.espresso.shape    JSON: the shape of each value, by name: n, k, h, w, and how many of them count (_rank)
    model.espresso.weights  a count, then a number and a size for each blob, then the blobs; 64 bits each

Apple describes none of them. This is what compiled models in public repositories hold, and the sizes in their weights
add up to the file. Layers have Espresso's own names for types (``inner_product``). There are no element types: Core ML
chooses the precision when it loads the model. Layers of inner networks (loops, branches) are not listed: none was seen.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from tracekit.errors import InputError, UnsupportedError
from tracekit.mlmodel.folders import mapped, read_json
from tracekit.model.operations import NOTHING, UNKNOWN, ModelBuilder, Reads, ValueType

NETWORK: Final = "model.espresso.net"
_SHAPES: Final = "model.espresso.shape"
_WEIGHTS: Final = "model.espresso.weights"
_COMPRESSED: Final = b"pbze"
"""How the files of networks that are part of the system begin: then LZFSE."""
_AXES: Final = ("seq", "n", "k", "h", "w")
"""Outermost first; a value of rank 2 has the last two."""
_BLOB: Final = "blob_"
_WORD: Final = 8


def read_network(folder: Path, builder: ModelBuilder) -> None:
    """Add all layers.

    Raises:
        UnsupportedError: the network is compressed.
        InputError: it is damaged.
    """
    layers = _document(folder / NETWORK).get("layers")
    if not isinstance(layers, list) or not all(isinstance(each, dict) for each in layers):
        raise InputError("is no network: it has no list of layers", where=folder / NETWORK)
    shapes = _shapes(folder / _SHAPES)
    sizes = _blob_sizes(folder / _WEIGHTS)
    builder.begin("", "", "", shapes.items())
    for layer in layers:
        blobs = [number for key, number in layer.items() if key.startswith(_BLOB) and isinstance(number, int)]
        builder.add(
            _text(layer, "name"),
            _text(layer, "type"),
            [Reads("", name) for name in _names(layer, "bottom")],
            [(name, shapes.get(name, NOTHING)) for name in _names(layer, "top")],
            stored_bytes=sum(sizes.pop(number, 0) for number in blobs),
        )


def _document(path: Path) -> Mapping[str, Any]:
    if bytes(mapped(path)[: len(_COMPRESSED)]) == _COMPRESSED:
        raise UnsupportedError(
            "this compiled network is compressed, as those of the system itself are",
            where=path,
            hint="Give the .mlmodel or .mlpackage that it was made from",
        )
    document = read_json(path)
    if not isinstance(document, dict):
        raise InputError("is no network: it is no JSON object", where=path)
    return document


def _shapes(path: Path) -> dict[str, ValueType]:
    """The shape of each value, as far as it is told; none at all without the file."""
    if not path.is_file():
        return {}
    shapes = _document(path).get("layer_shapes", {})
    if not isinstance(shapes, dict):
        raise InputError("has no shapes by name", where=path)
    return {name: _shape(given) for name, given in shapes.items()}


def _shape(given: Any) -> ValueType:
    if not isinstance(given, dict):
        return NOTHING
    rank = given.get("_rank", len(_AXES) - 1)
    axes = _AXES[-rank:] if isinstance(rank, int) and 0 < rank <= len(_AXES) else ()
    sizes = tuple(size if isinstance(size, int) and 0 < size < 1 << 48 else UNKNOWN for size in map(given.get, axes))
    return ValueType("", sizes) if sizes and set(axes) <= set(given) else NOTHING


def _blob_sizes(path: Path) -> dict[int, int]:
    """Bytes of each blob by its number; none without the file: weights are often left away."""
    if not path.is_file():
        return {}
    data = mapped(path)
    count = int.from_bytes(data[:_WORD], "little")
    begin = _WORD * (1 + 2 * count)
    if begin > len(data):
        raise InputError(f"is cut off, or not the weights of a network: it lists {count:,} blobs", where=path)
    words = [int.from_bytes(data[at : at + _WORD], "little") for at in range(_WORD, begin, _WORD)]
    sizes = dict(zip(words[::2], words[1::2], strict=True))
    if begin + sum(words[1::2]) > len(data):
        raise InputError(
            f"is cut off: its {count:,} blobs take more than its {len(data):,} bytes",
            where=path,
            hint="The model or its weights are cut off or swapped: copy them again",
        )
    return sizes


def _names(layer: Mapping[str, Any], key: str) -> Iterable[str]:
    return (name for name in _text(layer, key).split(",") if name)


def _text(layer: Mapping[str, Any], key: str) -> str:
    value = layer.get(key)
    return value if isinstance(value, str) else ""
