"""Writes the default models into default_model/: ``python make_models.py``. Needs coremltools; runs on any system.

One small convolutional network, in both forms that Core ML has: as a neural network (``TinyConv.mlmodel``), which runs
in Espresso's classic engines, and as an ML Program (``TinyConv.mlpackage``), which runs in E5RT. Small files, but three
billion operations a prediction: Core ML prefers the CPU for a graph that is too small to be worth a dispatch.
"""

import shutil
from itertools import pairwise
from pathlib import Path

import coremltools as ct
import numpy as np
from coremltools.converters.mil import Builder
from coremltools.models import datatypes
from coremltools.models.neural_network import NeuralNetworkBuilder
from coremltools.models.neural_network.quantization_utils import quantize_weights

FOLDER = Path(__file__).parent / "default_model"
NAME = "TinyConv"
SIDE = 112
CHANNELS = (3, 48, 48, 48, 48, 48, 48)
CLASSES = 10


def weights() -> list[np.ndarray]:
    """Weights from a seed, scaled so that activations keep their size; float16 values, so both forms hold the same."""
    random = np.random.default_rng(20260101)
    shapes: list[tuple[int, ...]] = [(out, given, 3, 3) for given, out in pairwise(CHANNELS)]
    shapes += [(CLASSES, CHANNELS[-1])]
    scaled = [random.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:])) for shape in shapes]
    return [each.astype(np.float16).astype(np.float32) for each in scaled]


def ml_program() -> ct.models.MLModel:
    """The network as an ML Program."""
    *kernels, head = weights()

    def network(image: object) -> object:
        hidden = image
        for kernel in kernels:
            hidden = Builder.relu(x=Builder.conv(x=hidden, weight=kernel, pad_type="same"))
        pooled = Builder.reduce_mean(x=hidden, axes=[2, 3], keep_dims=False)
        return Builder.softmax(x=Builder.linear(x=pooled, weight=head), axis=-1, name="scores")

    image = Builder.TensorSpec(shape=(1, CHANNELS[0], SIDE, SIDE))
    model = ct.convert(
        Builder.program(input_specs=[image], opset_version=ct.target.iOS16)(network),
        convert_to="mlprogram",
        compute_precision=ct.precision.FLOAT16,
        minimum_deployment_target=ct.target.macOS13,
        skip_model_load=True,
    )
    return _described(model)


def neural_network() -> ct.models.MLModel:
    """The network as a neural network, weights in float16."""
    *kernels, head = weights()
    builder = NeuralNetworkBuilder(
        [("image", datatypes.Array(CHANNELS[0], SIDE, SIDE))], [("scores", datatypes.Array(CLASSES))]
    )
    name = "image"
    for number, kernel in enumerate(kernels):
        out, given = kernel.shape[:2]
        builder.add_convolution(
            f"conv{number}", given, out, 3, 3, 1, 1, "same", 1, kernel.transpose(2, 3, 1, 0), None, False,
            input_name=name, output_name=f"conv{number}",
        )  # fmt: skip
        name = f"relu{number}"
        builder.add_activation(name, "RELU", f"conv{number}", name)
    builder.add_pooling("pool", 1, 1, 1, 1, "AVERAGE", "VALID", name, "pooled", is_global=True)
    builder.add_inner_product("head", head, None, head.shape[1], head.shape[0], False, "pooled", "logits")
    builder.add_softmax("softmax", "logits", "scores")
    return _described(quantize_weights(ct.models.MLModel(builder.spec, skip_model_load=True), 16))


def _described(model: ct.models.MLModel) -> ct.models.MLModel:
    model.short_description = "Six convolutions with random weights, for tracekit's harness. It knows nothing."
    model.author = "tracekit"
    model.license = "MIT"
    return model


def main() -> None:
    """Write both."""
    package = FOLDER / f"{NAME}.mlpackage"
    shutil.rmtree(package, ignore_errors=True)
    ml_program().save(str(package))
    neural_network().save(str(FOLDER / f"{NAME}.mlmodel"))


if __name__ == "__main__":
    main()
