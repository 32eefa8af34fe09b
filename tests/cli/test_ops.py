"""``tracekit ops``: a model's operations in the terminal and as files."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import Tracekit
from tests.mlmodel.reading import BUNDLED, read
from tests.mlmodel.test_hostile import entry, field, program, tensor
from tests.support.bless import Golden
from tracekit.analysis.findings.catalogue import entries

pytestmark = pytest.mark.usefixtures("analysed_once")

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_traces"
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


PLANNED = SAMPLES / "ane-with-cpu-fallback.trace.zip"


def test_a_recording_with_a_plan_is_listed(tracekit: Tracekit, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SAMPLES)
    done = tracekit("ops", PLANNED.name)
    assert (done.code, done.err) == (0, "")
    golden("ops/recording.txt", done.out)


def test_a_recording_without_a_plan_needs_a_model(tracekit: Tracekit, tmp_path: Path) -> None:
    recording = SAMPLES / "legacy-nn-ane.xcode16.4.xml.gz"
    done = tracekit("ops", recording)
    assert done.code == 1
    assert "Name the model with --model, or a plan with --plan" in done.err
    assert "topK" not in tracekit("ops", recording, "--model", NETWORK).out
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"operations": [{"name": "k", "op": "topK", "preferred": "ANE", "supported": ["ANE"]}]}))
    out = tracekit("ops", recording, "--plan", plan).out
    assert "the recording shows the CPU computing them: topK × 1. [plan-not-followed; plan, trace]" in out
    rows = list(csv.DictReader(io.StringIO(tracekit("ops", recording, "--plan", plan, "-o", "-").out)))
    assert [(row["name"], row["preferred"], int(row["type_weight"]) > 0) for row in rows] == [("k", "ANE", True)]


LEAVES = (SAMPLES / "legacy-nn-ane.xcode16.4.xml.gz", "--model", SAMPLES / "Leaves.mlmodel")


def test_analyze_tells_of_operations_in_short(tracekit: Tracekit) -> None:
    lines = tracekit("analyze", PLANNED).out.splitlines()
    at = lines.index("40 operations in 5 runs; Core ML expects 31 on the ANE, 9 on the CPU")
    assert lines[at + 1 : at + 5] == [
        "conv × 14: expected on the ANE, 63.0 % of the plan's cost",
        "cast × 2: expected on the CPU, 8.0 % of the plan's cost",
        "relu × 14: expected on the ANE, 7.0 % of the plan's cost",
        "tracekit ops tells more: 9 other types, each operation and why",
    ]


def test_analyze_names_a_plan_that_was_not_followed(tracekit: Tracekit) -> None:
    out = tracekit("analyze", *LEAVES, "--plan", SAMPLES / "Leaves.plan.json").out
    assert "→ The plan gives these to the Neural Engine, and the recording shows the CPU computing them: " in out
    assert "\ntopK × 1: expected on the ANE, measured 4.3 %, seen on the CPU\n" in out
    assert "\n9 operations\ntopK × 1: measured 4.3 %\n" in tracekit("analyze", *LEAVES).out
    assert "topK" not in tracekit("analyze", LEAVES[0]).out


def test_the_document_has_operations_by_type(tracekit: Tracekit) -> None:
    document = json.loads(tracekit("analyze", *LEAVES, "--json", "-").out)["operations"]
    assert (document["count"], document["has_plan"], document["runs"]) == (9, False, {})
    types = {each["type"]: each for each in document["types"]}
    assert sum(each["count"] for each in types.values()) == 9
    assert (types["topK"]["weight"], types["convolution"]["weight"], types["topK"]["cost"]) == (25_000_000, None, 0)
    planned = json.loads(tracekit("analyze", PLANNED, "--json", "-").out)["operations"]
    assert (planned["runs"], planned["not_in_model"]) == ({"CPU": 3, "ANE": 2}, 0)
    assert sum(each["CPU"] for each in planned["types"]) == 9
    assert json.loads(tracekit("analyze", LEAVES[0], "--json", "-").out)["operations"] is None


def test_a_report_lists_the_operations_of_a_model(tracekit: Tracekit, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    for arguments in (["report", *LEAVES, "-o", page], ["analyze", *LEAVES, "--report", page, "--force"]):
        assert tracekit(*arguments).code == 0
        assert page.read_text().count("<tr data-place=") == 9


def test_a_model_with_a_plan(tracekit: Tracekit, tmp_path: Path) -> None:
    made = read(PACKAGE).values
    names = made[made["direction"] == "out"].drop_duplicates("operation_id")["name"]
    kinds = read(PACKAGE).operations["type"]
    plan = tmp_path / "plan.json"
    engines = ["CPU" if kind == "softmax" else "ANE" for kind in kinds]
    operations = [
        {"name": name, "op": f"ios16.{kind}", "preferred": engine, "supported": ["CPU", engine], "cost": 0.05}
        for name, kind, engine in zip(names, kinds, engines, strict=True)
    ]
    plan.write_text(json.dumps({"operations": operations}))
    out = tracekit("ops", PACKAGE, "--plan", plan, "--all").out
    assert "Core ML's plan does not offer the Neural Engine to 1 of 17 operations: softmax × 1." in out
    assert "It cuts the model into 3 runs of operations: 2 on the ANE, 1 on the CPU, 2 values handed over." in out
    table = list(csv.DictReader(io.StringIO(tracekit("ops", PACKAGE, "--plan", plan, "-o", "-").out)))
    assert len(table) == len(kinds)
    assert [row["preferred"] for row in table if row["type"] == "softmax"] == ["CPU"]
    assert {row["segment"] for row in table if row["is_constant"] == "True"} == {"-1"}


@pytest.mark.parametrize(
    "content,complaint",
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("{}", "holds no compute plan"),
        ("5", "holds no compute plan"),
    ],
)
def test_what_is_no_plan(tracekit: Tracekit, tmp_path: Path, content: str, complaint: str) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(content)
    done = tracekit("ops", PACKAGE, "--plan", plan)
    assert (done.code, complaint in done.err, done.err.count("\n")) == (1, True, 1)


def test_findings_are_explained(tracekit: Tracekit, saved: dict[str, Path]) -> None:
    out = tracekit("ops", saved["transformer-fp32"]).out
    assert "[fp32-compute; model]" in out
    assert tracekit("explain", "fp32-compute").out == (ROOT / "docs/findings/fp32-compute.md").read_text()
    assert len(tracekit("explain").out.splitlines()) == len(entries())
    refused = tracekit("explain", "fp32")
    assert (refused.code, "Did you mean fp32-compute?" in refused.err) == (1, True)


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
    "name,complaint", [("none.mlmodel", "there is no such model"), ("README.md", "the format is not known")]
)
def test_what_is_no_model(tracekit: Tracekit, tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "README.md").write_text("# A model\n")
    done = tracekit("ops", tmp_path / name)
    assert (done.code, done.out) == (1, "")
    assert complaint in done.err
    assert done.err.count("\n") == 1
