"""Damaged recordings: exports, bundles of today and before, and texts."""

import random
import re
from pathlib import Path

from sample_traces.bundle import Sampled, write_folder
from tests.fuzz.damage import mutated
from tests.readers.export.documents import ROW, row, time_profile
from tests.support.bundle_writer import sample_files
from tests.support.old_bundle import OldRun, OldSymbol, Owner, old_bundle
from tracekit import api
from tracekit.analysis.analyze import analyze_profile
from tracekit.model.profile import Profile

TEXTS = (
    "main;-[MLModel predictionFromFeatures:error:];conv 42\nmain;work 7\n",
    "Call graph:\n    3 Thread_1   DispatchQueue_1: main  (serial)\n    + 3 f  (in T)\n    +   2 g  (in T)\n\n",
    "Weight\tSelf Weight\t\tSymbol Name\n3.0 ms 100.0%\t0 s\t \tmain (Tool)\n3.0 ms 100.0%\t3.0 ms\t \t work (Tool)\n",
    "Thread 4 Crashed:: queue\n0   libBNNS.dylib  0x1a137b064 BNNSGraph + 20\n1   CoreML 0x1 predict\n",
    "* thread #1, queue = 'main'\n  * frame #0: 0x0000000194ff79dc Lib`f + 8\n    frame #1: 0x0000000194ff79dd Lib`g\n",
    "  Thread 0x1a  10 samples (1-10)\n  10  start + 8 (lib + 7) [0x1]\n    4  work + 20 (Demo + 1) [0x2] (running)\n",
)


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


def read(path: Path) -> Profile:
    """Read and analyse one."""
    profile = api.open_trace(path).profile()
    analyze_profile(profile)
    return profile


def read_export(path: Path) -> str:
    """Read an export; what of its rows is neither read nor counted."""
    profile = read(path)
    there = len(re.findall(rb"<row[\s/>]", path.read_bytes()))
    lost = there != len(profile) + profile.meta.skipped
    return f"{there} rows, {len(profile)} read, {profile.meta.skipped} skipped" if lost else ""
