"""A batch survives its recordings, and gives the same table wherever and however often it is started."""

import errno
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

from tests.batch import readers
from tests.batch.conftest import BROKEN, SAMPLES
from tests.batch.readers import here
from tracekit.batch.cluster import on_cluster
from tracekit.batch.journal import Journal, journal_path, lock_path
from tracekit.batch.processes import RECORDINGS_A_WORKER, on_processes
from tracekit.batch.rows import COLUMNS, Options, read_results, read_rows, results_table
from tracekit.batch.run import Batch, Execute, Reader, run_batch
from tracekit.batch.work import LOST, Outcome, Work
from tracekit.errors import InputError, OutputError
from tracekit.report.formats.tabular import encode

TWO = partial(on_processes, workers=2, memory=0)


def bare(work: Work, paths: Sequence[str]) -> Generator[Outcome]:
    """As ``TWO``, by workers that import no analysis, for readers that read nothing."""
    assert isinstance(work, partial)
    return TWO(work.func, paths)


@pytest.fixture(scope="session")
def by_processes(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    output = tmp_path_factory.mktemp("output") / "results.parquet"
    return run_batch([f"{recordings}/*"], output, TWO, work=readers.read_or_end)


def test_bad_recordings_never_stop_the_others(by_processes: Batch) -> None:
    table = by_processes.table
    assert by_processes.recordings == 60
    assert by_processes.failed == 5
    good = table[table["status"] == "ok"]
    assert good["path"].nunique() == 55
    assert len(good) == 55 + 2  # two runs each
    bad = table[table["status"] == "error"].set_index("path")["reason"]
    reasons = {Path(str(path)).name: str(reason) for path, reason in bad.items()}
    assert set(reasons) == set(BROKEN)
    assert reasons["kills-its-worker.folded"] == LOST
    assert "the file is empty" in reasons["empty.xml"]
    assert "the format is not known" in reasons["junk.xml"]
    assert all("\n" not in reason for reason in reasons.values())


@pytest.mark.parametrize(
    "name, wall, ane, gpu",
    [
        ("gpu", True, True, True),
        ("ane-with-cpu-fallback", True, True, False),  # without a table of the GPU's intervals
        ("cpu-only.xcode16.4.xml.gz", False, False, False),  # nor anything that tells predictions apart
        ("mlprogram-split.xcode16.4.xml.gz", False, False, False),
    ],
)
def test_what_was_not_measured_is_missing_and_not_zero(
    name: str, wall: bool, ane: bool, gpu: bool, tmp_path: Path
) -> None:
    samples = Path(__file__).parents[2] / "sample_traces"
    (row,) = run_batch([str(samples / name)], tmp_path / "r.parquet", here).table.to_dict("records")
    columns = ("per_prediction_wall_ns", "per_prediction_ane_busy_ns", "per_prediction_gpu_busy_ns")
    assert [not pd.isna(row[column]) for column in columns] == [wall, ane, gpu]
    assert pd.isna(row["predictions"]) != wall


def test_the_numbers_are_those_of_analyze(by_processes: Batch, recordings: Path) -> None:
    table = by_processes.table.set_index("path")
    row = table.loc[str(recordings / "run-005.folded")]
    total = (5 + 1) + (10 + 1) + (15 + 1)
    assert row["share_ANE"] == pytest.approx(6 / total, abs=1e-6)
    assert row["weight"] == row["weight_attributed"] == total
    assert row["answer"] == "partly"
    two = by_processes.table[by_processes.table["path"] == str(recordings / "two-0.xml.gz")]
    assert two["run"].tolist() == [1, 2]
    assert two["answer"].tolist() == ["yes", "no"]
    assert (two["rows"] == two[["attributed", "outside_focus", "no_stack", "filtered"]].sum(axis=1)).all()


def test_a_cluster_gives_the_same_table(by_processes: Batch, recordings: Path, tmp_path: Path) -> None:
    """Of 17 recordings: some of each kind, and all that cannot be read."""
    patterns = [
        *(f"{recordings}/{kind}*" for kind in ("run-00", "two-")),
        *(f"{recordings}/{name}" for name in BROKEN),
    ]
    with cluster() as address:
        execute = partial(on_cluster, address=address)
        batch = run_batch(patterns, tmp_path / "results.parquet", execute, work=readers.read_or_end)
    same = by_processes.table[by_processes.table["path"].isin(batch.table["path"])].reset_index(drop=True)
    assert batch.recordings == 17
    assert encode(batch.table, "parquet") == encode(same, "parquet")


def cluster():
    """Two worker processes on this machine; a task is given up when its worker ended once."""
    import dask
    from distributed import LocalCluster

    class Started:
        def __enter__(self) -> str:
            dask.config.set({"distributed.scheduler.allowed-failures": 0})
            self.cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
            return str(self.cluster.scheduler_address)

        def __exit__(self, *_: object) -> None:
            self.cluster.close()

    return Started()


def test_no_scheduler_is_a_sentence(recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracekit.batch.cluster._CONNECT_S", 0.5)
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        run_batch([f"{recordings}/*"], tmp_path / "r.csv", partial(on_cluster, address="tcp://127.0.0.1:9"))


@pytest.mark.parametrize(
    "name,process", [("mlprogram-split.xcode26.5.xml", "CaptionBench"), ("cpu-only.xcode16.4.xml.gz", "LedgerCheck")]
)
def test_an_export_without_a_table_of_contents_is_of_the_process_that_predicts(name: str, process: str) -> None:
    (row,) = read_rows(str(SAMPLES / name), Options())
    assert row["process"] == process


def test_folded_text_is_of_no_process(tmp_path: Path) -> None:
    (tmp_path / "a.folded").write_text("main;work 1\n")
    (row,) = read_rows(str(tmp_path / "a.folded"), Options())
    assert row["process"] is None


def folder_of(tmp_path: Path, *names: str) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in names:
        (folder / name).write_text("main;work 1\n")
    return folder


def batch_of(folder: Path, work: Reader, execute: Execute = here) -> Batch:
    return run_batch([f"{folder}/*.folded"], folder.parent / "r.csv", execute, work=work)


def test_a_process_that_exits_is_told_apart_from_those_beside_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "exits.folded", *(f"slow{number}.folded" for number in range(4)))
    table = batch_of(folder, readers.say_name, bare).table
    assert table["status"].tolist() == ["error", "ok", "ok", "ok", "ok"]


def test_all_may_end_their_workers(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "exits1.folded", "exits2.folded", "exits3.folded")
    assert batch_of(folder, readers.say_name, bare).table["reason"].tolist() == [LOST] * 3


def test_how_a_worker_ended_is_told() -> None:
    outcomes = {each.path: each for each in TWO(readers.say_name, ["exits", "b"])}
    assert outcomes["exits"].lost == "exited with 7"
    assert not outcomes["b"].lost
    killed = list(TWO(readers.kill_or_count, ["kills"]))
    assert [each.lost for each in killed] == ["killed by SIGKILL"]


def test_a_worker_is_replaced_after_some_recordings() -> None:
    names = [str(number) for number in range(2 * RECORDINGS_A_WORKER + 1)]
    outcomes = on_processes(readers.say_name, names, workers=1, memory=0)
    pids = Counter(row["samples"] for outcome in outcomes for row in outcome.rows)
    assert sorted(pids.values()) == [1, RECORDINGS_A_WORKER, RECORDINGS_A_WORKER]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory so")
def test_a_workers_memory_is_bounded() -> None:
    (outcome,) = on_processes(readers.take_memory, ["big"], workers=1, memory=1024**3)
    assert outcome.rows[0]["reason"] == "no memory"


def test_a_batch_that_is_done_reads_nothing_again(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "a.folded", "b.folded")
    first = batch_of(folder, readers.note_and_say)
    second = batch_of(folder, readers.note_and_say)
    assert (first.known, second.known) == (0, 2)
    pd.testing.assert_frame_equal(first.table, second.table)
    assert sorted((folder / "read.log").read_text().split()) == ["a.folded", "b.folded"]


def test_what_is_new_or_changed_is_read(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "a.folded", "b.folded")
    batch_of(folder, readers.note_and_say)
    (folder / "b.folded").write_text("main;other 22\n")
    (folder / "c.folded").write_text("main;work 1\n")
    assert batch_of(folder, readers.note_and_say).known == 1
    assert sorted((folder / "read.log").read_text().split()) == ["a.folded", "b.folded", "b.folded", "c.folded"]


def test_a_sidecar_beside_a_recording_is_part_of_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "a.folded")
    batch_of(folder, readers.note_and_say)
    (folder / "a.sidecar.json").write_text("{}")
    assert batch_of(folder, readers.note_and_say).known == 0


