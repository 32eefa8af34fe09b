"""Damaged models: packages, networks, and both compiled."""

import io
import random
from importlib.resources import files as files_of
from pathlib import Path

from rich.console import Console

from tests.fuzz.damage import mutated
from tests.mlmodel.network_writer import compiled_network
from tracekit import api
from tracekit.mlmodel import open_model
from tracekit.model.operations import Model
from tracekit.report.terminal.ops_text import explained_view

BUNDLED = Path(str(files_of("tracekit.recording.harness").joinpath("default_model")))
PACKAGE = BUNDLED / "TinyConv.mlpackage"
MIL = """program(1.3)
[buildInfo = dict<string, string>({{"coremlc-version", "3505.4.1"}})]
{
    func main<ios18>(tensor<fp16, [1, 3, 8, 8]> x, state<tensor<fp16, [1, 4]>> s) {
            tensor<fp16, [4, 3, 1, 1]> w = const()[name = string("w"), val = tensor<fp16, [4, 3, 1, 1]>(BLOBFILE(
                path = string("@model_path/weights/weight.bin"), offset = uint64(64)))];
            tensor<fp16, [1, 4, 8, 8]> a = conv(weight = w, x = x, pad = tensor<int32, [4]>([0, 0, 0, 0]))[name = string("a")];
            tensor<fp16, [1, ?, 8, 8]> b = cond(pred = a)[name = string("b"), ValidationMessage = dict<string, string>(
                {{"ane", "Unsupported"}})] { tensor<fp16, [1, 4, 8, 8]> c = relu(x = a)[name = string("c")]; } -> (c);
            write_state(data = a, input = s)[name = string("d")];
        } -> (b);
}
"""  # noqa: E501
MODELS: dict[str, dict[str, bytes]] = {
    "some.mlmodel": {"": (BUNDLED / "TinyConv.mlmodel").read_bytes()},
    "some.mlpackage": {
        str(path.relative_to(PACKAGE)): path.read_bytes() for path in PACKAGE.rglob("*") if path.is_file()
    },
    "program.mlmodelc": {"model.mil": MIL.encode(), "weights/weight.bin": bytes(200)},
    "network.mlmodelc": compiled_network(),
}
"""The files of each model, by their path in its folder; one without a folder has none."""


def models(chance: random.Random, folder: Path) -> Path:
    """A model of which one or two files are damaged or gone: a package, a network, or either compiled."""
    name, files = chance.choice(list(MODELS.items()))
    files = dict(files)
    for each in chance.sample(sorted(files), chance.randint(1, min(2, len(files)))):
        if chance.random() < 0.1 and len(files) > 1:
            del files[each]
        else:
            files[each] = mutated(files[each], chance)
    for each, data in files.items():
        path = folder / name / each if each else folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder / name


def read(path: Path) -> None:
    """Read one, and show its operations."""
    model = open_model(path)
    if isinstance(model, Model):
        shown = explained_view(api.explain_operations(model), one_by_one=True)
        Console(file=io.StringIO(), width=120).print(shown)
