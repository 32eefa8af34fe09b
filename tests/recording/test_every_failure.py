"""Every failure that the fake ``xctrace`` knows, through every command that meets it.

One sentence on stderr, exit code 0 or 1 as documented, no traceback, and no recording that was there is gone.
``test_record.py`` says for each what ``record`` says.
"""

from pathlib import Path

import pytest

from tests.recording.conftest import Here
from tests.support.fake_mac import FakeMac
from tests.support.fake_xctrace import FAILURES

STOPS_EXPORT = {"command-line-tools", "licence", "export-crashes", "newer-trace"}
STOPS_DOCTOR = {"command-line-tools", "licence"}
STOPS_SWEEP = set(FAILURES) - {
    # what only looks like a failure, or is mended by recording or asking again
    *("contents-once", "ktrace", "no-exit-status", "instruments-fail", "instruments-leave-nothing"),
    "export-crashes-once",
}


def is_right(code: int, out: str, err: str, *, stops: bool) -> None:
    assert "Traceback" not in out + err
    assert code == (1 if stops else 0), err
    if stops and err:
        assert err.splitlines()[-1].startswith("tracekit: ")


def traces(mac: FakeMac) -> set[Path]:
    return {path for trace in mac.home.rglob("*.trace") for path in trace.iterdir() if path.name != "crashed"}


@pytest.mark.parametrize("failure", [name for name in FAILURES if name != "privacy-prompt"])
def test_export_and_doctor(mac: FakeMac, here: Here, recorded: Path, failure: str) -> None:
    before = traces(mac)
    done = here("export", "run.trace", "-o", "again.zip", FAKE_FAILURE=failure)
    is_right(done.returncode, done.stdout, done.stderr, stops=failure in STOPS_EXPORT)
    assert (mac.home / "again.zip").exists() == (failure not in STOPS_EXPORT)
    assert traces(mac) == before
    checked = here("doctor", FAKE_FAILURE=failure)
    is_right(checked.returncode, checked.stdout, checked.stderr, stops=failure in STOPS_DOCTOR)


@pytest.mark.parametrize("failure", ["empty-table", "no-exit-status", "rosetta"])
def test_a_sweep_keeps_what_it_recorded(mac: FakeMac, here: Here, failure: str) -> None:
    asked = ("sweep", "--repeat", "1", "--iterations", "3", "--warmup", "0", "--seed", "2")
    done = here(*asked, FAKE_ITERATION_S="0", FAKE_FAILURE=failure)
    is_right(done.returncode, done.stdout, done.stderr, stops=failure in STOPS_SWEEP)
    if failure != "rosetta":
        assert list((mac.home / "sweep").glob("*.trace"))
