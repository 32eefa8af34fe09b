"""``tracekit ops``: a model's operations in the terminal and as files."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import Tracekit
from tests.mlmodel.test_against_coremltools import BUNDLED, read
from tests.mlmodel.test_hostile import entry, field, program, tensor
from tests.support.bless import Golden

PACKAGE, NETWORK = BUNDLED / "TinyConv.mlpackage", BUNDLED / "TinyConv.mlmodel"


@pytest.mark.parametrize("name,arguments", [("by-type", [PACKAGE]), ("all", ["--all", NETWORK])])
def test_the_list(tracekit: Tracekit, golden: Golden, name: str, arguments: list[object]) -> None:
    done = tracekit("ops", *arguments)
    assert (done.code, done.err) == (0, "")
    golden(f"ops/{name}.txt", done.out)


def test_every_way_out_holds_the_same_rows(tracekit: Tracekit, tmp_path: Path) -> None:
    for kind in ("csv", "json", "parquet"):
        assert tracekit("ops", PACKAGE, "-o", tmp_path / f"ops.{kind}").code == 0
    text = list(csv.DictReader(io.StringIO(tracekit("ops", PACKAGE, "-o", "-").out)))
    as_json = json.loads((tmp_path / "ops.json").read_text())
    parquet = pd.read_parquet(tmp_path / "ops.parquet")
    operations = read(PACKAGE).operations
    for names in ([row["name"] for row in text], [row["name"] for row in as_json], parquet["name"].tolist()):
        assert names == operations["name"].tolist()
    assert as_json[8]["inputs"].startswith("dilations int32 [2]; groups int32 []; ")
    assert parquet["constant_bytes"].tolist() == operations["constant_bytes"].tolist()
    again = tracekit("ops", PACKAGE, "-o", tmp_path / "ops.csv")
    assert (again.code, "already exists" in again.err) == (1, True)


def test_functions_and_depth_are_told(tracekit: Tracekit, saved: dict[str, Path]) -> None:
    lines = tracekit("ops", "--all", saved["multifunction"]).out.splitlines()
    assert [line.split()[0] for line in lines if " tanh " in line] == ["decode"]
    assert any(line.startswith("  relu") for line in tracekit("ops", "--all", saved["branching"]).out.splitlines())


def test_names_are_strangers(tracekit: Tracekit, tmp_path: Path) -> None:
    """Escapes, direction marks and markup from a model's file are written out."""
    name = "[red]\x1b[2J\u202e" + "x" * 200
    named = field(5, entry("name", field(3, field(1, field(4, field(1, name.encode()))))))
    operation = field(1, b"relu\x1b") + named + field(3, field(1, name.encode()) + field(2, tensor(4)))
    path = tmp_path / "bad.mlmodel"
    path.write_bytes(program(field(3, operation)))
    for arguments in ([], ["--all"]):
        out = tracekit("ops", path, *arguments).out
        assert "[red]\\u{1b}[2J\\u{202e}" in out
        assert not {"\x1b", "\u202e"} & set(out)


@pytest.mark.parametrize("regions,said", [(2, "2 parts of it are compiled"), (0, "No part of it is compiled")])
def test_core_ai(tracekit: Tracekit, tmp_path: Path, regions: int, said: str) -> None:
    folder = tmp_path / "net.aimodelc"
    folder.mkdir()
    (folder / "main.bin").write_bytes(b"0" * 5000)
    for number in range(regions):
        (folder / f"ANE_region_{number}.bc").write_bytes(b"0")
    out = tracekit("ops", folder).out
    assert said in out
    assert "5.0 kB" in out


@pytest.mark.parametrize(
    "name,complaint", [("none.mlmodel", "there is no such file"), ("README.md", "is no Core ML model")]
)
def test_what_is_no_model(tracekit: Tracekit, tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "README.md").write_text("# A model\n")
    done = tracekit("ops", tmp_path / name)
    assert (done.code, done.out) == (1, "")
    assert complaint in done.err
    assert done.err.count("\n") == 1