def test_what_is_gone_leaves_the_table(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "a.folded", "b.folded")
    batch_of(folder, readers.note_and_say)
    (folder / "a.folded").unlink()
    assert batch_of(folder, readers.note_and_say).table["answer"].tolist() == ["b.folded"]


def test_what_lost_its_worker_is_tried_again_next_time(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "exits.folded", "b.folded")
    assert batch_of(folder, readers.say_name, bare).failed == 1
    assert batch_of(folder, readers.note_and_say).failed == 0


def test_other_options_begin_anew(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "a.folded")
    batch_of(folder, readers.note_and_say)
    options = Options(strict=True)
    again = run_batch([f"{folder}/*.folded"], tmp_path / "r.csv", here, options=options, work=readers.note_and_say)
    assert again.known == 0


class StoppedError(Exception):
    pass


def stopping_after(count: int, work: Work, paths: Sequence[str]) -> Generator[Outcome]:
    for number, outcome in enumerate(bare(work, paths)):
        if number == count:
            raise StoppedError
        yield outcome


@pytest.fixture(scope="module")
def stoppable(recordings: Path) -> list[str]:
    return [f"{recordings}/run-00*", f"{recordings}/run-01*", f"{recordings}/kills*"]


@pytest.fixture(scope="module")
def straight(stoppable: list[str], tmp_path_factory: pytest.TempPathFactory) -> Batch:
    output = tmp_path_factory.mktemp("output") / "straight.parquet"
    return run_batch(stoppable, output, bare, work=readers.kill_or_count)


