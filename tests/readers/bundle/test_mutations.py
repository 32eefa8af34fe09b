"""Cut, flipped and spliced bundles: a clear error or a profile, never a traceback, a hang, or a full memory."""

import random
import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_traces.bundle import Sampled
from tests.support.bundle_writer import LOOP, MAIN, PID, in_memory, run_writer, sample_files, sample_run
from tracekit.errors import InputError, TracekitError
from tracekit.readers.bundle.run import trace_of

FILES = sample_files()
NAMES = sorted(name for name in FILES if not name.endswith(("spindex.0", "spec.plist")))
NUMBERS = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
MUTATIONS, SECONDS_EACH = 2_000, 5


def cut(data: bytearray, chance: random.Random) -> bytes:
    return bytes(data[: chance.randrange(len(data) + 1)])


def flip(data: bytearray, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 8))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def number(data: bytearray, chance: random.Random) -> bytes:
    at = chance.randrange(len(data)) // 4 * 4
    data[at : at + 4] = chance.choice((*NUMBERS, chance.randrange(1 << 16))).to_bytes(4, "little")
    return bytes(data)


def drop(data: bytearray, chance: random.Random) -> bytes:
    low, high = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return bytes(data[:low] + data[high:])


def splice(data: bytearray, chance: random.Random) -> bytes:
    other = FILES[chance.choice(NAMES)] or b"\0"
    low, high = sorted(chance.randrange(len(other) + 1) for _ in range(2))
    at = chance.randrange(len(data) + 1)
    return bytes(data[:at] + other[low:high] + data[at:])


KINDS: tuple[Callable[[bytearray, random.Random], bytes], ...] = (cut, flip, flip, number, number, drop, splice)


def ask_everything(files: dict[str, bytes]) -> int:
    """Read all there is; how many questions were answered. Every error must be one sentence for a user."""
    try:
        run = trace_of(in_memory(files)).run()
    except TracekitError as error:
        assert_sentence(error)
        return 0
    answered = 0
    for question in (run.profile, run.tables, lambda: run.table("time-profile")):
        try:
            question()
            answered += 1
        except TracekitError as error:
            assert_sentence(error)
    return answered


def assert_sentence(error: TracekitError) -> None:
    text = str(error)
    assert text.isprintable()
    assert text.startswith("demo.trace")
    assert len(text) < 400


def test_the_unharmed_bundle_answers_everything() -> None:
    assert ask_everything(FILES) == 3


@pytest.mark.no_cover
def test_seeded_mutations(equal_parts_once: None) -> None:
    chance = random.Random(20260117)
    answered = 0
    for _ in range(MUTATIONS):
        name = chance.choice(NAMES)
        mutated = chance.choice(KINDS)(bytearray(FILES[name]), chance)
        begin = time.perf_counter()
        answered += ask_everything({**FILES, name: mutated})
        assert time.perf_counter() - begin < SECONDS_EACH
    assert MUTATIONS < answered < 2.8 * MUTATIONS, "many questions fail, or the mutations are not such"


@given(st.sampled_from(NAMES), st.data())
def test_bytes_of_any_kind_in_any_place(name: str, data: st.DataObject) -> None:
    content = bytearray(FILES[name])
    at = data.draw(st.integers(0, len(content)))
    content[at : at + data.draw(st.integers(0, 16))] = data.draw(st.binary(max_size=16))
    ask_everything({**FILES, name: bytes(content)})


@given(st.sampled_from(NAMES))
def test_a_missing_file_is_told(name: str) -> None:
    ask_everything({other: data for other, data in FILES.items() if other != name})


def peak_of(question: Callable[[], object]) -> int:
    """The most memory that a refused question takes."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"far beyond the size of the file|do not add up|cut off"):
            question()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_stacks_that_unfold_without_end_are_refused() -> None:
    """One array of frames, named by every chunk of one stack, which every row has."""
    run = run_writer()
    frames = run.arrays.add(range(LOOP, LOOP + 20_000))
    stack = run.arrays.add([frames | run.process(PID, "") << 32] * 20_000)
    run.profile([Sampled(1, MAIN, (LOOP + 1,))])
    run.tables[0].rows[0] = (*run.tables[0].rows[0][:-1], stack)  # type: ignore[index]
    trace = trace_of(in_memory(sample_files(runs=[run])))
    assert peak_of(trace.profile) < 50 << 20


def test_a_row_count_without_rows_takes_no_memory() -> None:
    run = sample_run()
    rows = run.tables[0].rows
    files = sample_files(runs=[run])
    name = "corespace/run1/core/stores/indexed-store-0/bulkstore_descriptor"
    count = len(rows).to_bytes(1)
    places = [at for at in range(len(files[name])) if files[name][at : at + 2] == b"\x10" + count]
    for at in places:
        longer = files[name][:at] + b"\x13" + (1 << 40).to_bytes(8) + files[name][at + 2 :]
        ask_everything({**files, name: longer})
    assert places
