"""A model as protocol buffers (Model.proto, in coremltools): which kind it is, its inputs and outputs, its models."""

from collections.abc import Iterator, Mapping
from typing import Final

from tracekit.errors import InputError
from tracekit.mlmodel.network import read_network
from tracekit.mlmodel.program import read_program
from tracekit.mlmodel.weights import Weights
from tracekit.mlmodel.wire import Buffer, Message, WireError, fields, message, one, sizes
from tracekit.model.operations import (
    MAX_DEPTH,
    NOTHING,
    UNKNOWN,
    Direction,
    Feature,
    Model,
    ModelBuilder,
    ModelKind,
    Reads,
    ValueType,
)

_VERSION, _DESCRIPTION = 1, 2
_PROGRAM: Final = 502
_NETWORKS: Final = (303, 403, 500)
_PIPELINES: Final[Mapping[int, bool]] = {200: True, 201: True, 202: False}
"""True: the pipeline lies one message deeper, in a classifier or regressor."""
_OTHERS: Final[Mapping[int, str]] = {
    300: "glmRegressor", 301: "supportVectorRegressor", 302: "treeEnsembleRegressor", 304: "bayesianProbitRegressor",
    400: "glmClassifier", 401: "supportVectorClassifier", 402: "treeEnsembleClassifier",
    404: "kNearestNeighborsClassifier", 501: "itemSimilarityRecommender", 555: "customModel", 556: "linkedModel",
    560: "classConfidenceThresholding", 600: "oneHotEncoder", 601: "imputer", 602: "featureVectorizer",
    603: "dictVectorizer", 604: "scaler", 606: "categoricalMapping", 607: "normalizer", 609: "arrayFeatureExtractor",
    610: "nonMaximumSuppression", 900: "identity", 2000: "textClassifier", 2001: "wordTagger",
    2002: "visionFeaturePrint", 2003: "soundAnalysisPreprocessing", 2004: "gazetteer", 2005: "wordEmbedding",
    2006: "audioFeaturePrint", 3000: "serializedModel",
}  # fmt: skip
"""Models that are one operation to Core ML."""
_KINDS: Final = {_PROGRAM, *_NETWORKS, *_PIPELINES, *_OTHERS}

_FEATURE_KINDS: Final[Mapping[int, str]] = {
    1: "int64", 2: "double", 3: "string", 4: "image", 5: "multiArray", 6: "dictionary", 7: "sequence", 8: "state",
}  # fmt: skip
_ARRAY_DTYPES: Final[Mapping[int, str]] = {
    65552: "fp16", 65568: "fp32", 65600: "fp64", 131080: "int8", 131104: "int32",
}  # fmt: skip
_CHANNELS: Final[Mapping[int, int]] = {10: 1, 20: 3, 30: 3, 40: 1}


def read_specification(data: Buffer, source: str, kind: ModelKind, weights: Weights) -> Model:
    """Read a model.

    Raises:
        InputError: it is damaged, no model, or beyond any real model.
    """
    builder = ModelBuilder(source)
    try:
        version = _model(data, "", builder, weights, 0)
    except WireError as error:
        raise InputError(
            f"is no Core ML model, or a damaged one: {error}", where=source, hint="Copy the model again"
        ) from error
    return builder.build(kind, version)


def _model(data: Buffer, part: str, builder: ModelBuilder, weights: Weights, depth: int) -> int:
    """Add one model; gives its specification version."""
    if depth > MAX_DEPTH:
        raise InputError(f"models are nested more than {MAX_DEPTH} deep", where=weights.source)
    model = Message(data)
    kind = model.first(_KINDS)
    content = model.one(kind)
    if not kind:
        raise WireError("it says of no kind of model that it is one")
    features = list(_features(model.one(_DESCRIPTION)))
    for function, feature in features:
        builder.add_feature(part, function, feature)
    mine = [feature for function, feature in features if not function]
    inputs = [(each.name, each.type) for each in mine if each.direction == "in"]
    if kind == _PROGRAM:
        read_program(content, part, builder, weights)
    elif kind in _NETWORKS:
        read_network(content, part, builder, inputs)
    elif kind in _PIPELINES:
        for name, inner in _parts(one(content, 1) if _PIPELINES[kind] else content):
            _model(inner, f"{part}/{name}" if part else name, builder, weights, depth + 1)
    else:
        results = [(each.name, each.type) for each in mine if each.direction == "out"]
        builder.begin(part, "", "", inputs)
        builder.add(part, _OTHERS[kind], [Reads("", name) for name, _ in inputs], results, stored_bytes=len(content))
    return model.number(_VERSION)


def _parts(data: Buffer) -> list[tuple[str, Buffer]]:
    """The models of a pipeline, with their names or else their numbers."""
    pipeline = Message(data)
    models, names = pipeline.all(1), pipeline.texts(2)
    if len(names) != len(models) or len(set(names)) != len(names):
        names = [str(place) for place in range(len(models))]
    return list(zip(names, models, strict=True))


def _features(data: Buffer) -> Iterator[tuple[str, Feature]]:
    """Inputs, outputs and states: of the model, or with a function's name of that function."""
    own: Mapping[int, Direction] = {1: "in", 10: "out", 13: "state"}
    of_function: Mapping[int, Direction] = {2: "in", 3: "out", 6: "state"}
    for field, value in fields(data):
        if field in own:
            yield "", _feature(message(value), own[field])
        elif field == 20:
            function = Message(message(value))
            name = function.text(1)
            yield from (
                (name, _feature(each, direction)) for at, direction in of_function.items() for each in function.all(at)
            )


def _feature(data: Buffer, direction: Direction) -> Feature:
    feature = Message(data)
    kind = Message(feature.one(3))
    number = kind.first(_FEATURE_KINDS)
    value_type, is_flexible = _feature_type(number, kind.one(number))
    return Feature(direction, feature.text(1), _FEATURE_KINDS.get(number, ""), value_type, is_flexible)


def _feature_type(kind: int, data: Buffer) -> tuple[ValueType, bool]:
    """A feature's type, and whether other shapes are allowed."""
    if kind == 8:
        return _array(one(data, 1))
    if kind == 5:
        return _array(data)
    return _image(data) if kind == 4 else (NOTHING, False)


def _array(data: Buffer) -> tuple[ValueType, bool]:
    array = Message(data)
    shape = tuple(size if size > 0 else UNKNOWN for size in sizes(data, 1))
    return ValueType(_ARRAY_DTYPES.get(array.number(2), ""), shape or None), _is_flexible(array)


def _image(data: Buffer) -> tuple[ValueType, bool]:
    image = Message(data)
    colors = image.number(3)
    shape = (image.number(2), image.number(1), _CHANNELS.get(colors, UNKNOWN))
    return ValueType("fp16" if colors == 40 else "uint8", shape), _is_flexible(image)


def _is_flexible(feature: Message) -> bool:
    return any(_allows_many(each, enumerated=True) for each in feature.all(21)) or any(
        _allows_many(each, enumerated=False) for each in feature.all(31)
    )


def _allows_many(data: Buffer, *, enumerated: bool) -> bool:
    """Whether a list of shapes has several, or a range of sizes any that is not one size."""
    inside = [message(value) for _, value in fields(data) if not isinstance(value, int)]
    if enumerated:
        return len(inside) > 1
    bounds = [dict(fields(each)) for each in inside]
    return any(each.get(1, 0) != each.get(2, 0) for each in bounds)
