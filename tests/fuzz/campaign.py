"""Mutated inputs by the thousand: ``python -m tests.fuzz.campaign exports 20000 --seed 1``.

Every input is made from its number, so a failure is made again by its number alone. Each is read with ten seconds of
processor time, and with 512 MB of memory above what Python and its libraries take. It must be read, or refused in one
sentence; a traceback, a hang, and a row that is neither read nor counted are failures.
"""

import argparse
import io
import random
import re
import resource
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files as files_of
from pathlib import Path

from rich.console import Console

from sample_traces.bundle import Sampled, write_folder
from tests.mlmodel.network_writer import compiled_network
from tests.readers.export.documents import ROW, row, time_profile
from tests.support.bundle_writer import sample_files
from tests.support.old_bundle import OldRun, OldSymbol, Owner, old_bundle
from tracekit import api
from tracekit.analysis.analyze import analyze_profile
from tracekit.errors import InvariantError, TracekitError
from tracekit.mlmodel import open_model
from tracekit.model.operations import Model
from tracekit.model.profile import Profile
from tracekit.report.terminal.ops_text import explained_view

SECONDS = 10
MEMORY = 512 << 20
TEXTS = (
    "main;-[MLModel predictionFromFeatures:error:];conv 42\nmain;work 7\n",
    "Call graph:\n    3 Thread_1   DispatchQueue_1: main  (serial)\n    + 3 f  (in T)\n    +   2 g  (in T)\n\n",
    "Weight\tSelf Weight\t\tSymbol Name\n3.0 ms 100.0%\t0 s\t \tmain (Tool)\n3.0 ms 100.0%\t3.0 ms\t \t work (Tool)\n",
    "Thread 4 Crashed:: queue\n0   libBNNS.dylib  0x1a137b064 BNNSGraph + 20\n1   CoreML 0x1 predict\n",
    "* thread #1, queue = 'main'\n  * frame #0: 0x0000000194ff79dc Lib`f + 8\n    frame #1: 0x0000000194ff79dd Lib`g\n",
    "  Thread 0x1a  10 samples (1-10)\n  10  start + 8 (lib + 7) [0x1]\n    4  work + 20 (Demo + 1) [0x2] (running)\n",
)
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
NUMBERS = (b"-1", b"0", b"18446744073709551615", b"-9223372036854775808", b"9" * 40, b"1e9", b"")


