"""Addresses get the names that a dSYM knows: by UUID, inlined functions and lines included."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from sample_traces.bundle import Sampled
from tests.support.bundle_writer import APP, LIB, MAIN, run_writer, sample_files
from tests.symbols.macho import macho
from tracekit import api
from tracekit.cli.app import app
from tracekit.errors import InputError
from tracekit.model.folded import to_folded
from tracekit.model.profile import Profile

DRAW, BLEND, END = APP.load_address + 0x1008, APP.load_address + 0x1018, APP.load_address + 0x1028
OTHER = "F0000000-0000-4000-8000-00000000000F"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A recording without any symbols: two samples in ``blend``, called where ``draw`` goes on."""
    from sample_traces.bundle import write_folder

    run = run_writer()
    run.profile([Sampled(1, MAIN, (BLEND, END)), Sampled(2, MAIN, (DRAW,)), Sampled(3, MAIN, None)])
    files = {name: data for name, data in sample_files(runs=[run]).items() if not name.startswith("symbols/")}
    write_folder(files, tmp_path / "x.trace")
    return tmp_path / "x.trace"


def dsym(folder: Path, identity: str = APP.uuid) -> Path:
    path = folder / "Demo.app.dSYM"
    (path / "Contents/Resources/DWARF").mkdir(parents=True)
    (path / "Contents/Resources/DWARF/Demo").write_bytes(macho(identity))
    return path


def named(bundle: Path, *symbols: Path) -> Profile:
    return api.open_trace(bundle, symbols=symbols).profile()


@pytest.mark.parametrize("form", ["dSYM", "folder", "file"])
def test_functions_inlined_ones_and_lines_are_named(form: str, bundle: Path, tmp_path: Path) -> None:
    path = dsym(tmp_path)
    given = {"dSYM": path, "folder": tmp_path, "file": path / "Contents/Resources/DWARF/Demo"}[form]
    profile = named(bundle, given)
    assert to_folded(profile, weight=False, images=True) == "Demo`draw 1\nDemo`draw;Demo`draw;Demo`blend 1\n"
    frames = profile.frames.set_index("name")
    assert frames["is_symbolicated"].all()
    assert [frames["file"]["blend"], frames["line"]["blend"]] == ["/src/a.c", 2]
    assert profile.weight == named(bundle).weight
    assert (profile.samples["stack_id"] == -1).tolist() == [False, False, True]


def test_symbols_of_another_build_name_nothing_and_it_is_said(bundle: Path, tmp_path: Path) -> None:
    profile = named(bundle, dsym(tmp_path, OTHER))
    assert to_folded(profile) == to_folded(named(bundle))
    said = {notice.code: notice.message for notice in profile.meta.notices}
    assert OTHER in said["symbols-of-no-image"]


def test_what_has_a_name_keeps_it(tmp_path: Path) -> None:
    from tests.support.bundle_writer import sample_bundle

    whole = sample_bundle(tmp_path)
    assert "Demo`main" in to_folded(named(whole, dsym(tmp_path)), images=True)


@pytest.mark.parametrize("content", [b"", b"text", b"\xcf\xfa\xed\xfe" + bytes(40), macho(LIB.uuid)[:300]])
def test_what_holds_no_symbols_is_told(content: bytes, bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(InputError):
        named(bundle, tmp_path / "x")


COMMANDS = {
    "tree": ["tree", "IT"],
    "analyze": ["analyze", "IT", "--focus", "blend", "--json", "-"],
    "convert": ["convert", "IT", "--format", "folded"],
    "check": ["check", "IT", "--focus", "blend", "--max-gpu", "0.1"],
    "diff": ["diff", "IT", "IT", "--focus", "blend", "--json", "-"],
    "sql": ["sql", "IT", "select name from frames where name = 'blend'", "--format", "csv"],
    "report": ["report", "IT", "--no-focus", "-o", "-"],
}


@pytest.mark.parametrize("given", COMMANDS.values(), ids=COMMANDS)
def test_every_command_that_names_functions_takes_the_option(given: list[str], bundle: Path, tmp_path: Path) -> None:
    command = [str(bundle) if each == "IT" else each for each in given]
    without = CliRunner().invoke(app, command)
    done = CliRunner().invoke(app, [*command, "--dsym", str(dsym(tmp_path))])
    assert without.stdout != done.stdout
    assert "were named by the symbols given" in done.stdout + done.stderr


def test_doctor_tells_whose_functions_have_no_name_and_that_symbols_name_them(bundle: Path, tmp_path: Path) -> None:
    def told(*given: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(CliRunner().invoke(app, ["doctor", str(bundle), *given]).stdout)
        return document

    before = told("--json", "-")
    assert (before["schema"], before["samples"], before["unnamed"]) == (
        "tracekit.names/1",
        2,
        {"samples": 2, "share": 1.0},
    )
    (image,) = before["images"]
    assert (image["image"], image["uuid"], image["functions"]) == ("Demo", APP.uuid, 3)
    assert told("--json", "-", "--dsym", str(dsym(tmp_path)))["images"] == []


@pytest.mark.parametrize("given", [["--device", "x", "a.trace"], ["--run", "1"], ["--dsym", "x"]])
def test_doctor_does_not_mix_a_recording_and_this_machine(given: list[str]) -> None:
    assert CliRunner().invoke(app, ["doctor", *given]).exit_code == 2


def test_a_batch_names_functions_and_begins_anew_with_other_symbols(bundle: Path, tmp_path: Path) -> None:
    output = tmp_path / "r.csv"

    def run(*given: str, code: int = 0) -> "pd.Series[Any]":
        command = ["batch", str(bundle), "-o", str(output), "--focus", "blend", "--workers", "1", *given]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == code, done.output
        return pd.read_csv(output).iloc[0]

    assert "blend" in run(code=1)["reason"]
    assert run("--dsym", str(dsym(tmp_path)))["samples"] > 0


def test_a_batch_with_symbols_that_cannot_be_read_does_not_begin(bundle: Path, tmp_path: Path) -> None:
    output = tmp_path / "r.csv"
    done = CliRunner().invoke(app, ["batch", str(bundle), "-o", str(output), "--dsym", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert not output.exists()