@pytest.mark.parametrize("count", [0, 10, 20])
def test_stopped_and_resumed_gives_the_same_table(
    count: int, stoppable: list[str], straight: Batch, tmp_path: Path
) -> None:
    output = tmp_path / "results.parquet"
    with pytest.raises(StoppedError):
        run_batch(stoppable, output, partial(stopping_after, count), work=readers.kill_or_count)
    resumed = run_batch(stoppable, output, bare, work=readers.kill_or_count)
    assert (straight.recordings, straight.failed) == (21, 1)
    assert resumed.known == count
    assert encode(resumed.table, "parquet") == encode(straight.table, "parquet")


@pytest.mark.parametrize("cut", [1, 7, 60])
def test_a_journal_cut_in_the_middle_of_a_line_counts_up_to_it(cut: int, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "a.folded", "b.folded", "c.folded")
    whole = batch_of(folder, readers.note_and_say)
    journal = journal_path(tmp_path / "r.csv")
    journal.write_bytes(journal.read_bytes()[:-cut])
    resumed = batch_of(folder, readers.note_and_say)
    assert resumed.known == 2
    pd.testing.assert_frame_equal(whole.table, resumed.table)
    lines = journal.read_text().splitlines()
    assert sum("path" in json.loads(line) for line in lines) == 3


def test_a_journal_of_something_else_is_not_believed(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "a.folded")
    journal_path(tmp_path / "r.csv").write_text('{"schema": "tracekit.batch/1", "tracekit": "0.0.1"}\nnot even JSON\n')
    assert batch_of(folder, readers.note_and_say).table["answer"].tolist() == ["a.folded"]


def test_a_journal_in_use_says_by_whom_and_is_left_as_it_is(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "a.folded", "b.folded")

    def watch(done: int, total: int, outcome: Outcome | None) -> None:
        if done != 1:
            return
        before = journal_path(tmp_path / "r.csv").read_bytes()
        for options in (Options(), Options(strict=True)):  # with other options it would begin anew
            with pytest.raises(OutputError) as refused:
                run_batch([f"{folder}/*"], tmp_path / "r.csv", here, options=options, work=readers.note_and_say)
            assert f"in use by another batch (process {os.getpid()} on {platform.node()})" in str(refused.value)
            assert "r.csv.journal" in str(refused.value)
        assert journal_path(tmp_path / "r.csv").read_bytes() == before

    run_batch([f"{folder}/*"], tmp_path / "r.csv", here, work=readers.note_and_say, watch=watch)
    assert batch_of(folder, readers.note_and_say).known == 2  # free again


def test_another_output_is_not_in_use(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "a.folded")
    with Journal(journal_path(tmp_path / "other.csv"), {}):
        assert batch_of(folder, readers.note_and_say).recordings == 1


