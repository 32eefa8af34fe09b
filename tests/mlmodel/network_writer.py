"""Compiled neural networks of the kind that is found in public repositories: made here, with names of our own."""

import json
import struct
from typing import Any

NET: dict[str, Any] = {
    "storage": "model.espresso.weights",
    "format_version": 200,
    "metadata_in_weights": [],
    "layers": [
        {"name": "turn", "type": "transpose", "bottom": "image", "top": "turned", "weights": {}, "axis_k": 0},
        {"name": "edges", "type": "convolution", "bottom": "turned", "top": "edges_out", "weights": {}, "K": 3, "C": 8,
         "blob_weights": 3, "blob_biases": 1, "has_biases": 1},
        {"name": "sum", "type": "elementwise", "bottom": "edges_out,turned", "top": "summed", "weights": {}},
        {"name": "parts", "type": "split_nd", "bottom": "summed", "top": "left,right", "weights": {}},
        {"name": "dense", "type": "inner_product", "bottom": "left", "top": "scores", "weights": {}, "blob_weights": 5,
         "attributes": {"is_output": 1}},
    ],
}  # fmt: skip
SHAPES = {
    "image": {"n": 1, "k": 3, "h": 8, "w": 9, "_rank": 4},
    "turned": {"n": 1, "k": 3, "h": 9, "w": 8, "_rank": 4},
    "edges_out": {"n": 1, "k": 8, "h": 9, "w": 8, "_rank": 4},
    "summed": {"n": 1, "k": 8, "h": 9, "w": 8},
    "left": {"n": 1, "k": 1, "h": 4, "w": 7, "_rank": 2},
    "right": {"seq": 2, "n": 1, "k": 1, "h": 4, "w": 7, "_rank": 5},
}
BLOBS = (56, 32, 0, 864, 0, 40)
METADATA = [
    {
        "specificationVersion": 4,
        "inputSchema": [{"name": "image", "type": "MultiArray", "dataType": "Float32", "shape": "[1, 3, 8, 9]"}],
        "outputSchema": [{"name": "scores", "type": "MultiArray", "dataType": "Float32", "shape": "[]"}],
    }
]


def weights(*sizes: int) -> bytes:
    """A file of blobs of these sizes, numbered from 0."""
    table = struct.pack("<Q", len(sizes)) + b"".join(struct.pack("<QQ", *each) for each in enumerate(sizes))
    return table + bytes(sum(sizes))


def compiled_network() -> dict[str, bytes]:
    """The files of a compiled network, by name."""
    documents = {"model.espresso.net": NET, "model.espresso.shape": {"layer_shapes": SHAPES}, "metadata.json": METADATA}
    files = {name: json.dumps(document, indent=1).encode() for name, document in documents.items()}
    return {**files, "model.espresso.weights": weights(*BLOBS)}
