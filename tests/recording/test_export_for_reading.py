"""Which reader opens a bundle, on a (fake) Mac with Xcode and without one.

The bundle that is recorded is one that only xctrace can read, as unknown ones are.
"""

import json
from pathlib import Path

import pytest

from tests.recording.conftest import Here
from tracekit.api import open_trace
from tracekit.errors import SelectionError, UnsupportedError
from tracekit.readers import open_trace as open_natively

SAMPLES = Path(__file__).parents[2] / "sample_traces"


def test_auto_falls_back_to_xctrace_and_says_so(recorded: Path, here: Here) -> None:
    done = here("analyze", str(recorded), "--json", "-")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["accounting"]["rows"] > 0
    assert "read through xctrace export, since the native reader refuses it" in done.stderr
    assert json.loads(here("analyze", str(recorded), "--reader", "xctrace", "--json", "-").stdout) == document


def test_every_command_opens_it_alike(recorded: Path, here: Here) -> None:
    """What `analyze` reads through xctrace, the other commands and the Python API do not refuse."""
    for command in (["info"], ["tables"], ["table", "--schema", "time-profile"], ["tree"]):
        done = here(command[0], str(recorded), *command[1:])
        assert done.returncode == 0, done.stderr


def test_native_alone_does_not_fall_back(recorded: Path, here: Here) -> None:
    done = here("analyze", str(recorded), "--reader", "native")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1


def test_without_xctrace_the_refusal_stands(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UnsupportedError):
        open_trace(recorded, reader="auto")


def test_a_bundle_that_is_read_natively_is_not_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = next(SAMPLES.glob("*.trace.zip"))
    monkeypatch.setenv("PATH", "/nowhere")
    trace = open_trace(bundle, reader="auto")
    assert (trace.format, trace.notices) == ("bundle", open_natively(bundle).notices)


def test_a_reader_of_the_other_kind_is_refused() -> None:
    export = SAMPLES / "cpu-only.xcode16.4.xml.gz"
    with pytest.raises(SelectionError, match=r"--reader native is for \.trace bundles"):
        open_trace(export, reader="native")
    with pytest.raises(SelectionError, match="--reader fast is for exports"):
        open_trace(next(SAMPLES.glob("*.trace.zip")), reader="fast")


def test_verify_compares_with_xctraces_own_export(recorded: Path, here: Here) -> None:
    """The fake's bundle cannot be read natively, so it is a sentence, not a comparison."""
    done = here("verify", str(recorded))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_verify_against_an_export_finds_no_difference(here: Here, real_data: Path) -> None:
    bundles = real_data / "bundles"
    done = here(
        "verify",
        str(bundles / "time-profile_xcode16.4.trace.zip"),
        "--against",
        str(bundles / "time-profile_xcode16.4.export.xml"),
    )
    assert done.returncode == 0
    assert "518 rows and 1,565 frames compared: all equal" in done.stdout


def test_verify_says_where_two_recordings_differ(here: Here, real_data: Path) -> None:
    done = here(
        "verify",
        str(real_data / "bundles" / "time-profile_xcode16.4.trace.zip"),
        "--against",
        str(SAMPLES / "cpu-only.xcode16.4.xml.gz"),
    )
    assert done.returncode == 1
    assert "the two readings differ" in done.stderr
    assert "not all equal" in done.stdout