def test_a_batch_that_says_nothing_of_itself_yet_holds_its_journal_too(tmp_path: Path) -> None:
    journal = tmp_path / "r.csv.journal"
    journal.touch()
    with FileLock(lock_path(journal)), pytest.raises(OutputError) as refused:
        Journal(journal, {})
    assert "is in use by another batch" in str(refused.value)
    assert "process" not in str(refused.value)
    Journal(journal, {}).__exit__(None, None, None)


def test_two_at_the_command_line_and_one_goes(recordings: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.csv"
    asked = f"{recordings}/run-00*"
    command = [sys.executable, "-m", "tracekit", "batch", asked, "-o", str(output), "--workers", "1"]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    journal = journal_path(output)
    wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 2)
    first.send_signal(signal.SIGSTOP)
    second = subprocess.run(command, capture_output=True, text=True)
    first.send_signal(signal.SIGCONT)
    assert (second.returncode, second.stdout) == (1, "")
    assert f"in use by another batch (process {first.pid} on" in second.stderr
    assert second.stderr.count("\n") <= 2
    first.communicate()
    assert first.returncode == 0
    assert len(read_results(output)) == 10


def test_a_file_system_without_locks_has_one_writer(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(FileLock, "acquire", refusing(errno.ENOLCK))
    with Journal(tmp_path / "x.journal", {}), Journal(tmp_path / "x.journal", {}):
        assert (tmp_path / "x.journal").read_bytes()


def test_a_lock_that_fails_is_a_sentence(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(FileLock, "acquire", refusing(errno.EIO))
    with pytest.raises(OutputError, match="cannot be written: "):
        Journal(tmp_path / "x.journal", {})


def refusing(number: int) -> Callable[..., None]:
    """What a system does that refuses a lock."""

    def acquire(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return acquire


def test_an_output_among_its_recordings_is_none_of_them(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "a.folded", "b.folded")
    for known in (0, 2):
        batch = run_batch([f"{folder}/*"], folder / "r.csv", here, work=readers.say_name)
        (folder / "r.csv").touch()
        assert (batch.recordings, batch.known) == (2, known)


def test_killed_at_the_command_line_it_goes_on(recordings: Path, tmp_path: Path) -> None:
    """SIGKILL, which nothing can prepare for."""
    asked = [f"{recordings}/run-00*", f"{recordings}/two-0*"]
    output = tmp_path / "results.parquet"
    command = [
        *(sys.executable, "-m", "tracekit", "batch", *asked),
        *("-o", str(output), "--workers", "2"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    journal = journal_path(output)
    wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 4)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not output.exists()
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "by an earlier batch" in done.stderr
    straight = run_batch(asked, tmp_path / "straight.parquet", here).table
    assert output.read_bytes() == encode(straight, "parquet")
    assert len(read_results(output)) == 10 + 2


def wait_for(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_no_worker_outlives_a_batch_that_was_stopped(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, *(f"slow{number}.folded" for number in range(6)))
    pids = []

    def watch(done: int, total: int, outcome: Outcome | None) -> None:
        pids.extend([] if outcome is None else [row["samples"] for row in outcome.rows])
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batch([f"{folder}/*.folded"], tmp_path / "r.csv", bare, work=readers.say_name, watch=watch)
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".json"])
def test_a_table_reads_back(ending: str, by_processes: Batch, tmp_path: Path) -> None:
    path = tmp_path / f"results{ending}"
    path.write_bytes(encode(by_processes.table, ending[1:]))  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(read_results(path), by_processes.table, check_exact=False)


def test_no_column_holds_objects_or_a_clock(by_processes: Batch) -> None:
    assert {str(name): str(dtype) for name, dtype in by_processes.table.dtypes.items()} == dict(COLUMNS)
    assert "seconds" not in by_processes.table


def test_a_name_that_is_no_text_can_be_stored() -> None:
    table = results_table([{"path": os.fsdecode(b"caf\xe9.trace"), "run": None, "status": "error", "reason": "x"}])
    assert table["path"].tolist() == ["caf\\udce9.trace"]
    assert encode(table, "parquet")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"a,b\n1,2\n"])
@pytest.mark.parametrize("ending", [".parquet", ".csv", ".json", ".txt"])
def test_another_table_is_refused(content: bytes, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{ending}"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_results(path)


def test_a_defect_in_a_worker_is_a_lost_recording(capfd: pytest.CaptureFixture[str]) -> None:
    (outcome,) = TWO(readers.raise_always, ["a"])
    assert outcome.rows[0]["reason"] == LOST
    capfd.readouterr()
