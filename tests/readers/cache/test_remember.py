"""What is kept is what was read; a change of the file, of the entry or of the folder is always seen."""

import os
import zlib
from dataclasses import fields, replace
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest

from tests.bench.generate_export import Shape
from tests.readers.export_fast.test_same_as_lxml import generated
from tests.samples.exports import EXPORTS, FOLDER
from tracekit.errors import TracekitError
from tracekit.files import CACHE_NAMED
from tracekit.model.facts import Facts
from tracekit.model.schema import categorical
from tracekit.model.trace import Trace
from tracekit.readers import open_trace
from tracekit.readers.cache import digest as digests
from tracekit.readers.cache import entry, folder, remember
from tracekit.readers.cache.digest import digest_of, digesting

SMALL = generated(Shape(300, depth=(1, 9), functions=60))
TABLES = ("samples", "stacks", "frames", "binaries", "threads")


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of entries; everything is worth keeping."""
    place = tmp_path / "kept"
    monkeypatch.setenv(CACHE_NAMED, str(place))
    monkeypatch.delenv(folder.OFF)
    monkeypatch.setattr(folder, "LEAST_BYTES", 0)
    return place


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "run.xml"
    path.write_bytes(SMALL)
    return path


def entries(place: Path) -> list[Path]:
    return sorted(place.iterdir()) if place.is_dir() else []


def read(path: Path, *, strict: bool = False) -> Trace | str:
    """A trace whose samples were asked for, or what is wrong with it."""
    try:
        trace = open_trace(path, strict=strict)
        trace.profile()
    except TracekitError as error:
        return f"{type(error).__name__}: {error}"
    return trace


def fresh(path: Path, monkeypatch: pytest.MonkeyPatch, *, strict: bool = False) -> Trace | str:
    with monkeypatch.context() as patch:
        patch.setenv(folder.OFF, "1")
        return read(path, strict=strict)


def assert_same(found: Trace | str, expected: Trace | str) -> None:
    """Every table, notice and fact."""
    if isinstance(found, str) or isinstance(expected, str):
        assert found == expected
        return
    assert (found.path, found.format, found.notices) == (expected.path, expected.format, expected.notices)
    assert [(run.number, run.facts, list(run.schemas()), list(run.tables())) for run in found.runs] == [
        (run.number, run.facts, list(run.schemas()), list(run.tables())) for run in expected.runs
    ]
    assert found.profile().meta == expected.profile().meta
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(found.profile(), table), getattr(expected.profile(), table))


def was_kept(trace: Trace | str) -> bool:
    return isinstance(trace, Trace) and isinstance(trace.runs[0], remember._KeptRun)


DAMAGED = SMALL.replace(b"<row>", b"<row><odd/>", 2)
FOLDED = b"main;Espresso`net 3\nmain 2\nnot folded\n\nmain;\xc3\xa9 1\n"
OTHERS = {
    "damaged rows": DAMAGED,
    "folded": FOLDED,
    "nothing known": b"\x00\x01\x02",
    "no samples": SMALL.replace(b'name="time-profile"', b'name="other"'),
    "malformed": SMALL[:9_000],
    "empty": b"",
}


@pytest.mark.parametrize("name", [*EXPORTS, *OTHERS])
@pytest.mark.parametrize("strict", [False, True])
def test_what_is_kept_is_what_is_read(name: str, strict: bool, tmp_path: Path, kept: Path, monkeypatch) -> None:
    path = tmp_path / "input"
    path.write_bytes(OTHERS[name] if name in OTHERS else (FOLDER / name).read_bytes())
    expected = fresh(path, monkeypatch, strict=strict)
    assert_same(read(path, strict=strict), expected)
    again = read(path, strict=strict)
    assert_same(again, expected)
    is_of_one_run = isinstance(expected, Trace) and len(expected.runs) == 1
    assert was_kept(again) == bool(entries(kept)) == is_of_one_run


def test_the_name_is_that_of_the_file_and_other_tables_are_read_from_it(export: Path) -> None:
    read(export)
    moved = export.rename(export.with_name("moved.xml"))
    trace = read(moved)
    assert was_kept(trace)
    assert isinstance(trace, Trace)
    assert (trace.path, trace.profile().meta.source) == (str(moved), str(moved))
    pd.testing.assert_frame_equal(
        trace.table("time-profile"), open_trace(moved, reader="lxml").table("time-profile"), check_names=False
    )


@pytest.mark.parametrize("seed", range(40))
def test_a_change_is_seen_though_name_size_and_date_stay(seed: int, export: Path, monkeypatch) -> None:
    read(export)
    before, random, data = export.stat(), Random(seed), bytearray(SMALL)
    for _ in range(random.choice([1, 1, 3])):
        at = random.randrange(len(data))
        data[at] = random.choice(b"0123456789<>a ")
    export.write_bytes(data)
    os.utime(export, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = read(export)
    assert was_kept(found) == (bytes(data) == SMALL)
    assert_same(found, fresh(export, monkeypatch))


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_entry_is_none_and_is_written_anew(seed: int, export: Path, kept: Path, monkeypatch) -> None:
    read(export)
    (path,) = entries(kept)
    sound, random = path.read_bytes(), Random(seed)
    damaged = bytearray(sound)
    match seed % 3:
        case 0:
            damaged[random.randrange(len(sound))] ^= 1 << random.randrange(8)
        case 1:
            del damaged[random.randrange(len(sound)) :]
        case _:
            damaged += bytes(random.randrange(1, 99))
    path.write_bytes(damaged)
    found = read(export)
    assert not was_kept(found)
    assert_same(found, fresh(export, monkeypatch))
    assert path.read_bytes() == sound


def rewritten(sound: bytes, at: int, new: bytes) -> bytearray:
    """An entry with other bytes and a right checksum: somebody meant it."""
    data = bytearray(sound)
    data[at : at + len(new)] = new
    check = zlib.crc32(data[entry._PREFIX :])
    data[entry._PREFIX - 8 : entry._PREFIX] = check.to_bytes(8, "little")
    return data


@pytest.mark.parametrize("seed", range(150))
def test_an_entry_that_somebody_made_is_sound_or_none(seed: int, export: Path, kept: Path) -> None:
    read(export)
    (path,) = entries(kept)
    random, sound = Random(seed), path.read_bytes()
    value = random.choice([-(2**63), -1, 2**31 - 1, 2**63 - 1, random.getrandbits(62)])
    new = random.choice([value.to_bytes(8, "little", signed=True), random.randbytes(4), b"null", b'"x":', b"9e99"])
    found = entry.unpacked(rewritten(sound, random.randrange(entry._PREFIX, len(sound) - 8), new))
    if found is not None:
        found.profile.validate()


def test_an_entry_of_promises_is_none(export: Path, kept: Path) -> None:
    read(export)
    sound = entries(kept)[0].read_bytes()
    for old, new in (
        (b'"samples": 300', b'"samples": 9e9'),
        (b'"samples": 300', b'"samples": -99'),
        (b'"unit": "ns"', b'"unit": "ms"'),
        (b'"run": 1', b'"run": {'),
    ):
        assert len(old) == len(new)
        assert entry.unpacked(rewritten(sound, sound.index(old), new)) is None
    assert entry.unpacked(rewritten(sound, entry._PREFIX, b"[" * 5_000)) is None
    assert entry.unpacked(rewritten(sound, entry._PREFIX, b"")) is not None


def test_the_folder_and_its_entries_are_the_user_s_alone(export: Path, kept: Path) -> None:
    read(export)
    (path,) = entries(kept)
    assert (kept.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    path.chmod(0o666)
    assert not was_kept(read(export))
    assert was_kept(read(export))
    kept.chmod(0o777)
    assert not was_kept(read(export))


def test_a_link_is_no_entry_and_no_folder(export: Path, kept: Path, tmp_path: Path) -> None:
    read(export)
    (path,) = entries(kept)
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    assert not was_kept(read(export))
    real = kept.rename(tmp_path / "real")
    kept.symlink_to(real)
    assert not was_kept(read(export))


def test_what_is_kept_can_be_counted(export: Path, kept: Path) -> None:
    assert folder.kept() == (0, 0)
    read(export)
    (kept / "something else").write_bytes(b"...")
    (entry,) = kept.glob("*.tables")
    assert folder.kept() == (1, entry.stat().st_size)
    assert folder.why_not() == ""


def test_an_entry_that_another_command_removes_is_not_counted(export: Path, kept: Path, monkeypatch) -> None:
    read(export)
    (entry,) = kept.glob("*.tables")
    monkeypatch.setattr(Path, "glob", lambda place, pattern: iter([place / "removed.tables", entry]))
    assert folder.kept() == (1, entry.stat().st_size)


@pytest.mark.parametrize(
    "make, reason",
    [
        (lambda place: None, ""),
        (lambda place: place.mkdir(), ""),
        (lambda place: place.write_text("a file"), "it is no folder, or others may write to it"),
        (lambda place: (place.mkdir(), place.chmod(0o777)), "it is no folder, or others may write to it"),
        (lambda place: place.symlink_to(place.parent), "it is no folder, or others may write to it"),
    ],
)
def test_a_folder_that_is_not_used_says_why(make, reason: str, export: Path, kept: Path) -> None:
    make(kept)
    assert folder.why_not() == reason
    read(export)
    assert was_kept(read(export)) == (not reason)


def test_entries_are_bounded_and_the_least_used_goes_first(tmp_path: Path, kept: Path, monkeypatch) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(4)]
    for number, path in enumerate(paths):
        path.write_bytes(FOLDED + b"main 1\n" * number)
    for number, path in enumerate(paths[:3]):
        read(path)
        (newest,) = [each for each in entries(kept) if each.stat().st_mtime_ns > 10**18]
        os.utime(newest, ns=(number, number))
    assert was_kept(read(paths[0]))
    monkeypatch.setattr(folder, "MOST_BYTES", sum(each.stat().st_size for each in entries(kept)) + 100)
    read(paths[3])
    assert len(entries(kept)) == 3
    assert [was_kept(read(path)) for path in (paths[0], paths[2], paths[3])] == [True] * 3


def test_an_entry_that_would_leave_no_room_is_not_kept(export: Path, kept: Path, monkeypatch) -> None:
    monkeypatch.setattr(folder, "MOST_OF_ONE", 9_000)
    read(export)
    assert entries(kept) == []


def test_nothing_is_kept_of_what_is_small_or_read_by_a_reader_of_choice(export: Path, kept: Path, monkeypatch) -> None:
    for reader in ("fast", "lxml"):
        open_trace(export, reader=reader).profile()
    monkeypatch.setattr(folder, "LEAST_BYTES", len(SMALL) + 1)
    read(export)
    monkeypatch.setattr(folder, "LEAST_BYTES", 0)
    monkeypatch.setenv(folder.OFF, "1")
    read(export)
    assert entries(kept) == []


def test_a_file_that_changes_while_it_is_read_is_not_kept(export: Path, kept: Path) -> None:
    trace = open_trace(export)
    export.write_bytes(SMALL + b"\n")
    trace.profile()
    assert entries(kept) == []


def test_other_code_or_another_question_is_another_entry(export: Path, kept: Path, monkeypatch) -> None:
    read(export)
    read(export, strict=True)
    monkeypatch.setattr(remember, "code_version", lambda: "of tomorrow")
    assert not was_kept(read(export))
    assert len(entries(kept)) == 3


def test_a_folder_that_cannot_be_made_is_no_loss(export: Path, kept: Path, monkeypatch) -> None:
    kept.write_text("a file")
    assert_same(read(export), fresh(export, monkeypatch))
    assert not was_kept(read(export))


def test_a_digest_that_a_thread_began_is_taken_unless_the_file_changed(export: Path, monkeypatch) -> None:
    alone = digest_of(export)
    with digesting(export), monkeypatch.context() as patch:
        began = digests._begun[export].result()
        patch.setattr(digests, "_digest", lambda path: None)
        assert digest_of(export) == began == alone
    with digesting(export):
        digests._begun[export].result()
        export.write_bytes(SMALL + b"\n")
        assert digest_of(export) not in (None, alone)
    assert not digests._begun
    assert digest_of(export.with_name("missing")) is None


def test_every_fact_that_there_may_be_is_kept(export: Path) -> None:
    known = {each.name: ("A", "B") if each.default == () else each.name for each in fields(Facts)}
    profile = open_trace(export).profile()
    profile = replace(profile, meta=replace(profile.meta, facts=Facts(**known)))  # type: ignore[arg-type]
    parts = entry.packed(entry.Kept("export", (), 1, Facts(**known), (), profile))  # type: ignore[arg-type]
    assert parts is not None
    found = entry.unpacked(bytearray(b"".join(parts)))
    assert found is not None
    assert found.facts == found.profile.meta.facts == profile.meta.facts


def test_states_beyond_what_a_column_holds_are_not_kept(export: Path) -> None:
    profile = open_trace(export).profile()
    codes = profile.samples["state"].cat.codes.to_numpy()
    states = categorical(codes, ["Running", *map(str, range(np.iinfo(np.int16).max))])
    run = open_trace(export).runs[0]
    many = replace(profile, samples=profile.samples.assign(state=states))
    assert entry.packed(entry.Kept("export", (), 1, run.facts, (), profile)) is not None
    assert entry.packed(entry.Kept("export", (), 1, run.facts, (), many)) is None