class TooLongError(Exception):
    """The time is over."""


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to four small damages: bytes, numbers, pieces cut, doubled and moved; or numbers alone."""
    result = bytearray(data)
    only_numbers = chance.random() < 0.5
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(result) + 1)
        size = min(chance.choice((1, 1, 2, 8, 64, 400)), len(result) - at)
        what = 3 if only_numbers else chance.randrange(6)
        if what == 0 and at < len(result):
            result[at] = chance.randrange(256)
        elif what == 1:
            del result[at : at + size]
        elif what == 2:
            result[at:at] = result[at : at + size]
        elif what == 3:
            found = [*re.finditer(rb"\d+", result)]
            if found:
                number = chance.choice(found)
                result[number.start() : number.end()] = chance.choice(NUMBERS)
        elif what == 4:
            del result[at:]
        else:
            piece = bytes(result[at : at + size])
            del result[at : at + size]
            to = chance.randrange(len(result) + 1)
            result[to:to] = piece
    return bytes(result)


def exports(chance: random.Random, folder: Path) -> Path:
    """A profile of some rows, damaged."""
    rows = [row(time=f"<sample-time>{at}</sample-time>") for at in range(chance.randrange(12))]
    path = folder / "x.xml"
    path.write_bytes(mutated(time_profile(ROW, *rows).encode(), chance))
    return path


def bundles(chance: random.Random, folder: Path) -> Path:
    """A bundle of which one or two files are damaged or gone."""
    return damaged_bundle(sample_files(is_deflated=chance.random() < 0.3), chance, folder)


def damaged_bundle(files: dict[str, bytes], chance: random.Random, folder: Path) -> Path:
    """A bundle, damaged and stored."""
    for name in chance.sample(sorted(files), chance.randint(1, 2)):
        if chance.random() < 0.15:
            del files[name]
        else:
            files[name] = mutated(files[name], chance)
    path = folder / "x.trace"
    write_folder(files, path)
    return path


def old_bundles(chance: random.Random, folder: Path) -> Path:
    """The same of a bundle of Instruments 8 or of 9 to 11."""
    run = OldRun(is_described=chance.random() < 0.5)
    run.thread(1, 2, "Main Thread")
    run.profile([Sampled(at, 1, (0x1005, 0x2000 + at % 3)) for at in range(chance.randrange(1, 9))])
    image = Owner("/usr/lib/x.dylib", bytes(16))
    symbols = [OldSymbol("leaf", image, {0x1005: 1}), OldSymbol("caller", image, {0x2000: 0, 0x2001: 2}, "/x.c")]
    return damaged_bundle(old_bundle([run], {2: symbols}, is_deflated=chance.random() < 0.3), chance, folder)


def texts(chance: random.Random, folder: Path) -> Path:
    """A text of any kind, damaged."""
    path = folder / "x.txt"
    path.write_bytes(mutated(chance.choice(TEXTS).encode(), chance))
    return path


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


def read_recording(path: Path) -> Profile | None:
    profile = api.open_trace(path).profile()
    analyze_profile(profile)
    return profile


def read_model(path: Path) -> Profile | None:
    model = open_model(path)
    if isinstance(model, Model):
        shown = explained_view(api.explain_operations(model), one_by_one=True)
        Console(file=io.StringIO(), width=120).print(shown)
    return None


KINDS: dict[str, Callable[[random.Random, Path], Path]] = {
    "exports": exports,
    "bundles": bundles,
    "old-bundles": old_bundles,
    "texts": texts,
    "models": models,
}


def outcome(kind: str, number: int, seed: int) -> str:
    """``read``, ``refused``, or what went wrong with one input."""
    with tempfile.TemporaryDirectory() as name:
        path = KINDS[kind](random.Random(f"{kind} {seed} {number}"), Path(name))
        try:
            with limited():
                profile = read_model(path) if kind == "models" else read_recording(path)
        except InvariantError as error:
            return f"broken law: {error}"
        except TracekitError as error:
            return "refused" if "\n" not in str(error) else "refused in several lines"
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what we look for
            return f"{type(error).__name__}: {error}"
        if kind == "exports" and profile is not None:
            there = len(re.findall(rb"<row[\s/>]", path.read_bytes()))
            if there != len(profile) + profile.meta.skipped:
                return f"lost: {there} rows, {len(profile)} read, {profile.meta.skipped} skipped"
    return "read"


@contextmanager
def limited() -> Iterator[None]:
    """Stop after some seconds of processor time."""

    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def run(kind: str, count: int, seed: int, first: int = 0) -> Counter[str]:
    """How often each outcome came, with failures by their numbers."""
    found: Counter[str] = Counter()
    for number in range(first, first + count):
        came = outcome(kind, number, seed)
        found[came if came in ("read", "refused") else f"{kind} {number}: {came}"] += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    chosen = parser.parse_args()
    for kind in KINDS:
        outcome(kind, 0, 0)  # what is imported on the way is not the input's
    used = int(re.search(r"VmSize:\s+(\d+)", Path("/proc/self/status").read_text())[1]) << 10  # type: ignore[index]
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    found = run(chosen.kind, chosen.count, chosen.seed, chosen.first)
    for came, times in sorted(found.items()):
        print(f"{times:7,}  {came}")
    sys.exit(0 if set(found) <= {"read", "refused"} else 1)


if __name__ == "__main__":
    main()
