"""Writes the models of ``planned.py`` with coremltools: ``python sample_traces/make_models.py``.

Not part of ``generate.py``: another version of coremltools writes the same models with other bytes.
"""

import shutil
from pathlib import Path
from typing import Any

import coremltools as ct
import numpy as np
from coremltools.converters.mil import Builder
from coremltools.models import datatypes
from coremltools.models.neural_network import NeuralNetworkBuilder

FOLDER = Path(__file__).resolve().parent
CHANNELS, SIDE, CLASSES = 16, 16, 26


def weights(*shape: int, dtype: type = np.float16) -> np.ndarray:
    """Numbers from a seed."""
    made: np.ndarray = np.random.default_rng(sum(shape)).standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
    return made.astype(dtype)


def letters() -> Any:
    """Letters.mlpackage: convolutions on both sides of what the Neural Engine cannot run."""

    def network(image: Any) -> Any:
        hidden = Builder.cast(x=image, dtype="fp16", name="cast_in")
        for number in range(1, 8):
            hidden = _block(hidden, number, 1 if number == 1 else CHANNELS, CHANNELS)
        hidden = Builder.avg_pool(x=hidden, kernel_sizes=[2, 2], strides=[2, 2], pad_type="valid", name="pool")
        flat = Builder.reshape(x=hidden, shape=[1, CHANNELS, 64], name="reshape_15")
        summed = Builder.cumsum(x=flat, axis=-1, name="cumsum_16")
        _, places = Builder.topk(x=summed, k=32, axis=-1, name="topk_17")
        chosen = Builder.gather_along_axis(x=flat, indices=places, axis=-1, name="gather_along_axis_18")
        turned = Builder.reverse(x=chosen, axes=[-1], name="reverse_19")
        hidden = Builder.reshape(
            x=Builder.tile(x=turned, reps=[1, 1, 2], name="tile_20"), shape=[1, CHANNELS, 8, 8], name="reshape_21"
        )
        for number in range(8, 15):
            hidden = _block(hidden, number, CHANNELS, CLASSES if number == 14 else CHANNELS)
        mean = Builder.reduce_mean(x=hidden, axes=[2, 3], keep_dims=False, name="mean")
        return Builder.cast(x=Builder.softmax(x=mean, axis=-1, name="softmax"), dtype="fp32", name="letters")

    image = Builder.TensorSpec((1, 1, SIDE, SIDE))
    return ct.convert(
        Builder.program(input_specs=[image], opset_version=ct.target.iOS17)(network),
        convert_to="mlprogram",
        minimum_deployment_target=ct.target.iOS17,
        pass_pipeline=ct.PassPipeline.EMPTY,  # operations keep their names
        skip_model_load=True,
    )


def _block(x: Any, number: int, given: int, out: int) -> Any:
    kernel = weights(out, given, 3, 3)
    hidden = Builder.conv(x=x, weight=kernel, pad_type="same", name=f"conv_{number}")
    return Builder.relu(x=hidden, name=f"relu_{number}")


def leaves() -> Any:
    """Leaves.mlmodel: a neural network of nine layers."""
    builder = NeuralNetworkBuilder(
        [("image", datatypes.Array(3, 32, 32))], [("names", None)], disable_rank5_shape_mapping=True
    )
    name, channels = "image", 3
    for number in (1, 2):
        kernel = weights(3, 3, channels, 8, dtype=np.float32)
        builder.add_convolution(
            f"conv{number}", channels, 8, 3, 3, 1, 1, "same", 1, kernel, None, False,
            input_name=name, output_name=f"conv{number}",
        )  # fmt: skip
        name, channels = f"relu{number}", 8
        builder.add_activation(name, "RELU", f"conv{number}", name)
    builder.add_pooling("pool", 1, 1, 1, 1, "AVERAGE", "VALID", name, "pooled", is_global=True)
    builder.add_inner_product("scores", weights(10, 8, dtype=np.float32), None, 8, 10, False, "pooled", "logits")
    builder.add_softmax("softmax", "logits", "shares")
    builder.add_topk("best", ["shares"], ["values", "places"], k=3)
    builder.add_gather_nd("names", ["shares", "places"], "names")
    return ct.models.MLModel(builder.spec, skip_model_load=True)


def main() -> None:
    """Write both."""
    package = FOLDER / "Letters.mlpackage"
    shutil.rmtree(package, ignore_errors=True)
    letters().save(str(package))
    leaves().save(str(FOLDER / "Leaves.mlmodel"))


if __name__ == "__main__":
    main()
