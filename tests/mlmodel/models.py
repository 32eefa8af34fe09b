"""Models of every kind that a file can hold, made by coremltools: small, with weights from a seed.

    python -m tests.mlmodel.models FOLDER

It is a program of its own because coremltools prints bars, leaves files open, and has deprecated calls.
"""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import coremltools as ct
import coremltools.optimize.coreml as cto
import numpy as np
from coremltools.converters.mil import Builder
from coremltools.converters.mil.mil import get_new_symbol, types
from coremltools.models import datatypes
from coremltools.models.neural_network import NeuralNetworkBuilder

WIDTH, TOKENS, WORDS = 32, 8, 50


def random(*shape: int) -> np.ndarray:
    """Numbers from a seed that depends on the shape alone."""
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


def convert(program: Any, **options: Any) -> Any:
    """A program as a model, without loading it: that takes a Mac."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ct.convert(program, convert_to="mlprogram", skip_model_load=True, **options)


def transformer(precision: str) -> Any:
    """Gather, layer norm, linear, matmul, softmax: a block of a transformer, in ``fp16`` or ``fp32``."""

    @Builder.program(input_specs=[Builder.TensorSpec((1, TOKENS), dtype=types.int32)], opset_version=ct.target.iOS17)
    def block(tokens: Any) -> Any:
        hidden = Builder.gather(x=random(WORDS, WIDTH), indices=tokens, axis=0)
        normal = Builder.layer_norm(x=hidden, axes=[-1], gamma=random(WIDTH), beta=random(WIDTH))
        query, key, value = (Builder.linear(x=normal, weight=random(WIDTH, WIDTH) * each) for each in (1, 2, 3))
        scores = Builder.softmax(x=Builder.matmul(x=query, y=key, transpose_y=True), axis=-1)
        mixed = Builder.add(x=hidden, y=Builder.matmul(x=scores, y=value))
        return Builder.linear(x=Builder.gelu(x=mixed, mode="EXACT"), weight=random(WORDS, WIDTH), name="logits")

    kind = {"fp16": ct.precision.FLOAT16, "fp32": ct.precision.FLOAT32}[precision]
    return convert(block, compute_precision=kind, minimum_deployment_target=ct.target.iOS17)


def branching() -> Any:
    """A condition and a loop: blocks in blocks."""

    @Builder.program(input_specs=[Builder.TensorSpec((4,)), Builder.TensorSpec((1,))], opset_version=ct.target.iOS16)
    def program(x: Any, flag: Any) -> Any:
        chosen = Builder.cond(
            pred=Builder.squeeze(x=Builder.greater(x=flag, y=0.5)),
            _true_fn=lambda: Builder.add(x=x, y=1.0),
            _false_fn=lambda: Builder.mul(x=Builder.relu(x=x), y=2.0),
        )
        return Builder.while_loop(
            _cond=lambda value: Builder.less(x=Builder.reduce_sum(x=value, axes=[0], keep_dims=False), y=9.0),
            _body=lambda value: (Builder.add(x=value, y=1.0),),
            loop_vars=(chosen,),
        )

    return convert(program, minimum_deployment_target=ct.target.iOS16)


def stateful() -> Any:
    """A model with a state that is read and written."""

    @Builder.program(
        input_specs=[Builder.TensorSpec((1, 4), dtype=types.fp16), Builder.StateTensorSpec((1, 4), dtype=types.fp16)],
        opset_version=ct.target.iOS18,
    )
    def program(x: Any, sums: Any) -> Any:
        total = Builder.add(x=Builder.read_state(input=sums), y=x)
        return Builder.coreml_update_state(state=sums, value=total)

    return convert(program, minimum_deployment_target=ct.target.iOS18)


def flexible() -> Any:
    """A model that takes inputs of several sizes."""

    @Builder.program(input_specs=[Builder.TensorSpec((1, get_new_symbol(), 16))], opset_version=ct.target.iOS16)
    def program(x: Any) -> Any:
        return Builder.linear(x=Builder.relu(x=x), weight=random(8, 16))

    shape = ct.Shape((1, ct.RangeDim(1, 64, default=4), 16))
    return convert(program, inputs=[ct.TensorType("x", shape)], minimum_deployment_target=ct.target.iOS16)


def palettized() -> Any:
    """A model whose weights are compressed to four bits."""

    @Builder.program(input_specs=[Builder.TensorSpec((1, 64, 8, 8))], opset_version=ct.target.iOS16)
    def program(x: Any) -> Any:
        return Builder.conv(x=x, weight=random(64, 64, 1, 1))

    config = cto.OptimizationConfig(cto.OpPalettizerConfig(mode="uniform", nbits=4, weight_threshold=100))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cto.palettize_weights(convert(program, minimum_deployment_target=ct.target.iOS16), config)


def network() -> Any:
    """A neural network of the older kind: layers with weights of several shapes, some of whose own shapes are told, a
    branch, and an input of two sizes.
    """
    builder = NeuralNetworkBuilder(
        [("image", datatypes.Array(3, 16, 16))], [("scores", datatypes.Array(5))], disable_rank5_shape_mapping=True
    )
    builder.add_convolution(
        "conv", 3, 8, 3, 3, 1, 1, "same", 1, random(3, 3, 3, 8), random(8), True,
        input_name="image", output_name="conv",
    )  # fmt: skip
    builder.add_batchnorm("norm", 8, random(8), random(8), random(8), random(8) ** 2, "conv", "norm")
    builder.add_activation("prelu", "PRELU", "norm", "prelu", params=random(8))
    builder.add_load_constant_nd("half", "half", np.array([0.5]), (1,))
    builder.add_branch("choose", "half")
    branch = builder.spec.neuralNetwork.layers[-1].branch
    inner = NeuralNetworkBuilder(None, None, spec=None, nn_spec=branch.ifBranch, disable_rank5_shape_mapping=True)
    inner.add_activation("inside", "RELU", "prelu", "chosen")
    builder.add_pooling("pool", 1, 1, 1, 1, "AVERAGE", "VALID", "prelu", "pooled", is_global=True)
    builder.add_inner_product("head", random(5, 8), random(5), 8, 5, True, "pooled", "scores")
    layers = builder.spec.neuralNetwork.layers
    layers[0].outputTensor.add(rank=4, dimValue=[1, 8, 16, -1])
    layers[1].outputTensor.add(rank=4)
    for side in (16, 32):
        flexible = builder.spec.description.input[0].type.multiArrayType.enumeratedShapes
        flexible.shapes.add(shape=[3, side, side])
    return ct.models.MLModel(builder.spec, skip_model_load=True)


def pipeline() -> Any:
    """Two neural networks, one after the other."""
    first = NeuralNetworkBuilder([("a", datatypes.Array(4))], [("b", datatypes.Array(4))])
    first.add_activation("relu", "RELU", "a", "b")
    second = NeuralNetworkBuilder([("b", datatypes.Array(4))], [("c", datatypes.Array(2))])
    second.add_inner_product("dense", random(2, 4), None, 4, 2, False, "b", "c")
    models = [ct.models.MLModel(each.spec, skip_model_load=True) for each in (first, second)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = ct.models.pipeline.Pipeline([("a", datatypes.Array(4))], [("c", datatypes.Array(2))])
        for name, model in zip(("first", "second"), models, strict=True):
            made.add_model(model)
            made.spec.pipeline.names.append(name)
    return ct.models.MLModel(made.spec, skip_model_load=True)


def multifunction(folder: Path) -> Path:
    """Two functions that share weights, in one package."""
    described = ct.utils.MultiFunctionDescriptor()
    for name, layers in (("encode", (Builder.relu,)), ("decode", (Builder.relu, Builder.tanh))):
        path = folder / f"{name}.mlpackage"
        _chain(layers).save(str(path))
        described.add_function(str(path), src_function_name="main", target_function_name=name)
    described.default_function_name = "encode"
    target = folder / "multifunction.mlpackage"
    ct.utils.save_multifunction(described, str(target))
    return target


def _chain(layers: tuple[Any, ...]) -> Any:
    @Builder.program(input_specs=[Builder.TensorSpec((1, 16))], opset_version=ct.target.iOS18)
    def program(x: Any) -> Any:
        hidden = Builder.linear(x=x, weight=random(16, 16))
        for layer in layers:
            hidden = layer(x=hidden)
        return hidden

    return convert(program, minimum_deployment_target=ct.target.iOS18)


MADE: dict[str, Callable[[], Any]] = {
    "transformer-fp16": lambda: transformer("fp16"),
    "transformer-fp32": lambda: transformer("fp32"),
    "branching": branching,
    "stateful": stateful,
    "flexible": flexible,
    "palettized": palettized,
}
"""ML Programs by name."""


def main(folder: Path) -> None:
    """Save one of each."""
    for name, make in MADE.items():
        make().save(str(folder / f"{name}.mlpackage"))
    for name, make in (("network", network), ("pipeline", pipeline)):
        make().save(str(folder / f"{name}.mlmodel"))
    multifunction(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
