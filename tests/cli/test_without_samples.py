"""A recording without samples: which commands answer, how they exit, and which recording they say to make next."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sample_traces.bundle import write_folder
from tests.cli.conftest import Tracekit
from tests.cli.inputs import SAMPLE
from tests.readers.bundle.test_parts import ISSUES, issues
from tests.readers.export.documents import COLUMNS, document, node, schema, time_profile
from tests.support.bundle_writer import sample_files, sample_run

AGAIN = "tracekit record --app "


def bundle(folder: Path) -> Path:
    """A bundle whose table of samples has no row, and a note of Instruments that says why."""
    path = folder / "empty.trace"
    write_folder(sample_files(runs=[sample_run(samples=())]) | {ISSUES: issues((0, "Failed."))}, path)
    return path


def export(text: str) -> Callable[[Path], Path]:
    """An export of one document."""

    def written(folder: Path) -> Path:
        path = folder / "x.xml"
        path.write_text(text)
        return path

    return written


SIGNPOSTS = document(node(head=schema("os-signpost", [("time", "event-time")])))
ANSWERED = {"a bundle": bundle, "no row": export(time_profile()), "signposts": export(SIGNPOSTS)}
NOT_ANSWERED = export(document(node(head=schema("tick", COLUMNS))))
COMMANDS = {
    "analyze": (0, ()),
    "tree": (0, ()),
    "report": (0, ("-o", "-")),
    "convert": (0, ()),
    "check": (3, ("--max-cpu", "1")),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ANSWERED)
def test_it_is_answered_and_the_next_recording_named(
    kind: str, command: str, tracekit: Tracekit, tmp_path: Path
) -> None:
    code, options = COMMANDS[command]
    done = tracekit(command, ANSWERED[kind](tmp_path), *options)
    assert done.code == code
    assert (done.out if command == "analyze" else done.err).count(AGAIN) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_table_to_answer_from_it_is_an_error(command: str, tracekit: Tracekit, tmp_path: Path) -> None:
    done = tracekit(command, NOT_ANSWERED(tmp_path), *COMMANDS[command][1])
    assert (done.code, done.out) == (1, "")
    assert "no CPU samples: the export holds tick" in done.err
    assert "Export them with: xctrace export" in done.err


def test_what_instruments_noted_is_told_once(tracekit: Tracekit, tmp_path: Path) -> None:
    path = bundle(tmp_path)
    done = tracekit("analyze", path)
    assert done.out.count("Instruments noted of run 1: Failed.") == 1
    assert done.err == ""
    assert tracekit("tree", path).err.count("Instruments noted of run 1: Failed.") == 1


def test_a_selection_that_leaves_nothing_is_no_recording_without_samples(tracekit: Tracekit) -> None:
    done = tracekit("analyze", SAMPLE, "--time-range", "100s..")
    assert done.out.startswith("Unknown: the selection leaves no sample: 949 rows of the recording take no part.\n")
    assert AGAIN not in done.out
    assert tracekit("tree", SAMPLE, "--time-range", "100s..").err == ""


@pytest.mark.parametrize("option", ["--process", "--thread"])
def test_there_is_no_process_to_name(option: str, tracekit: Tracekit, tmp_path: Path) -> None:
    done = tracekit("analyze", bundle(tmp_path), option, "Nobody")
    assert done.code == 1
    assert done.err.startswith(f"tracekit: there is no {option[2:]} 'Nobody': the recording holds no samples.")
