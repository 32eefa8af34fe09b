"""Bundles of any size: a million samples with 50,000 distinct stacks by default.

    python -m tests.bench.generate_bundle /tmp/big.trace
    python -m tests.bench.generate_bundle /tmp/flat.trace --sharing 1       no two stacks share their callers

Stacks are 30 deep on average. As in real recordings, several differ in nothing but their leaf. The same arguments give
the same bytes.
"""

import argparse
import random
from pathlib import Path

from sample_traces.bundle import RunWriter, Sampled, Template, bundle, write_folder
from sample_traces.bundle_files import Binary, Symbol

DEVICE = "6F1B0B57-2C2E-4B60-9F0B-0D6D6F5B7A11"
PID, TID = 4711, 0x1D03
FUNCTIONS, IMAGES, CORES = 200, 40, 8
DEPTHS = range(15, 46)


def write_big_bundle(path: Path, samples: int = 1_000_000, stacks: int = 50_000, sharing: int = 10) -> None:
    """Write a bundle as a folder; ``sharing`` stacks each have the same callers."""
    chance = random.Random(1)
    binaries = [_binary(number) for number in range(IMAGES)]
    addresses = [
        binary.load_address + symbol.address + 4 * place
        for binary in binaries
        for symbol in binary.symbols
        for place in range(1, 9)
    ]
    distinct: list[tuple[int, ...]] = []
    while len(distinct) < stacks:
        callers = chance.choices(addresses, k=chance.choice(DEPTHS) - 1)
        distinct += [(leaf + 1, *callers) for leaf in chance.choices(addresses, k=sharing)]
    run = RunWriter()
    run.process(PID, "Big")
    run.thread(TID, PID, is_main=True)
    run.profile(
        Sampled(1_000_000 * number, TID, distinct[number % stacks], core=number % CORES) for number in range(samples)
    )
    template = Template(DEVICE, {1: {PID: binaries}}, {1: {"_rawStartTime": 1.7e9, "_targetProcessName": "Big"}})
    write_folder(bundle([run], binaries, template), path)


def _binary(number: int) -> Binary:
    symbols = tuple(
        Symbol(0x1000 + 64 * place, 64, f"__ZN3lib{len(f'f{place}')}f{place}Ev" if place % 2 else f"_f{place}")
        for place in range(FUNCTIONS)
    )
    identity = f"00000000-0000-4000-8000-{number:012X}"
    return Binary(f"/usr/lib/lib{number}.dylib", identity, 0x1_0000_0000 + 0x100_0000 * number, symbols)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write a big synthetic bundle.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--stacks", type=int, default=50_000)
    parser.add_argument("--sharing", type=int, default=10)
    write_big_bundle(**vars(parser.parse_args()))
